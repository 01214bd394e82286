"""The network and a hidden layer's sight as pictures: what stands where, and what a newcomer can read off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from rich.text import Text

from mltui.core.snapshot import Layers, Points, Surface
from mltui.plots.hidden import hidden
from mltui.plots.look import Look
from mltui.plots.network import network, scrolls

SIZES = [(36, 8), (76, 18), (106, 14), (150, 50)]
ASCII = Look(ascii=True, colours="none")
Y, X = np.mgrid[-1:1:20j, -1:1:20j]


def layers(*widths: int, function: str = "tanh", maps: bool = True, seed: int = 0) -> Layers:
    """A network of these sizes over the square of its first two inputs, as it would be after its first weights."""
    random = np.random.default_rng(seed)
    names = (*(f"hidden_{n}" for n in range(1, len(widths) - 1)), "output")
    weights = {n: random.normal(size=(o, i)) for n, i, o in zip(names, widths, widths[1:], strict=False)}
    held = {"input": np.stack([X, Y, *(np.full_like(X, 0.3) for _ in widths[0] * "x")])[: widths[0]]}
    points = {"input": random.uniform(-1, 1, (60, widths[0]))}
    for before, name in zip(("input", *names), names, strict=False):
        bend = (lambda v: v) if name == "output" else np.tanh
        held[name] = bend(np.einsum("oi,irc->orc", weights[name], held[before]))
        points[name] = bend(points[before] @ weights[name].T)
    return Layers(
        names,
        weights,
        {name: random.normal(size=len(weights[name])) for name in names},
        np.geomspace(1e-5, 0.5, len(names)),
        {name: points[name] for name in names[:-1]} if maps else {},
        widths,
        (*(function for _ in names[1:]), "linear"),
        held if maps else {},
    )


def drawn(found: Layers, size: tuple[int, int] = (76, 18), look: Look = ASCII, **more: Any) -> list[Text]:
    given: dict[str, Any] = {"surface": None, "inputs": ("x", "y"), "outputs": ("signal",), "answer": "sigmoid"}
    return network(found, width=size[0], height=size[1], look=look, **{**given, **more})


def text(rows: list[Text]) -> str:
    return "\n".join(row.plain for row in rows)


def points(found: Layers) -> Points:
    random = np.random.default_rng(1)
    return Points(random.random(60), random.random(60), np.arange(60) % 2, np.arange(60) // 2 % 2)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("widths", [(2, 1), (2, 4, 2, 1), (5, 64, 64, 64, 1), (2, *[8] * 14, 3), (64, 32, 10)])
@pytest.mark.parametrize("look", [Look(), Look(colours="16", dark=False), ASCII])
def test_every_network_fills_its_room_and_no_more(size: tuple[int, int], widths: tuple[int, ...], look: Look) -> None:
    rows = drawn(layers(*widths), size, look)
    assert [cell_len(row.plain) for row in rows] == [size[0]] * size[1]
    assert not look.ascii or text(rows).isascii()


def test_each_layer_says_its_size_its_activation_and_its_gradient() -> None:
    seen = text(drawn(layers(2, 4, 2, 1)))
    for words in ("inputs", "hidden 1", "hidden 2", "output", "4 tanh", "2 tanh", "1 sigmoid", "x", "y", "signal"):
        assert words in seen
    assert "1e-5" in seen
    assert "0.50" in seen


def test_the_bar_of_a_vanished_gradient_is_empty_and_that_of_one_is_full() -> None:
    found = replace(layers(2, 4, 2, 1), gradients=np.array([1e-7, 1e-3, 1.0]))
    row = next(row.plain for row in drawn(found) if "gradient" in row.plain)
    bars = [word for word in row.split() if set(word) <= {"=", "-"}]
    assert [bar.count("=") / len(bar) for bar in bars] == [0, 0.5, 1]


def test_neurons_without_room_are_counted_and_scrolled_to() -> None:
    found = layers(2, 64, 64, 1)
    seen = text(drawn(found))
    assert "+61" in seen
    furthest = scrolls(found, 76, 18, ASCII)
    assert "of 64" in text(drawn(found, first=1))
    assert "62-64 of 64" in text(drawn(found, first=furthest))
    assert text(drawn(found, first=furthest)) == text(drawn(found, first=furthest + 9))
    assert scrolls(layers(2, 4, 2, 1), 76, 18, ASCII) == 0


def test_layers_without_room_are_counted() -> None:
    assert "inputs" in text(drawn(layers(2, 8, 3, 3, 3, 2), (15, 22)))
    assert "+6" in text(drawn(layers(2, *[3] * 14, 1), (76, 18)))


def test_a_map_has_the_orientation_of_the_surface() -> None:
    """The first input rises to the right, the output upwards."""
    surface = Surface(1 / (1 + np.exp(-4 * Y)), "x", "y", (-1, 1, -1, 1))
    rows = [row.plain for row in drawn(replace(layers(2, 1), weights={"output": np.zeros((1, 2))}), surface=surface)][
        2:
    ]
    named = next(row for row in rows if " x " in row).partition(" x ")[2].split()[0]
    assert named == "".join(sorted(named, key=".:-=+*#%@".index))
    assert named[0] == "."
    assert named[-1] == "@"
    output = [row[48:].replace("signal", "").strip() for row in rows]
    heights = [".:-=+*#%@".index(row[0]) for row in output if row[:1] in tuple(".:-=+*#%@")]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[-1] + 5


def test_wires_tell_the_sign_of_weights_and_weak_ones_stay_thin() -> None:
    found = layers(2, 1, maps=False)
    strong = replace(found, weights={"output": np.array([[0.9, -0.9]])})
    weak = replace(found, weights={"output": np.array([[0.9, -0.1]])})
    assert text(drawn(strong)).count("---") > text(drawn(weak)).count("---")
    assert "+++" in text(drawn(strong))
    assert "+++" not in text(drawn(replace(found, weights={})))


def test_neurons_stay_where_they_are_while_it_trains() -> None:
    """A little change moves no title, no name and no neuron, and the scale of a layer stays."""
    found = layers(2, 8, 8, 1)
    later = replace(
        found,
        weights={name: 1.001 * held for name, held in found.weights.items()},
        maps={name: 1.001 * held for name, held in found.maps.items()},
    )
    one, two = (drawn(each, look=Look()) for each in (found, later))
    assert text(one) == text(two)
    assert sum(before != after for before, after in zip(one, two, strict=True)) < 9


def test_what_is_not_a_number_says_so() -> None:
    found = layers(2, 4, 2, 1)
    lost = replace(
        found,
        gradients=np.full(3, np.nan),
        maps={name: np.full_like(held, np.nan) if name != "input" else held for name, held in found.maps.items()},
        weights={name: np.full_like(held, np.inf) for name, held in found.weights.items()},
    )
    assert text(drawn(lost)).count("NaN") == 7
    dead = replace(found, maps={**found.maps, "hidden_2": np.zeros((2, 20, 20))})
    assert text(drawn(dead)).count("~0") == 2


def test_without_a_plane_each_neuron_is_a_bar_and_a_sentence_says_why() -> None:
    seen = text(drawn(layers(3, 4, 1, maps=False), inputs=("pt", "eta", "phi")))
    assert "no plane for maps" in seen
    assert "eta o" in seen
    assert "=" in seen


def test_a_network_of_too_many_weights_says_why_it_has_no_lines() -> None:
    found = replace(layers(2, 70, 70, 1), weights={}, biases={})
    assert "too many weights" in text(drawn(found))


def test_many_classes_have_a_map_each_in_their_own_colour() -> None:
    names = ("setosa", "versicolor", "virginica")
    rows = drawn(layers(2, 4, 3), look=Look(), outputs=names, answer="softmax")
    assert all(name in text(rows) for name in names)
    styles = {str(span.style) for row in rows for span in row.spans if row.plain[span.start : span.end] in names}
    assert len(styles) == 3


def test_snapshots_without_maps_and_sizes_are_still_drawn() -> None:
    old = replace(layers(2, 4, 2, 1), maps={}, widths=(), functions=())
    seen = text(drawn(old))
    assert "hidden 2" in seen
    assert "no plane" in seen
    assert "nothing is kept" in text(drawn(replace(old, weights={})))


# -- a hidden layer's sight


def test_two_neurons_are_the_axes_and_the_boundary_is_a_straight_line() -> None:
    found = layers(2, 4, 2, 1)
    rows = hidden(found, 2, points(found), ("a", "b"), 76, 18, ASCII)
    seen = text(rows)
    assert [cell_len(row.plain) for row in rows] == [76] * 18
    assert "neuron 1" in seen
    assert "neuron 2" in seen
    assert "undecided" in seen
    assert "the plane" in seen


def test_of_more_neurons_the_main_directions_are_drawn_and_never_flip() -> None:
    found = layers(2, 6, 1)
    apart = points(found)
    values = np.random.default_rng(0).normal(size=(60, 6)) + 6 * np.outer(
        apart.target.astype(np.float64), np.arange(6.0)
    )
    one, other = (
        text(hidden(replace(found, activations={"hidden_1": held}, maps={}), 1, apart, ("a", "b"), 76, 18, ASCII))
        for held in (values, -values)
    )
    assert "1st main direction" in one
    for seen in (one, other):  # the second class lies to the right
        columns = {mark: [row.index(mark) for row in seen.split("\n")[1:15] if mark in row] for mark in "ox"}
        assert min(columns["x"]) > max(columns["o"])


def test_a_layer_that_gives_no_numbers_or_is_not_kept_says_so() -> None:
    found = layers(2, 4, 1)
    lost = replace(found, activations={"hidden_1": np.full((60, 4), np.nan)})
    assert "diverged" in text(hidden(lost, 1, points(found), ("a", "b"), 76, 18, ASCII))
    assert "not kept" in text(hidden(found, 1, None, ("a", "b"), 76, 18, ASCII))
    assert "spread for the eye" in text(hidden(layers(2, 1, 1), 1, points(found), (), 76, 18, ASCII))
