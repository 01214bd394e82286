"""The network: what each neuron computes, how the layers are joined, what gradient reaches them, and what they see."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.text import Text

from mltui.core.snapshot import Layers
from mltui.plots.neural import Answer
from mltui.plots.words import count
from mltui.views.base import Key, View
from mltui.views.derived import at_moment, looked_back, names
from mltui.views.numbers_of import Numbers, Table
from mltui.views.scrolling import FAR
from mltui.views.shown import Shown


class NetworkView(View):
    """The network's layers side by side; neurons that find no room scroll."""

    name = "network"
    title = "Network"
    tab = "Net"
    pace = 0.5
    help = (
        "Shows the network from its inputs on the left to its output on the right. Each small picture is one neuron: "
        "what it gives everywhere in the plane of the surface, orange above zero, blue below. Lines are weights, "
        "thicker where they are larger, orange above zero, blue and dashed below; where they are many, the small ones "
        "are left out. Above each layer stand its neurons, its activation, and how long the gradient of the loss is in "
        "its weights; the bar is logarithmic, empty at 0.000001 and full at 1.\n\n"
        "In the first layer every neuron is a straight edge; the next ones combine edges to corners, rings and "
        "islands. A neuron that is the same everywhere does nothing. Where the gradient is much smaller in the "
        "first layers than in the last, they hardly learn: it vanishes on its way back, as in deep sigmoid nets.\n\n"
        "h shows what a hidden layer makes of your rows: each at the place that its two neurons give it, or, of more, "
        "along the two directions in which the rows differ most. There the grey mesh is the plane itself, bent by the "
        "layer. The last layer has to lay the classes so that a straight line parts them.\n\n"
        "Try next: circles with hidden_layers 4, 2 and tanh; press h twice, go back in time with , and see the plane "
        "unfold. Then 8, 8, 8, 8 with sigmoid and with relu, and compare the bars. Arrows up and down scroll through "
        "wide layers."
    )
    keys = (
        Key("down,j", "scroll", 1, "Later neurons"),
        Key("up,k", "scroll", -1, "Earlier neurons"),
        Key("pagedown", "scroll", 8, "Much later neurons"),
        Key("pageup", "scroll", -8, "Much earlier neurons"),
        Key("home", "scroll", -FAR, "First neurons"),
        Key("end", "scroll", FAR, "Last neurons"),
    )
    wheel = ("scroll", 1)

    def __init__(self) -> None:
        self._first = 0

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether the run's model is a network, as far as it has said."""
        started = shown.state.started
        return not started or started.get("engine") == "network" or cls.ready(shown)

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the moment looked at holds layers."""
        return _layers(shown) is not None

    @classmethod
    def heading(cls, shown: Shown) -> str:
        """Whose sight of the rows it is, where it is not the network itself."""
        layer = shown.hidden_layer
        return f"Hidden layer {layer} of {shown.hidden_layers}" if layer else cls.title

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The layers' sizes, or what the axes are; and the step it stands at when that is not the present."""
        from mltui.plots.hidden import about

        layers = _layers(shown)
        assert layers is not None
        words = about(layers, shown.hidden_layer) if shown.hidden_layer else _sizes(layers)
        return at_moment(words, shown)

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.phase == "waiting":
            return "Press r to run: the network will stand here, with what each neuron computes."
        return "The network comes with the first picture of the model; runs of earlier versions have none."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """Layers, surface and points, by identity."""
        snapshot = shown.snapshot
        moment = (snapshot.layers, snapshot.surface, snapshot.points) if snapshot else ()
        return (moment, shown.classes)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The moment looked back at, whose sight it is, and the target."""
        return (*super().by_hand(shown), *looked_back(shown), shown.hidden_layer, shown.of_target)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The network, or a hidden layer's sight of the rows."""
        snapshot, layers = shown.snapshot, _layers(shown)
        assert snapshot is not None
        assert layers is not None
        if shown.hidden_layer:
            from mltui.plots.hidden import hidden

            classes = shown.classes if shown.task == "classification" else ()
            points = snapshot.points
            if points is not None:
                points = points.of(shown.among(points.targets))
            return hidden(layers, shown.hidden_layer, points, classes, width, height, shown.look)
        from mltui.plots.network import network

        inputs, outputs = names(shown)
        surface = snapshot.surface if snapshot.surface and snapshot.surface.flat else None
        return network(layers, surface, inputs, outputs, _answer(shown), width, height, shown.look, first=self._first)

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """The weights as they are kept, the bias as that of input 0, and each layer's gradient."""
        layers = _layers(shown)
        assert layers is not None
        rows: list[tuple[str, int, int, float]] = []
        for name, weights in layers.weights.items():
            rows += [(name, neuron + 1, place + 1, weight) for (neuron, place), weight in np.ndenumerate(weights)]
            rows += [(name, neuron + 1, 0, bias) for neuron, bias in enumerate(layers.biases.get(name, ()))]
        titles = ("layer", "neuron", "input", "weight")
        columns: dict[str, list[Any]] = {title: [row[place] for row in rows] for place, title in enumerate(titles)}
        gradients: dict[str, Any] = {"layer": list(layers.names), "gradient": layers.gradients}
        named = Table("gradients", gradients, "bar", "layer", "layer", "length of the gradient", log_y=True)
        return Numbers({"layers": len(layers.names)}, (named, Table("weights", columns)))

    def scroll(self, by: int, shown: Shown, width: int, height: int) -> None:
        """To later neurons, or by a negative number to earlier ones."""
        from mltui.plots.network import scrolls

        layers = _layers(shown)
        furthest = scrolls(layers, width, height, shown.look) if layers else 0
        self._first = max(0, min(min(self._first, furthest) + by, furthest))


def _layers(shown: Shown) -> Layers | None:
    layers = shown.snapshot.layers if shown.snapshot else None
    return layers if layers and layers.names else None


def _sizes(layers: Layers) -> str:
    """How many numbers go in and come out of each layer, and how many weights that makes."""
    if not layers.widths:
        return count(len(layers.names), "layer")
    weights = sum(values.size for held in (layers.weights, layers.biases) for values in held.values())
    sizes = " → ".join(map(str, layers.widths)) if len(layers.widths) <= 6 else count(len(layers.names), "layer")
    return f"{sizes}  {count(weights, 'weight')}" if weights else sizes


def _answer(shown: Shown) -> Answer:
    if shown.task != "classification":
        return "linear"
    if shown.state.started.get("model") == "perceptron":
        return "step"
    return "softmax" if len(shown.classes) > 2 else "sigmoid"
