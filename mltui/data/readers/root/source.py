"""The bytes of a ROOT file, read by place and never beyond its end, and what the library's errors say of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mltui.core.errors import InputError

Span = tuple[int, int]
Fetch = Callable[[Sequence[Span]], list[bytes]]
_LONGEST = 80
_UNPACKING = ("decompress", "corruption", "checksum", "buffer is too small")


def clean(text: str) -> str:
    """A name as text: bytes that are not UTF-8, which the library keeps as surrogates, are taken as Latin-1."""
    if text.isascii():
        return text
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def printable(text: str) -> str:
    """A name as a sentence shows it: on one line, of bearable length."""
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in clean(text))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


class Bytes:
    """A file as the ROOT library reads it: seek and read, of whatever can say its size and give spans of bytes.

    Args:
        name: as a sentence says it.
        size: in bytes.
        fetch: what gives spans of bytes.
        ahead: where each request costs a journey, at least so many bytes are fetched at once; 0 for a local file.
    """

    def __init__(self, name: str, size: int, fetch: Fetch, ahead: int = 0) -> None:
        self.name, self.size = name, size
        self._fetch, self._ahead = fetch, ahead
        self._place = 0
        self._kept: dict[Span, bytes] = {}

    @property
    def remote(self) -> bool:
        """Whether each request costs a journey."""
        return self._ahead > 0

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, as a file does."""
        self._place = place + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self.size}[whence]
        return self._place

    def tell(self) -> int:
        """The place, as a file says it."""
        return self._place

    def read(self, count: int = -1) -> bytes:
        """The next bytes.

        Raises:
            InputError: where the file's own index points beyond its end; nothing is allocated for such a claim.
        """
        start = self._place
        stop = self.size if count < 0 else start + count
        if start:
            self.inside(start, stop)
        stop = min(stop, self.size)
        self._place = stop
        return self.between(start, stop)

    def inside(self, start: int, stop: int) -> None:
        """Compare a span that the file's index names with the file's size.

        Raises:
            InputError: where it lies beyond.
        """
        if not 0 <= start <= stop <= self.size:
            raise InputError(
                f"{self.name} is cut short or damaged: it has {self.size} bytes, and its index points to byte {stop}",
                key="data.files",
            )

    def between(self, start: int, stop: int) -> bytes:
        """The bytes from `start` until `stop`, both inside the file."""
        for (first, last), kept in self._kept.items():
            if first <= start and stop <= last:
                return kept[start - first : stop - first]
        if not self.remote:
            return self._fetch([(start, stop)])[0]
        last = min(self.size, max(stop, start + self._ahead))
        self._kept = {(start, last): self._fetch([(start, last)])[0]}
        return self._kept[start, last][: stop - start]

    def expect(self, spans: Sequence[Span]) -> None:
        """Fetch from a host what will be read next, in one request; of a local file, nothing.

        What was fetched before is let go.

        Raises:
            InputError: where a span lies beyond the file's end, or the host does not answer.
        """
        if not self.remote or not spans:
            return
        for span in spans:
            self.inside(*span)
        joined = _joined(sorted(spans), self._ahead // 8)
        self._kept = dict(zip(joined, self._fetch(joined), strict=True))


def _joined(spans: Sequence[Span], gap: int) -> list[Span]:
    """The same spans, sorted, with those that lie near one another as one."""
    out: list[Span] = []
    for start, stop in spans:
        if out and start - out[-1][1] <= gap:
            out[-1] = out[-1][0], max(stop, out[-1][1])
        else:
            out.append((start, stop))
    return out


@contextmanager
def local(path: Path) -> Iterator[Bytes]:
    """A local file, to be read.

    Raises:
        InputError: where it is not there or may not be read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"{path} cannot be opened: {error.strerror or error}", key="data.files") from None

    def fetch(spans: Sequence[Span]) -> list[bytes]:
        found = []
        for start, stop in spans:
            file.seek(start)
            found.append(file.read(stop - start))
        return found

    with file:
        yield Bytes(path.name, os.fstat(file.fileno()).st_size, fetch)


@contextmanager
def understood(source: Bytes) -> Iterator[None]:
    """Turn what the library stumbles over into a sentence about the file.

    Raises:
        InputError: saying that it is damaged, or that it uses what the library does not read.
    """
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        raise InputError(f"{source.name} {_meaning(error)}", key="data.files") from error


def _meaning(error: Exception) -> str:
    """What an error of the library means for the file."""
    whole = f"{type(error).__name__} {error}"
    said = str(error).strip().partition("\n")[0].strip().rstrip(".:")
    if isinstance(error, NotImplementedError):
        return f"uses something of ROOT that cannot be read ({printable(said) or 'unknown'})"
    if any(word in whole.lower() for word in _UNPACKING):
        return "is damaged: its compressed bytes cannot be unpacked"
    own = type(error).__module__.startswith("uproot") and said not in ("", "while reading")
    said = said if own else type(error).__name__
    return f"is damaged: its index makes no sense ({printable(said)})"
