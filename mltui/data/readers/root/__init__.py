"""Reads ROOT files, also at root:// and https:// addresses: a TTree, a TNtuple or an RNTuple, branch by branch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np

from mltui.core.errors import InputError
from mltui.data.readers.raw import STANDARD_MISSING, Bound, Chunk, How, Listing, Raw, Reader, reading
from mltui.data.readers.root import branches, ntuple
from mltui.data.readers.root.address import is_address, remote
from mltui.data.readers.root.leaves import Leaf
from mltui.data.readers.root.source import Bytes, local, understood
from mltui.data.readers.root.tables import Chosen, chosen

_NAME = "ROOT"


@contextmanager
def open_root(path: Path | str, how: How) -> Iterator[RootTable]:
    """A ROOT file or the address of one, with one of its tables chosen.

    Raises:
        InputError: where it cannot be read, has no table or several and none is chosen, has no rows, is cut short, or
            claims more rows than its bytes can hold.
    """
    with nullcontext(remote(str(path))) if is_address(path) else local(Path(path)) as source:
        with reading(path, _NAME), understood(source):
            table = _opened(source, how)
        yield table


def _opened(source: Bytes, how: How) -> RootTable:
    import uproot

    if source.between(0, min(4, source.size)) != b"root":
        raise InputError(f"{source.name} is not a ROOT file", key="data.files")
    folder = uproot.open(source, array_cache=None, use_threads=False)
    end = int(folder.file.fEND)
    if end > source.size:
        raise InputError(f"{source.name} is cut short: it has {source.size} bytes of {end}", key="data.files")
    table = chosen(folder, source, how)
    missing = STANDARD_MISSING | how.missing
    if table.entry.is_ntuple:
        leaves = ntuple.leaves_of(table.table, source, missing)
    else:
        leaves = branches.leaves_of(table.table, source, missing, table.entry.inside)
    return RootTable(source, table, leaves)


class RootTable:
    """An opened file, as `Source` says."""

    def __init__(self, source: Bytes, table: Chosen, leaves: Sequence[Leaf]) -> None:
        self._source, self._rows = source, int(table.table.num_entries)
        self._leaves = {leaf.field.name: leaf for leaf in leaves}
        self.listing = Listing(
            fields=tuple(replace(leaf.field, row_bytes=leaf.row_bytes) for leaf in leaves),
            rows=self._rows,
            tables=table.names,
            table=table.entry.name,
            guesses={"tree": table.entry.name} if table.guessed else {},
        )

    def chunks(
        self,
        names: Sequence[str],
        *,
        rows: int | None = None,
        size: int | None = None,
        bounds: Sequence[Bound] = (),
    ) -> Iterator[Chunk]:
        """See `Source`; ROOT keeps no ranges of values by which rows could be passed over.

        Raises:
            InputError: where the file is damaged.
        """
        del bounds
        last = self._rows if rows is None else min(rows, self._rows)
        step = max(1, last if size is None else size)
        for start in range(0, last, step):
            stop = min(start + step, last)
            yield Chunk(self._columns(names, start, stop), np.arange(start, stop, dtype=np.int64))

    def _columns(self, names: Sequence[str], start: int, stop: int) -> dict[str, Raw]:
        """The named columns in some rows, group by group; in the order asked."""
        groups: dict[int, list[str]] = {}
        for name in dict.fromkeys(names):
            groups.setdefault(id(self._leaves[name].group), []).append(name)
        found: dict[str, Raw] = {}
        for together in groups.values():
            leaves = [self._leaves[name] for name in together]
            group = leaves[0].group
            if group is None:
                raise InputError(f"{together[0]} {leaves[0].field.why}", key="data.features")
            with reading(self._source.name, _NAME), understood(self._source):
                found |= zip(together, group.read([leaf.member for leaf in leaves], start, stop), strict=True)
        return {name: found[name] for name in dict.fromkeys(names)}


READER = Reader(name=_NAME, endings=(".root",), keys=frozenset({"tree"}), open=open_root, addresses=True)
