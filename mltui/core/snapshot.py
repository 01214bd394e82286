"""A snapshot: what the model says at one moment of training, as named arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mltui.core.found import Found
from mltui.core.table import Floats

Arrays = Mapping[str, NDArray[np.generic]]
Kept = NDArray[np.floating]
"""Values that may come in the precision that they are kept in; read back they are double."""


@dataclass(frozen=True)
class Scores:
    """What a model says of one part's rows.

    Attributes:
        target: shape (rows,): class codes (int64) or the true values (float64); shape (rows, targets) where several
            values are predicted.
        scores: shape (rows,): the positive class's probability, or the predicted value; shape (rows, classes) for
            many classes; of the target's shape where several values are predicted.
        weights: shape (rows,).
        process: shape (rows,), index into the run's processes; empty where the data name none.
    """

    target: NDArray[np.generic]
    scores: Floats
    weights: Floats
    process: NDArray[np.integer] = field(default_factory=lambda: np.zeros(0, np.int16))

    def __len__(self) -> int:
        return len(self.target)

    @property
    def targets(self) -> int:
        """How many targets there are."""
        return 1 if self.target.ndim == 1 else self.target.shape[1]

    def of(self, target: int) -> Scores:
        """What is said of one target, given by its place: target and scores of shape (rows,); of one alone, itself."""
        if self.target.ndim == 1:
            return self
        return Scores(self.target[:, target], self.scores[:, target], self.weights, self.process)

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
    """The model's answer over the plane of two features, or along the one that there is.

    Attributes:
        values: shape (height, width), the first row at the lowest y: the positive class's probability, the predicted
            value, or with many classes the most likely class's code; shape (targets, height, width) where several
            values are predicted. Along one feature the height is 1.
        x, y: the names of the features; y is empty along one.
        extent: (x low, x high, y low, y high), the outer edges of the grid.
    """

    values: Floats
    x: str
    y: str
    extent: tuple[float, float, float, float]

    @property
    def targets(self) -> int:
        """How many targets there are."""
        return 1 if self.values.ndim == 2 else len(self.values)

    def of(self, target: int) -> Surface:
        """The surface of one target, given by its place, values of shape (height, width); of one alone, itself."""
        return self if self.values.ndim == 2 else replace(self, values=self.values[target])

    @property
    def flat(self) -> bool:
        """Whether it lies over a plane, not along a line."""
        return bool(self.y)

    def arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """Flat named arrays, as an .npz file holds them."""
        return {
            f"{prefix}/values": self.values,
            f"{prefix}/extent": np.array(self.extent),
            f"{prefix}/names": np.array([self.x, self.y]),
        }

    @classmethod
    def read(cls, arrays: Arrays, prefix: str) -> Surface | None:
        """From its named arrays; None where there are none."""
        if f"{prefix}/values" not in arrays:
            return None
        x, y = (str(name) for name in arrays[f"{prefix}/names"])
        x_low, x_high, y_low, y_high = (float(edge) for edge in arrays[f"{prefix}/extent"])
        return cls(arrays[f"{prefix}/values"].astype(np.float64), x, y, (x_low, x_high, y_low, y_high))


@dataclass(frozen=True)
class Points:
    """Rows to draw in the plane of two features: their places, targets and parts (0 train, 1 validation).

    Attributes:
        target: shape (points,), or (points, targets) where several values are predicted.
    """

    x: Floats
    y: Floats
    target: NDArray[np.generic]
    part: NDArray[np.int64]

    @property
    def targets(self) -> int:
        """How many targets there are."""
        return 1 if self.target.ndim == 1 else self.target.shape[1]

    def of(self, target: int) -> Points:
        """The points with one target, given by its place; with one alone, themselves."""
        return self if self.target.ndim == 1 else replace(self, target=self.target[:, target])


@dataclass(frozen=True)
class Layers:
    """What a network holds at one moment, layer by layer in the order that data pass through.

    Attributes:
        names: of the layers that have weights.
        weights: by layer, shape (outputs, inputs); absent where the network is too large to keep them.
        biases: by layer, shape (outputs,); likewise, and of layers that have none.
        gradients: shape (layers,): the Euclidean norm of the training loss's gradient in each layer's weights and
            biases, on some rows of the training part, the same ones every time, with dropout off.
        activations: by hidden layer, shape (points, width): what it makes of the points drawn in the plane, after its
            activation, in half precision; absent where there is no plane, or the layers are too wide.
        widths: how many numbers go into the first layer, then how many come out of each; empty in snapshots from
            before it was kept.
        functions: by layer, the name of its activation, such as tanh; linear where it has none. Empty likewise.
        maps: under ``input`` what goes in, and by layer what comes out, over the plane: shape (neurons, rows, columns),
            the first row at the lowest y, within the extent of the surface; of wide layers the first neurons only. The
            output is the raw one, before any sigmoid or softmax; of a regression in units of the target's spread from
            its mean. Half precision, too. Absent where there is no plane.
    """

    names: tuple[str, ...]
    weights: Mapping[str, Floats] = field(default_factory=dict)
    biases: Mapping[str, Floats] = field(default_factory=dict)
    gradients: Floats = field(default_factory=lambda: np.zeros(0))
    activations: Mapping[str, Kept] = field(default_factory=dict)
    widths: tuple[int, ...] = ()
    functions: tuple[str, ...] = ()
    maps: Mapping[str, Kept] = field(default_factory=dict)

    def activations_of(self, layer: str) -> Floats | None:
        """A hidden layer's activations in double precision; None where there are none."""
        return _doubled(self.activations.get(layer))

    def maps_of(self, layer: str) -> Floats | None:
        """A layer's maps in double precision; None where there are none."""
        return _doubled(self.maps.get(layer))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Flat named arrays, as an .npz file holds them; single precision, and less, is enough for the eye."""
        flat: dict[str, NDArray[np.generic]] = {
            "layers/names": np.array(self.names, np.str_),
            "layers/gradients": self.gradients,
            "layers/widths": np.array(self.widths, np.int64),
            "layers/functions": np.array(self.functions, np.str_),
        }
        for kind, precision in _BY_LAYER.items():
            held: Mapping[str, Kept] = getattr(self, kind)
            flat |= {f"layers/{kind}/{name}": _rounded(values, precision) for name, values in held.items()}
        return flat

    @classmethod
    def read(cls, arrays: Arrays) -> Layers:
        """From its named arrays.

        Raises:
            KeyError: where one is absent.
        """
        held: dict[str, dict[str, Floats]] = {kind: {} for kind in _BY_LAYER}
        for key, values in arrays.items():
            section, _, rest = key.partition("/")
            kind, _, name = rest.partition("/")
            if section == "layers" and name and kind in held:
                held[kind][name] = values.astype(np.float64)
        names = tuple(str(name) for name in arrays["layers/names"])
        widths = tuple(int(width) for width in arrays.get("layers/widths", ()))
        functions = tuple(str(function) for function in arrays.get("layers/functions", ()))
        gradients = arrays["layers/gradients"].astype(np.float64)
        return cls(names, gradients=gradients, widths=widths, functions=functions, **held)


_BY_LAYER: Mapping[str, type[np.floating]] = {
    "weights": np.float32, "biases": np.float32, "activations": np.float16, "maps": np.float16,
}  # fmt: skip


def _doubled(values: Kept | None) -> Floats | None:
    return None if values is None else values.astype(np.float64)


def _rounded(values: Kept, precision: type[np.floating]) -> Kept:
    """In less precision; what is too large for it becomes the largest that there is."""
    if values.dtype == precision:
        return values
    most = float(np.finfo(precision).max)
    return np.clip(values, -most, most).astype(precision)


@dataclass(frozen=True)
class Snapshot:
    """Everything kept of one moment. What a run cannot give is None or absent.

    Attributes:
        folds: by part of a run with folds the one that held each row out, from 0, shape (rows,). seeds: by part of a
            run with seeds what each of its models says, shape (rows, seeds). Both only at its end, with the scores of
            all rows, and not among the arrays.
    """

    step: float
    scores: Mapping[str, Scores] = field(default_factory=dict)
    surface: Surface | None = None
    points: Points | None = None
    layers: Layers | None = None
    found: Found | None = None
    folds: Mapping[str, NDArray[np.integer]] = field(default_factory=dict)
    seeds: Mapping[str, NDArray[np.floating]] = field(default_factory=dict)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The snapshot as flat named arrays, as an .npz file holds them."""
        flat: dict[str, NDArray[np.generic]] = {"step": np.array(self.step)}
        for part, scores in self.scores.items():
            flat |= scores.arrays(f"scores/{part}")
        if self.surface:
            flat |= self.surface.arrays("surface")
        if self.points:
            flat |= {
                "points/x": self.points.x,
                "points/y": self.points.y,
                "points/target": self.points.target,
                "points/part": self.points.part,
            }
        if self.layers:
            flat |= self.layers.arrays()
        if self.found:
            flat |= self.found.arrays()
        return flat

    @classmethod
    def read(cls, arrays: Arrays) -> Snapshot:
        """The snapshot from its named arrays.

        Raises:
            KeyError: where an array that belongs to another is absent.
        """
        parts = {name.split("/")[1] for name in arrays if name.startswith("scores/")}
        scores = {part: Scores.read(arrays, f"scores/{part}") for part in sorted(parts)}
        layers = Layers.read(arrays) if "layers/names" in arrays else None
        found = Found.read(arrays)
        return cls(_step(arrays["step"]), scores, Surface.read(arrays, "surface"), _points(arrays), layers, found)


def _step(value: NDArray[np.generic]) -> float:
    step = float(value)
    return int(step) if step.is_integer() else step


def _points(arrays: Arrays) -> Points | None:
    if "points/x" not in arrays:
        return None
    return Points(
        arrays["points/x"].astype(np.float64),
        arrays["points/y"].astype(np.float64),
        arrays["points/target"],
        arrays["points/part"].astype(np.int64),
    )
