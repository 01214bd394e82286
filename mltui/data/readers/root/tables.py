"""Finds the trees and RNTuples of a file, in all its folders, and chooses one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mltui.core.errors import InputError, nearest
from mltui.data.readers.raw import How, NoRows
from mltui.data.readers.root import envelopes
from mltui.data.readers.root.source import Bytes, clean, printable

TREES = frozenset({"TTree", "TNtuple", "TNtupleD", "TChain", "TTreeSQL"})
NTUPLE = "ROOT::RNTuple"
_MOST_OPENED = 12
"""So many tables of a file are opened to say their rows; each costs some time where it has thousands of branches."""
_MOST_NAMED = 20
_DEEPEST = 30
_MEANT_AS_DATA = 10
"""A table with fewer rows is rather about the data than the data."""


@dataclass(frozen=True)
class Entry:
    """A table of a file before it is opened.

    Attributes:
        name: with the folders around it.
        cycle: of several by one name the largest is the newest.
        key: uproot's.
    """

    name: str
    cycle: int
    key: Any

    @property
    def is_ntuple(self) -> bool:
        """Whether it is an RNTuple rather than a tree."""
        return str(self.key.classname()) == NTUPLE

    @property
    def inside(self) -> int:
        """How many bytes its description takes when unpacked; more branches make it larger."""
        return max(0, int(self.key.data_uncompressed_bytes))


@dataclass(frozen=True)
class Chosen:
    """A table, and whether it was guessed among several."""

    entry: Entry
    table: Any
    guessed: bool
    names: tuple[str, ...]


def chosen(folder: Any, source: Bytes, how: How) -> Chosen:
    """The table that `how` names, the only one, or the one that looks most like data.

    Args:
        folder: uproot's of the whole file.
        source: the file.
        how: what the user says.

    Raises:
        InputError: where there is none, or several and none is chosen, or the chosen one is not there, or has no rows.
    """
    others: set[str] = set()
    found = _found(folder, others)
    if not found:
        holds = f"it holds only {', '.join(sorted(others)[:5])}" if others else "it is empty"
        raise InputError(f"{source.name} has no tree and no RNTuple, {holds}", key="data.files")
    newest: dict[str, Entry] = {}
    for entry in sorted(found, key=lambda entry: entry.cycle):
        newest[entry.name] = entry
    names = tuple(dict.fromkeys(entry.name for entry in found))
    guessed = False
    if how.tree is not None:
        entry = _named(how.tree, found, newest, source)
    elif len(names) == 1:
        entry = newest[names[0]]
    else:
        entry, guessed = _likeliest([newest[name] for name in names], source, how), True
    table = opened_table(entry, source)
    if table.num_entries <= 0:
        said = f"{source.name}: {_what(entry)} {printable(entry.name)!r} has no rows"
        raise NoRows(said, map(clean, table.keys(recursive=True)))
    return Chosen(entry, table, guessed, names if len(names) > 1 else ())


def opened_table(entry: Entry, source: Bytes) -> Any:
    """uproot's tree or RNTuple.

    Raises:
        InputError: where it is damaged.
    """
    table = entry.key.get()
    if entry.is_ntuple:
        envelopes.compare(table, source)
    return table


def _found(folder: Any, others: set[str]) -> list[Entry]:
    """Every table of every cycle in the file; the classes of all else go to `others`."""
    out: list[Entry] = []
    seen: set[int] = set()
    waiting = deque([("", folder, 0)])
    while waiting:
        prefix, here, depth = waiting.popleft()
        for name in here.keys(recursive=False, cycle=True):
            key = here.key(name)
            kind = str(key.classname())
            if kind in TREES or kind == NTUPLE:
                out.append(Entry(clean(f"{prefix}{key.fName}"), int(key.fCycle), key))
            elif kind not in ("TDirectory", "TDirectoryFile"):
                others.add(printable(kind))
            elif depth < _DEEPEST and key.fSeekKey not in seen:  # a damaged folder may hold itself
                seen.add(key.fSeekKey)
                waiting.append((f"{prefix}{key.fName}/", key.get(), depth + 1))
    return out


def _named(wanted: str, found: Sequence[Entry], newest: dict[str, Entry], source: Bytes) -> Entry:
    if wanted in newest:
        return newest[wanted]
    for entry in found:
        if wanted == f"{entry.name};{entry.cycle}":
            return entry
    known = [*newest, *(f"{entry.name};{entry.cycle}" for entry in found)] if ";" in wanted else list(newest)
    raise InputError(
        f"there is no tree {wanted!r} in {source.name}; {nearest(wanted, map(printable, known))}", key="data.tree"
    )


def _what(entry: Entry) -> str:
    return "the RNTuple" if entry.is_ntuple else "the tree"


def _likeliest(entries: Sequence[Entry], source: Bytes, how: How) -> Entry:
    """The only table that has rows, or, where the user lets guess, the one with the most flat columns, then rows.

    Only the largest of many are opened, by the size of their description.
    """
    opened = sorted(entries, key=lambda entry: -entry.inside)[:_MOST_OPENED]
    tables = {entry.name: opened_table(entry, source) for entry in opened}
    rows = {name: int(table.num_entries) for name, table in tables.items()}
    filled = [entry for entry in entries if rows.get(entry.name, 1) > 0]
    if not filled:
        raise InputError(f"{source.name}: its {len(entries)} trees have no rows", key="data.files")
    if len(filled) == 1:
        return filled[0]
    if not how.guess_table:
        named = [_with_rows(entry, rows) for entry in entries[:_MOST_NAMED]]
        more = f" and {len(entries) - _MOST_NAMED} more" if len(entries) > _MOST_NAMED else ""
        raise InputError(
            f"{source.name} has {len(entries)} trees, choose one of {', '.join(named)}{more}", key="data.tree"
        )
    seen = [entry for entry in filled if entry.name in rows]
    return max(seen, key=lambda e: (rows[e.name] >= _MEANT_AS_DATA, _flat(tables[e.name]), rows[e.name]))


def _with_rows(entry: Entry, rows: dict[str, int]) -> str:
    count = f" ({rows[entry.name]:,} rows)" if entry.name in rows else ""
    return printable(entry.name) + count


def _flat(table: Any) -> int:
    """How many of its columns hold one number a row, about: by the names and types of its branches alone."""
    if not hasattr(table, "branches"):
        return sum(1 for record in table.field_records if int(record.struct_role) == 0 and not record.repetition)
    return sum(1 for branch in table.itervalues(recursive=True) if not branch.branches and _is_flat(branch))


def _is_flat(branch: Any) -> bool:
    leaves = branch.member("fLeaves")
    return len(leaves) == 1 and leaves[0].member("fLeafCount", none_if_missing=True) is None
