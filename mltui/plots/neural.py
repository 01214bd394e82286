"""The layers of a network as columns of neurons: what there is to draw of each, whatever a snapshot holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mltui.core.snapshot import Layers, Surface
from mltui.core.table import Floats, Integers
from mltui.plots import words
from mltui.plots.look import Look
from mltui.plots.neurons import snapped

Answer = Literal["sigmoid", "step", "softmax", "linear"]
"""What becomes of a network's output: a probability, a yes or no, one probability a class, or the value itself."""
INPUT = "input"
_LARGE = 0.95
"""The share of a layer's values that its colours tell apart; the corners of the plane may be far larger."""


@dataclass(frozen=True, eq=False)
class Column:
    """One layer, or what goes into the first.

    Attributes:
        title: what it is called. function: its activation, empty where that is unknown.
        units: how many neurons it has.
        order: shape (units,): the neurons from the top down.
        names: of the neurons, in their own order; empty where they have none.
        maps: shape (kept, rows, columns), of the first neurons; None where there are none. scale: their colours' ends.
        tinted: whether each map has the colour of its class.
        weights: shape (units, units of the column before), or None where they are not known.
        biases: shape (units,), or None.
        gradient: the length of the loss's gradient, or None.
    """

    title: str
    units: int
    order: Integers
    function: str = ""
    names: tuple[str, ...] = ()
    maps: Floats | None = None
    scale: tuple[float, float] = (-1.0, 1.0)
    tinted: bool = False
    weights: Floats | None = None
    biases: Floats | None = None
    gradient: float | None = None

    def map_of(self, unit: int) -> Floats | None:
        """Shape (rows, columns): the map of a neuron, if there is one."""
        return self.maps[unit] if self.maps is not None and unit < len(self.maps) else None

    def strength(self, unit: int) -> tuple[float | None, bool]:
        """How long a neuron's weights are, as a share of a round length above all of the layer, and its bias's sign."""
        if self.weights is None or not self.weights.size:
            return None, True
        with np.errstate(all="ignore"):
            lengths = np.sqrt((self.weights**2).sum(axis=1))
        known = lengths[np.isfinite(lengths)]
        share = float(lengths[unit]) / snapped(float(known.max())) if len(known) else math.nan
        return share, self.biases is None or not self.biases[unit] < 0


def columns(
    layers: Layers, surface: Surface | None, inputs: Sequence[str], outputs: Sequence[str], answer: Answer, look: Look
) -> list[Column]:
    """The columns of a network, from what goes in to what comes out; arrays that do not fit each other are left out.

    Args:
        surface: the model's answer over the plane, which is the map of a single output.
        inputs: the names of what goes in; outputs: of what comes out.
    """
    widths = _widths(layers)
    entered = _maps(layers, INPUT, widths[0])
    order = np.arange(widths[0])
    if entered is not None:  # those that the plane is spanned by first
        flat = np.ones(widths[0], np.bool_)
        flat[: len(entered)] = entered.min(axis=(1, 2)) == entered.max(axis=(1, 2))
        order = np.argsort(flat, kind="stable")
    found = [
        Column("inputs", widths[0], order, "", _named(inputs, widths[0], look), entered, _scale(entered)),
    ]
    last = len(layers.names) - 1
    for place, name in enumerate(layers.names):
        units, before = widths[place + 1], widths[place]
        weights, biases = _weights(layers, name, units, before)
        gradient = float(layers.gradients[place]) if place < len(layers.gradients) else None
        if place < last:
            maps = _maps(layers, name, units)
            function = layers.functions[place].replace("_", " ") if place < len(layers.functions) else ""
            column = Column(f"hidden {place + 1}", units, np.arange(units), function, (), maps, _scale(maps))
        else:
            maps, scale, tinted = _answers(layers, surface, name, units, answer)
            names = _named(outputs, units, look)
            column = Column("output", units, np.arange(units), answer, names, maps, scale, tinted)
        found.append(replace(column, weights=weights, biases=biases, gradient=gradient))
    return found


def _widths(layers: Layers) -> list[int]:
    """How many numbers go in, then how many come out of each layer; 0 where nothing tells."""
    if len(layers.widths) == len(layers.names) + 1:
        return [max(width, 0) for width in layers.widths]
    held = [layers.weights.get(name) for name in layers.names]
    widths = [0 if weights is None else weights.shape[1] for weights in held]
    return [*widths, 0 if not held or held[-1] is None else held[-1].shape[0]]


def _maps(layers: Layers, name: str, units: int) -> Floats | None:
    maps = layers.maps_of(name)
    return None if maps is None or not maps.size or len(maps) > units else maps


def _weights(layers: Layers, name: str, units: int, before: int) -> tuple[Floats | None, Floats | None]:
    """A layer's weights and biases by neuron; of several pieces of one neuron those of the largest weight."""
    weights, biases = layers.weights.get(name), layers.biases.get(name)
    pieces = len(weights) // units if weights is not None and units else 0
    if weights is None or not pieces or weights.shape != (pieces * units, before):
        return None, None
    if biases is not None and len(biases) != pieces * units:
        biases = None
    if pieces > 1:
        parts = weights.reshape(units, pieces, before)
        largest = np.abs(np.nan_to_num(parts)).argmax(axis=1)[:, None]
        weights = np.take_along_axis(parts, largest, axis=1)[:, 0]
        biases = None if biases is None else biases.reshape(units, pieces).max(axis=1)
    return weights, biases


def _answers(
    layers: Layers, surface: Surface | None, name: str, units: int, answer: Answer
) -> tuple[Floats | None, tuple[float, float], bool]:
    """The maps of the output as the model's answers, the ends of their colours, and whether each has its class's."""
    if units == 1 and surface is not None and surface.values.size and surface.values.ndim == 2:
        values = surface.values[None]
        return values, (0.0, 1.0) if answer != "linear" else spread(values), False
    maps = _maps(layers, name, units)
    if maps is None or answer == "linear" or (answer == "softmax" and len(maps) < units):
        return maps, _scale(maps), False
    with np.errstate(all="ignore"):
        if answer != "softmax":
            return 1 / (1 + np.exp(-maps)), (0.0, 1.0), False
        powers = np.exp(maps - maps.max(axis=0))
        return powers / powers.sum(axis=0), (0.0, 1.0), True


def _scale(maps: Floats | None) -> tuple[float, float]:
    """The same colours for a whole layer, so that what is weak looks weak; zero is in the middle."""
    known = np.abs(maps[np.isfinite(maps)]) if maps is not None else np.zeros(0)
    end = snapped(float(np.quantile(known, _LARGE))) if len(known) else 1.0
    return -end, end


def spread(values: Floats) -> tuple[float, float]:
    """From the lowest to the highest value, zero in the middle where it lies between, as the surface has it."""
    known = values[np.isfinite(values)]
    if not len(known):
        return -1.0, 1.0
    low, high = float(known.min()), float(known.max())
    if low < 0 < high:
        high = max(-low, high)
        low = -high
    return (low, high) if low < high else (low - 0.5, low + 0.5)


def _named(names: Sequence[str], units: int, look: Look) -> tuple[str, ...]:
    return tuple(words.clean(name, ascii=look.ascii, limit=40) for name in names) if len(names) == units else ()
