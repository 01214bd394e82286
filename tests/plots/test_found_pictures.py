"""Pictures of what models found: exactly their size, in every kind of terminal, and true to the numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len
from rich.text import Text
from sklearn.tree import DecisionTreeClassifier

from mltui.core.found import Trees
from mltui.core.snapshot import Points, Surface
from mltui.data.origins import Origins
from mltui.inference.found.fitted_on import FittedOn
from mltui.inference.found.found import found
from mltui.plots.coefficients import coefficients
from mltui.plots.coefficients import scrolls as terms_scroll
from mltui.plots.importance import importance
from mltui.plots.look import Look
from mltui.plots.resting import Vote, told
from mltui.plots.surface import surface
from mltui.plots.tree import scrolls, tree
from tests.ui.moments import grown, told_apart, weighed

SIZES = [(20, 4), (36, 8), (76, 18), (150, 50)]
LOOKS = [Look(), Look(colours="16", dark=False), Look(colours="none"), Look(ascii=True, colours="none")]
ASCII = LOOKS[-1]
POINTS = Points(np.array([0.1, 0.9]), np.array([0.1, 0.9]), np.array([0, 1]), np.array([0, 0]))
PLANE = Surface(np.full((6, 8), 0.5), "x", "y", (0.0, 1.0, 0.0, 1.0))
VOTE = Vote(0.5, 0.5, 1.0, np.array([0.2, 0.8, 0.7]), np.array([0.2, 0.8, 0.3]), np.array([0.0, 1.0, 1.0]), 3)


def text(rows: list[Text]) -> str:
    return "\n".join(row.plain for row in rows)


DRAWN: dict[str, Callable[[int, int, Look], list[Text]]] = {
    "coefficients": lambda w, h, look: coefficients(weighed(), 0, w, h, look, classes=2),
    "importance": lambda w, h, look: importance(told_apart().importances, w, h, look),  # type: ignore[arg-type]
    "tree": lambda w, h, look: tree(grown(), 1, w, h, look),
    "support": lambda w, h, look: surface(PLANE, POINTS, ("a", "b"), w, h, look, support=told_apart().support),
    "vote": lambda w, h, look: surface(PLANE, POINTS, ("a", "b"), w, h, look, vote=VOTE),
}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("look", LOOKS)
def test_every_picture_fills_its_room_and_no_more(name: str, look: Look) -> None:
    for width, height in SIZES:
        rows = DRAWN[name](width, height, look)
        assert [cell_len(row.plain) for row in rows] == [width] * height
        assert not look.ascii or text(rows).isascii()


# -- the tree ------------------------------------------------------------------------------------------------------
def lines(trees: Trees, which: int = 0, size: tuple[int, int] = (76, 18), **more: int) -> list[str]:
    return [row.plain.rstrip() for row in tree(trees, which, *size, ASCII, **more)]


def test_a_node_stands_under_what_leads_to_it_with_its_rows_and_its_purity() -> None:
    seen = lines(grown(1))
    assert seen[1].split() == ["all", "rows", "100", "background", "0.60", "ooooooxxxx"]
    assert seen[2].startswith("+ not colour=red ")
    assert seen[3].startswith("` colour=red ")
    assert seen[4].startswith("  + pt <= 23.4 GeV ")
    assert seen[5].startswith("  ` pt > 23.4 GeV > 12 nodes below")
    assert seen[2].split()[-4:] == ["48", "signal", "0.79", "ooxxxxxxxx"]
    assert seen[4].split()[-4:] == ["45", "background", "1.00", "oooooooooo"]


def test_a_threshold_that_is_in_no_unit_is_told_as_the_model_sees_it() -> None:
    trees = grown(1)
    seen = lines(replace(trees, raw=np.full_like(trees.raw, np.nan)))
    assert any("pt <= -0.31 " in line for line in seen)
    assert not any("GeV" in line for line in seen)


def test_strict_questions_are_told_apart() -> None:
    assert any("pt < 23.4 GeV" in line for line in lines(replace(grown(1), strict=True)))


def test_of_several_trees_it_says_which() -> None:
    trees = replace(grown(3), total=100)
    seen = lines(trees, 1)
    assert "[ ] turn, 3 are kept" in seen[0]
    assert seen[1].startswith("tree 2 of 100 ")
    voting = lines(replace(trees, vote=np.array([0.5, 1.25, np.nan])), 1)
    assert voting[1].startswith("tree 2 of 100, vote 1.25 ")
    narrow = lines(replace(trees, vote=np.array([0.5, 1.25, np.nan])), 1, size=(40, 8))
    assert narrow[1].startswith("tree 2 of")


def test_cuts_are_listed_with_what_each_leaves() -> None:
    trees = grown(2)
    inside = np.tile([1, 0, 1, 1, 0], 2)
    seen = lines(replace(trees, kind="cuts", vote=np.array([0.05, 0.1]), inside=inside))
    assert seen[1].startswith("cuts 1 of 2, efficiency 0.05 ")
    assert seen[2].startswith("  colour=red ")
    assert seen[3].startswith("  pt <= 23.4 GeV ")
    assert seen[4].startswith("cuts 2 of 2, efficiency 0.10 ")
    assert seen[0].split()[-4:] == ["rows", "eps_S", "eps_B", "purity"]
    assert seen[1].split()[-5:] == ["100", "1.000", "1.000", "0.40", "ooooooxxxx"]
    assert seen[2].split()[-5:-1] == ["52", "0.050", "0.833", "0.04"]
    assert seen[3].split()[-5:-1] == ["45", "0.000", "0.750", "0.00"]


def test_the_next_trees_follow_where_they_find_room() -> None:
    for height, count in ((8, 1), (11, 2), (15, 2), (16, 3), (40, 3)):
        seen = lines(grown(3), size=(76, height))
        assert sum(line.startswith("tree ") for line in seen) == count
    assert sum(line.startswith("tree ") for line in lines(grown(3), 2, size=(76, 40))) == 1


def test_a_boosted_tree_says_what_its_leaves_add() -> None:
    trees = grown(2)
    values = np.where(trees.left < 0, trees.values[:, 1] / 100 - 0.2, np.nan)[:, None]
    steps = replace(trees, says="step", values=values, output=np.array([1, 1]))
    seen = lines(steps)
    assert "adds to signal" in seen[0]
    assert seen[1].split()[-1] == "100"
    assert seen[2].split()[-2:] == ["0.180", "#########-"]
    assert "-0.180" in seen[5]
    turns = lines(replace(steps, output=np.array([0, 1]), number=np.array([1, 1])))
    assert turns[0].split()[-1] == "adds"
    assert turns[6].startswith("tree 2 of 2, step 1 for signal ")


def test_deep_levels_are_folded_and_unfold_by_depth() -> None:
    x = np.random.default_rng(0).normal(size=(400, 3)).astype(np.float32)
    target = (np.sin(5 * x[:, 0]) + x[:, 1] > 0).astype(np.int64)
    estimator = DecisionTreeClassifier(random_state=0).fit(x, target)
    trees = found(estimator, FittedOn(x, target, None, Origins.plain(3), ("a", "b"))).trees
    assert trees is not None
    nodes = estimator.tree_.node_count
    for depth in (0, 1, 3):
        seen = [line for line in lines(trees, size=(90, 200), depth=depth)[1:] if line]
        folded = sum(int(line.rsplit("> ", 1)[1].split(" ")[0]) for line in seen if " below" in line)
        assert len(seen) + folded == nodes
        assert len(seen) <= 2 ** (depth + 1) - 1
    whole = [line for line in lines(trees, size=(90, 400), depth=99)[1:] if line]
    assert len(whole) == nodes
    assert scrolls(trees, 0, 20, ASCII, 99) == nodes - 19
    assert lines(trees, size=(90, 20), depth=99, first=5)[1] == whole[5]
    fitting = [line for line in lines(trees, size=(90, 20))[1:] if line]
    assert 7 <= len(fitting) <= 19


# -- bars ----------------------------------------------------------------------------------------------------------
def test_coefficients_stand_in_order_with_their_errors_and_units() -> None:
    seen = [row.plain.split() for row in coefficients(weighed(), 0, 100, 12, ASCII, classes=2)]
    assert [words[0] for words in seen[1:4]] == ["pt", "colour=red", "eta"]
    pt, red, eta = (" ".join(words) for words in seen[1:4])
    assert "-1.50 +- 0.12" in pt
    assert "12.5" in pt
    assert "-0.120/GeV" in pt
    assert red.endswith("0.71 +- 0.10 7.1 0.710")
    assert "0.20 +- 0.30" in eta
    assert "intercept 0.250 +- 0.050" in text(coefficients(weighed(), 0, 100, 12, ASCII, classes=2))


def test_a_bar_reaches_from_zero_to_its_value_and_the_error_spans_its_end() -> None:
    row = coefficients(weighed(), 0, 60, 10, ASCII, classes=2)[1].plain
    zero, low, high = row.index("|"), row.index("["), row.index("]")
    assert low < high < zero
    scale = (zero - low) / (1.5 + 0.12)
    assert (zero - high) / scale == pytest.approx(1.5 - 0.12, abs=0.12)


def test_a_row_speaks_for_its_class() -> None:
    several = weighed(("red", "green", "blue"))
    drawn = text(coefficients(several, 2, 100, 12, ASCII, classes=3))
    assert "for blue >" in drawn
    assert "-4.50" in drawn
    assert "raises" in text(coefficients(weighed(), 0, 100, 12, ASCII))
    pairs = replace(several, rows=("red | green", "red | blue", "green | blue"))
    assert "< green" in text(coefficients(pairs, 0, 100, 12, ASCII, classes=3))
    assert "red >" in text(coefficients(pairs, 0, 100, 12, ASCII, classes=3))


def test_where_there_is_no_error_it_says_so() -> None:
    bare = replace(weighed(), errors=np.full((1, 3), np.nan), intercept_errors=np.full(1, np.nan), source="none")
    drawn = text(coefficients(bare, 0, 76, 12, ASCII, classes=2))
    assert "+-" not in drawn
    assert "[" not in drawn
    assert "no errors" in drawn


def test_many_terms_scroll() -> None:
    many = 60
    base = weighed()
    terms = replace(
        base, names=tuple(f"x{place}" for place in range(many)), units=("",) * many, scale=np.ones(many),
        values=np.arange(1.0, many + 1)[None], errors=np.full((1, many), 0.1),
    )  # fmt: skip
    far = terms_scroll(terms, 12)
    last = [row.plain.split()[0] for row in coefficients(terms, 0, 76, 12, ASCII, first=far)[1:10]]
    assert last == [f"x{place}" for place in range(8, -1, -1)]


def test_importances_stand_in_order() -> None:
    told_all = told_apart().importances
    assert told_all is not None
    seen = [row.plain.split() for row in importance(told_all, 76, 10, ASCII)]
    assert [words[0] for words in seen[1:4]] == ["pt", "colour=red", "eta"]
    assert "0.700 +- 0.100" in " ".join(seen[1])
    assert seen[1][1].count("#") > 3 * seen[2][1].count("#") > 0


# -- the plane -----------------------------------------------------------------------------------------------------
def test_support_vectors_and_the_row_asked_about_are_marked_where_they_lie() -> None:
    support = told_apart().support
    assert support is not None
    drawn = text(surface(PLANE, POINTS, ("a", "b"), 76, 18, ASCII, support=support))
    assert "900 support vectors" in drawn
    assert drawn.count("s") > 8 < drawn.count("S")
    voted = [row.plain for row in surface(PLANE, POINTS, ("a", "b"), 76, 18, ASCII, vote=VOTE)]
    canvas = [re.split(r"[|+]", line, maxsplit=1)[1] for line in voted[1:-2]]
    assert sum(line.count("X") for line in canvas) == 1
    assert sum(line.count("o") for line in canvas) == 1
    assert sum(line.count("x") for line in canvas) == 2
    row = next(place for place, line in enumerate(canvas) if "X" in line)
    assert row == pytest.approx(len(canvas) / 2, abs=1)


def test_a_vote_is_told_in_words() -> None:
    assert told(VOTE, ("a", "b")) == "b, its 3 nearest: 2 b, 1 a"
    assert told(replace(VOTE, asked=40), ("a", "b")) == "b, its 3 nearest of 40: 2 b, 1 a"
    assert told(VOTE, ()) == "1, its 3 nearest: mean 0.667"
