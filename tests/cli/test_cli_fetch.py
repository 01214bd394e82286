"""`mltui data fetch` from a server on this machine: fetched once, checked always, a word where nobody answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

Mltui = Callable[..., Any]
CONTENT = b"1.0,0.5,2.5\n0.0,1.5,3.5\n" * 20
SHA = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


class Server:
    """Gives one file, and counts how often it was asked."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.asked = 0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.asked += 1
                there = self.path == "/events.csv"
                self.send_response(200 if there else 404)
                self.end_headers()
                if there:
                    self.wfile.write(owner.content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/events.csv"


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    thread = Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def test_it_is_fetched_once_and_says_how_it_is_read(mltui: Mltui, server: Server, tmp_path: Path) -> None:
    words = ("data", "fetch", "higgs", "--to", tmp_path / "in", "--address", server.address, "--yes")
    said = mltui(*words)
    path = tmp_path / "in" / "events.csv"
    assert path.read_bytes() == CONTENT
    assert said.out.splitlines() == [
        str(path), "[data]", f'files = ["{path}"]', "header = false", 'target = "column_1"',
    ]  # fmt: skip
    assert mltui(*words, "--json").document["licence"] == "CC BY 4.0"
    assert server.asked == 1


def test_what_was_fetched_first_is_what_must_be_there_later(mltui: Mltui, server: Server, tmp_path: Path) -> None:
    words = ("data", "fetch", "higgs", "--to", tmp_path, "--address", server.address, "--yes")
    assert mltui(*words).code == 0
    (tmp_path / "events.csv").write_bytes(b"another")
    assert "events.csv is not the file that is meant" in mltui(*words).complaint
    (tmp_path / "events.csv").unlink()
    server.content = b"changed upstream"
    assert "is not what was meant" in mltui(*words).complaint
    assert not (tmp_path / "events.csv").exists()


def test_a_checksum_is_held(mltui: Mltui, server: Server, tmp_path: Path) -> None:
    words = ("data", "fetch", "zenodo_5126747", "--to", tmp_path, "--address", server.address, "--yes", "--checksum")
    assert "nothing was kept" in mltui(*words, "sha256:" + "0" * 64).complaint
    assert not (tmp_path / "events.csv").exists()
    assert "is written sha256" in mltui(*words, "crc:1").complaint
    assert mltui(*words, SHA).code == 0
    assert mltui(*words, f"md5:{hashlib.md5(CONTENT).hexdigest()}").code == 0


def test_a_shared_folder_is_looked_into_first(
    mltui: Mltui, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLTUI_DATA", str(tmp_path))
    (tmp_path / "events.csv").write_bytes(CONTENT)
    said = mltui("data", "fetch", "higgs", "--to", tmp_path / "other", "--address", server.address)
    assert said.out.splitlines()[0] == str(tmp_path / "events.csv")
    assert server.asked == 0


def test_without_a_network_it_says_how_to_place_the_file(mltui: Mltui, server: Server, tmp_path: Path) -> None:
    gone = server.address.replace("events.csv", "gone.csv")
    said = mltui("data", "fetch", "higgs", "--to", tmp_path, "--address", gone, "--yes").complaint
    assert "gone.csv cannot be fetched (Not Found)" in said
    assert f"put it at {tmp_path / 'gone.csv'}: the same command then checks it" in said
    assert "https://archive.ics.uci.edu/dataset/280/higgs" in said
    nobody = "http://127.0.0.1:9/events.csv"
    said = mltui("data", "fetch", "higgs", "--to", tmp_path, "--address", nobody, "--yes").complaint
    assert "cannot be fetched (Connect" in said
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_fetched_unasked(mltui: Mltui, tmp_path: Path) -> None:
    said = mltui("data", "fetch", "higgs", "--to", tmp_path).complaint
    assert "licence CC BY 4.0" in said
    assert "HIGGS.csv.gz" in said
    assert "add --yes if that is right" in said
    assert "give it with --address" in mltui("data", "fetch", "zenodo_5126747").complaint
    assert "there is no public dataset 'higs'" in mltui("data", "fetch", "higs").complaint
    for wrong in ("file:///etc/passwd", "events.csv", "https://example.org/"):
        assert "is not the address of a file" in mltui("data", "fetch", "higgs", "--address", wrong, "--yes").complaint
