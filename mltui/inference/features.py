"""What a run's models take from new rows: columns, expressions, the cut, the fold; checked, and made into a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError, nearest
from mltui.core.sections import Data, Task
from mltui.core.table import Column, Table
from mltui.data.expression import Expression, ExpressionError, parse
from mltui.data.kinds import number_labels
from mltui.data.readers.raw import Field, Raw
from mltui.data.stack import family, picked
from mltui.inference.members import Members

_KEY = "data.features"
_HOLDS = {"numbers": "numbers", "text": "text", "dates": "dates", "images": "images", "lists": "a list in each row"}


@dataclass(frozen=True)
class Features:
    """What is needed of each row.

    Attributes:
        learnt: the features as they were in training.
        data: the run's own [data] section.
        fold_by: the expression that gives a new row's fold, where its fold's model scores it; else None.
        classes: the labels, none for regression.
    """

    learnt: tuple[Column, ...]
    data: Data
    fold_by: str | None
    classes: tuple[str, ...]
    task: Task

    @classmethod
    def of(cls, members: Members, classes: tuple[str, ...]) -> Features:
        """Those of a run's models.

        Raises:
            InputError: where the first model cannot be read back.
        """
        first = members.member(members.together[0])
        fold_by = None if members.refit else members.experiment.split.fold_by
        task: Task = "classification" if classes else "regression"
        return cls(first.preprocessing.columns, members.experiment.data, fold_by, classes, task)

    def kinds(self, names: Iterable[str]) -> dict[str, Any]:
        """What data.kinds has to say of these columns: what the run said, and labels that look like numbers."""
        there = set(names)
        said = {name: kind for name, kind in self.data.kinds.items() if name in there}
        for column in self.learnt:
            if column.name not in there or column.name in said:
                continue
            if column.kind == "ordered":
                said[column.name] = column.categories
            elif column.kind == "category" and all(map(_is_number, column.categories)):
                said[column.name] = "category"
        return said

    def bound(self, fields: Mapping[str, Field], where: str) -> Bound:
        """What to read where these columns are.

        Args:
            where: the name of the file, for a sentence.

        Raises:
            InputError: naming the file and the column that is missing, cannot be used, or is of another kind.
        """
        expressions = {column.name: self._meant(column.name, fields, where) for column in self.learnt}
        fold_by = None if self.fold_by is None else self._said(self.fold_by, fields, where, "split.fold_by")
        cut = None
        if self.data.cut is not None:
            cut = self._said(self.data.cut, fields, where, "data.cut", condition=True)
        return Bound(self, dict(fields), where, expressions, cut, fold_by)

    def check_names(self, names: Iterable[str], where: str) -> None:
        """See that a file without a row has what is needed of it, as far as the names of its columns tell.

        Raises:
            InputError: naming the file and the column that is missing.
        """
        fields = {name: Field(name) for name in names}
        asked = [("the model learnt from", column.name) for column in self.learnt]
        asked += [("split.fold_by needs", self.fold_by)] if self.fold_by is not None else []
        asked += [("data.cut needs", self.data.cut)] if self.data.cut is not None else []
        for why, text in asked:
            for name in () if text in fields else parse(text).names:
                if name not in fields:
                    raise _lacks(name, fields, where, why)

    def _meant(self, name: str, fields: Mapping[str, Field], where: str) -> Expression | None:
        """A feature as an expression; None where it is a column."""
        if name in fields:
            _check_usable(name, fields, where, "the model learnt from")
            return None
        try:
            expression = parse(name)
        except ExpressionError:
            raise _lacks(name, fields, where, "the model learnt from") from None
        if expression.names == (name,):
            raise _lacks(name, fields, where, "the model learnt from")
        return _fitting(expression, fields, where, _KEY)

    def _said(
        self, text: str, fields: Mapping[str, Field], where: str, key: str, *, condition: bool = False
    ) -> Expression:
        """An expression of the experiment; of a column's name with strange signs too."""
        expression = parse(f"`{text}`" if text in fields else text)
        return _fitting(expression, fields, where, key, condition=condition)


@dataclass(frozen=True)
class Bound:
    """The features of a run among the columns of one file.

    Attributes:
        where: the file's name. expressions: by feature, None for a plain column.
    """

    features: Features
    fields: Mapping[str, Field]
    where: str
    expressions: Mapping[str, Expression | None]
    cut: Expression | None
    fold_by: Expression | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to read, each once."""
        every = [*self.expressions.values(), self.cut, self.fold_by]
        plain = [name for name, expression in self.expressions.items() if expression is None]
        return tuple(dict.fromkeys([*plain, *(name for e in every if e is not None for name in e.names)]))

    def table(self, columns: Mapping[str, Raw], rows: int) -> tuple[NDArray[np.bool_], Table]:
        """Which rows the cut leaves, shape (rows,), and the table of those, without a target.

        Args:
            columns: those in `columns`, with missing values out and of the kinds that the user says.

        Raises:
            InputError: where a column holds something else than in training, or only the rows tell that an
                expression does not fit.
        """
        kept = np.ones(rows, np.bool_)
        if self.cut is not None:
            kept = self._told("data.cut", self.cut, columns, rows, condition=True)
            if not kept.all():
                columns = {name: picked(raw, kept) for name, raw in columns.items()}
        left = int(kept.sum())
        made, values = [], {}
        for learnt in self.features.learnt:
            expression = self.expressions[learnt.name]
            if expression is None:
                raw = self._suited(learnt, columns[learnt.name])
            else:
                raw = Raw(self._told(_KEY, expression, columns, left))
            made.append(replace(learnt, categories=raw.categories or ()))
            values[learnt.name] = raw.values
        others = {}
        if self.fold_by is not None:
            text = str(self.features.fold_by)
            others[text] = self._told("split.fold_by", self.fold_by, columns, left)
        return kept, Table(
            columns=tuple(made),
            values=values,
            task=self.features.task,
            target=np.zeros(left),
            target_name="",
            classes=self.features.classes,
            others=others,
        )

    def _told(
        self, key: str, expression: Expression, columns: Mapping[str, Raw], rows: int, *, condition: bool = False
    ) -> NDArray[Any]:
        try:
            return expression.holds(columns, rows) if condition else expression.evaluate(columns, rows)
        except ExpressionError as error:
            raise InputError(f"{self.where}: {key}: {error.sentence}", key=key) from None

    def _suited(self, learnt: Column, raw: Raw) -> Raw:
        """The column in the form that it had in training; one without any value has it whatever it is.

        Raises:
            InputError: where it holds something else.
        """
        found = family(raw)
        if found == "nothing" and raw.offsets is None and not learnt.shape:
            return _empty(learnt, len(raw))
        if found == "text" and learnt.kind in ("category", "ordered"):
            return raw
        if found == "images" and raw.values.shape[1:] == learnt.shape:
            return raw
        if found in ("numbers", "dates") and learnt.kind == "number" and self._dated(learnt, raw):
            return raw
        was = "dates" if learnt.kind == "number" and self._is_date(learnt) else _was(learnt)
        holds = _HOLDS.get(found, found)
        raise InputError(
            f"{self.where}: the column {learnt.name} holds {holds}, and the model learnt it as {was}", key=_KEY
        )

    def _dated(self, learnt: Column, raw: Raw) -> bool:
        """Whether dates stand where dates stood, and numbers where numbers did."""
        return raw.date == self._is_date(learnt) or learnt.name in self.features.data.titles

    def _is_date(self, learnt: Column) -> bool:
        """A date is a number of days, the unit that only a file's own word could have given a number."""
        field = self.fields.get(learnt.name)
        return learnt.unit == "d" and (field is None or field.unit != "d")


def _empty(learnt: Column, rows: int) -> Raw:
    if learnt.kind == "number":
        return Raw(np.full(rows, np.nan))
    return Raw(np.full(rows, -1, np.int32), ())


def _was(learnt: Column) -> str:
    if learnt.shape:
        return f"images of {' x '.join(str(side) for side in learnt.shape)}"
    return "numbers" if learnt.kind == "number" else "labels"


def _is_number(label: str) -> bool:
    try:
        return number_labels(np.array([float(label)])) != [""]
    except ValueError:
        return False


def _lacks(name: str, fields: Mapping[str, Field], where: str, why: str) -> InputError:
    return InputError(f"{where} has no column {name!r}, which {why}; {nearest(name, fields)}", key=_KEY)


def _check_usable(name: str, fields: Mapping[str, Field], where: str, why: str) -> None:
    if fields[name].kind == "unusable":
        raise InputError(f"{where}: the column {name}, which {why}, cannot be used, it {fields[name].why}", key=_KEY)


def _fitting(
    expression: Expression, fields: Mapping[str, Field], where: str, key: str, *, condition: bool = False
) -> Expression:
    """The expression, once the columns that it needs are there."""
    what = f"the feature {expression.text} needs" if key == _KEY else f"{key} needs"
    for name in expression.names:
        if name not in fields:
            raise _lacks(name, fields, where, what)
        _check_usable(name, fields, where, what)
    try:
        expression.check(fields, condition=condition)
    except ExpressionError as error:
        raise InputError(f"{where}: {key}: {error.sentence}", key=key) from None
    return expression
