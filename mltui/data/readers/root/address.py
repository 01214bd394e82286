"""ROOT files at addresses: root:// and others through fsspec, https:// by itself, each request within a bound."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mltui.core.errors import InputError
from mltui.data.readers.root.source import Bytes, Fetch, Span, printable

PATIENCE = 30.0
"""So many seconds a host may take to begin an answer."""
SLOWEST = 100_000
"""So many bytes a second the answer may take besides."""
AHEAD = 1 << 18
"""At least so many bytes are fetched at once, for a file's index lies in many small pieces."""
_TOGETHER = 8
_XROOTD = frozenset({"root", "roots", "xroot", "xroots"})
T = TypeVar("T")


def is_address(path: object) -> bool:
    """Whether it is an address, such as root://host//file.root, rather than a file's path."""
    return "://" in str(path)


def remote(address: str) -> Bytes:
    """The bytes of the file at an address.

    Raises:
        InputError: where its host has no such file or does not answer, or what reads such addresses is not installed.
    """
    parts = urlsplit(address)
    name = PurePosixPath(parts.path or parts.netloc).name
    host = _Host(parts.hostname or parts.scheme, name)
    if parts.scheme in ("http", "https"):
        size = host.asked(lambda: _web_size(address))
        fetch = _web(address)
    else:
        system, path = host.asked(lambda: _file_system(address))
        size = int(host.asked(lambda: system.size(path)) or 0)
        fetch = _through(system, path)

    def bounded(spans: Sequence[Span]) -> list[bytes]:
        count = sum(stop - start for start, stop in spans)
        found = host.asked(lambda: fetch(spans), PATIENCE + count / SLOWEST)
        if any(len(part) != stop - start for part, (start, stop) in zip(found, spans, strict=True)):
            raise InputError(f"{name}: {host.name} gave fewer bytes than the file has", key="data.files")
        return found

    return Bytes(name, size, bounded, AHEAD)


def _file_system(address: str) -> tuple[Any, str]:
    """What reads such an address, and the path in its words."""
    import fsspec

    scheme = urlsplit(address).scheme
    try:
        system, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        if scheme in _XROOTD:
            need = f'{scheme}:// needs the package fsspec-xrootd; pip install "mltui[xrootd]" brings it'
        elif isinstance(error, ImportError):
            need = f"{scheme}:// needs a package that is not installed: {printable(str(error)).rstrip('.')}"
        else:
            need = f"nothing here knows {scheme}://; root:// and https:// are known"
        raise InputError(f"{address} cannot be read: {need}", key="data.files") from None
    return system, path


def _through(system: Any, path: str) -> Fetch:
    def fetch(spans: Sequence[Span]) -> list[bytes]:
        starts, stops = [start for start, _ in spans], [stop for _, stop in spans]
        found = system.cat_ranges([path] * len(spans), starts, stops, on_error="raise")
        return [bytes(part) for part in found]

    return fetch


def _web(address: str) -> Fetch:
    def one(span: Span) -> bytes:
        start, stop = span
        if start == stop:
            return b""
        with _web_answer(address, {"Range": f"bytes={start}-{stop - 1}"}) as answer:
            if answer.status != 206:
                raise InputError(
                    f"{address} cannot be read in parts: its host gives it only as a whole; download it",
                    key="data.files",
                )
            return bytes(answer.read(stop - start))

    def fetch(spans: Sequence[Span]) -> list[bytes]:
        with ThreadPoolExecutor(min(_TOGETHER, len(spans))) as pool:
            return list(pool.map(one, spans))

    return fetch


def _web_size(address: str) -> int:
    with _web_answer(address, {}, "HEAD") as answer:
        return int(answer.headers.get("Content-Length") or 0)


@contextmanager
def _web_answer(address: str, headers: dict[str, str], method: str = "GET") -> Iterator[Any]:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    try:
        answer = urlopen(Request(address, headers=headers, method=method), timeout=PATIENCE)
    except HTTPError as error:
        error.close()  # a refusal is an answer too, with an open connection
        raise
    with answer:
        yield answer


class _Host:
    """A host that is asked for one file, each time in a thread that can be left behind.

    The libraries' own limits are of many minutes, and some of their calls cannot be ended.
    """

    def __init__(self, name: str, file: str) -> None:
        self.name, self._file = name, file

    def asked(self, ask: Callable[[], T], seconds: float | None = None) -> T:
        """What it answers.

        Raises:
            InputError: where it does not answer in time, or refuses.
        """
        answers: list[T] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                answers.append(ask())
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=work, daemon=True, name=f"asks {self.name}")
        thread.start()
        patience = PATIENCE if seconds is None else seconds
        thread.join(patience)
        if answers:
            return answers[0]
        if not errors:
            raise self._error(f"did not answer within {patience:.3g} seconds")
        if isinstance(errors[0], InputError):
            raise errors[0]
        if isinstance(errors[0], FileNotFoundError) or getattr(errors[0], "code", None) == 404:
            raise self._error("has no such file")
        said = str(getattr(errors[0], "reason", "") or errors[0])
        said = printable(" ".join(said.split())).rstrip(" .") or type(errors[0]).__name__
        raise self._error(f"does not give it: {said}") from errors[0]

    def _error(self, why: str) -> InputError:
        return InputError(f"{self._file} cannot be read: its host {self.name} {why}", key="data.files")
