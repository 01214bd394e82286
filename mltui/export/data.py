"""The data of a script: from files or a generator to ``x``, ``labels``, ``y`` and ``weight``, one row an event."""

from __future__ import annotations

from typing import Any

import numpy as np

from mltui.core.hyperparameters import check_all
from mltui.core.table import Column, Table
from mltui.data.catalogue import CATALOGUE
from mltui.data.generators.making import PROCESS
from mltui.data.matrix import width
from mltui.data.readers.raw import Raw
from mltui.data.samples import labelled
from mltui.export import datasets
from mltui.export.cleaning import Types, clean
from mltui.export.columns import Columns
from mltui.export.expressions import Translator
from mltui.export.facts import OWN_TRAINING_WEIGHT, OWN_WEIGHT, Facts
from mltui.export.origin import Origin, Said
from mltui.export.reading import read_files
from mltui.export.script import Script, text

_CHOICES = ("features", "exclude", "cut", "weight", "training_weight", "missing", "kinds", "rows")
"""What a [data] section may ask of its columns; without any, a generator's points are taken as they come."""


def write_data(script: Script, facts: Facts) -> None:
    """Write all data.

    Raises:
        InputError: where they are used in a way that a script cannot say.
    """
    script.need("numpy", alias="np")
    data = facts.asked.data
    if data.dataset is not None:
        _of_catalogue(script, facts)
        return
    script.part("The data")
    types = _of_samples(script, facts) if data.samples else _read(script, facts, facts.origins[0])
    Columns(script, facts, types).write()


def _read(script: Script, facts: Facts, origin: Origin) -> Types:
    found = read_files(script, origin).found
    return clean(script, facts, origin, {name: values.dtype for name, values in found.items()})


# -- one entry for each class or process -----------------------------------------------------------------------------
def _of_samples(script: Script, facts: Facts) -> Types:
    """Each sample by itself, then all rows together."""
    script.add("samples = []")
    every = []
    for origin in facts.origins:
        script.add("")
        script.remark(origin.title)
        types = _read(script, facts, origin)
        if labelled(facts.asked.data):
            rows = f"len(data[{text(next(iter(types)))}])"
            script.add(f"data[{text(facts.target)}] = np.full({rows}, {text(origin.label)})")
            types[facts.target] = np.dtype(str)
        if origin.scale:
            script.remark("expected events: cross-section [pb] x 1000 x luminosity [1/fb] / sum of weights generated")
        if facts.weight == OWN_WEIGHT:
            _weigh(script, origin, types, origin.weight, OWN_WEIGHT)
        if facts.training_weight == OWN_TRAINING_WEIGHT:
            said = facts.asked.data.training_weight or "", "data.training_weight"
            _weigh(script, origin, types, said, OWN_TRAINING_WEIGHT)
        script.add("samples.append(data)")
        every.append(types)
    names = [name for name in every[0] if all(name in types for types in every)]
    script.add("")
    if all(list(types) == names for types in every):
        script.add("data = {name: np.concatenate([each[name] for each in samples]) for name in data}")
    else:
        joined = "data = {name: np.concatenate([each[name] for each in samples]) for name in ["
        script.enclosed(joined, [text(name) for name in names], "]}")
    return {name: np.result_type(*(types[name] for types in every)) for name in names}


def _weigh(script: Script, origin: Origin, types: Types, said: Said | None, called: str) -> None:
    """A column of the weights of a sample: its own, or 1, times what brings them to expected events."""
    rows = f"len(data[{text(next(iter(types)))}])"
    if said is None:
        code = f"np.ones({rows})"
    elif said[0] in origin.columns:
        code = f"data[{text(said[0])}]{'' if types[said[0]] == np.float64 else '.astype(float)'}"
    else:
        code = Translator(origin.columns, "data").floating(*said, factor=bool(origin.scale), rows=rows)
    script.add(f"data[{text(called)}] = {code}{f' * ({origin.scale})' if origin.scale else ''}")
    types[called] = np.dtype(np.float64)


# -- the catalogue ---------------------------------------------------------------------------------------------------
def _of_catalogue(script: Script, facts: Facts) -> None:
    data, origin = facts.asked.data, facts.origins[0]
    dataset = CATALOGUE[data.dataset or ""]
    options = check_all(dataset.options, data.options, section="data.options")
    table = dataset.make(options)
    script.part(f"The data: {dataset.title}")
    datasets.make(script, dataset, options, weighted=table.weights is not None)
    chosen = any(getattr(data, name) not in ((), {}, None) for name in _CHOICES)
    labelled = any(column.categories for column in table.columns)
    if not (chosen or labelled or table.others or table.processes):
        if data.positive is not None and facts.table.classes != origin.read[facts.target].categories:
            script.add("y = 1 - y  # the other class is the one that high scores mean")
        return
    script.add("")
    _name_columns(script, facts, table)
    types = clean(script, facts, origin, {name: _dtype(raw) for name, raw in origin.read.items()})
    Columns(script, facts, types).write()


def _dtype(raw: Raw) -> np.dtype[Any]:
    return np.dtype(str) if raw.categories is not None else np.dtype(np.float64)


def _name_columns(script: Script, facts: Facts, table: Table) -> None:
    """Give the columns of a generator's points their names."""
    columns = (*table.columns, *(Column(name) for name in table.others))
    columns += (Column(PROCESS),) if table.processes else ()
    if any(column.shape or column.categories for column in columns):
        script.add("data = {}")
        start = 0
        for column in columns:
            script.add(f"data[{text(column.name)}] = {_inputs(column, start)}")
            start += width(column)
    else:
        script.enclosed("data = dict(zip([", [text(column.name) for column in columns], "], x.T, strict=True))")
    if table.processes:
        script.add(f"data[{text(PROCESS)}] = np.array({text(table.processes)})[data[{text(PROCESS)}].astype(int)]")
    if table.weights is not None:
        script.add(f"data[{text(table.weight_name)}] = weight")
    labels = f"np.array({text(table.classes)})[y]" if table.classes else "y"
    for place, name in enumerate(facts.targets):
        script.add(f"data[{text(name)}] = {labels if len(facts.targets) == 1 else f'y[:, {place}]'}")


def _inputs(column: Column, start: int) -> str:
    """The inputs that a column gives, from this one on, as the column."""
    if column.categories:
        return f"np.array({text(column.categories)})[x[:, {start}].astype(int)]"
    if not column.shape:
        return f"x[:, {start}]"
    return f"x[:, {start}:{start + width(column)}].reshape(-1, {', '.join(str(side) for side in column.shape)})"
