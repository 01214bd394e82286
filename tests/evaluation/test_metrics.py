"""The metrics against scikit-learn's on random weighted inputs with ties, and where they are not defined."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mltui.core.snapshot import Scores
from mltui.evaluation.metrics import metrics, quick

TWO = ("background", "signal")
THREE = ("a", "b", "c")
few = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def close(found: float | None, wanted: float) -> bool:
    return found is not None and math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-9)


@st.composite
def two_classes(draw: st.DrawFn) -> Scores:
    """Both classes present, scores on a coarse grid so that many are equal."""
    rows = draw(st.integers(2, 60))
    target = np.array([0, 1, *draw(st.lists(st.integers(0, 1), min_size=rows - 2, max_size=rows - 2))])
    steps = draw(st.sampled_from([3, 10, 1000]))
    scores = np.array(draw(st.lists(st.integers(0, steps), min_size=rows, max_size=rows))) / steps
    return Scores(target, scores, np.array(draw(st.lists(st.integers(1, 50), min_size=rows, max_size=rows))) / 10)


@st.composite
def three_classes(draw: st.DrawFn) -> Scores:
    rows = draw(st.integers(3, 40))
    target = np.array([0, 1, 2, *draw(st.lists(st.integers(0, 2), min_size=rows - 3, max_size=rows - 3))])
    raw = np.array(draw(st.lists(st.integers(1, 8), min_size=3 * rows, max_size=3 * rows)), np.float64).reshape(rows, 3)
    weights = np.array(draw(st.lists(st.integers(1, 50), min_size=rows, max_size=rows))) / 10
    return Scores(target, raw / raw.sum(axis=1, keepdims=True), weights)


@st.composite
def regressions(draw: st.DrawFn) -> Scores:
    rows = draw(st.integers(2, 50))
    values = st.floats(-100, 100).map(lambda v: round(v, 3))
    target = np.array([0.0, 1.0, *draw(st.lists(values, min_size=rows - 2, max_size=rows - 2))])
    scores = np.array(draw(st.lists(values, min_size=rows, max_size=rows)))
    return Scores(target, scores, np.array(draw(st.lists(st.integers(1, 50), min_size=rows, max_size=rows))) / 10)


@few
@given(two_classes())
def test_two_classes_agree_with_scikit_learn(scores: Scores) -> None:
    import sklearn.metrics as sk

    found = metrics(scores, "classification", TWO, weighted=True)
    y, s, w = scores.target, scores.scores, scores.weights
    said = s > 0.5
    assert close(found["auc"], sk.roc_auc_score(y, s, sample_weight=w))
    assert close(found["average_precision"], sk.average_precision_score(y, s, sample_weight=w))
    assert close(found["log_loss"], sk.log_loss(y, s, sample_weight=w))
    assert found["loss"] == found["log_loss"]
    assert close(found["brier"], sk.brier_score_loss(y, s, sample_weight=w))
    assert close(found["accuracy"], sk.accuracy_score(y, said, sample_weight=w))
    assert found["confusion"]["labels"] == list(TWO)
    np.testing.assert_allclose(found["confusion"]["matrix"], sk.confusion_matrix(y, said, sample_weight=w), atol=1e-9)
    recall = sk.recall_score(y, said, sample_weight=w, average=None)
    assert close(found["recall"]["background"], recall[0])
    assert close(found["recall"]["signal"], recall[1])
    for code, label in enumerate(TWO):
        if (said == code).any():
            wanted = sk.precision_score(y, said, pos_label=code, sample_weight=w)
            assert close(found["precision"][label], wanted)
        else:
            assert found["precision"][label] is None


@few
@given(two_classes())
def test_efficiency_is_read_off_the_curve_scikit_learn_draws(scores: Scores) -> None:
    import sklearn.metrics as sk

    found = metrics(scores, "classification", TWO, weighted=True)["efficiency_at"]
    background, signal, _ = sk.roc_curve(
        scores.target, scores.scores, sample_weight=scores.weights, drop_intermediate=False
    )
    for at, value in found.items():
        # numpy.interp takes the last of points with one x, the upper end of a vertical step
        assert close(value, float(np.interp(float(at), background, signal)))


@few
@given(two_classes())
def test_unweighted_numbers_are_those_of_unit_weights(scores: Scores) -> None:
    found = metrics(scores, "classification", TWO, weighted=True)
    ones = Scores(scores.target, scores.scores, np.ones(len(scores.target)))
    assert found["unweighted"] == metrics(ones, "classification", TWO, weighted=False)
    assert "unweighted" not in found["unweighted"]


@few
@given(three_classes())
def test_many_classes_agree_with_scikit_learn(scores: Scores) -> None:
    import sklearn.metrics as sk

    found = metrics(scores, "classification", THREE, weighted=True)
    y, s, w = scores.target, scores.scores, scores.weights
    said = s.argmax(axis=1)
    assert close(found["auc"], sk.roc_auc_score(y, s, multi_class="ovr", average="macro", sample_weight=w))
    assert close(found["average_precision"], sk.average_precision_score(np.eye(3)[y], s, sample_weight=w))
    assert close(found["log_loss"], sk.log_loss(y, s, sample_weight=w))
    assert close(found["brier"], sk.brier_score_loss(y, s, sample_weight=w, labels=[0, 1, 2]))
    assert close(found["accuracy"], sk.accuracy_score(y, said, sample_weight=w))
    np.testing.assert_allclose(found["confusion"]["matrix"], sk.confusion_matrix(y, said, sample_weight=w), atol=1e-9)
    recall = sk.recall_score(y, said, sample_weight=w, average=None)
    assert all(close(found["recall"][label], recall[code]) for code, label in enumerate(THREE))


@few
@given(regressions())
def test_regressions_agree_with_scikit_learn(scores: Scores) -> None:
    import sklearn.metrics as sk

    found = metrics(scores, "regression", (), weighted=True)
    y, s, w = scores.target, scores.scores, scores.weights
    assert close(found["loss"], sk.mean_squared_error(y, s, sample_weight=w))
    assert close(found["rmse"], sk.root_mean_squared_error(y, s, sample_weight=w))
    assert close(found["mae"], sk.mean_absolute_error(y, s, sample_weight=w))
    assert close(found["r2"], sk.r2_score(y, s, sample_weight=w))


def test_a_score_that_is_no_number_counts_only_where_its_row_has_weight() -> None:
    scores = Scores(np.array([0, 1, 0, 1]), np.array([0.1, 0.9, np.nan, 0.6]), np.array([1.0, 1.0, 0.0, 1.0]))
    assert metrics(scores, "classification", TWO, weighted=True)["auc"] == 1.0
    assert metrics(scores, "classification", TWO, weighted=True)["unweighted"]["auc"] is None


DEGENERATE = {
    "one class": Scores(np.ones(4, np.int64), np.array([0.1, 0.2, 0.3, 0.9]), np.ones(4)),
    "no weight": Scores(np.array([0, 1]), np.array([0.1, 0.9]), np.zeros(2)),
    "weights that cancel": Scores(np.array([0, 0, 1, 1]), np.array([0.1, 0.9, 0.3, 0.4]), np.array([1.0, -1, 2, -2])),
    "no number": Scores(np.array([0, 1]), np.array([np.nan, 0.9]), np.ones(2)),
    "no number at all": Scores(np.array([0, 1]), np.full(2, np.inf), np.ones(2)),
    "no rows": Scores(np.zeros(0, np.int64), np.zeros(0), np.zeros(0)),
    "no weight that is a number": Scores(np.array([0, 1]), np.array([0.1, 0.9]), np.full(2, np.nan)),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_what_is_undefined_is_none_without_a_warning(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = metrics(DEGENERATE[name], "classification", TWO, weighted=True)
        live = quick(DEGENERATE[name], "classification", TWO)
    assert found["auc"] is None
    assert found["average_precision"] is None
    assert found["separation"] is None
    assert set(found["efficiency_at"].values()) == {None}
    assert math.isnan(live["auc"])
    if name == "one class":
        assert found["accuracy"] == 0.25
        assert found["recall"] == {"background": None, "signal": 0.25}
    else:
        assert found["loss"] is None
        assert found["accuracy"] is None


@pytest.mark.parametrize(
    ("target", "scores", "weights"),
    [
        ([1.0, 2.0], [np.nan, 1.0], [1.0, 1.0]),
        ([1.0, 2.0], [1.0, 2.0], [0.0, 0.0]),
        ([], [], []),
        ([1.0], [1e300], [1.0]),
    ],
)
def test_undefined_numbers_of_a_regression_are_none(
    target: list[float], scores: list[float], weights: list[float]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = metrics(Scores(np.array(target), np.array(scores), np.array(weights)), "regression", (), weighted=True)
    assert found["rmse"] is None
    assert found["r2"] is None


def test_a_constant_target_has_no_r2_but_an_error() -> None:
    found = metrics(Scores(np.full(3, 5.0), np.array([4.0, 5, 6]), np.ones(3)), "regression", (), weighted=False)
    assert found["r2"] is None
    assert found["mae"] == pytest.approx(2 / 3)


def test_scores_that_are_no_probabilities_have_an_area_but_no_log_loss() -> None:
    found = metrics(Scores(np.array([0, 1]), np.array([-3.0, 5.0]), np.ones(2)), "classification", TWO, weighted=False)
    assert found["auc"] == 1.0
    assert found["log_loss"] is None
    assert found["brier"] is None


def test_a_class_absent_from_the_part_leaves_the_mean_to_the_others() -> None:
    probabilities = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
    found = metrics(Scores(np.array([0, 1, 0]), probabilities, np.ones(3)), "classification", THREE, weighted=False)
    assert found["auc"] == 1.0
    assert found["recall"] == {"a": 1.0, "b": 1.0, "c": None}


def test_separation_by_hand() -> None:
    # Two bins in use, [0, 1/40) and [39/40, 1]: signal 1/4 and 3/4, background 3/4 and 1/4:
    # ½ (0.5² / 1 + 0.5² / 1) = 0.25
    scores = Scores(np.array([1, 1, 1, 1, 0, 0, 0, 0]), np.array([0, 1, 1, 1, 0, 0, 0, 1.0]), np.ones(8))
    assert metrics(scores, "classification", TWO, weighted=False)["separation"] == pytest.approx(0.25)


def test_efficiency_by_hand() -> None:
    # Ten backgrounds from 0.95 down by 0.1, one signal above each of 0.95 and 0.85, two below all:
    # the curve goes (0, ¼), (0.1, ¼), (0.1, ½), … and then right at ½.
    background = np.arange(0.95, 0, -0.1)
    scores = np.append(background, [0.97, 0.9, 0.01, 0.02])
    target = np.append(np.zeros(10, np.int64), np.ones(4, np.int64))
    found = metrics(Scores(target, scores, np.ones(14)), "classification", TWO, weighted=False)["efficiency_at"]
    assert found == pytest.approx({"0.01": 0.25, "0.10": 0.5, "0.30": 0.5})


@few
@given(three_classes())
def test_quick_numbers_are_those_of_the_whole_set(scores: Scores) -> None:
    whole = metrics(scores, "classification", THREE, weighted=True)
    for name, value in quick(scores, "classification", THREE).items():
        assert close(whole[name], value)


def test_quick_numbers_of_a_regression() -> None:
    scores = Scores(np.array([1.0, 2, 3]), np.array([1.0, 2, 4]), np.ones(3))
    assert quick(scores, "regression", ()) == pytest.approx({"loss": 1 / 3, "rmse": math.sqrt(1 / 3), "r2": 0.5})
