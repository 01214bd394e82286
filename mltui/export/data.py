"""The data of a script: from files or a generator to ``x``, ``labels``, ``y`` and ``weight``, one row an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mltui.core.errors import InputError
from mltui.core.hyperparameters import check_all
from mltui.core.table import Column
from mltui.data.assemble import drawn
from mltui.data.catalogue import CATALOGUE
from mltui.data.expression import parse
from mltui.data.readers.raw import Raw
from mltui.export import datasets
from mltui.export.expressions import Translator
from mltui.export.facts import Facts
from mltui.export.reading import read_files
from mltui.export.script import WIDTH, Script, text

_CHOICES = ("features", "exclude", "cut", "weight", "training_weight", "missing", "kinds", "rows")
"""What a [data] section may ask of its columns; without any, a generator's points are taken as they come."""


def write_data(script: Script, facts: Facts) -> None:
    """Write all data.

    Raises:
        InputError: where they are used in a way that a script cannot say.
    """
    script.need("numpy", alias="np")
    data = facts.asked.data
    if data.dataset is None:
        script.part("The data")
        found = read_files(script, facts).found
        _Columns(script, facts, {name: values.dtype for name, values in found.items()}).write()
        return
    dataset = CATALOGUE[data.dataset]
    script.part(f"The data: {dataset.title}")
    datasets.make(script, dataset, check_all(dataset.options, data.options, section="data.options"))
    if not any(getattr(data, name) not in ((), {}, None) for name in _CHOICES):
        if data.positive is not None and facts.table.classes != _classes(facts):
            script.add("y = 1 - y  # the other class is the one that high scores mean")
        return
    script.add("")
    _name_columns(script, facts)
    _Columns(script, facts, {name: _dtype(raw) for name, raw in facts.read.items()}).write()


def _classes(facts: Facts) -> tuple[str, ...]:
    """The classes of a catalogue dataset as it numbers them."""
    target = facts.read[_target(facts)]
    return target.categories or ()


def _target(facts: Facts) -> str:
    return facts.asked.data.target or facts.table.target_name


def _dtype(raw: Raw) -> np.dtype[Any]:
    return np.dtype(str) if raw.categories is not None else np.dtype(np.float64)


def _name_columns(script: Script, facts: Facts) -> None:
    """Give the columns of a generator's points their names."""
    data, target = facts.asked.data, _target(facts)
    dataset = CATALOGUE[data.dataset or ""]
    table = dataset.make(check_all(dataset.options, data.options, section="data.options"))
    script.enclosed("data = dict(zip([", [text(name) for name in table.features], "], x.T, strict=True))")
    labels = f"np.array({text(table.classes)})[y]" if table.classes else "y"
    script.add(f"data[{text(target)}] = {labels}")


class _Columns:
    """From ``data``, whose columns are of these types, to what a model takes."""

    def __init__(self, script: Script, facts: Facts, dtypes: Mapping[str, np.dtype[Any]]) -> None:
        self._script, self._facts = script, facts
        self._dtypes = dict(dtypes)
        self._asked = facts.asked.data
        self._translator = Translator(facts.columns, "data")

    def write(self) -> None:
        """Write it all."""
        self._missing()
        self._kinds()
        self._precision()
        self._cut()
        self._target()
        self._weights()
        self._features()

    # -- what the values are -------------------------------------------------------------------------------------
    def _missing(self) -> None:
        """Values that stand for missing ones, and infinities, become NaN."""
        numbers = [float(v) for v in self._asked.missing if isinstance(v, int | float) and not isinstance(v, bool)]
        gone = [name for name, raw in self._facts.read.items() if self._changed(name, raw)]
        if gone:
            meant = " and ".join(f"{number:g}" for number in numbers)
            each = f"data[name] == {numbers[0]!r}" if len(numbers) == 1 else f"np.isin(data[name], {numbers!r})"
            stand = "stands for a missing value" if len(numbers) == 1 else "stand for missing values"
            self._each(gone, f"data[name] = np.where({each}, np.nan, data[name])", f"{meant} {stand}")
            self._dtypes |= {name: np.result_type(self._dtypes[name], np.float32) for name in gone}
        infinite = [name for name in self._dtypes if _infinite(self._facts.read[name])]
        if infinite:
            code = "data[name] = np.where(np.isinf(data[name]), np.nan, data[name])"
            self._each(infinite, code, "infinite is as good as missing")

    def _changed(self, name: str, raw: Raw) -> bool:
        """Whether a value of a column stands for a missing one.

        Raises:
            InputError: where that is one of its texts.
        """
        found = self._facts.columns[name]
        if raw.categories is None:
            return bool(raw.missing.sum() != found.missing.sum()) and name not in self._asked.kinds
        if found.categories != raw.categories and name not in self._asked.kinds:
            raise InputError(
                f"data.missing takes labels of {name} for missing that mltui code cannot; name them as they are "
                "written in the file",
                key="data.missing",
            )
        return False

    def _kinds(self) -> None:
        """Numbers that are labels become texts, labels in an order their places in it."""
        for name in self._asked.kinds:
            if name not in self._facts.read:
                continue
            raw, meant = self._facts.read[name], self._facts.columns[name]
            if raw.categories is None and meant.categories is not None:
                self._as_labels(name, raw)
            elif raw.categories is not None and meant.categories is None:
                raise self._unsaid_kind(name)
            column = next((each for each in self._facts.table.columns if each.name == name), None)
            if column is not None and column.kind == "ordered":
                self._ordered(name, column)

    def _as_labels(self, name: str, raw: Raw) -> None:
        if raw.values.dtype.kind not in "iu" or self._dtypes[name].kind not in "iu":
            raise self._unsaid_kind(name)
        self._script.add(f"data[{text(name)}] = data[{text(name)}].astype(str)  # these numbers are names")
        self._dtypes[name] = np.dtype(str)

    def _ordered(self, name: str, column: Column) -> None:
        self._script.add(f"order = {text(column.categories)}")
        places = f"order.index(label) if label in order else np.nan for label in data[{text(name)}]"
        self._script.enclosed(f"data[{text(name)}] = np.array([", [places], "])")
        self._dtypes[name] = np.dtype(np.float64)

    @staticmethod
    def _unsaid_kind(name: str) -> InputError:
        return InputError(
            f"data.kinds makes of the column {name} what mltui code does not write yet; it writes whole numbers as "
            "categories and labels in an order",
            key="data.kinds",
        )

    def _precision(self) -> None:
        """What is computed with is in double precision, or in whole numbers of 64 bits."""
        used = set(self._named())
        for dtype, kinds in ((np.float64, "f"), (np.int64, "iu")):
            narrow = [n for n, own in self._dtypes.items() if n in used and own.kind in kinds and own != dtype]
            if narrow:
                name = np.dtype(dtype).name
                self._each(narrow, f"data[name] = data[name].astype(np.{name})", "computed with in full precision")
                self._dtypes |= dict.fromkeys(narrow, np.dtype(dtype))

    def _named(self) -> Iterable[str]:
        """The columns that expressions use."""
        data = self._asked
        texts = [*self._facts.table.features, data.weight, data.training_weight, self._facts.asked.split.fold_by]
        for each in filter(None, texts):
            if each not in self._facts.read:
                yield from parse(each).names
        if data.cut:
            yield from parse(data.cut).names

    def _each(self, names: Sequence[str], code: str, why: str) -> None:
        """Do something to columns, with a comment."""
        if len(names) == 1:
            line = code.replace("data[name]", f"data[{text(names[0])}]")
            if len(line) + len(why) + 4 > WIDTH:
                self._script.remark(why)
                self._script.add(line)
            else:
                self._script.add(f"{line}  # {why}")
            return
        if list(names) == list(self._dtypes):
            opening, more = "for name in data:", f"  # {why}"
            self._script.add(f"{opening}{more}")
        else:
            self._script.remark(why)
            self._script.enclosed("for name in [", [text(name) for name in names], "]:")
        with self._script.indented():
            self._script.add(code)

    # -- which rows ----------------------------------------------------------------------------------------------
    def _cut(self) -> None:
        if self._asked.cut is not None:
            conditions = self._translator.conditions(self._asked.cut, "data.cut")
            line = f"keep = {' & '.join(conditions)}"
            if len(line) <= WIDTH:
                self._script.add(line)
            else:
                self._script.add("keep = (", *(f"    {'& ' if n else ''}{c}" for n, c in enumerate(conditions)), ")")
            self._keep("keep")
        target = self._facts.columns.get(_target(self._facts))
        if target is not None and target.missing.any():
            name = f"data[{text(_target(self._facts))}]"
            present = f'{name} != ""' if target.categories is not None else f"~np.isnan({name})"
            self._script.add(f"keep = {present}  # a row without a target teaches nothing")
            self._keep("keep")
        self._draw()

    def _keep(self, rows: str) -> None:
        self._script.add(f"data = {{name: values[{rows}] for name, values in data.items()}}")

    def _draw(self) -> None:
        rows = self._asked.rows
        if rows is None or self._facts.table.scaled_up == 1:
            return
        assert list(drawn(3, 3)) == [0, 1, 2]
        first = text(next(iter(self._facts.read)))
        self._script.add(f"whole = len(data[{first}])")
        self._script.add(f"rows = np.sort(np.random.default_rng(1).choice(whole, {rows}, replace=False))")
        self._keep("rows")

    # -- what is learnt ------------------------------------------------------------------------------------------
    def _target(self) -> None:
        name, table = _target(self._facts), self._facts.table
        raw, column = self._facts.columns[name], f"data[{text(name)}]"
        if table.task == "regression":
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
            raise self._unsaid_kind(name)

    def _weights(self) -> None:
        table, data = self._facts.table, self._asked
        for called, said, key in (
            ("weight", data.weight, "data.weight"),
            ("training_weight", data.training_weight, "data.training_weight"),
        ):
            if said is None:
                continue
            code = self._number(said, key, factor=table.scaled_up > 1)
            scaled = f" * (whole / {data.rows})" if table.scaled_up > 1 else ""
            self._script.add(f"{called} = {code}{scaled}")
        if data.weight is None and table.weights is not None:
            raise InputError("mltui code does not write weights from cross-sections yet", key="data.samples")
        if self._facts.asked.split.fold_by is not None:
            self._script.add(f"fold_of_row = {self._number(self._facts.asked.split.fold_by, 'split.fold_by')}")

    def _number(self, said: str, key: str, *, factor: bool = False) -> str:
        """A column or an expression as a floating number of each row; a factor is to stand before a times."""
        if said in self._facts.read:
            return f"data[{text(said)}]{'' if self._dtypes[said] == np.float64 else '.astype(float)'}"
        if not parse(said).names:
            return f"np.full(len(y), {self._translator.number(said, key)}, float)"
        return self._translator.floating(said, key, factor=factor)

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
        elif all(column.name in self._facts.read and not column.shape for column in numbers):
            names = [text(column.name) for column in numbers]
            self._script.enclosed("x = np.column_stack([data[name] for name in [", names, f"]]){as_float}")
        else:
            codes = [self._feature(column) for column in numbers]
            self._script.enclosed("x = np.column_stack([", codes, f"]){as_float}", own_lines=True)
        if any(column.name not in self._facts.read and self._facts.missing(column) for column in numbers):
            self._script.add("x[~np.isfinite(x)] = np.nan  # what cannot be computed is missing")

    def _feature(self, column: Column) -> str:
        if column.name not in self._facts.read:
            return self._translator.number(column.name, "data.features")
        code = f"data[{text(column.name)}]"
        return f"{code}.reshape(len(y), -1)" if column.shape else code

    def _double(self, numbers: Sequence[Column]) -> bool:
        """Whether the columns side by side come out in double precision."""
        kinds = [
            self._dtypes[column.name]
            if column.name in self._facts.read
            else self._facts.table.values[column.name].dtype
            for column in numbers
        ]
        return np.result_type(*kinds) == np.float64


def _infinite(raw: Raw) -> bool:
    return raw.values.dtype.kind == "f" and bool(np.isinf(raw.values).any())


def _number(label: str) -> float:
    number = float(label)
    return int(number) if number.is_integer() else number
