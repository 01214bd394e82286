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

_LARGEST = float(np.finfo(np.float32).max)
_TRUSTED = ("numpy.dtype",)
"""What a saved preprocessing holds beyond the types that skops itself trusts."""


class Preprocessing:
    """A fitted scikit-learn ColumnTransformer over a table's features: numbers first, then categories.

    A missing number is imputed, then scaled. A category becomes one column for each label seen in training; a missing
    or unseen one is a row of zeros, or -1 before scaling where encoded as an ordinal.
    """

    def __init__(self, transformer: Any, columns: tuple[Column, ...], names: tuple[str, ...]) -> None:
        self._transformer = transformer
        self._columns = columns
        self.names = names
        """The columns after the transformation, in order."""

    @classmethod
    def fit(cls, table: Table, spec: Preprocess) -> Preprocessing:
        """Learn medians, means, spreads and categories from these rows and no others.

        Raises:
            InputError: where there is no row or no feature.
        """
        from sklearn.compose import ColumnTransformer

        if not len(table) or not table.columns:
            raise InputError("there is nothing to learn from: no row or no feature is left", key="data.features")
        matrix = _matrix(table, table.columns)
        numbers = [i for i, column in enumerate(table.columns) if column.kind == "number"]
        categories = [i for i, column in enumerate(table.columns) if column.kind == "category"]
        seen = [_seen(matrix[:, i]) for i in categories]
        steps = []
        if numbers:
            steps.append(("numbers", _number_steps(spec), numbers))
        if categories:
            steps.append(("categories", _category_steps(spec, seen), categories))
        transformer = ColumnTransformer(steps, sparse_threshold=0)
        with np.errstate(over="ignore", invalid="ignore"):
            transformer.fit(matrix)
        labels = {table.columns[i].name: codes for i, codes in zip(categories, seen, strict=True)}
        return cls(transformer, table.columns, _names(table.columns, labels, spec.encode == "onehot"))

    def transform(self, table: Table) -> NDArray[np.float32]:
        """The rows as a matrix, shape (rows, inputs), every entry finite.

        Categories are matched by their labels, so that a table from another file may number them otherwise.

        Raises:
            InputError: where the table lacks a feature that was learnt from.
        """
        inputs = len(self.names)
        if not len(table):
            return np.zeros((0, inputs), np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            matrix = self._transformer.transform(_matrix(table, self._columns))
        finite: Floats = np.nan_to_num(matrix, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
        return np.clip(finite, -_LARGEST, _LARGEST).astype(np.float32)

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


def _matrix(table: Table, columns: tuple[Column, ...]) -> Floats:
    """The raw features as numbers, shape (rows, features): NaN for a missing number, -1 for a missing category."""
    matrix = np.empty((len(table), len(columns)))
    present = {column.name: column for column in table.columns}
    for i, column in enumerate(columns):
        if column.name not in present:
            raise InputError(f"the column {column.name} that the model learnt from is not there", key="data.features")
        values = table.values[column.name]
        if column.kind == "category":
            values = _recoded(values, present[column.name].categories, column.categories)
        matrix[:, i] = values
    return matrix


def _recoded(codes: NDArray[np.generic], given: tuple[str, ...], known: tuple[str, ...]) -> NDArray[np.generic]:
    """Codes into one list of labels as codes into another; -1 where the other lacks the label."""
    if given == known:
        return codes
    places = {label: code for code, label in enumerate(known)}
    return np.array([*(places.get(label, -1) for label in given), -1])[codes.astype(np.int64)]


def _seen(codes: Floats) -> Floats:
    """The codes that occur, sorted; one that cannot occur where all are missing."""
    seen = np.unique(codes[codes >= 0])
    return seen if len(seen) else np.array([np.inf])


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
    names = [column.name for column in columns if column.kind == "number"]
    for column in columns:
        if column.kind == "category" and onehot:
            labels = [column.categories[int(code)] if np.isfinite(code) else "?" for code in seen[column.name]]
            names += [f"{column.name}={label}" for label in labels]
        elif column.kind == "category":
            names.append(column.name)
    return tuple(names)


def _column(entry: Mapping[str, Any]) -> Column:
    return Column(entry["name"], entry["kind"], entry["unit"], tuple(entry["categories"]))
