"""From the [data] section to a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mltui.core.errors import InputError, nearest
from mltui.core.hyperparameters import Scalar, Value, check_all
from mltui.core.sections import Data
from mltui.core.table import Table
from mltui.data.assemble import assemble, drawn, no_target
from mltui.data.card import Dataset
from mltui.data.catalogue import CATALOGUE
from mltui.data.frame import gather
from mltui.data.guess import guess_by_name
from mltui.data.readers.raw import Listing
from mltui.data.roles import candidates, named
from mltui.data.target import turned


def read(data: Data, folder: Path) -> Table:
    """The table of a catalogue dataset or of the user's files, which are relative to a folder.

    Raises:
        InputError: with one sentence, and the key at fault.
    """
    if data.dataset is not None:
        return from_catalogue(data)
    features: list[str] = []

    def choose(listing: Listing) -> list[str]:
        if data.target is None:
            raise no_target(listing.names, guess_by_name(listing.names))
        features.extend(candidates(data, listing))
        return [name for name in (data.target, data.weight, *features) if name is not None]

    frame = gather(data, folder, choose)
    return assemble(frame, data, features)[0]


def dataset_of(data: Data) -> Dataset:
    """The catalogue entry that is named.

    Raises:
        InputError: with the nearest name.
    """
    name = data.dataset or ""
    if name not in CATALOGUE:
        raise InputError(f"there is no dataset {name!r}; {nearest(name, CATALOGUE)}", key="data.dataset")
    return CATALOGUE[name]


def from_catalogue(data: Data) -> Table:
    """A catalogue dataset's table with the features, rows and positive class asked for.

    Raises:
        InputError: for a key that does not fit the dataset.
    """
    dataset = dataset_of(data)
    options: Mapping[str, Value] = check_all(dataset.options, data.options, section="data.options")
    table = dataset.make(options)
    _check_fits(data, table)
    if data.positive is not None:
        if table.task == "regression":
            raise InputError(
                f"data.positive is for classification, and {dataset.name} asks for regression", key="data.positive"
            )
        classes, target = turned(table.classes, table.target, data.positive)
        table = replace(table, classes=classes, target=target)
    table = _chosen(table, data)
    return drawn(_missing(table, data.missing), data.rows)


def _check_fits(data: Data, table: Table) -> None:
    name = data.dataset
    if data.tree is not None:
        raise InputError(f"data.tree is for ROOT files; leave it out with the dataset {name}", key="data.tree")
    if data.weight is not None:
        raise InputError(f"the dataset {name} has no weights; leave data.weight out", key="data.weight")
    if data.target not in (None, table.target_name):
        raise InputError(f"the target of {name} is {table.target_name}; leave data.target out", key="data.target")
    if data.task not in (None, table.task):
        raise InputError(f"the dataset {name} is for {table.task}; leave data.task out", key="data.task")


def _chosen(table: Table, data: Data) -> Table:
    """The table with the features that are asked for and not excluded."""
    names = named(data.features, table.features, "data.features", {}) if data.features else list(table.features)
    excluded = named(data.exclude, table.features, "data.exclude", {})
    left = [name for name in names if name not in excluded]
    if not left:
        raise InputError("data.exclude leaves no column to learn from", key="data.exclude")
    by_name = {column.name: column for column in table.columns}
    return replace(table, columns=tuple(by_name[name] for name in left), values={n: table.values[n] for n in left})


def _missing(table: Table, values: Sequence[Scalar]) -> Table:
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if not numbers:
        return table
    cleaned = {name: np.where(np.isin(array, numbers), np.nan, array) for name, array in table.values.items()}
    return replace(table, values=cleaned)
