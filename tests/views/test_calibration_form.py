"""The calibration, a form of the scores: what it says of two classes, of many, and of scores that promise nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mltui.core.snapshot import Scores, Snapshot
from mltui.evaluation.calibration import calibration
from mltui.plots.look import Look
from mltui.views.scores import ScoresView
from mltui.views.shown import Shown

RNG = np.random.default_rng(5)
SAID = RNG.random(500)
TWO = Scores((RNG.random(500) < SAID**2).astype(np.int64), SAID, RNG.normal(1, 0.3, 500))
ANSWERS = RNG.dirichlet([1.0, 1.0, 1.0], 400)
THREE = Scores(ANSWERS.argmax(axis=1), ANSWERS, np.ones(400))


def looked(scores: Scores, classes: tuple[str, ...]) -> Shown:
    return Shown(
        snapshot=Snapshot(1, {"validation": scores}), classes=classes, look=Look(colours="none"),
        forms={"scores": "calibration"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("scores", "classes", "words"),
    [(TWO, ("b", "signal"), "share of signal"), (THREE, ("a", "b", "c"), "share of right answers")],
)
def test_it_tells_the_expected_error_and_what_is_compared(scores: Scores, classes: tuple[str, ...], words: str) -> None:
    shown = looked(scores, classes)
    error = calibration(scores).expected_error
    assert ScoresView.heading(shown) == "Calibration"
    assert ScoresView.headline(shown).removeprefix("t 0.50  ") == f"error {error:.3f}"
    picture = "\n".join(row.plain for row in ScoresView().picture(shown, 78, 18))
    assert words in picture
    assert f"validation error {error:.3f}" in picture
    assert ("┃" in picture) == (len(classes) == 2)
    found = ScoresView.numbers(shown)
    assert found.values["calibration_error validation"] == pytest.approx(error)
    (table,) = found.tables
    np.testing.assert_array_equal(table.columns["true"], calibration(scores).true)


def test_scores_that_are_no_probabilities_promise_nothing() -> None:
    shown = looked(replace(TWO, scores=3 * SAID), ("b", "s"))
    assert "no probabilities" in "\n".join(row.plain for row in ScoresView().picture(shown, 78, 18))
    assert ScoresView.headline(shown) == "t 0.50"
