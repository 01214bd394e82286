"""From ``data``, an array for each column, to what a model takes: ``x``, ``labels``, ``y`` and ``weight``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mltui.core.table import Column
from mltui.data.readers.raw import Raw
from mltui.export.cleaning import Types, unsaid_kind
from mltui.export.expressions import Translator
from mltui.export.facts import OWN_TRAINING_WEIGHT, OWN_WEIGHT, Facts
from mltui.export.script import Script, text


class Columns:
    """From ``data``, whose columns are of these types, to what a model takes."""

    def __init__(self, script: Script, facts: Facts, dtypes: Types) -> None:
        self._script, self._facts = script, facts
        self._dtypes = dict(dtypes)
        self._asked = facts.asked.data
        self._translator = Translator(facts.columns, "data")

    def write(self) -> None:
        """Write it all."""
        self._labelled()
        self._draw()
        self._target()
        self._weights()
        self._features()

    # -- which rows ----------------------------------------------------------------------------------------------
    def _labelled(self) -> None:
        """Leave out the rows that have no target."""
        present = []
        for name in self._facts.targets:
            target, column = self._facts.columns[name], f"data[{text(name)}]"
            if target.missing.any():
                present.append(f'{column} != ""' if target.categories is not None else f"~np.isnan({column})")
        if not present:
            return
        self._script.add(f"keep = {' & '.join(present)}  # a row without a target teaches nothing")
        self._keep("keep")

    def _keep(self, rows: str) -> None:
        self._script.add(f"data = {{name: values[{rows}] for name, values in data.items()}}")

    def _draw(self) -> None:
        rows = self._asked.rows
        if rows is None or self._facts.table.scaled_up == 1:
            return
        first = text(next(iter(self._dtypes)))
        self._script.add(f"whole = len(data[{first}])")
        self._script.add(f"rows = np.sort(np.random.default_rng(1).choice(whole, {rows}, replace=False))")
        self._keep("rows")

    # -- what is learnt ------------------------------------------------------------------------------------------
    def _target(self) -> None:
        name, table = self._facts.target, self._facts.table
        raw, column = self._facts.columns[name], f"data[{text(name)}]"
        if len(self._facts.targets) > 1:
            names = [text(each) for each in self._facts.targets]
            self._script.enclosed("y = np.column_stack([data[name] for name in [", names, "]]).astype(float)")
        elif table.task == "regression":
            as_float = "" if self._dtypes[name] == np.float64 else ".astype(float)"
            self._script.add(f"y = {column}{as_float}")
        elif table.classes == tuple(str(code) for code in range(len(table.classes))) and raw.categories is None:
            self._script.add(f"y = {column}.astype(int)")
        elif len(table.classes) == 2 and raw.values.dtype.kind == "b":
            self._script.add(f"y = {column if table.classes[1] == 'true' else f'(~{column})'}.astype(int)")
        elif len(table.classes) == 2:
            positive = text(table.classes[1]) if raw.categories is not None else repr(_number(table.classes[1]))
            self._script.add(f"y = ({column} == {positive}).astype(int)")
        else:
            self._check_order(name, raw)
            self._script.add(f"classes, y = np.unique({column}, return_inverse=True)")

    def _check_order(self, name: str, raw: Raw) -> None:
        """See that the classes are in the order in which NumPy finds them."""
        if raw.categories is not None and list(self._facts.table.classes) != sorted(self._facts.table.classes):
            raise unsaid_kind(name)

    def _weights(self) -> None:
        table = self._facts.table
        said = [("weight", self._facts.weight, "data.weight")]
        said += [("training_weight", self._facts.training_weight, "data.training_weight")]
        for called, each, key in said:
            if each is None:
                continue
            code = self._number(each, key, factor=table.scaled_up > 1)
            scaled = f" * (whole / {self._asked.rows})" if table.scaled_up > 1 else ""
            self._script.add(f"{called} = {code}{scaled}")
        if self._facts.asked.split.fold_by is not None:
            self._script.add(f"fold_of_row = {self._number(self._facts.asked.split.fold_by, 'split.fold_by')}")

    def _number(self, said: str, key: str, *, factor: bool = False) -> str:
        """A column or an expression as a floating number of each row; a factor is to stand before a times."""
        if said in (OWN_WEIGHT, OWN_TRAINING_WEIGHT) or said in self._facts.columns:
            return f"data[{text(said)}]{'' if self._dtypes[said] == np.float64 else '.astype(float)'}"
        return self._translator.floating(said, key, rows="len(y)", factor=factor)

    # -- what it is learnt from ----------------------------------------------------------------------------------
    def _features(self) -> None:
        numbers, categories = self._facts.numbers, self._facts.categories
        if numbers:
            self._numbers(numbers)
        if len(categories) == 1:
            self._script.add(f"labels = data[{text(categories[0].name)}].reshape(-1, 1)")
        elif categories:
            names = [text(column.name) for column in categories]
            self._script.enclosed("labels = np.column_stack([data[name] for name in [", names, "]])")

    def _numbers(self, numbers: Sequence[Column]) -> None:
        as_float = "" if self._double(numbers) else ".astype(float)"
        if len(numbers) == 1:
            code = self._feature(numbers[0])
            shaped = "" if numbers[0].shape else ".reshape(-1, 1)"
            self._script.add(f"x = {f'({code})' if shaped and ' ' in code else code}{shaped}{as_float}")
        elif all(column.name in self._facts.columns and not column.shape for column in numbers):
            names = [text(column.name) for column in numbers]
            self._script.enclosed("x = np.column_stack([data[name] for name in [", names, f"]]){as_float}")
        else:
            codes = [self._feature(column) for column in numbers]
            self._script.enclosed("x = np.column_stack([", codes, f"]){as_float}", own_lines=True)
        if any(column.name not in self._facts.columns and self._facts.missing(column) for column in numbers):
            self._script.add("x[~np.isfinite(x)] = np.nan  # what cannot be computed is missing")

    def _feature(self, column: Column) -> str:
        if column.name not in self._facts.columns:
            return self._translator.number(column.name, "data.features")
        code = f"data[{text(column.name)}]"
        return f"{code}.reshape(len(y), -1)" if column.shape else code

    def _double(self, numbers: Sequence[Column]) -> bool:
        """Whether the columns side by side come out in double precision."""
        kinds = [
            self._dtypes[column.name]
            if column.name in self._facts.columns
            else self._facts.table.values[column.name].dtype
            for column in numbers
        ]
        return np.result_type(*kinds) == np.float64


def _number(label: str) -> float:
    number = float(label)
    return int(number) if number.is_integer() else number
