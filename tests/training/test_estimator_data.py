"""What estimators make of weights, of warnings, and of data and settings they cannot take."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mltui.core.errors import InputError
from mltui.data import memory
from mltui.inference.estimator import FittedEstimator
from mltui.inference.native_threads import native_threads
from mltui.training import estimator
from mltui.training.problem import Problem
from mltui.training.report import Reporter

Make = Callable[..., Problem]
POSITIVE: NDArray[np.float64] = np.random.default_rng(1).exponential(3.0, 10_000)
SIGNED: NDArray[np.float64] = np.random.default_rng(2).normal(1.0, 0.6, 10_000)
WEIGHTED: dict[str, tuple[str, Callable[[], Any], bool]] = {
    "logistic_regression": ("moons", lambda: LogisticRegression(max_iter=1000), True),
    "linear_regression": ("gaussian_plane", LinearRegression, False),
    "decision_tree": ("moons", lambda: DecisionTreeClassifier(max_depth=5, random_state=1), True),
    "decision_tree values": ("gaussian_plane", lambda: DecisionTreeRegressor(max_depth=5, random_state=1), True),
    "random_forest": ("moons", lambda: RandomForestClassifier(random_state=1), False),
    "random_forest values": ("gaussian_plane", lambda: RandomForestRegressor(random_state=1), False),
    "hist_gradient_boosting": ("moons", lambda: HistGradientBoostingClassifier(random_state=1), True),
    "hist_gradient_boosting values": (
        "gaussian_plane",
        lambda: HistGradientBoostingRegressor(random_state=1),
        True,
    ),
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads that spin for each other would slow the bare fits down."""
    with native_threads(1):
        yield


def fit(problem: Problem) -> tuple[FittedEstimator, list[tuple[str, dict[str, Any]]]]:
    events: list[tuple[str, dict[str, Any]]] = []
    reporter = Reporter(lambda kind, **fields: events.append((kind, fields)))
    fitted = estimator.fit(replace(problem, threads=1), reporter)
    reporter.flush()
    return fitted, events


def sentences(events: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [fields["message"] for kind, fields in events if kind == "warning"]


def weighted(problem: Problem, weights: NDArray[np.float64]) -> Problem:
    parts = {part: replace(rows, weights=weights[: len(rows)]) for part, rows in problem.parts.items()}
    return replace(problem, weighted=True, parts=parts)


def scores(made: Any, problem: Problem) -> NDArray[np.float64]:
    x = problem.train.x.astype(np.float64)
    found = made.predict(x) if problem.task == "regression" else made.predict_proba(x)[:, 1]
    return np.asarray(found, np.float64)


# -- weights -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("which", WEIGHTED)
def test_weights_count_in_the_fit(problem: Make, which: str) -> None:
    dataset, make, _ = WEIGHTED[which]
    case = weighted(problem(dataset, {"name": which.split(maxsplit=1)[0]}), POSITIVE)
    weights = case.train.weights / case.train.weights.mean()
    expected = make().fit(case.train.x.astype(np.float64), case.train.target, sample_weight=weights)
    found = fit(case)[0].predict(case.train.x)
    np.testing.assert_allclose(found, scores(expected, case), rtol=0, atol=1e-9)
    unweighted = fit(replace(case, weighted=False))[0].predict(case.train.x)
    assert np.abs(found - unweighted).max() > 1e-6


@pytest.mark.parametrize("which", WEIGHTED)
def test_negative_weights_are_fitted_or_refused_in_words(problem: Make, which: str) -> None:
    dataset, make, able = WEIGHTED[which]
    case = weighted(problem(dataset, {"name": which.split(maxsplit=1)[0]}), SIGNED)
    if not able:
        with pytest.raises(InputError, match="negative weights") as caught:
            fit(case)
        assert which.split(maxsplit=1)[0] in caught.value.sentence
        assert 'preprocess.negative_weights to "drop" or "absolute"' in caught.value.sentence
        assert "hist_gradient_boosting" in caught.value.sentence
        assert caught.value.key == "preprocess.negative_weights"
        return
    weights = case.train.weights / case.train.weights.mean()
    expected = make().fit(case.train.x.astype(np.float64), case.train.target, sample_weight=weights)
    np.testing.assert_allclose(fit(case)[0].predict(case.train.x), scores(expected, case), rtol=0, atol=1e-9)


def test_a_forest_without_draws_takes_negative_weights(problem: Make) -> None:
    case = weighted(problem("moons", {"name": "random_forest", "n_estimators": 5, "bootstrap": False}), SIGNED)
    assert fit(case)[0].predict(case.train.x).shape == (len(case.train),)


def test_neighbours_say_that_they_take_no_weights(problem: Make) -> None:
    case = problem("moons", {"name": "knn"})
    fitted, events = fit(weighted(case, SIGNED))
    assert [kind for kind, _ in events][:2] == ["started", "warning"]
    assert len(sentences(events)) == 1
    assert "takes no weights" in sentences(events)[0]
    np.testing.assert_array_equal(fitted.predict(case.train.x), fit(case)[0].predict(case.train.x))


# -- warnings ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("dataset", "model", "title"),
    [
        ("breast_cancer", {"name": "logistic_regression", "max_iter": 2}, "Logistic regression"),
        ("diabetes", {"name": "lasso", "max_iter": 1}, "Lasso"),
        ("moons", {"name": "svm", "max_iter": 2}, "Support vector machine"),
        ("gaussian_plane", {"name": "svm", "max_iter": 2}, "Support vector machine"),
    ],
)
def test_a_solver_that_has_not_settled_says_so_once(
    problem: Make, capfd: pytest.CaptureFixture[str], dataset: str, model: dict[str, Any], title: str
) -> None:
    _, events = fit(problem(dataset, model))
    assert sentences(events) == [
        f"{title} had not settled when its iterations were used up: raise model.max_iter, "
        "scale the features, or regularise more."
    ]
    assert capfd.readouterr() == ("", "")


def test_a_balanced_forest_does_not_warn_of_what_does_not_apply(problem: Make) -> None:
    case = problem("moons", {"name": "random_forest", "n_estimators": 20, "class_weight": "balanced"})
    fitted, events = fit(case)
    assert sentences(events) == []
    expected = RandomForestClassifier(20, class_weight="balanced", random_state=1)
    expected.fit(case.train.x, case.train.target)
    np.testing.assert_allclose(fitted.predict(case.train.x), scores(expected, case), rtol=0, atol=1e-9)


def test_an_exploding_boosting_says_what_to_turn(problem: Make) -> None:
    _, events = fit(problem("diabetes", {"name": "hist_gradient_boosting", "learning_rate": 10.0}))
    assert sentences(events) == [
        "Gradient boosting (histograms) met numbers too large to compute with, so that some results are void: "
        "lower model.learning_rate."
    ]


def test_a_system_of_equations_near_to_singular_is_said(problem: Make) -> None:
    case = problem("gaussian_plane", {"name": "ridge", "alpha": 1e-12})
    x = case.train.x * np.array([1e6, 1e-4], np.float32)
    _, events = fit(replace(case, parts={"train": replace(case.train, x=x)}))
    assert sentences(events) == [
        "Ridge regression met features that nearly follow from others, so that rounding decides some coefficients: "
        "raise model.alpha, scale the features, or leave some out."
    ]


def test_other_warnings_become_sentences_and_deprecations_stay(problem: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    bare_fit = LinearRegression.fit

    def noisy(self: Any, *rows: Any, **more: Any) -> Any:
        warnings.warn("The matrix is\n nearly singular. Read a book.", stacklevel=1)
        warnings.warn("this will change", FutureWarning, stacklevel=1)
        return bare_fit(self, *rows, **more)

    monkeypatch.setattr(LinearRegression, "fit", noisy)
    with pytest.warns(FutureWarning, match="this will change"):
        _, events = fit(problem("plane", {"name": "linear_regression"}))
    assert sentences(events) == ["Linear regression: The matrix is nearly singular."]


# -- what cannot be fitted -----------------------------------------------------------------------------------------
def test_one_class_is_refused(problem: Make) -> None:
    case = problem("moons", {"name": "random_forest"})
    only = case.train.take(np.flatnonzero(case.train.target == 0))
    with pytest.raises(InputError, match="one class only"):
        fit(replace(case, parts={**case.parts, "train": only}))


@pytest.mark.parametrize(
    "name",
    [
        "logistic_regression", "least_squares_classifier", "lda", "gaussian_nb", "svm", "knn", "decision_tree",
        "random_forest", "hist_gradient_boosting", "xgboost", "lightgbm",
    ],
)  # fmt: skip
def test_a_class_that_training_never_saw_gets_no_probability(problem: Make, name: str) -> None:
    case = problem("iris", {"name": name})
    seen = case.train.take(np.flatnonzero(case.train.target != 1))
    fitted, events = fit(replace(case, parts={**case.parts, "train": seen}))
    found = fitted.predict(case.train.x)
    assert found.shape == (len(case.train), 3)
    assert (found[:, 1] == 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    assert any(kind == "progress" for kind, _ in events)


def test_more_neighbours_than_rows_are_refused(problem: Make) -> None:
    with pytest.raises(InputError, match="only 90 rows") as caught:
        fit(problem("iris", {"name": "knn", "n_neighbors": 91}))
    assert caught.value.key == "model.n_neighbors"
    fit(problem("iris", {"name": "knn", "n_neighbors": 90}))


def test_what_the_library_refuses_is_one_sentence(problem: Make) -> None:
    with pytest.raises(InputError, match="hist_gradient_boosting cannot be fitted") as caught:
        fit(problem("gaussian_plane", {"name": "hist_gradient_boosting", "loss": "poisson"}))
    assert "\n" not in caught.value.sentence


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ({"name": "qda"}, r"no spread in class setosa; raise model\.reg_param, or lower model\.tol$"),
        ({"name": "lda", "solver": "eigen"}, r"no spread; take model\.solver = svd, or raise model\.shrinkage$"),
    ],
)
def test_classes_without_spread_in_some_direction_are_said(problem: Make, model: dict[str, Any], said: str) -> None:
    case = problem("iris", model)
    x = np.column_stack([case.train.x, case.train.x[:, :1]])
    with pytest.raises(InputError, match=f"cannot be fitted: some inputs follow from others, .*{said}"):
        fit(replace(case, parts={"train": replace(case.train, x=x)}))


def test_a_class_of_one_row_is_named_by_its_label(problem: Make) -> None:
    case = problem("iris", {"name": "qda"})
    first = np.flatnonzero(case.train.target == 2)[:1]
    rows = np.concatenate([first, np.flatnonzero(case.train.target != 2)])
    with pytest.raises(InputError, match="only 1 sample in class virginica"):
        fit(replace(case, parts={"train": case.train.take(rows)}))


def test_a_negative_variance_of_naive_bayes_is_refused(problem: Make) -> None:
    """One class with its mean at 0 and its outer rows counting negatively."""
    case = problem("moons", {"name": "gaussian_nb"})
    target = (np.arange(60) % 2).astype(np.int64)
    x = np.where(np.arange(60) % 8 < 2, 5.0, 1.0) * np.where(np.arange(60) % 4 < 2, 1.0, -1.0)
    weights = np.where((np.abs(x) > 2) & (target == 1), -0.5, 1.0)
    rows = replace(case.train.take(np.arange(60)), x=np.column_stack([x, x]).astype(np.float32), target=target)
    with pytest.raises(InputError, match="negative weights of class b leave one of its inputs") as caught:
        fit(replace(case, weighted=True, parts={"train": replace(rows, weights=weights)}))
    assert caught.value.key == "preprocess.negative_weights"


def test_powers_that_do_not_fit_into_memory_are_refused(problem: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    case = problem("gaussian_plane", {"name": "polynomial_regression", "degree": 40})
    monkeypatch.setattr(memory, "left", lambda: 4_000_000)
    with pytest.raises(InputError, match=r"300 rows of 860 columns take 6\.19 MB, and 4 MB is free") as caught:
        fit(case)
    assert caught.value.key == "data.rows"
    fit(problem("gaussian_plane", {"name": "polynomial_regression", "degree": 20}))


def test_a_handful_of_rows_is_enough(problem: Make) -> None:
    case = problem("iris", {"name": "decision_tree"})
    few = case.train.take(np.array([int(np.argmax(case.train.target == label)) for label in (0, 2)]))
    fitted, events = fit(replace(case, parts={"train": few}))
    assert fitted.predict(few.x).shape == (2, 3)
    assert next(f["axis"] for kind, f in events if kind == "progress") == [2]
