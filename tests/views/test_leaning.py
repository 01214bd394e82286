"""What the views say a model leans on and is off by: which forms a run has, of which variable, in which numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from mltui.core.found import Found, Importances
from mltui.core.permutation import Permutation
from mltui.core.sample import Sample, SampleRows
from mltui.core.snapshot import Scores, Snapshot
from mltui.core.table import Column
from mltui.record.state import RunState
from mltui.views.base import View
from mltui.views.importance import ImportanceView
from mltui.views.leaning import turned
from mltui.views.regression import PredictedView, ResidualsView
from mltui.views.shown import Shown

RNG = np.random.default_rng(11)
ROWS = 3000
MASS, PT, COLOUR = RNG.exponential(40, ROWS), RNG.normal(50, 9, ROWS), RNG.integers(-1, 2, ROWS)
SIGNAL = (RNG.random(ROWS) < 0.4).astype(np.int64)
COLUMNS = (Column("pt", unit="GeV"), Column("colour", "category", categories=("r", "g")), Column("mass", unit="GeV"))
TREES = Importances(("pt", "mass"), np.array([0.4, 0.6]), np.array([0.1, np.nan]), "gain")
DEALT = Permutation("validation", "auc", 0.8, ("pt", "mass"), (0.1, 0.3), (0.01, 0.02), ROWS, 5)


def sample(target: Any, targets: tuple[str, ...] = (), classes: tuple[str, ...] = ("b", "s")) -> Sample:
    values = {"pt": PT, "colour": COLOUR, "mass": MASS}
    place = np.arange(ROWS)
    rows = SampleRows(values, target, np.ones(ROWS), 0 * place, place, whole=ROWS)
    return Sample(COLUMNS, {"validation": rows}, 2, files=("f",), classes=classes, targets=targets)


def shown(scores: Scores, of: Sample | None, **changes: Any) -> Shown:
    state = RunState(run="7", phase="finished", started={"target": "t"})
    return Shown(
        state=state, snapshot=Snapshot(3, {"validation": scores}), sample=of,
        sampled={"validation": scores} if of else {}, classes=("b", "s"),
    ) if not changes else replace(shown(scores, of), **changes)  # fmt: skip


CLASSIFIED = Scores(SIGNAL, np.clip(0.3 * SIGNAL + 0.4 * RNG.random(ROWS) + MASS / 500, 0, 1), np.ones(ROWS))
TRUE = 2 * PT + RNG.normal(size=ROWS)
FITTED = Scores(TRUE, TRUE + RNG.normal(0.5, 1, ROWS) * (1 + MASS / 40), np.ones(ROWS))


def classified(**changes: Any) -> Shown:
    return shown(CLASSIFIED, sample(SIGNAL), **changes)


def fitted(**changes: Any) -> Shown:
    return shown(FITTED, sample(TRUE, classes=()), task="regression", classes=(), **changes)


def form(kind: type[View], of: Shown, name: str) -> Shown:
    return replace(of, forms={kind.name: name})


def document(kind: type[View], of: Shown) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(kind.numbers(of).document(), allow_nan=False))
    for table in found["tables"]:
        assert len({len(column) for column in table["columns"].values()}) == 1
    return {"values": found["values"], **{table["name"]: table["columns"] for table in found["tables"]}}


def test_a_run_has_the_forms_that_it_can_be_drawn_in() -> None:
    bare = shown(CLASSIFIED, None)
    assert ImportanceView.forms_of(bare) == ()
    assert not ImportanceView.offered(bare)
    live = classified()
    assert ImportanceView.forms_of(live) == ("correlation", "sculpting")
    assert live.snapshot is not None
    tree = replace(live, snapshot=replace(live.snapshot, found=Found(importances=TREES)))
    assert ImportanceView.form(tree) == "trees"
    done = replace(tree, state=replace(tree.state, importance={"validation": DEALT.document()}))
    assert ImportanceView.forms_of(done) == ImportanceView.forms
    assert ImportanceView.form(done) == "permutation"
    assert ImportanceView.form(replace(done, cursor=1)) == "trees"  # it is of the kept model alone
    damaged = replace(done, state=replace(done.state, importance={"validation": {"names": [1], "drops": "x"}}))
    assert "permutation" not in ImportanceView.forms_of(damaged)
    assert ImportanceView.forms_of(fitted()) == ("correlation",)
    assert ResidualsView.forms_of(fitted()) == ("histogram", "truth", "variables")
    assert ResidualsView.forms_of(replace(fitted(), sample=None)) == ("histogram", "truth")


def test_the_title_names_what_is_foremost() -> None:
    done = classified()
    done = replace(done, state=replace(done.state, importance={"validation": DEALT.document()}))
    titles = {
        name: f"{ImportanceView.heading(s)}  {ImportanceView.headline(s)}"
        for name in ImportanceView.forms_of(done)
        for s in [form(ImportanceView, done, name)]
    }
    assert titles["permutation"] == "Importance  mass"
    assert titles["correlation"] == "Correlation  mass"
    assert titles["sculpting"].startswith("Sculpting of b  mass  JSD 0.")


def test_the_most_sculpted_variable_comes_first_and_another_can_be_chosen() -> None:
    cut = form(ImportanceView, classified(), "sculpting")
    assert ImportanceView.variables(cut) == ("pt", "mass")  # a category has no shape to be cut
    assert ImportanceView.variable(cut) == "mass"
    assert ImportanceView.variable(replace(cut, variable="pt")) == "pt"
    assert ImportanceView.variable(replace(cut, variable="gone")) == "mass"
    assert ImportanceView.variables(classified()) == ()
    found = document(ImportanceView, cut)
    assert found["values"]["variable"] == "mass"
    by_name = dict(zip(found["sculpting"]["variable"], found["sculpting"]["JSD, 0.05"], strict=True))
    assert by_name["mass"] > 5 * by_name["pt"]
    assert sum(found["shape"]["sum, 1"]) == pytest.approx((SIGNAL == 0).sum(), rel=0.02)  # but for the far tail
    other = document(ImportanceView, replace(cut, variable="pt"))
    assert other["sculpting"] == found["sculpting"]
    assert other["shape"] != found["shape"]


def test_correlations_are_of_the_score_over_all_and_within_the_classes() -> None:
    found = document(ImportanceView, form(ImportanceView, classified(), "correlation"))
    columns = found["correlation"]
    assert found["values"] == {"of": "score"}
    assert columns["variable"] == ["pt", "mass"]
    background = SIGNAL == 0
    expected = stats.spearmanr(MASS[background], CLASSIFIED.scores[background]).statistic
    assert columns["rank, b"][1] == pytest.approx(expected)
    assert columns["linear, all"][1] == pytest.approx(stats.pearsonr(MASS, CLASSIFIED.scores).statistic)


def test_of_many_classes_it_is_the_score_of_one() -> None:
    target = RNG.integers(0, 3, ROWS)
    answers = np.column_stack([MASS, PT, 100 + RNG.random(ROWS)])
    scores = Scores(target, answers / answers.sum(axis=1, keepdims=True), np.ones(ROWS))
    classes = ("x", "y", "z")
    several = shown(scores, sample(target, classes=classes), classes=classes)
    assert ImportanceView.forms_of(several) == ("correlation",)
    assert turned(several) == 3
    first, second = (document(ImportanceView, replace(several, target=place)) for place in (0, 1))
    assert (first["values"]["of"], second["values"]["of"]) == ("score of x", "score of y")
    assert first["correlation"]["linear, all"][1] > 0.8
    assert second["correlation"]["linear, all"][1] < 0


def test_the_residuals_are_told_with_bias_and_rms_of_all_and_of_the_best() -> None:
    off = FITTED.scores - TRUE
    found = document(ResidualsView, fitted())
    assert found["values"]["bias"] == pytest.approx(off.mean())
    assert found["values"]["rms"] == pytest.approx(np.sqrt((off**2).mean()))
    kept = np.sort(np.abs(off))[: int(0.9 * ROWS)]
    assert found["values"]["rms_best_90"] == pytest.approx(np.sqrt((kept**2).mean()))
    truth = document(ResidualsView, form(ResidualsView, fitted(), "truth"))["residuals"]
    low, high = truth["from"][10], truth["to"][10]
    own = off[(low <= TRUE) & (high > TRUE)]
    assert truth["50 %"][10] == pytest.approx(np.median(own), abs=0.2)
    assert truth["mean"][10] == pytest.approx(own.mean(), abs=0.05)


def test_the_variable_that_widens_the_residual_comes_first() -> None:
    along = form(ResidualsView, fitted(), "variables")
    assert ResidualsView.variables(along) == ("pt", "mass")
    assert ResidualsView.variable(along) == "mass"
    table = document(ResidualsView, along)["residuals"]
    width = np.array(table["84 %"][:12], float) - np.array(table["16 %"][:12], float)
    assert width[-1] > 2 * width[0]
    chosen = replace(along, variable="pt")
    assert document(ResidualsView, chosen)["residuals"] != table
    rows = ResidualsView().draw(chosen, 76, 16)
    assert "pt [GeV]" in rows[-1].plain


def test_of_several_targets_each_has_its_own() -> None:
    true = np.column_stack([TRUE, PT])
    scores = Scores(true, true + np.column_stack([np.zeros(ROWS), MASS]), np.ones(ROWS))
    of = sample(true, ("a", "b"), ())
    state = RunState(run="7", phase="finished", started={"target_labels": ["a", "b [m]"]})
    two = shown(scores, of, task="regression", classes=(), state=state, target=1)
    assert document(ResidualsView, two)["values"]["bias"] == pytest.approx(MASS.mean())
    assert document(ResidualsView, replace(two, target=0))["values"]["rms"] == 0
    found = document(ImportanceView, two)
    assert found["values"]["of"] == "residual of b [m]"
    assert found["correlation"]["linear, all"][1] == pytest.approx(1)
    banded = document(PredictedView, form(PredictedView, two, "bands"))["predicted"]
    own = (banded["from"][9] <= PT) & (banded["to"][9] > PT)
    assert banded["50 %"][9] == pytest.approx(np.median((PT + MASS)[own]), rel=0.01)


@pytest.mark.parametrize("kind", [ImportanceView, ResidualsView, PredictedView])
@pytest.mark.parametrize("odd", ["nothing", "no weight", "not numbers"])
def test_odd_rows_are_drawn_and_told_without_a_traceback(kind: type[View], odd: str) -> None:
    for base in (classified(), fitted()):
        scores = base.sampled["validation"]
        if odd == "nothing":
            scores = scores.take(np.zeros(0, np.int64))
        elif odd == "no weight":
            scores = replace(scores, weights=np.zeros(ROWS))
        else:
            scores = replace(scores, scores=np.full(ROWS, np.nan))
        strange = replace(base, snapshot=Snapshot(3, {"validation": scores}), sampled={"validation": scores})
        for name in kind.forms_of(strange):
            seen = form(kind, strange, name)
            rows = kind().picture(seen, 60, 14)
            assert [len(row.plain) for row in rows] == [60] * 14
            document(kind, seen)
