"""A snapshot: what the model says at one moment of training, as named arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Scores:
    """What a model says of one part's rows.

    Attributes:
        target: shape (rows,): class codes (int64) or the true values (float64).
        scores: shape (rows,): the positive class's probability, or the predicted value; shape (rows, classes) for
            many classes.
        weights: shape (rows,).
        process: shape (rows,), index into the run's processes; empty where the data name none.
    """

    target: NDArray[np.generic]
    scores: Floats
    weights: Floats
    process: NDArray[np.integer] = field(default_factory=lambda: np.zeros(0, np.int16))

    def __len__(self) -> int:
        return len(self.target)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Scores:
        """These rows, in this order."""
        process = self.process[rows] if len(self.process) else self.process
        return Scores(self.target[rows], self.scores[rows], self.weights[rows], process)

    def arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """Flat named arrays, as an .npz file holds them."""
        flat: dict[str, NDArray[np.generic]] = {
            f"{prefix}/target": self.target,
            f"{prefix}/scores": self.scores,
            f"{prefix}/weights": self.weights,
        }
        return flat | ({f"{prefix}/process": self.process} if len(self.process) else {})

    @classmethod
    def read(cls, arrays: Arrays, prefix: str) -> Scores:
        """From its named arrays.

        Raises:
            KeyError: where one is absent.
        """
        process = arrays.get(f"{prefix}/process", np.zeros(0, np.int16))
        return cls(
            arrays[f"{prefix}/target"],
            arrays[f"{prefix}/scores"].astype(np.float64),
            arrays[f"{prefix}/weights"].astype(np.float64),
            process.astype(np.int16),
        )


@dataclass(frozen=True)
class Surface:
    """The model's answer over the plane of two features.

    Attributes:
        values: shape (height, width), the first row at the lowest y: the positive class's probability, the predicted
            value, or with many classes the most likely class's code.
        x, y: the names of the features.
        extent: (x low, x high, y low, y high), the outer edges of the grid.
    """

    values: Floats
    x: str
    y: str
    extent: tuple[float, float, float, float]


@dataclass(frozen=True)
class Points:
    """Rows to draw in the plane of two features: their places, targets and parts (0 train, 1 validation)."""

    x: Floats
    y: Floats
    target: NDArray[np.generic]
    part: NDArray[np.int64]


@dataclass(frozen=True)
class Snapshot:
    """Everything kept of one moment. What a run cannot give is None or absent."""

    step: int
    scores: Mapping[str, Scores] = field(default_factory=dict)
    surface: Surface | None = None
    points: Points | None = None

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The snapshot as flat named arrays, as an .npz file holds them."""
        flat: dict[str, NDArray[np.generic]] = {"step": np.array(self.step)}
        for part, scores in self.scores.items():
            flat |= scores.arrays(f"scores/{part}")
        if self.surface:
            flat |= {
                "surface/values": self.surface.values,
                "surface/extent": np.array(self.surface.extent),
                "surface/names": np.array([self.surface.x, self.surface.y]),
            }
        if self.points:
            flat |= {
                "points/x": self.points.x,
                "points/y": self.points.y,
                "points/target": self.points.target,
                "points/part": self.points.part,
            }
        return flat

    @classmethod
    def read(cls, arrays: Arrays) -> Snapshot:
        """The snapshot from its named arrays.

        Raises:
            KeyError: where an array that belongs to another is absent.
        """
        parts = {name.split("/")[1] for name in arrays if name.startswith("scores/")}
        scores = {part: Scores.read(arrays, f"scores/{part}") for part in sorted(parts)}
        return cls(int(arrays["step"]), scores, _surface(arrays), _points(arrays))


def _surface(arrays: Arrays) -> Surface | None:
    if "surface/values" not in arrays:
        return None
    x, y = (str(name) for name in arrays["surface/names"])
    x_low, x_high, y_low, y_high = (float(edge) for edge in arrays["surface/extent"])
    return Surface(arrays["surface/values"].astype(np.float64), x, y, (x_low, x_high, y_low, y_high))


def _points(arrays: Arrays) -> Points | None:
    if "points/x" not in arrays:
        return None
    return Points(
        arrays["points/x"].astype(np.float64),
        arrays["points/y"].astype(np.float64),
        arrays["points/target"],
        arrays["points/part"].astype(np.int64),
    )
