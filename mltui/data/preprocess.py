"""Turns a table's features into the float32 matrix a model learns from, fitted on the training part alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import Preprocess
from mltui.core.table import Column, Floats, Table
from mltui.data.fitting import Tell, refit, seen
from mltui.data.matrix import ALL, Chosen, chunked, inputs, matrix, width

_LARGEST = float(np.finfo(np.float32).max)
AT_ONCE = 16_000_000
CHUNK = 8_000_000
"""Bytes of raw inputs that are fitted to, and that are transformed, at once."""
_FEW = 100
"""Rows that give the transformer its form, before it learns from all of them by parts."""
_TRUSTED = ("numpy.dtype",)
"""What a saved preprocessing holds beyond the types that skops itself trusts."""


class Preprocessing:
    """A fitted scikit-learn ColumnTransformer over a table's features: numbers first, then categories.

    A missing number is imputed, then scaled. An ordered column is a number, its label's place in the order; an image
    is a number for each pixel. A category becomes one column for each label seen in training; a missing or unseen one
    is a row of zeros, or -1 before scaling where encoded as an ordinal.
    """

    def __init__(self, transformer: Any, columns: tuple[Column, ...], names: tuple[str, ...]) -> None:
        self._transformer = transformer
        self._columns = columns
        self.names = names
        """The columns after the transformation, in order."""

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
        """Learn medians, means, spreads and categories from these rows and no others.

        Args:
            rows: the numbers of the rows to learn from; without them, all.
            at_once: so many bytes of raw inputs are looked at together; of more, the same is learnt column by column
                and chunk by chunk.
            tell: told the share that is done, where it takes long; it may raise to give up.

        Raises:
            InputError: where there is no row or no feature.
        """
        from sklearn.compose import ColumnTransformer

        count = len(table) if rows is None else len(rows)
        if not count or not table.columns:
            raise InputError("there is nothing to learn from: no row or no feature is left", key="data.features")
        every: Chosen = ALL if rows is None else rows
        numbers, categories = _places(table.columns)
        whole = 8 * count * (len(numbers) + len(categories)) <= at_once
        numbered = np.arange(count) if rows is None else rows
        labels = {c.name: seen(table, c, numbered) for c in table.columns if c.kind == "category"}
        steps = []
        if numbers:
            steps.append(("numbers", _number_steps(spec), numbers))
        if categories:
            steps.append(("categories", _category_steps(spec, list(labels.values())), categories))
        transformer = ColumnTransformer(steps, sparse_threshold=0)
        with np.errstate(over="ignore", invalid="ignore"):
            transformer.fit(matrix(table, table.columns, every if whole else numbered[:_FEW]))
            if not whole:
                refit(transformer, table, table.columns, numbered, spec, tell)
        return cls(transformer, table.columns, _names(table.columns, labels, spec.encode == "onehot"))

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
        for part in chunked(len(numbered), 8 * len(self.names), CHUNK):
            with np.errstate(over="ignore", invalid="ignore"):
                found = self._transformer.transform(matrix(table, self._columns, numbered[part]))
            np.nan_to_num(found, copy=False, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
            made[part] = np.clip(found, -_LARGEST, _LARGEST, out=found)
        return made

    def save(self, folder: Path) -> None:
        """Write preprocessing.skops and preprocessing.json into a folder; nothing is pickled."""
        import skops.io

        folder.mkdir(parents=True, exist_ok=True)
        skops.io.dump(self._transformer, folder / "preprocessing.skops")
        document = {"columns": [asdict(column) for column in self._columns], "names": self.names}
        (folder / "preprocessing.json").write_text(json.dumps(document, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Preprocessing:
        """Read back what `save` wrote.

        Raises:
            InputError: where the files are not there, damaged, or hold types that are not trusted.
        """
        import skops.io

        try:
            document = json.loads((folder / "preprocessing.json").read_text(encoding="utf-8"))
            transformer = skops.io.load(folder / "preprocessing.skops", trusted=list(_TRUSTED))
            columns = tuple(_column(entry) for entry in document["columns"])
            return cls(transformer, columns, tuple(document["names"]))
        except Exception as error:  # skops has many ways to refuse a damaged file
            raise InputError(f"the preprocessing in {folder} cannot be read: {error}") from error


def _places(columns: tuple[Column, ...]) -> tuple[list[int], list[int]]:
    """The places of the raw inputs that are numbers, and of those that are categories."""
    numbers: list[int] = []
    categories: list[int] = []
    start = 0
    for column in columns:
        (categories if column.kind == "category" else numbers).extend(range(start, start + width(column)))
        start += width(column)
    return numbers, categories


def _number_steps(spec: Preprocess) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    strategy = "constant" if spec.impute == "zero" else spec.impute
    imputer = SimpleImputer(strategy=strategy, fill_value=0.0, keep_empty_features=True)
    return make_pipeline(imputer, _scaler(spec.scale))


def _category_steps(spec: Preprocess, seen: list[Floats]) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

    if spec.encode == "onehot":
        return OneHotEncoder(categories=seen, handle_unknown="ignore", sparse_output=False)
    encoder = OrdinalEncoder(categories=seen, handle_unknown="use_encoded_value", unknown_value=-1)
    return make_pipeline(encoder, _scaler(spec.scale))


def _scaler(scale: str) -> Any:
    from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, RobustScaler, StandardScaler

    return {
        "none": FunctionTransformer,
        "standard": StandardScaler,
        "minmax": MinMaxScaler,
        "robust": RobustScaler,
    }[scale]()


def _names(columns: tuple[Column, ...], seen: Mapping[str, Floats], onehot: bool) -> tuple[str, ...]:
    names = [name for column in columns if column.kind != "category" for name in inputs(column)]
    for column in columns:
        if column.kind == "category" and onehot:
            labels = [column.categories[int(code)] if np.isfinite(code) else "?" for code in seen[column.name]]
            names += [f"{column.name}={label}" for label in labels]
        elif column.kind == "category":
            names.append(column.name)
    return tuple(names)


def _column(entry: Mapping[str, Any]) -> Column:
    return Column(
        entry["name"],
        entry["kind"],
        entry["unit"],
        tuple(entry["categories"]),
        entry.get("title", ""),
        tuple(entry.get("shape", ())),
    )
