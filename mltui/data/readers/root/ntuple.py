"""The columns of an RNTuple: what each field holds, and how its values become plain arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.data.readers.raw import Field, Raw
from mltui.data.readers.root.arrays import coded, codes, is_text, raw
from mltui.data.readers.root.leaves import Leaf, several, told_apart, unpacked_bytes
from mltui.data.readers.root.source import Bytes, Span, clean, printable
from mltui.data.readers.root.titles import title_and_unit

_LEAF, _COLLECTION, _RECORD = 0, 1, 2
"""Structural roles of fields; see tree/ntuple/doc/BinaryFormatSpecification.md of ROOT."""
_DEEPEST = 50


def leaves_of(ntuple: Any, source: Bytes, missing: Collection[str]) -> list[Leaf]:
    """Every column of an RNTuple, in order; of a record, each member.

    Args:
        ntuple: uproot's.
        source: the file it lies in.
        missing: texts that mean that there is no value.

    Raises:
        InputError: where it claims more rows than its pages hold.
    """
    fields = Fields(ntuple, source, missing)
    fields.compare_rows()
    return told_apart(fields.leaves())


@dataclass(frozen=True)
class _Place:
    """Where a walk through the fields is: the innermost field with a name, and what lies around it."""

    name: str
    named: int
    lists: int = 0
    shape: tuple[int, ...] = ()
    depth: int = 0


class Fields:
    """The fields of an RNTuple and the pages of their columns."""

    def __init__(self, ntuple: Any, source: Bytes, missing: Collection[str]) -> None:
        self._ntuple, self.source, self.missing = ntuple, source, missing

    @cached_property
    def _records(self) -> list[Any]:
        return list(self._ntuple.field_records)

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        children: dict[int, list[int]] = defaultdict(list)
        for number, record in enumerate(self._records):
            children[-1 if record.parent_field_id == number else int(record.parent_field_id)].append(number)
        return children

    @cached_property
    def _columns(self) -> dict[int, list[int]]:
        """The numbers of each field's columns."""
        columns: dict[int, list[int]] = defaultdict(list)
        for number, record in enumerate(self._ntuple.column_records):
            columns[int(record.field_id)].append(number)
        return columns

    @cached_property
    def clusters(self) -> NDArray[np.int64]:
        """The first row of every cluster and, last, how many rows there are, shape (clusters + 1,)."""
        counts = [int(cluster.num_entries) for cluster in self._ntuple.cluster_summaries]
        return np.concatenate([[0], np.cumsum(np.array(counts, np.int64))])

    def leaves(self) -> Iterator[Leaf]:
        """Every column."""
        for number in self._children[-1]:
            record = self._records[number]
            if record.field_name.startswith("_") and not record.type_name:
                continue  # how older writers grouped columns that are also there by themselves
            yield from self._walk(number, _Place(clean(str(record.field_name)), number))

    def _walk(self, number: int, place: _Place) -> Iterator[Leaf]:
        record, children = self._records[number], self._children[number]
        role = int(record.struct_role)
        place = replace(place, depth=place.depth + 1)
        if role == _RECORD and place.depth < _DEEPEST:
            for child in children:
                yield from self._walk(child, self._member(child, place))
        elif role == _COLLECTION and len(children) == 1 and not place.lists and not place.shape:
            inside = 0 if record.type_name.startswith("std::optional") else 1
            yield from self._walk(children[0], replace(place, lists=inside))
        elif role == _COLLECTION and not place.lists and not place.shape:
            for child in children:
                yield from self._walk(child, replace(self._member(child, place), lists=1))
        elif role == _LEAF and record.repetition and children and not place.lists:
            yield from self._walk(children[0], replace(place, shape=(*place.shape, int(record.repetition))))
        elif role == _LEAF and len(children) == 1 and not self._columns_of(number):
            yield from self._walk(children[0], place)
        else:
            kind = str(self._records[place.named].type_name)
            yield self._leaf(number, place) if role == _LEAF else several(place.name, kind)

    def _member(self, child: int, place: _Place) -> _Place:
        name = clean(str(self._records[child].field_name))
        if name.startswith(":"):  # a base class, whose members are the record's own
            return place
        return replace(place, name=f"{place.name}.{name.lstrip('_') if name[1:].isdigit() else name}", named=child)

    def _columns_of(self, number: int) -> list[int]:
        source = self._records[number].source_field_id
        return self._columns.get(number if source is None else int(source), [])

    def _leaf(self, number: int, place: _Place) -> Leaf:
        record = self._records[number]
        title, unit = title_and_unit(place.name, clean(str(self._records[place.named].field_desc or "")))
        field = Field(place.name, title=title, unit=unit)
        group = _Field(self, place.named, self._needed(place.named))
        shape = (*place.shape, int(record.repetition)) if record.repetition else place.shape
        if str(record.type_name).startswith("std::string"):
            if place.lists or shape:
                return several(place.name, str(self._records[place.named].type_name))
            return Leaf(replace(field, kind="category"), 4, group)
        if place.lists:
            why = "holds a list in each row; an expression such as name[0] or max(name) makes a number of it"
            return Leaf(replace(field, kind="list", why=why), 16, group)
        if shape and np.prod(shape, dtype=np.float64) != 1:
            return Leaf(replace(field, kind="image", shape=shape), 8 * float(np.prod(shape, dtype=np.float64)), group)
        return Leaf(field, 8, group)

    def _needed(self, number: int) -> list[int]:
        """The columns that reading a field touches: its own, those of the fields in it, and of those around it."""
        found: list[int] = []
        inner = [number]
        while inner:
            field = inner.pop()
            found += self._columns_of(field)
            inner += self._children[field]
        outer = number
        while int(self._records[outer].parent_field_id) != outer:
            outer = int(self._records[outer].parent_field_id)
            found += self._columns_of(outer)
        return found

    def array(self, number: int, columns: Sequence[int], start: int, stop: int, cache: dict[str, Any] | None) -> Any:
        """One field's values in some rows, as awkward has them.

        Args:
            number: of the field.
            columns: that are touched.
            start, stop: the rows.
            cache: what was unpacked before, by cluster and column; the clusters of these rows are added to it.

        Raises:
            InputError: where a page claims what it does not hold.
        """
        begin = int(np.searchsorted(self.clusters, start, "right")) - 1
        end = int(
            np.searchsorted(self.clusters[:-1], stop, "right")
        )  # where a cluster begins at `stop`, it is read too
        known = clusters_of(cache or {})
        wanted = [cluster for cluster in range(begin, end) if cluster not in known]
        pages = [(column, page) for cluster in wanted for column in columns for page in self._pages(cluster, column)]
        self.source.expect([_span(page) for _, page in pages])
        for column, page in pages:
            self._compare(column, page)
        found = self._ntuple.all_fields[number].array(entry_start=start, entry_stop=stop, array_cache=cache)
        if len(found) != stop - start:
            raise self.damaged(f"gives {len(found)} rows where {stop - start} belong")
        return found

    def _pages(self, cluster: int, column: int) -> list[Any]:
        columns = self._ntuple.page_link_list[cluster]
        return list(columns[column].pages) if column < len(columns) else []

    def _compare(self, column: int, page: Any) -> None:
        bits = int(page.num_elements) * int(self._ntuple.column_records[column].nbits)
        claimed = ceil(bits / 8)
        start, stop = _span(page)
        self.source.inside(start, stop)
        held = unpacked_bytes(self.source.between(start, stop), claimed)
        if held != claimed:
            raise self.damaged(f"has a page of {held} bytes that claims {claimed}")

    def damaged(self, what: str) -> InputError:
        """The sentence about an RNTuple whose pages are not what its index says."""
        return InputError(
            f"{self.source.name} is damaged: the RNTuple {printable(self._ntuple.name)!r} {what}", key="data.files"
        )

    def compare_rows(self) -> None:
        """Whether the pages of one column hold as many rows as the index claims.

        Raises:
            InputError: where they do not.
        """
        flat = next((n for n in self._children[-1] if self._columns_of(n)), None)
        if flat is None:
            return
        columns = self._columns_of(flat)
        for cluster, rows in enumerate(np.diff(self.clusters).tolist()):
            held = max(sum(int(page.num_elements) for page in self._pages(cluster, c)) for c in columns)
            if held < rows and not self._ntuple.column_records[columns[0]].first_element_index:
                raise self.damaged(f"claims {rows} rows where its pages hold {held}")


def _span(page: Any) -> Span:
    start = int(page.locator.offset)
    return start, start + int(page.locator.num_bytes)


class _Field:
    """One field as a group of its own."""

    def __init__(self, fields: Fields, number: int, columns: Sequence[int]) -> None:
        self._fields, self._number, self._columns = fields, number, columns
        self._cache: dict[str, Any] = {}

    def read(self, members: Sequence[str], start: int, stop: int) -> list[Raw]:
        """See `Group`."""
        clusters = self._fields.clusters
        last = stop >= clusters[-1]
        cache = None if last and not self._cache else self._cache
        array = self._fields.array(self._number, self._columns, start, stop, cache)
        here = len(clusters) if last else int(np.searchsorted(clusters, stop, "right")) - 1
        self._cache = {key: held for key, held in self._cache.items() if clusters_of([key]).pop() >= here}
        known: dict[bytes, int] = {}
        found = coded(codes(array, known), known, self._fields.missing) if is_text(array) else raw(array)
        return [found for _ in members]


def clusters_of(keys: Iterable[str]) -> set[int]:
    """The clusters that a cache of the library holds; its keys end with ":cluster:column"."""
    return {int(key.rsplit(":", 2)[1]) for key in keys}
