"""The rows of the data as a hidden layer sees them: at the coordinates that its neurons give them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from mltui.core.snapshot import Layers, Points
from mltui.core.table import Floats
from mltui.plots import marked, wires
from mltui.plots.axes import Axis, Frame, axis, framed, ticks_for, x_ticks_for
from mltui.plots.grid import Grid, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import Look

_CROWDED = 4
"""One cell in so many may hold a point: nothing lies under them that must be seen."""
_MESH = 7
"""So many lines of the plane are drawn in each direction."""
_LARGEST = 1e100
_STEP, _SPREAD = 0.6180339887, 0.5
"""Multiples of the golden ratio's fraction spread rows evenly."""


@dataclass(frozen=True, eq=False)
class _Sight:
    """How a layer's activations become two coordinates.

    Attributes:
        centre: shape (neurons,), and turn: shape (neurons, 2), which activations are taken by.
        names: of the two coordinates.
    """

    centre: Floats
    turn: Floats
    names: tuple[str, str]

    def __call__(self, values: Floats) -> Floats:
        """Shape (rows, 2) from (rows, neurons)."""
        with np.errstate(all="ignore"):
            return np.asarray((values - self.centre) @ self.turn)


def hidden(
    layers: Layers, layer: int, points: Points | None, classes: tuple[str, ...], width: int, height: int, look: Look
) -> list[Text]:
    """Draw the rows in the coordinates of a hidden layer: its two neurons, or its first two principal components.

    Of two inputs the plane they span is drawn too, as a mesh bent by the layer; and where a single output follows on
    two neurons, the straight line along which it is undecided.

    Args:
        layer: counted from 1.
        points: the rows that the layers were shown.
        classes: the labels; empty for a regression.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
    """
    name = layers.names[layer - 1]
    values = layers.activations_of(name)
    if points is None or values is None or not values.size or len(values) != len(points.x):
        return message("not kept: this layer has too many neurons, or the rows span no plane", width, height, look)
    with np.errstate(all="ignore"):
        whole = np.asarray((np.abs(values) < _LARGEST).all(axis=1))
    if not whole.any():
        return message("this layer gives no numbers any more: the training has diverged", width, height, look)
    sight = _sight(values[whole], points, whole)
    seen = np.full((len(values), 2), np.nan)
    seen[whole] = sight(values[whole])
    if values.shape[1] == 1:
        seen[whole, 1] = (np.arange(len(values))[whole] * _STEP) % 1 - _SPREAD
    target = points.target if points.target.ndim == 1 else points.target[:, 0]
    there = replace(points, x=seen[:, 0], y=seen[:, 1], target=target)
    return _drawn(layers, layer, sight, there, classes, Grid(width, height, look))


def about(layers: Layers, layer: int) -> str:
    """What the two coordinates of a layer are, in a few words."""
    values = layers.activations.get(layers.names[layer - 1])
    neurons = 0 if values is None else values.shape[1]
    if neurons <= 2:
        return f"{neurons} neurons" if neurons != 1 else "1 neuron"
    return f"2 main directions of {neurons} neurons"


def _sight(values: Floats, points: Points, whole: NDArray[np.bool_]) -> _Sight:
    neurons = values.shape[1]
    if neurons <= 2:
        turn = np.eye(neurons, 2)
        return _Sight(np.zeros(neurons), turn, ("neuron 1", "neuron 2" if neurons == 2 else "spread for the eye"))
    centre = values.mean(axis=0)
    size = max(float(np.abs(values - centre).max()), 1e-300)
    scaled = (values - centre) / size
    _, turn = np.linalg.eigh(scaled.T @ scaled)
    turn = turn[:, :-3:-1]
    target = points.target.reshape(len(points.x), -1)[:, 0].astype(np.float64)
    aims = [_unit(aim[whole]) for aim in (target, points.x, points.y)]
    along = np.array([[float(aim @ column) for column in (scaled @ turn).T] for aim in aims])
    # a direction has two ends: the picture must not flip
    sides = np.where((along * np.abs(along)).sum(axis=0) < 0, -1.0, 1.0)
    return _Sight(centre, turn * sides, ("1st main direction", "2nd"))


def _unit(values: Floats) -> Floats:
    """Centred and of length 1, to be asked for its side; zeros for what has no length."""
    values = np.where(np.isfinite(values), np.clip(values, -_LARGEST, _LARGEST), 0.0)
    values = values - values.mean()
    length = float(np.linalg.norm(values / (np.abs(values).max() or 1.0)))
    return values / (np.abs(values).max() or 1.0) / (length or 1.0)


def _drawn(
    layers: Layers, layer: int, sight: _Sight, there: Points, classes: tuple[str, ...], grid: Grid
) -> list[Text]:
    look = grid.look
    target = there.target[np.isfinite(there.target)]
    ends = (float(target.min()), float(target.max())) if len(target) else (0.0, 1.0)
    ends = ends if ends[0] < ends[1] else (ends[0] - 0.5, ends[0] + 0.5)
    entries = marked.class_entries(classes, there, look) if classes else marked.value_entries(*ends, look)
    mesh, boundary = _mesh(layers, layer, sight), _boundary(layers, layer)
    entries += [Entry("the plane", look.sign("··", ".."), role="axis", short="plane")] if mesh else []
    entries += [Entry("undecided", look.sign("──", ".."), role="accent", short="undec.")] if boundary else []
    rows = 1 + (grid.height >= 13 and len(entries) > 3)
    title = f"{look.sign('↑ ', '^ ')}{sight.names[1]}"
    top = legend(grid, entries, title=title, rows=rows) if grid.height >= 7 else 0
    x = axis(there.x, min(6, x_ticks_for(grid.width)))
    y = axis(there.y, ticks_for(grid.height - top - 2))
    frame = framed(grid, x, y, top=top, x_label=sight.names[0])
    if frame.width > 0 and frame.height > 0:
        _lines(grid, frame, mesh, "axis")
        _lines(grid, frame, [boundary.within(frame)] if boundary else [], "accent")
        marked.draw(grid, frame, there, len(classes), ends, _CROWDED)
    return grid.rows()


def _mesh(layers: Layers, layer: int, sight: _Sight) -> list[Floats]:
    """Lines over the plane of the two inputs, bent by the layer; none where it cannot be drawn."""
    maps, neurons = layers.maps_of(layers.names[layer - 1]), len(sight.centre)
    if maps is None or len(maps) != neurons or neurons < 2 or layers.widths[:1] != (2,):
        return []
    _, rows, columns = maps.shape
    places = sight(maps.reshape(neurons, -1).T).reshape(rows, columns, 2)
    down, along = (np.linspace(0, count - 1, _MESH).round().astype(int).tolist() for count in (rows, columns))
    return [*(places[number] for number in down), *(places[:, number] for number in along)]


@dataclass(frozen=True)
class _Boundary:
    """Where along * x + up * y + bias is 0."""

    along: float
    up: float
    bias: float

    def within(self, frame: Frame) -> Floats:
        """Shape (2, 2): two places on it, at opposite ends of a frame's axes."""
        x, y = (np.array([axis.low, axis.high]) for axis in (frame.x, frame.y))
        with np.errstate(all="ignore"):
            if abs(self.up) * np.ptp(y) >= abs(self.along) * np.ptp(x):
                return np.stack([x, -(self.bias + self.along * x) / self.up], axis=1)
            return np.stack([-(self.bias + self.up * y) / self.along, y], axis=1)


def _boundary(layers: Layers, layer: int) -> _Boundary | None:
    """Where the output that follows on two neurons is undecided; None where it has another form, or is not known."""
    if layer != len(layers.names) - 1:
        return None
    weights, biases = (held.get(layers.names[-1]) for held in (layers.weights, layers.biases))
    if weights is None or weights.shape != (1, 2) or not np.isfinite(weights).all() or not weights.any():
        return None
    bias = float(biases[0]) if biases is not None and len(biases) == 1 else 0.0
    return _Boundary(float(weights[0, 0]), float(weights[0, 1]), bias)


def _lines(grid: Grid, frame: Frame, lines: list[Floats], role: str) -> None:
    places = [
        (_cells(frame.x, line[:, 0], frame.width), frame.height - _cells(frame.y, line[:, 1], frame.height))
        for line in lines
    ]
    wires.polylines(grid, places, frame.top, frame.left, frame.height, frame.width, role)


def _cells(along: Axis, values: Floats, count: int) -> Floats:
    return along.place(values) * count
