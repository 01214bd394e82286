"""The sample: the raw rows of which every snapshot of a run holds the scores, as named arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.snapshot import Arrays, Surface
from mltui.core.table import Column, Floats, Integers

Place = tuple[str, str, int]
"""Where an event lies: the file, the tree in it or nothing, and the entry from 0. It outlives the run."""
_TEXTS = "name", "kind", "unit", "title"


@dataclass(frozen=True)
class SampleRows:
    """One part's rows of the sample, in the order of `Snapshot.scores` of that part.

    Attributes:
        values: by column name, shape (rows,), as `Table.values` has them.
        target: shape (rows,): class codes or values; shape (rows, targets) for several targets.
        weights: shape (rows,).
        file: shape (rows,), index into the files of the `Sample`. entry: shape (rows,), the row's number in its file.
        process: shape (rows,), index into its processes; empty where the data name none.
        whole: how many rows the part has that these were drawn from.
        pixels: of an image or a signal, shape (rows, height, width) or (rows, length), 0 to 255 from one end of the
            scale of the `Sample` to the other; None where there is none.
    """

    values: Mapping[str, NDArray[np.generic]]
    target: NDArray[np.generic]
    weights: Floats
    file: Integers
    entry: Integers
    process: NDArray[np.integer] = field(default_factory=lambda: np.zeros(0, np.int16))
    whole: int = 0
    pixels: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.target)


@dataclass(frozen=True)
class Sample:
    """The raw rows of which the snapshots hold the scores; never any of the sealed test part.

    Attributes:
        columns: the scalar variables before any preprocessing, the features first.
        parts: their rows by part; with folds those of the first model, whose snapshots are kept.
        features: how many of the columns the model is given; the others were only read beside them.
        left_out: how many more variables there are for which there was no room, or which are no scalars.
        image: the column of images or signals that the rows have pixels of, where there is one; scale: what 0 and 255
            of those pixels stand for.
        files: that rows came from. trees: the tree in each of them, where samples name any; else none.
        processes: what `process` is an index into.
        classes: the labels that class codes stand for. targets: the names of several targets; else none.
        truth: the best answer that there can be, over the plane that the snapshots' surfaces lie over; None where the
            law that the rows are drawn by is not known.
    """

    columns: tuple[Column, ...]
    parts: Mapping[str, SampleRows]
    features: int = 0
    left_out: int = 0
    files: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    truth: Surface | None = None
    image: Column | None = None
    scale: tuple[float, float] = (0.0, 1.0)

    def place(self, part: str, row: int) -> Place:
        """Where a row of a part came from."""
        rows = self.parts[part]
        file = int(rows.file[row])
        return self.files[file], self.trees[file] if self.trees else "", int(rows.entry[row])

    def find(self, place: Place) -> tuple[str, int] | None:
        """The part and the row that came from there; None where the sample does not have it."""
        file, tree, entry = place
        trees = self.trees or ("",) * len(self.files)
        codes = [code for code, known in enumerate(zip(self.files, trees, strict=True)) if known == (file, tree)]
        for part, rows in self.parts.items():
            found = np.flatnonzero(np.isin(rows.file, codes) & (rows.entry == entry))
            if len(found):
                return part, int(found[0])
        return None

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Flat named arrays, as an .npz file holds them."""
        flat: dict[str, NDArray[np.generic]] = {
            f"columns/{text}": np.array([getattr(column, text) for column in self.columns], np.str_) for text in _TEXTS
        }
        for number, column in enumerate(self.columns):
            if column.categories:
                flat[f"categories/{number}"] = np.array(column.categories, np.str_)
        flat["counts"] = np.array([self.features, self.left_out], np.int64)
        flat |= {
            name: np.array(getattr(self, name), np.str_)
            for name in ("files", "trees", "processes", "classes", "targets")
        }
        if self.image is not None:
            flat["image"] = np.array([getattr(self.image, text) for text in _TEXTS], np.str_)
            flat["scale"] = np.array(self.scale, np.float64)
        for part, rows in self.parts.items():
            flat |= self._of_part(f"parts/{part}", rows)
        return flat | (self.truth.arrays("truth") if self.truth else {})

    def _of_part(self, prefix: str, rows: SampleRows) -> dict[str, NDArray[np.generic]]:
        values = {f"{prefix}/values/{n}": rows.values[column.name] for n, column in enumerate(self.columns)}
        values |= {} if rows.pixels is None else {f"{prefix}/pixels": rows.pixels}
        return values | {
            f"{prefix}/target": rows.target,
            f"{prefix}/weights": rows.weights,
            f"{prefix}/file": rows.file,
            f"{prefix}/entry": rows.entry,
            f"{prefix}/process": rows.process,
            f"{prefix}/whole": np.array(rows.whole, np.int64),
        }

    @classmethod
    def read(cls, arrays: Arrays) -> Sample:
        """From its named arrays.

        Raises:
            KeyError: where one is absent.
            ValueError: where the texts about the columns are not equally many, or a kind is not known.
        """
        columns = tuple(_columns(arrays))
        parts = dict.fromkeys(name.split("/")[1] for name in arrays if name.startswith("parts/"))
        features, left_out = (int(count) for count in arrays["counts"])
        return cls(
            columns,
            {part: _part(arrays, f"parts/{part}", columns) for part in parts},
            features,
            left_out,
            files=_texts(arrays["files"]),
            trees=_texts(arrays["trees"]),
            processes=_texts(arrays["processes"]),
            classes=_texts(arrays["classes"]),
            targets=_texts(arrays["targets"]),
            truth=Surface.read(arrays, "truth"),
            **_image(arrays),
        )


def _image(arrays: Arrays) -> dict[str, Any]:
    if "image" not in arrays:
        return {}
    name, kind, unit, title = _texts(arrays["image"])
    if kind != "image":
        raise ValueError(f"{kind} is no kind of a column of images")
    low, high = (float(end) for end in arrays["scale"])
    return {"image": Column(name, "image", unit, title=title), "scale": (low, high)}


def _columns(arrays: Arrays) -> list[Column]:
    told = [_texts(arrays[f"columns/{text}"]) for text in _TEXTS]
    columns = []
    for number, (name, kind, unit, title) in enumerate(zip(*told, strict=True)):
        if kind not in ("number", "ordered", "category"):
            raise ValueError(f"{kind} is no kind of a scalar column")
        categories = _texts(arrays[f"categories/{number}"]) if f"categories/{number}" in arrays else ()
        columns.append(Column(name, kind, unit, categories, title))
    return columns


def _part(arrays: Arrays, prefix: str, columns: tuple[Column, ...]) -> SampleRows:
    return SampleRows(
        {column.name: arrays[f"{prefix}/values/{number}"] for number, column in enumerate(columns)},
        arrays[f"{prefix}/target"],
        arrays[f"{prefix}/weights"].astype(np.float64),
        arrays[f"{prefix}/file"].astype(np.int64),
        arrays[f"{prefix}/entry"].astype(np.int64),
        arrays[f"{prefix}/process"].astype(np.int16),
        int(arrays[f"{prefix}/whole"]),
        arrays.get(f"{prefix}/pixels"),  # type: ignore[arg-type]
    )


def _texts(array: NDArray[np.generic]) -> tuple[str, ...]:
    return tuple(str(text) for text in array)
