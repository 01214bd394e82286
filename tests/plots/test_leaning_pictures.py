"""Pictures of what a model leans on and is off by: exactly their size in every terminal, and true to the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len
from rich.text import Text

from mltui.core.permutation import Permutation
from mltui.evaluation.dependence import Dependence
from mltui.evaluation.deviations import Profile, profile
from mltui.evaluation.sculpting import sculpting
from mltui.plots import importance
from mltui.plots.dependence import dependence
from mltui.plots.legend import Entry
from mltui.plots.look import Look
from mltui.plots.profile import bands
from mltui.plots.sculpting import sculpting as sculpted

SIZES = [(20, 4), (36, 8), (76, 18), (150, 50)]
LOOKS = [Look(), Look(colours="16", dark=False), Look(colours="none"), Look(ascii=True, colours="none")]
PLAIN = LOOKS[2]
RNG = np.random.default_rng(7)
DEALT = Permutation("validation", "auc", 0.91, ("η", "pt", "phi"), (0.01, 0.2, None), (0.02, 0.03, None), 900, 5, 4)
DEPENDS = Dependence(
    ("x", "mass", "z"), ("all", "background", "signal"),
    np.array([[0.5, -1.0, np.nan], [0.1, -0.9, 0.0], [0.0, 0.2, 0.1]]),
    np.array([[0.4, -0.8, np.nan], [0.2, -0.7, 0.0], [0.0, 0.3, 0.1]]),
)  # fmt: skip
MASS = RNG.exponential(40, 3000)
CUT = sculpting(MASS, MASS / 200 + RNG.random(3000), np.ones(3000))
X = RNG.uniform(0, 10, 4000)
ALONG = profile(X, RNG.normal(0, 1 + X / 5, 4000), np.ones(4000))
LABELLED = profile(RNG.integers(0, 3, 300), RNG.normal(size=300), np.ones(300), labels=("ä", "b", "c"))
TOLD = [Entry("all", value="bias 0.1 RMS 2")]
DRAWN: dict[str, Callable[[int, int, Look], list[Text]]] = {
    "permutation": lambda w, h, look: importance.permuted(DEALT, w, h, look),
    "left out": lambda w, h, look: importance.permuted(Permutation("train", why="It was left out."), w, h, look),
    "dependence": lambda w, h, look: dependence(DEPENDS, w, h, look, of="score"),
    "sculpting": lambda w, h, look: sculpted(CUT, w, h, look, variable="m [GeV]", of="background"),
    "nothing cut": lambda w, h, look: sculpted(
        sculpting(np.zeros(0), np.zeros(0), np.zeros(0)), w, h, look, variable="m", of="b"
    ),
    "bands": lambda w, h, look: bands(ALONG, w, h, look, title="predicted", x_label="x [m]", told=TOLD),
    "labels": lambda w, h, look: bands(LABELLED, w, h, look),
    "diagonal": lambda w, h, look: bands(ALONG, w, h, look, diagonal=True, role="train"),
    "no rows": lambda w, h, look: bands(profile(X[:0], X[:0], X[:0]), w, h, look),
}


def lines(rows: list[Text]) -> list[str]:
    return [row.plain.rstrip() for row in rows]


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("look", LOOKS)
def test_every_picture_fills_its_room_and_no_more(name: str, look: Look) -> None:
    for width, height in SIZES:
        rows = DRAWN[name](width, height, look)
        assert [cell_len(row.plain) for row in rows] == [width] * height
        assert not look.ascii or "\n".join(lines(rows)).isascii()


def test_what_costs_most_when_dealt_out_comes_first() -> None:
    seen = lines(importance.permuted(DEALT, 76, 12, PLAIN))
    assert [line.split()[0] for line in seen[1:4]] == ["pt", "η", "phi"]
    assert seen[1].endswith("0.200         ± 0.030")
    assert seen[-1] == "auc 0.910 with all of them, on 900 rows of validation; 4 variables left out"
    assert "It was left out." in lines(DRAWN["left out"](76, 9, PLAIN))[4]
    better = replace(DEALT, drops=(-0.3, 0.2, 0.0))
    assert "−0.300" in lines(importance.permuted(better, 76, 12, PLAIN))[3]


def test_a_correlation_of_one_is_a_whole_bar_to_its_side() -> None:
    seen = lines(dependence(DEPENDS, 76, 12, PLAIN, of="score"))
    assert seen[1].split()[0] == "mass"
    assert seen[1].split()[-4:] == ["−1.00", "−0.80", "−0.90", "+0.20"]
    left, right = seen[1].split("│")[:2]
    assert left.count("━") >= 9
    assert "━" not in right
    half = seen[2].split("│")[1].count("━")
    assert half == pytest.approx(left.count("━") / 2, abs=1)
    assert seen[0].split()[-4:] == ["linear", "rank", "background", "signal"]
    assert "over all rows" in seen[-1]
    assert (
        "within each class" not in lines(dependence(replace(DEPENDS, groups=("all",)), 76, 12, PLAIN, of="score"))[-1]
    )


def test_each_slice_has_an_outline_and_its_distances() -> None:
    seen = lines(sculpted(CUT, 90, 24, PLAIN, variable="m [GeV]", of="background"))
    assert "all background" in seen[0] + seen[1]
    assert "top 5 %" in seen[0] + seen[1]
    for line, one in zip(seen[-3:], CUT.slices[1:], strict=True):
        cells = line.split()
        assert cells[1:4] == ["top", f"{100 * one.share:g}", "%"]
        assert "".join(seen[2:-6]).count(cells[0]) > 3  # its marks
        assert cells[-3] == f"{one.divergence:.4f}"
        assert cells[-1] == f"{one.distance:.3f}"
    styled = sculpted(CUT, 90, 24, Look(), variable="m", of="b")
    strong = Look().style("strong")
    far = [any(span.style == strong for span in row.spans) for row in styled[-3:]]
    assert far == [(one.divergence or 0) > 3 * (one.by_chance or 0) for one in CUT.slices[1:]]
    assert any(far)


def flat(events: float) -> Profile:
    """Two bins whose quantiles stand at -4, -2, 0, 2 and 4."""
    quantiles = np.repeat(np.array([-4.0, -2, 0, 2, 4])[:, None], 2, axis=1)
    return Profile(np.array([0.0, 1, 2]), quantiles, np.zeros(2), np.ones(2), np.full(2, events))


def test_bands_reach_as_far_as_the_quantiles() -> None:
    seen = bands(flat(100), 60, 62, PLAIN, x_label="x")[2:]  # below the legend
    column = [row.plain[30] for row in seen]
    inner, outer = column.count("▒") + column.count("━"), column.count("░")
    assert inner == pytest.approx(outer, abs=4)  # from -2 to 2 is as long as the rest
    middle = [n for n, sign in enumerate(column) if sign in "▒━"]
    assert column.index("━") == pytest.approx(np.mean(middle), abs=1)
    assert seen[column.index("━")].plain.lstrip().startswith("0┤")


def test_bins_of_few_rows_have_a_dot_and_no_bands() -> None:
    column = [row.plain[30] for row in bands(flat(3), 60, 16, PLAIN)]
    assert "·" in column
    assert not {"▒", "░"} & set(column[2:])


def test_labels_stand_at_their_bins_and_the_diagonal_climbs() -> None:
    assert "ä" in "".join(lines(bands(LABELLED, 60, 16, PLAIN))[-1:])
    rows = lines(bands(replace(flat(3), edges=np.array([-4.0, 0, 4])), 60, 16, PLAIN, diagonal=True))
    places = [line.find("┄") for line in rows if "┄" in line]
    assert len(places) > 5
    assert places == sorted(places, reverse=True)
