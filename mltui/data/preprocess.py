"""Turns a table's features into the float32 matrix a model learns from, fitted on the training part alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import Preprocess
from mltui.core.table import Column, Floats, Table
from mltui.data.categories import Seen, encoded, indicated, indicators, seen, unseen
from mltui.data.fitting import Stream, Tell, filled, looked_at, through
from mltui.data.matrix import ALL, Chosen, chunked, inputs, matrix, width
from mltui.data.scaling import MOST_TURNED, codes_steps, learn, needs_quartiles
from mltui.data.skops_io import skops_io

AT_ONCE = 16_000_000
CHUNK = 8_000_000
"""Bytes of raw inputs that are fitted to, and that are transformed, at once."""
_TRUSTED = ("numpy.dtype",)
"""What a saved preprocessing holds beyond the types that skops itself trusts."""


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """What was learnt from a table's training rows; numbers come out first, then categories.

    A missing number is imputed, then every step of the scaling is applied in order. An ordered column is a number, its
    label's place in the order; an image is a number for each pixel. A category becomes one column for each label seen
    in training, as it is; a missing or unseen one is a row of zeros. Encoded as an ordinal it is its label's number, -1
    where missing or unseen, and is scaled too.

    Attributes:
        spec: what was asked for.
        columns: the features, as they were in training.
        stand_ins: for a missing value of each raw number, shape (raw inputs that are numbers,).
        seen: by category, the codes that occurred in training.
        steps: fitted scikit-learn transformers of the numbers.
        codes_steps: the same of ordinal categories.
        names: the columns after the transformation, in order.
    """

    spec: Preprocess
    columns: tuple[Column, ...]
    stand_ins: Floats
    seen: Mapping[str, Seen]
    steps: tuple[Any, ...]
    codes_steps: tuple[Any, ...]
    names: tuple[str, ...]

    @classmethod
    def fit(
        cls,
        table: Table,
        spec: Preprocess,
        rows: NDArray[np.integer] | None = None,
        *,
        at_once: int = AT_ONCE,
        tell: Tell = lambda share: None,
    ) -> Preprocessing:
        """Learn stand-ins, scales, quantiles, directions and categories from these rows and no others, unweighted.

        Args:
            rows: the numbers of the rows to learn from; without them, all.
            at_once: so many bytes of raw inputs are looked at together; of more, the same is learnt column by column
                and chunk by chunk.
            tell: told the share that is done, where it takes long; it may raise to give up.

        Raises:
            InputError: where there is no row or no feature, or pca is asked to turn too many inputs.
        """
        numbered = np.arange(len(table)) if rows is None else rows
        if not len(numbered) or not table.columns:
            raise InputError("there is nothing to learn from: no row or no feature is left", key="data.features")
        numbers, categories = _numbers(table.columns), _categories(table.columns)
        _check_turned(numbers, spec)
        known = {column.name: seen(table, column, numbered) for column in categories}
        fit = _Fit(table, spec, numbered, at_once, tell)
        stand_ins, steps = fit.numbers(numbers)
        codes_fitted = fit.codes(categories, known) if spec.encode == "ordinal" else ()
        names = (*_number_names(numbers, spec, steps), *_category_names(categories, known, spec))
        return cls(spec, table.columns, stand_ins, known, steps, codes_fitted, names)

    def transform(self, table: Table, rows: Chosen = ALL) -> NDArray[np.float32]:
        """Rows as a matrix, shape (rows, inputs), every entry finite.

        Categories are matched by their labels, so that a table from another file may number them otherwise.

        Args:
            rows: a slice or the numbers of the rows; without them, all.

        Raises:
            InputError: where the table lacks a feature that was learnt from.
        """
        numbered = np.arange(len(table))[rows] if isinstance(rows, slice) else rows
        made = np.empty((len(numbered), len(self.names)), np.float32)
        raw = sum(width(column) for column in self.columns)
        for part in chunked(len(numbered), 8 * max(raw, len(self.names)), CHUNK):
            start = 0
            for values in self._blocks(table, numbered[part]):
                made[part, start : start + values.shape[1]] = values
                start += values.shape[1]
        return made

    @property
    def turned(self) -> tuple[int, ...]:
        """How many principal components each pca step gives, in order."""
        return _turned_to(self.steps)

    def _blocks(self, table: Table, rows: NDArray[np.integer]) -> list[NDArray[Any]]:
        """The outputs of rows: the numbers', then the categories'."""
        found: list[NDArray[Any]] = []
        numbers, categories = _numbers(self.columns), _categories(self.columns)
        if numbers:
            found.append(through(self.steps, filled(matrix(table, numbers, rows), self.stand_ins)))
        if categories and self.spec.encode == "ordinal":
            found.append(through(self.codes_steps, encoded(table, categories, self.seen, rows)))
        elif categories:
            found += [indicated(table, column, self.seen[column.name], rows) for column in categories]
        return found

    def unseen(self, table: Table, rows: Chosen = ALL) -> dict[str, int]:
        """By category, how many of these rows have a label that no training row had; columns without are absent.

        A missing label is none. An ordered column's labels are numbers, of which only those outside its order count.

        Raises:
            InputError: where the table lacks a feature that was learnt from.
        """
        numbered = np.arange(len(table))[rows] if isinstance(rows, slice) else rows
        told = [column for column in self.columns if column.kind in ("category", "ordered")]
        found = {column.name: unseen(table, column, self.seen.get(column.name, ()), numbered) for column in told}
        return {name: count for name, count in found.items() if count}

    def save(self, folder: Path) -> None:
        """Write preprocessing.skops and preprocessing.json into a folder; nothing is pickled."""
        folder.mkdir(parents=True, exist_ok=True)
        steps = {"numbers": list(self.steps), "codes": list(self.codes_steps)}
        skops_io().dump(steps, folder / "preprocessing.skops")
        document = {
            "names": self.names,
            "scale": self.spec.scale,
            "impute": self.spec.impute,
            "encode": self.spec.encode,
            "columns": [asdict(column) for column in self.columns],
            "stand_ins": self.stand_ins.tolist(),
            "seen": self.seen,
        }
        (folder / "preprocessing.json").write_text(json.dumps(document, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Preprocessing:
        """Read back what `save` wrote.

        Raises:
            InputError: where the files are not there, damaged, or hold types that are not trusted.
        """
        try:
            document = json.loads((folder / "preprocessing.json").read_text(encoding="utf-8"))
            if "stand_ins" not in document:
                raise ValueError("an earlier mltui wrote it in another way; run the experiment again")
            steps = skops_io().load(folder / "preprocessing.skops", trusted=list(_TRUSTED))
            return cls(
                Preprocess(tuple(document["scale"]), document["impute"], document["encode"]),
                tuple(_column(entry) for entry in document["columns"]),
                np.array(document["stand_ins"], np.float64),
                {name: tuple(codes) for name, codes in document["seen"].items()},
                tuple(steps["numbers"]),
                tuple(steps["codes"]),
                tuple(document["names"]),
            )
        except Exception as error:  # skops has many ways to refuse a damaged file
            raise InputError(f"the preprocessing in {folder} cannot be read: {error}") from error


@dataclass(frozen=True)
class _Fit:
    """Learns from rows of a table: first the numbers, in two thirds of the way where there are categories too."""

    table: Table
    spec: Preprocess
    rows: NDArray[np.integer]
    at_once: int
    tell: Tell

    def numbers(self, columns: tuple[Column, ...]) -> tuple[Floats, tuple[Any, ...]]:
        """The stand-ins and the fitted steps of numbers."""
        if not columns:
            return np.zeros(0), ()
        stand_ins, quartiles = looked_at(
            self.table,
            columns,
            self.rows,
            self.spec.impute,
            quartiles=needs_quartiles(self.spec.scale),
            tell=self._told(0),
        )

        def make(rows: NDArray[np.integer]) -> Floats:
            return filled(matrix(self.table, columns, rows), stand_ins)

        return stand_ins, self._learn(self.spec.scale, make, len(stand_ins), quartiles, 1)

    def codes(self, columns: tuple[Column, ...], known: Mapping[str, Seen]) -> tuple[Any, ...]:
        """The fitted steps of ordinal categories."""
        if not columns:
            return ()

        def make(rows: NDArray[np.integer]) -> Floats:
            return encoded(self.table, columns, known, rows)

        return self._learn(codes_steps(self.spec.scale), make, len(columns), None, 2)

    def _learn(
        self, names: Sequence[str], make: Callable[[NDArray[np.integer]], Floats], inputs: int,
        quartiles: Floats | None, stage: int,
    ) -> tuple[Any, ...]:  # fmt: skip
        if not any(name != "none" for name in names):
            return ()
        stream = Stream(make, self.rows, inputs, quartiles, at_once=self.at_once, tell=self._told(stage))
        return learn(names, stream)

    def _told(self, stage: int) -> Tell:
        return lambda share: self.tell((stage + share) / 3)


def _numbers(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Those that give numbers: all but categories."""
    return tuple(column for column in columns if column.kind != "category")


def _categories(columns: Sequence[Column]) -> tuple[Column, ...]:
    return tuple(column for column in columns if column.kind == "category")


def _check_turned(numbers: Sequence[Column], spec: Preprocess) -> None:
    count = sum(width(column) for column in numbers)
    if "pca" in spec.scale and count > MOST_TURNED:
        raise InputError(
            f"preprocess.scale: pca turns at most {MOST_TURNED:,} inputs, and these data have {count:,}; "
            "choose fewer features, or another scale",
            key="preprocess.scale",
        )


def _number_names(numbers: Sequence[Column], spec: Preprocess, steps: Sequence[Any]) -> list[str]:
    """The inputs' own names, or of principal components their numbers."""
    if numbers and "pca" in spec.scale:
        return [f"pc{number}" for number in range(1, 1 + _turned_to(steps)[-1])]
    return [name for column in numbers for name in inputs(column)]


def _turned_to(steps: Sequence[Any]) -> tuple[int, ...]:
    """How many principal components each of the steps that turn gives."""
    return tuple(len(step.components_) for step in steps if hasattr(step, "components_"))


def _category_names(categories: Sequence[Column], known: Mapping[str, Seen], spec: Preprocess) -> list[str]:
    if spec.encode == "ordinal":
        return [column.name for column in categories]
    return [name for column in categories for name in indicators(column, known[column.name])]


def _column(entry: Mapping[str, Any]) -> Column:
    return Column(
        entry["name"],
        entry["kind"],
        entry["unit"],
        tuple(entry["categories"]),
        entry.get("title", ""),
        tuple(entry.get("shape", ())),
    )
