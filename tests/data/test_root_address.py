"""ROOT files at addresses, without a network: through fsspec's memory, a slow file system, and a server right here."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from mltui.data.readers.raw import How
from mltui.data.readers.root import address
from tests.data.root_files import FILES, chunks, listing, refusal

TABLES = (("zmumu", "events"), ("muons_rntuple", "Events"), ("nesteddirs", "three/tree"))


@pytest.fixture
def memory() -> Iterator[str]:
    """A folder of the memory's file system with the shipped files."""
    system = fsspec.filesystem("memory")
    for file in FILES.glob("*.root"):
        system.pipe_file(f"/shipped/{file.name}", file.read_bytes())
    yield "memory://shipped"
    system.rm("/shipped", recursive=True)


class Handler(BaseHTTPRequestHandler):
    """Serves the shipped files, whole or in parts; /whole/ never in parts; /slow/ never."""

    protocol_version = "HTTP/1.1"
    gave: list[int] = []  # noqa: RUF012  # the one list of this test's server

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = FILES / Path(self.path).name
        if "slow" in self.path:
            self.server.quiet.wait(20)  # type: ignore[attr-defined]
            return
        data = path.read_bytes() if path.exists() else b""
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        partly = asked and "whole" not in self.path
        part = data[int(asked[1]) : int(asked[2]) + 1] if asked and partly else data
        self.send_response(404 if not data else 206 if partly else 200)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if body:
            self.gave.append(len(part))
            self.wfile.write(part)


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        serving.daemon_threads = True
        serving.quiet = threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        Handler.gave.clear()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.quiet.set()  # type: ignore[attr-defined]
        serving.shutdown()
        thread.join()


@pytest.mark.parametrize(("name", "table"), TABLES)
@pytest.mark.parametrize("where", ["memory", "server"])
def test_an_address_gives_what_the_file_gives(
    where: str, name: str, table: str, request: pytest.FixtureRequest
) -> None:
    there = f"{request.getfixturevalue(where)}/{name}.root"
    how = How(tree=table)
    assert listing(there, how) == listing(FILES / f"{name}.root", how)
    for asked in ({}, {"size": 37}, {"rows": 5}):
        near, far = (chunks(path, how=how, **asked) for path in (FILES / f"{name}.root", there))
        assert len(near) == len(far)
        for one, other in zip(near, far, strict=True):
            for column, raw in one.columns.items():
                assert np.array_equal(raw.values, other.columns[column].values)
                assert raw.categories == other.columns[column].categories


def test_only_what_is_needed_is_fetched(server: str) -> None:
    listing(f"{server}/hzz-lzma.root")
    (chunk,) = chunks(f"{server}/hzz-lzma.root", "EventWeight", rows=5)
    assert len(chunk) == 5
    assert sum(Handler.gave) < 3.5 * (FILES / "hzz-lzma.root").stat().st_size
    assert len(Handler.gave) < 12


def test_a_file_that_is_not_there_says_so(memory: str, server: str) -> None:
    assert str(refusal(f"{memory}/none.root")) == "none.root cannot be read: its host shipped has no such file"
    assert str(refusal(f"{server}/none.root")) == "none.root cannot be read: its host 127.0.0.1 has no such file"


def test_a_server_that_gives_no_parts_is_told(server: str) -> None:
    assert "gives it only as a whole; download it" in str(refusal(f"{server}/whole/zmumu.root"))


def test_a_server_that_is_not_there_is_told() -> None:
    error = refusal("http://127.0.0.1:1/a.root")
    assert str(error).startswith("a.root cannot be read: its host 127.0.0.1 does not give it: ")
    assert error.key == "data.files"


def test_a_host_that_does_not_answer_is_given_up(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "PATIENCE", 0.3)
    start = time.monotonic()
    error = refusal(f"{server}/slow/zmumu.root")
    assert "127.0.0.1" in str(error)
    assert time.monotonic() - start < 10


class Stuck(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """A host that knows its files and then falls silent."""

    protocol = "stuck"
    silent = threading.Event()

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("stuck://", "memory://")))

    def cat_ranges(self, *args: Any, **kwargs: Any) -> Any:
        self.silent.wait(20)
        return super().cat_ranges(*args, **kwargs)


def test_a_host_that_falls_silent_is_given_up(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    del memory
    fsspec.register_implementation("stuck", Stuck, clobber=True)
    monkeypatch.setattr(address, "PATIENCE", 0.2)
    error = refusal("stuck://shipped/zmumu.root")
    Stuck.silent.set()
    assert str(error).startswith("zmumu.root cannot be read: its host shipped did not answer within ")


def test_what_reads_root_addresses_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any, **__: Any) -> None:
        raise ImportError("Install fsspec-xrootd to access xrootd storage system")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    assert str(refusal("root://eos.example//a.root")) == (
        "root://eos.example//a.root cannot be read: root:// needs the package fsspec-xrootd; "
        'pip install "mltui[xrootd]" brings it'
    )
    assert "gs:// needs a package that is not installed" in str(refusal("gs://bucket/a.root"))


def test_an_unknown_kind_of_address_is_told() -> None:
    assert str(refusal("gopher://host/a.root")) == (
        "gopher://host/a.root cannot be read: nothing here knows gopher://; root:// and https:// are known"
    )


def test_a_damaged_file_at_an_address_is_told(memory: str) -> None:
    data = (FILES / "zmumu.root").read_bytes()
    fsspec.filesystem("memory").pipe_file("/shipped/cut.root", data[:-2000])
    assert f"cut.root is cut short or damaged: it has {len(data) - 2000} bytes" in str(refusal(f"{memory}/cut.root"))
