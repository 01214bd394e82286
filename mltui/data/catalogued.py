"""A catalogue dataset as an opened file, so that cuts, expressions and kinds work on it as on a user's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace

import numpy as np

from mltui.core.errors import InputError, nearest
from mltui.core.hyperparameters import check_all
from mltui.core.sections import Data
from mltui.core.table import Column, Floats, Table
from mltui.data.card import Dataset
from mltui.data.catalogue import CATALOGUE
from mltui.data.generators.making import PROCESS
from mltui.data.readers.raw import Bound, Chunk, Field, Kind, Listing, Raw, Reader


def dataset_of(data: Data) -> Dataset:
    """The catalogue entry that is named.

    Raises:
        InputError: with the nearest name.
    """
    name = data.dataset or ""
    if name not in CATALOGUE:
        raise InputError(f"there is no dataset {name!r}; {nearest(name, CATALOGUE)}", key="data.dataset")
    return CATALOGUE[name]


def made(data: Data) -> Table:
    """The whole table of a catalogue dataset with the options asked for.

    Raises:
        InputError: for an option or a key that does not fit the dataset.
    """
    dataset = dataset_of(data)
    table = dataset.make(check_all(dataset.options, data.options, section="data.options"))
    if data.targets not in ((), table.target_names):
        known = "is" if not table.targets else "are"
        raise InputError(
            f"the target{'s' if table.targets else ''} of {dataset.name} {known} {table.target_name}; leave "
            "data.target out",
            key="data.target",
        )
    if data.task not in (None, table.task):
        raise InputError(f"the dataset {dataset.name} is for {table.task}; leave data.task out", key="data.task")
    if data.positive is not None and table.task == "regression":
        raise InputError(
            f"data.positive is for classification, and {dataset.name} asks for regression", key="data.positive"
        )
    return table


def best_answers(data: Data, table: Table) -> Floats | None:
    """The best answers that there can be to rows, by the law that a catalogue dataset is drawn by.

    They are as a model's scores: shape (rows,), the probability of the second of two classes or the expected value;
    shape (rows, classes) for many. None where no law is known, or the table has other features than it.
    """
    dataset = CATALOGUE.get(data.dataset or "")
    law = dataset.law if dataset else None
    if dataset is None or law is None or set(table.classes) != set(law.classes):
        return None
    if table.features != law.features or any(column.kind != "number" for column in table.columns):
        return None
    options = check_all(dataset.options, data.options, section="data.options")
    found = law.answer(np.column_stack([table.values[name] for name in law.features]).astype(np.float64), options)
    if not law.classes:
        return found
    shares = found[:, [law.classes.index(label) for label in table.classes]]
    return shares[:, 1] if len(table.classes) == 2 else shares


def as_asked(data: Data, table: Table) -> Data:
    """The [data] section with what the catalogue says of the dataset filled in."""
    names = table.target_names
    return replace(
        data,
        target=names if len(names) > 1 else names[0],
        task=table.task,
        weight=data.weight if table.weights is None else data.weight or table.weight_name,
        process=data.process or (PROCESS if table.processes else None),
        features=data.features or (table.features if table.others else ()),
    )


def reader_of(table: Table) -> Reader:
    """A reader of that one table."""
    return Reader(
        name="a dataset of the catalogue",
        endings=(),
        keys=frozenset(),
        open=lambda path, how: nullcontext(InMemory(table)),
    )


class InMemory:
    """A table as a source."""

    def __init__(self, table: Table) -> None:
        self._table = table
        features = [
            Field(
                column.name, column.kind, unit=column.unit, title=column.title, shape=column.shape,
                row_bytes=table.values[column.name].nbytes / max(1, len(table)),
            )
            for column in table.columns
        ]  # fmt: skip
        kind: Kind = "category" if table.classes else "number"
        weight = [Field(table.weight_name)] if table.weights is not None else []
        others = [Field(name) for name in table.others]
        others += [Field(PROCESS, "category")] if table.processes else []
        one = Column(table.target_name, unit=table.target_unit, title=table.target_title)
        targets = [Field(c.name, kind, unit=c.unit, title=c.title) for c in table.targets or (one,)]
        self._listing = Listing((*features, *weight, *others, *targets), rows=len(table))

    @property
    def listing(self) -> Listing:
        """The features in their order, the weight, what may stand in for features, the process, then each target."""
        return self._listing

    def chunks(
        self,
        names: Sequence[str],
        *,
        rows: int | None = None,
        size: int | None = None,
        bounds: Sequence[Bound] = (),
    ) -> Iterator[Chunk]:
        """The columns whole, or in chunks of a size."""
        stop = len(self._table) if rows is None else min(rows, len(self._table))
        step = size or max(1, stop)
        for start in range(0, stop, step):
            part = slice(start, min(start + step, stop))
            entry = np.asarray(self._table.entry[part], np.int64)
            yield Chunk({name: self._column(name, part) for name in names}, entry)

    def _column(self, name: str, part: slice) -> Raw:
        names = self._table.target_names
        if name in names:
            target = self._table.target.reshape(len(self._table), -1)[part, names.index(name)]
            return Raw(target, self._table.classes or None)
        if name in self._table.others:
            return Raw(self._table.others[name][part])
        if self._table.processes and name == PROCESS:
            return Raw(self._table.process[part], self._table.processes)
        if self._table.weights is not None and name == self._table.weight_name:
            return Raw(self._table.weights[part])
        categories = next(column.categories for column in self._table.columns if column.name == name)
        return Raw(self._table.values[name][part], categories or None)
