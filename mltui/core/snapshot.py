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
    """

    target: NDArray[np.generic]
    scores: Floats
    weights: Floats


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
            flat |= {
                f"scores/{part}/target": scores.target,
                f"scores/{part}/scores": scores.scores,
                f"scores/{part}/weights": scores.weights,
            }
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
        scores = {part: _scores(arrays, part) for part in sorted(parts)}
        return cls(int(arrays["step"]), scores, _surface(arrays), _points(arrays))


def _scores(arrays: Arrays, part: str) -> Scores:
    prefix = f"scores/{part}/"
    return Scores(
        arrays[prefix + "target"],
        arrays[prefix + "scores"].astype(np.float64),
        arrays[prefix + "weights"].astype(np.float64),
    )


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
