"""Opens a text, guesses how it is to be read, and reads it piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mltui.core.errors import InputError
from mltui.data.readers.raw import Bound, Chunk, How, Listing, Raw, Reader, reading
from mltui.data.readers.text import sampling, sidecar, streams
from mltui.data.readers.text.columns import Column
from mltui.data.readers.text.parsing import Broken
from mltui.data.readers.text.scheme import Scheme, schemed

NAME = "text"
_BLOCK = 16 << 20
_SMALL_BLOCK = 4 << 20
_ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".data", ".tab", ".asc", ".train", ".test")
_PACKED = ("", ".gz", ".xz", ".zip", ".bz2")


@dataclass(frozen=True)
class TextSource:
    """An opened text.

    Attributes:
        path: as the user named it, for sentences.
    """

    path: Path
    scheme: Scheme
    listing: Listing
    weights: sidecar.Weights | None

    def chunks(
        self,
        names: Sequence[str],
        *,
        rows: int | None = None,
        size: int | None = None,
        bounds: Sequence[Bound] = (),
    ) -> Iterator[Chunk]:
        """As raw.Source says; rows are numbered without the blank ones, which are passed over.

        Raises:
            InputError: naming the line where a row has too many or too few fields.
        """
        with reading(self.path, NAME):
            yield from self._chunks(names, rows, size)

    def _chunks(self, names: Sequence[str], rows: int | None, size: int | None) -> Iterator[Chunk]:
        by_name = {column.name: column for column in self.scheme.columns}
        wanted = [by_name[name] for name in names if name in by_name]
        beside = None
        if self.weights is not None and self.weights.name in names:
            beside = self.weights.values()
        done = 0
        for count, columns in self._pieces(wanted, rows, size):
            keep = count if rows is None else min(count, rows - done)
            whole = dict(zip((column.name for column in wanted), columns, strict=True))
            if beside is not None and self.weights is not None:
                whole[self.weights.name] = self.weights.next(beside, count, done)
            for begin in range(0, keep, size or max(1, keep)):
                end = min(keep, begin + (size or keep))
                piece = whole if end - begin == count else {n: _part(raw, begin, end) for n, raw in whole.items()}
                yield Chunk({name: piece[name] for name in names}, np.arange(done + begin, done + end))
            done += keep
            if rows is not None and done >= rows:
                return
        if beside is not None and self.weights is not None:
            self.weights.finish(beside, done)

    def _pieces(self, wanted: Sequence[Column], rows: int | None, size: int | None) -> Iterator[tuple[int, list[Raw]]]:
        """How many rows each piece of the file has, and the wanted columns of them."""
        parser = self.scheme.parser()
        begin = self.scheme.body
        try:
            for block in self._blocks(rows, size):
                count, columns = parser.columns(block, wanted)
                begin += len(block)
                if count:
                    yield count, columns
        except Broken as error:
            raise error.at(self.path, self.scheme.lines_before(begin)) from None
        except streams.Endless as error:
            raise Broken(error.lines, str(error)).at(self.path, self.scheme.lines_before(begin)) from None

    def _blocks(self, rows: int | None, size: int | None) -> Iterator[bytes]:
        origin = self.scheme.origin
        with origin.opened(self.scheme.body) as stream:
            bytes_each = self._block_size(rows, size)
            yield from streams.blocks(stream, bytes_each, quoted=self.scheme.dialect.quoted, direct=origin.direct)

    def _block_size(self, rows: int | None, size: int | None) -> int:
        """Bytes to parse at a time: enough for the threads, little enough beside the table."""
        dialect = self.scheme.dialect
        most = _SMALL_BLOCK if dialect.separator == " " or dialect.padded else _BLOCK
        few = [count for count in (rows, size) if count is not None]
        if not few:
            return most
        return int(min(most, max(1 << 12, min(few) * self.scheme.row_length * 1.1 + 256)))


def _part(raw: Raw, begin: int, end: int) -> Raw:
    return replace(raw, values=raw.values[begin:end], odd=raw.odd if begin == 0 else 0)


@contextmanager
def opened(path: Path | str, how: How) -> Iterator[TextSource]:
    """Open a text.

    Raises:
        InputError: for binary noise, a file without rows, an archive of several files none of which is chosen, or
            what does not fit of that which the user says.
    """
    path = Path(path)
    with reading(path, NAME):
        source = _source(path, how)
    yield source


def _source(path: Path, how: How) -> TextSource:
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise InputError(f"{path.name} is empty", key="data.files")
    packing = streams.packing_of(head)
    tables, member, guesses = _members(path, how, packing)
    sample = sampling.taken(path, how.encoding, member, packing)
    scheme, listing = schemed(path, sample, how)
    weights = sidecar.beside(path, [column.name for column in scheme.columns])
    listing = replace(
        listing,
        tables=tables,
        table=member if tables else "",
        guesses={**guesses, **listing.guesses},
    )
    if weights is not None:
        listing = weights.listed(listing)
    return TextSource(path, scheme, listing, weights)


def _members(path: Path, how: How, packing: streams.Packing) -> tuple[tuple[str, ...], str, dict[str, str]]:
    """The files in an archive from which one may be chosen, the one that is, and what was guessed of that."""
    if packing != "zip":
        if how.tree is not None:
            raise InputError(f"{path.name} has no trees to choose from; leave data.tree out", key="data.tree")
        return (), "", {}
    names = streams.members(path)
    if how.tree is not None:
        if how.tree not in names:
            raise InputError(f"{path.name} holds no file {how.tree!r}; it holds {_some(names)}", key="data.tree")
        return (names if len(names) > 1 else ()), how.tree, {}
    if len(names) == 1:
        return (), names[0], {}
    if not how.guess_table:
        raise InputError(
            f'{path.name} holds several files: {_some(names)}; name one, such as tree = "{names[0]}"', key="data.tree"
        )
    best = max(names, key=lambda name: (_is_text(name), streams.member_size(path, name)))
    return names, best, {"tree": best}


def _is_text(name: str) -> bool:
    return name.lower().endswith(_ENDINGS)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


READER = Reader(
    name=NAME,
    endings=tuple(ending + packed for ending in _ENDINGS for packed in _PACKED),
    keys=frozenset({"tree", "header", "columns", "separator", "decimal", "encoding", "skip"}),
    open=opened,
    beside=sidecar.files,
)
