"""From what files hold to what is meant by it: missing values out, kinds as the user says, rows that pass the cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mltui.core.errors import InputError
from mltui.core.table import Column
from mltui.data.readers.raw import Raw
from mltui.export.expressions import Translator
from mltui.export.facts import Facts
from mltui.export.origin import Origin
from mltui.export.script import WIDTH, Script, text

Types = dict[str, np.dtype[Any]]


def clean(script: Script, facts: Facts, origin: Origin, dtypes: Mapping[str, np.dtype[Any]]) -> Types:
    """Write what makes of ``data`` what is meant by it; the types of its columns then.

    Args:
        dtypes: of the columns as they were read.

    Raises:
        InputError: where that takes what a script cannot say.
    """
    return _Cleaning(script, facts, origin, dtypes).written()


def unsaid_kind(name: str) -> InputError:
    """That a kind cannot be written."""
    return InputError(
        f"data.kinds makes of the column {name} what mltui code does not write yet; it writes whole numbers as "
        "categories and labels in an order",
        key="data.kinds",
    )


class _Cleaning:
    def __init__(self, script: Script, facts: Facts, origin: Origin, dtypes: Mapping[str, np.dtype[Any]]) -> None:
        self._script, self._facts, self._origin = script, facts, origin
        self._dtypes = dict(dtypes)
        self._asked = facts.asked.data

    def written(self) -> Types:
        self._missing()
        self._kinds()
        self._precision()
        self._cut()
        return self._dtypes

    # -- what the values are -------------------------------------------------------------------------------------
    def _missing(self) -> None:
        """Values that stand for missing ones, and infinities, become NaN."""
        numbers = [float(v) for v in self._asked.missing if isinstance(v, int | float) and not isinstance(v, bool)]
        gone = [name for name, raw in self._origin.read.items() if self._changed(name, raw)]
        if gone:
            meant = " and ".join(f"{number:g}" for number in numbers)
            each = f"data[name] == {numbers[0]!r}" if len(numbers) == 1 else f"np.isin(data[name], {numbers!r})"
            stand = "stands for a missing value" if len(numbers) == 1 else "stand for missing values"
            self._each(gone, f"data[name] = np.where({each}, np.nan, data[name])", f"{meant} {stand}")
            self._dtypes |= {name: np.result_type(self._dtypes[name], np.float32) for name in gone}
        infinite = [name for name in self._dtypes if _infinite(self._origin.read[name])]
        if infinite:
            code = "data[name] = np.where(np.isinf(data[name]), np.nan, data[name])"
            self._each(infinite, code, "infinite is as good as missing")

    def _changed(self, name: str, raw: Raw) -> bool:
        """Whether a value of a column stands for a missing one.

        Raises:
            InputError: where that is one of its texts.
        """
        found = self._origin.columns[name]
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
            if name not in self._origin.read:
                continue
            raw, meant = self._origin.read[name], self._origin.columns[name]
            if raw.categories is None and meant.categories is not None:
                self._as_labels(name, raw)
            elif raw.categories is not None and meant.categories is None:
                raise unsaid_kind(name)
            column = next((each for each in self._facts.table.columns if each.name == name), None)
            if column is not None and column.kind == "ordered":
                self._ordered(name, column)

    def _as_labels(self, name: str, raw: Raw) -> None:
        if raw.values.dtype.kind not in "iu" or self._dtypes[name].kind not in "iu":
            raise unsaid_kind(name)
        self._script.add(f"data[{text(name)}] = data[{text(name)}].astype(str)  # these numbers are names")
        self._dtypes[name] = np.dtype(str)

    def _ordered(self, name: str, column: Column) -> None:
        self._script.add(f"order = {text(column.categories)}")
        places = f"order.index(label) if label in order else np.nan for label in data[{text(name)}]"
        self._script.enclosed(f"data[{text(name)}] = np.array([", [places], "])")
        self._dtypes[name] = np.dtype(np.float64)

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
        return self._origin.computed(
            self._facts.table.features, (self._asked.training_weight, self._facts.asked.split.fold_by)
        )

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

    def _cut(self) -> None:
        if not self._origin.cuts:
            return
        translator = Translator(self._origin.columns, "data")
        conditions = [each for cut, key in self._origin.cuts for each in translator.conditions(cut, key)]
        if len(self._origin.cuts) > 1:
            conditions = [each if each.endswith(")") and each.startswith("(") else f"({each})" for each in conditions]
        line = f"keep = {' & '.join(conditions)}"
        if len(line) <= WIDTH:
            self._script.add(line)
        else:
            self._script.add("keep = (", *(f"    {'& ' if n else ''}{c}" for n, c in enumerate(conditions)), ")")
        self._script.add("data = {name: values[keep] for name, values in data.items()}")


def _infinite(raw: Raw) -> bool:
    return raw.values.dtype.kind == "f" and bool(np.isinf(raw.values).any())
