"""What is read off fitted estimators: trees that answer as the library does, coefficients, errors by other means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost
from numpy.typing import NDArray
from scipy.optimize import curve_fit
from sklearn.base import is_classifier
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mltui.core.found import Coefficients, Found, Trees
from mltui.core.table import Floats
from mltui.data.origins import Origins
from mltui.inference.found import trees as bounds
from mltui.inference.found.fitted_on import FittedOn
from mltui.inference.found.found import found

RANDOM = np.random.default_rng(4)
X = RANDOM.normal(size=(240, 4)).astype(np.float32)
THREE = (X[:, 0] + 0.7 * RANDOM.normal(size=240) > 0).astype(np.int64) + (X[:, 1] * X[:, 2] > 0.3)
TWO = (THREE > 0).astype(np.int64)
VALUE = 3.0 + X[:, 0].astype(np.float64) ** 2 - X[:, 1] + 0.3 * RANDOM.normal(size=240)
BOTH = np.stack([VALUE, X[:, 2] - X[:, 3]], axis=1).astype(np.float64)
WEIGHTS = RANDOM.uniform(0.2, 3.0, 240)
LABELS = ("red", "green", "blue")


def look(estimator: Any, target: NDArray[Any], weights: Floats | None = None, x: NDArray[Any] = X) -> Found:
    outputs = LABELS[: len(np.unique(target))] if is_classifier(estimator) else ("height", "width")[: np.ndim(target)]
    fitted = estimator.fit(x, target) if weights is None else estimator.fit(x, target, sample_weight=weights)
    return found(fitted, FittedOn(x, target, weights, Origins.plain(x.shape[1]), outputs))


# -- trees ---------------------------------------------------------------------------------------------------------
def leaves(trees: Trees, tree: int, x: NDArray[Any], thresholds: Floats) -> NDArray[np.int64]:
    """Where each row ends that goes through the questions as they are written down."""
    start = int(trees.start[tree])
    column = {name: int(name[1:]) - 1 for name in trees.names}
    ends = []
    for row in x:
        node = start
        while trees.left[node] >= 0:
            asked = float(row[column[trees.names[trees.feature[node]]]])
            below = asked < thresholds[node] if trees.strict else asked <= thresholds[node]
            node = start + int((trees.left if below else trees.right)[node])
        ends.append(node)
    return np.array(ends)


def summed(trees: Trees, x: NDArray[Any], outputs: int) -> Floats:
    """The sum of all trees' steps, shape (rows, outputs)."""
    raw = np.zeros((len(x), outputs))
    for tree in range(len(trees)):
        column = int(trees.output[tree]) if outputs > 1 else 0
        raw[:, column] += trees.values[leaves(trees, tree, x, trees.threshold), 0]
    return raw


@pytest.mark.parametrize(
    ("estimator", "target"),
    [
        (DecisionTreeClassifier(max_depth=4, random_state=0), THREE),
        (DecisionTreeClassifier(max_leaf_nodes=9, class_weight="balanced", random_state=0), TWO),
        (DecisionTreeRegressor(max_depth=4, random_state=0), VALUE),
        (DecisionTreeRegressor(max_depth=4, random_state=0), BOTH),
    ],
    ids=["classes", "weighted", "value", "values"],
)
def test_a_tree_answers_as_the_library_does(estimator: Any, target: NDArray[Any]) -> None:
    trees = look(estimator, target, WEIGHTS).trees
    assert trees is not None
    ends = leaves(trees, 0, X, trees.threshold)
    said = trees.values[ends]
    if is_classifier(estimator):
        np.testing.assert_allclose(said / said.sum(axis=1, keepdims=True), estimator.predict_proba(X))
        assert trees.outputs == LABELS[: len(np.unique(target))]
    else:
        np.testing.assert_allclose(said, estimator.predict(X).reshape(len(X), -1))
    inner = trees.left >= 0
    assert trees.rows[0] == len(X)
    np.testing.assert_array_equal(trees.rows[inner], (trees.rows[trees.left] + trees.rows[trees.right])[inner])
    counted = np.bincount(ends, minlength=len(trees.rows))
    np.testing.assert_array_equal(counted[~inner], trees.rows[~inner])


def test_the_weight_of_each_class_in_a_node_is_the_sum_of_its_rows() -> None:
    estimator = DecisionTreeClassifier(max_depth=1, random_state=0)
    trees = look(estimator, TWO, WEIGHTS).trees
    assert trees is not None
    below = X[:, estimator.tree_.feature[0]] <= estimator.tree_.threshold[0]
    for node, chosen in ((0, np.ones(240, bool)), (int(trees.left[0]), below), (int(trees.right[0]), ~below)):
        expected = [WEIGHTS[chosen & (code == TWO)].sum() for code in (0, 1)]
        np.testing.assert_allclose(trees.values[node], expected)
        assert trees.rows[node] == chosen.sum()


def test_the_spread_of_a_node_is_that_of_its_values() -> None:
    trees = look(DecisionTreeRegressor(max_depth=2, random_state=0), VALUE).trees
    assert trees is not None
    ends = leaves(trees, 0, X, trees.threshold)
    for node in np.unique(ends):
        assert trees.spread[node] == pytest.approx(VALUE[ends == node].std())
    absolute = look(DecisionTreeRegressor(max_depth=2, criterion="absolute_error"), VALUE).trees
    assert absolute is not None
    assert np.isnan(absolute.spread).all()


@pytest.mark.parametrize(
    ("estimator", "target"),
    [
        (RandomForestClassifier(5, max_depth=4, random_state=0), THREE),
        (ExtraTreesClassifier(5, max_depth=4, random_state=0), TWO),
        (RandomForestRegressor(5, max_depth=4, random_state=0), VALUE),
    ],
    ids=["classes", "extra", "values"],
)
def test_the_trees_of_a_forest_average_to_its_answer(estimator: Any, target: NDArray[Any]) -> None:
    trees = look(estimator, target).trees
    assert trees is not None
    assert len(trees) == trees.total == 5
    said = [trees.values[leaves(trees, tree, X, trees.threshold)] for tree in range(5)]
    if is_classifier(estimator):
        mean = np.mean([one / one.sum(axis=1, keepdims=True) for one in said], axis=0)
        np.testing.assert_allclose(mean, estimator.predict_proba(X))
    else:
        np.testing.assert_allclose(np.mean(said, axis=0)[:, 0], estimator.predict(X))


@pytest.mark.parametrize(
    ("estimator", "target", "outputs"),
    [
        (GradientBoostingClassifier(n_estimators=4, max_depth=3, random_state=0), TWO, 1),
        (GradientBoostingClassifier(n_estimators=4, max_depth=3, random_state=0), THREE, 3),
        (GradientBoostingRegressor(n_estimators=4, max_depth=3, random_state=0), VALUE, 1),
        (HistGradientBoostingClassifier(max_iter=4, early_stopping=False), TWO, 1),
        (HistGradientBoostingClassifier(max_iter=4, early_stopping=False), THREE, 3),
        (HistGradientBoostingRegressor(max_iter=4, early_stopping=False), VALUE, 1),
    ],
    ids=["two", "three", "value", "histogram-two", "histogram-three", "histogram-value"],
)
def test_the_steps_of_boosting_add_up_to_its_score(estimator: Any, target: NDArray[Any], outputs: int) -> None:
    trees = look(estimator, target).trees
    assert trees is not None
    assert trees.says == "step"
    assert trees.total == 4 * outputs
    score = estimator.decision_function if is_classifier(estimator) else estimator.predict
    told = np.reshape(score(X), (len(X), -1))
    raw = summed(trees, X, outputs)
    np.testing.assert_allclose(raw - raw[0], told - told[0], atol=1e-9)
    if outputs == 3:
        assert trees.output.tolist() == [0, 1, 2] * 4
        assert trees.number.tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
@pytest.mark.parametrize(("target", "outputs"), [(TWO, 1), (THREE, 3)], ids=["two", "three"])
def test_so_do_the_steps_of_other_libraries(library: str, target: NDArray[Any], outputs: int) -> None:
    settings: dict[str, Any] = {"n_estimators": 4, "max_depth": 3, "random_state": 0, "n_jobs": 1}
    if library == "xgboost":
        estimator = xgboost.XGBClassifier(**settings, importance_type="total_gain").fit(X, target)
    else:
        more: dict[str, Any] = {"verbose": -1, "min_child_samples": 5, "importance_type": "gain"}
        estimator = lightgbm.LGBMClassifier(**settings, **more).fit(X, target)
    booster = estimator.get_booster() if library == "xgboost" else estimator.booster_
    labels = LABELS[: len(np.unique(target))]
    told = found(booster, FittedOn(X, target, None, Origins.plain(X.shape[1]), labels))
    trees, again = told.trees, found(estimator, FittedOn(X, target, None, Origins.plain(X.shape[1]), labels)).trees
    assert trees is not None
    assert again is not None
    np.testing.assert_array_equal(trees.values, again.values)
    assert trees.total == 4 * outputs
    assert trees.output.tolist() == (list(range(3)) * 4 if outputs == 3 else [1] * 4)
    raw = summed(trees, X, outputs)
    if library == "xgboost":
        score = np.reshape(estimator.predict(X, output_margin=True), (len(X), -1))
    else:
        score = np.reshape(estimator.predict(X, raw_score=True), (len(X), -1))
        assert trees.rows[trees.start[:-1]].tolist() == [240] * trees.total
    np.testing.assert_allclose(raw - raw[0], score - score[0], atol=1e-5)
    assert told.importances is not None
    gains = estimator.feature_importances_
    np.testing.assert_allclose(told.importances.values, gains / gains.sum(), rtol=1e-5)


def test_of_several_targets_each_tree_speaks_for_one() -> None:
    estimator = xgboost.XGBRegressor(n_estimators=3, max_depth=3, random_state=0, n_jobs=1).fit(X, BOTH)
    trees = found(estimator, FittedOn(X, BOTH, None, Origins.plain(4), ("height", "width"))).trees
    assert trees is not None
    assert trees.output.tolist() == [0, 1] * 3
    raw, told = summed(trees, X, 2), estimator.predict(X)
    np.testing.assert_allclose(raw - raw[0], told - told[0], atol=1e-5)


def test_the_first_levels_of_a_large_tree_are_kept_and_what_hangs_below_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = look(DecisionTreeRegressor(random_state=0), VALUE).trees
    monkeypatch.setattr(bounds, "ALONE", 41)
    cut = look(DecisionTreeRegressor(random_state=0), VALUE).trees
    assert whole is not None
    assert cut is not None
    assert not whole.below.any()
    assert len(cut.feature) == 41
    assert len(cut.feature) + cut.below.sum() == len(whole.feature)
    np.testing.assert_array_equal(cut.values, whole.values[:41])
    assert ((cut.left < 0) == (cut.right < 0)).all()
    assert (cut.below[cut.left >= 0] == 0).all()


def test_of_many_trees_the_first_are_kept() -> None:
    trees = look(RandomForestClassifier(40, max_depth=3, random_state=0), TWO).trees
    assert trees is not None
    assert trees.total == 40
    assert len(trees) == bounds.AT_MOST
    assert trees.number.tolist() == list(range(1, 31))


@dataclass
class Rectangles:
    efficiencies: Floats
    lower: Floats
    upper: Floats


@dataclass
class Cuts:
    rectangles: Rectangles


def test_cuts_are_a_flow_of_what_each_leaves() -> None:
    lower = np.array([[0.0, -np.inf, -1.0, -np.inf], [-np.inf] * 4])
    upper = np.array([[2.0, 0.5, np.inf, np.inf], [1.0, *[np.inf] * 3]])
    cuts = Cuts(Rectangles(np.array([0.1, 0.9]), lower, upper))
    told = found(cuts, FittedOn(X, TWO, WEIGHTS, Origins.plain(4), LABELS[:2]))
    assert told.kinds == ("trees",)
    trees = told.trees
    assert trees is not None
    assert (trees.kind, trees.strict, trees.total) == ("cuts", True, 2)
    assert trees.vote.tolist() == [0.1, 0.9]
    for place in (0, 1):
        passing = ((lower[place] <= X) & (upper[place] > X)).all(axis=1)
        start, end = int(trees.start[place]), int(trees.start[place + 1])
        assert (end - start) // 2 == np.isfinite([*lower[place], *upper[place]]).sum()
        ends = leaves(trees, place, X, trees.threshold)
        (last,) = np.unique(ends[passing])
        np.testing.assert_array_equal(ends == last, passing)
        assert trees.rows[last] == passing.sum()
        assert trees.inside[last]
        assert not trees.inside[np.unique(ends[~passing])].any()
        np.testing.assert_allclose(trees.values[last], [WEIGHTS[passing & (code == TWO)].sum() for code in (0, 1)])
        assert trees.rows[start:end][trees.left[start:end] < 0].sum() == len(X)


# -- importances ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("estimator", "target"),
    [
        (DecisionTreeClassifier(max_depth=3, random_state=0), THREE),
        (RandomForestRegressor(6, random_state=0), VALUE),
        (GradientBoostingClassifier(n_estimators=4, random_state=0), THREE),
        (AdaBoostClassifier(n_estimators=5, random_state=0), TWO),
        (AdaBoostRegressor(n_estimators=4, random_state=0), VALUE),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else "",
)
def test_importances_are_those_of_the_library(estimator: Any, target: NDArray[Any]) -> None:
    told = look(estimator, target).importances
    assert told is not None
    assert told.kind == "impurity"
    np.testing.assert_allclose(told.values, estimator.feature_importances_)


def test_the_spread_of_importances_is_that_over_the_trees() -> None:
    estimator = RandomForestClassifier(6, random_state=0)
    told = look(estimator, THREE).importances
    assert told is not None
    each = [tree.feature_importances_ for tree in estimator.estimators_]
    np.testing.assert_allclose(told.spread, np.std(each, axis=0))


def test_the_gain_of_histogram_boosting_is_the_sum_over_its_questions() -> None:
    estimator = HistGradientBoostingClassifier(max_iter=3, early_stopping=False)
    told = look(estimator, TWO).importances
    assert told is not None
    gain = np.zeros(4)
    for (tree,) in estimator._predictors:
        for node in tree.nodes:
            if not node["is_leaf"]:
                gain[node["feature_idx"]] += node["gain"]
    np.testing.assert_allclose(told.values, gain / gain.sum())


# -- coefficients --------------------------------------------------------------------------------------------------
def coefficients(estimator: Any, target: NDArray[Any], weights: Floats | None = None, **more: Any) -> Coefficients:
    told = look(estimator, target, weights, **more).coefficients
    assert told is not None
    return told


@pytest.mark.parametrize(
    ("estimator", "target", "rows"),
    [
        (LinearRegression(), VALUE, ("height",)),
        (LinearRegression(), BOTH, ("height", "width")),
        (Ridge(), VALUE, ("height",)),
        (Lasso(0.1), VALUE, ("height",)),
        (LogisticRegression(), TWO, ("green",)),
        (LogisticRegression(), THREE, LABELS),
        (RidgeClassifier(), TWO, ("green",)),
        (LinearDiscriminantAnalysis(), THREE, LABELS),
        (SVC(kernel="linear"), TWO, ("green",)),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else "",
)
def test_coefficients_are_those_of_the_library(estimator: Any, target: NDArray[Any], rows: tuple[str, ...]) -> None:
    told = coefficients(estimator, target)
    assert told.rows == rows
    assert told.names == ("x1", "x2", "x3", "x4")
    np.testing.assert_array_equal(told.values, np.atleast_2d(estimator.coef_))
    np.testing.assert_array_equal(told.intercepts, np.ravel(estimator.intercept_))
    if not isinstance(estimator, LinearRegression | LogisticRegression):
        assert told.source == "none"
        assert np.isnan(told.errors).all()


def test_of_pairs_of_classes_the_first_is_spoken_for() -> None:
    estimator = SVC(kernel="linear", decision_function_shape="ovo")
    told = coefficients(estimator, THREE)
    assert told.rows == ("red | green", "red | blue", "green | blue")
    decided = X.astype(np.float64) @ told.values.T + told.intercepts
    np.testing.assert_allclose(decided, estimator.decision_function(X), atol=1e-6)
    assert (decided[THREE == 0, 0] > 0).mean() > 0.5 > (decided[THREE == 1, 0] > 0).mean()


def test_the_terms_of_a_polynomial_have_the_names_of_their_inputs() -> None:
    estimator = make_pipeline(PolynomialFeatures(2, include_bias=False), LinearRegression())
    origins = Origins(("p t", "η", "x1", "E"), ("GeV",) * 4, np.ones(4), np.zeros(4, bool))
    estimator.fit(X, VALUE)
    told = found(estimator, FittedOn(X, VALUE, None, origins, ("height",))).coefficients
    assert told is not None
    assert told.names[:6] == ("p t", "η", "x1", "E", "p t^2", "p t · η")
    x = X.astype(np.float64)
    np.testing.assert_allclose(told.values[0, 5], estimator[-1].coef_[5])
    columns = np.column_stack([estimator[0].transform(x), np.ones(len(x))])
    residuals = VALUE - estimator.predict(x)
    variance = residuals @ residuals / (len(x) - columns.shape[1])
    errors = np.sqrt(variance * np.diag(np.linalg.inv(columns.T @ columns)))
    np.testing.assert_allclose(told.errors[0], errors[:-1], rtol=1e-6)


def test_of_very_many_terms_the_largest_are_kept() -> None:
    x = RANDOM.normal(size=(60, 1200)).astype(np.float32)
    estimator = Ridge()
    told = coefficients(estimator, x @ np.linspace(0, 1, 1200), x=x)
    assert told.left_out == 200
    assert np.abs(told.values).min() >= np.sort(np.abs(estimator.coef_))[199]


# -- errors --------------------------------------------------------------------------------------------------------
NORRIS = """0.1 0.2  338.8 337.4  118.1 118.2  888.0 884.6  9.2 10.1  228.1 226.5  668.5 666.3  998.5 996.3  449.1 448.6
778.9 777.0  559.2 558.2  0.3 0.4  0.1 0.6  778.1 775.5  668.8 666.9  339.3 338.0  448.9 447.5  10.8 11.6  557.7 556.0
228.3 228.1  998.0 995.8  888.8 887.6  119.6 120.2  0.3 0.3  0.6 0.3  557.6 556.8  339.3 339.1  888.0 887.2  998.5 999.0
778.9 779.0  10.2 11.1  117.6 118.3  228.9 229.2  668.4 669.1  449.2 448.9  0.2 0.5"""


def test_least_squares_has_the_certified_errors_of_norris() -> None:
    """NIST, Statistical Reference Datasets, linear regression, Norris."""
    y, x = np.array(NORRIS.split(), float).reshape(-1, 2).T
    told = coefficients(LinearRegression(), y, x=x[:, None])
    assert told.source == "least_squares"
    assert told.values[0, 0] == pytest.approx(1.00211681802045, rel=1e-10)
    assert told.intercepts[0] == pytest.approx(-0.262323073774029, rel=1e-8)
    assert told.errors[0, 0] == pytest.approx(0.429796848199937e-03, rel=1e-8)
    assert told.intercept_errors[0] == pytest.approx(0.232818234301152, rel=1e-8)


def test_weighted_least_squares_has_the_errors_of_a_fit_to_points_of_those_weights() -> None:
    told = coefficients(LinearRegression(), VALUE, WEIGHTS)
    scaled = coefficients(LinearRegression(), VALUE, 7 * WEIGHTS)

    def plane(x: Floats, a: float, b: float, c: float, d: float, constant: float) -> Floats:
        return np.asarray(x.T @ np.array([a, b, c, d]) + constant)

    values, covariance = curve_fit(plane, X.T.astype(float), VALUE, p0=np.zeros(5), sigma=1 / np.sqrt(WEIGHTS))
    np.testing.assert_allclose(told.values[0], values[:4], rtol=1e-5)
    np.testing.assert_allclose(told.errors[0], np.sqrt(np.diag(covariance))[:4], rtol=1e-5)
    np.testing.assert_allclose(told.intercept_errors[0], np.sqrt(covariance[4, 4]), rtol=1e-5)
    np.testing.assert_allclose(scaled.errors, told.errors, rtol=1e-9)


def test_rows_of_no_weight_are_no_rows() -> None:
    weights = np.where(np.arange(240) < 100, WEIGHTS, 0)
    some = coefficients(LinearRegression(), VALUE[:100], WEIGHTS[:100], x=X[:100])
    np.testing.assert_allclose(coefficients(LinearRegression(), VALUE, weights).errors, some.errors, rtol=1e-6)


def test_where_there_is_no_formula_or_no_answer_there_is_no_error() -> None:
    twice = np.repeat(X[:, :1], 2, axis=1)
    for estimator, target, x in (
        (LinearRegression(positive=True), VALUE, X),
        (LinearRegression(), VALUE, twice),
        (LinearRegression(), VALUE[:5], X[:5]),
        (LogisticRegression(solver="saga", l1_ratio=1.0, max_iter=2000), TWO, X),
        (LogisticRegression(C=np.inf), THREE, X),
    ):
        told = coefficients(estimator, target, x=x)
        assert told.source == "none", estimator
        assert np.isnan(told.errors).all()
        assert np.isnan(told.intercept_errors).all()


def curvature(cost: Callable[[Floats], float], at: Floats, step: float = 1e-3) -> Floats:
    """Second derivatives by differences of fourth order in the step's square."""
    size = len(at)
    found = np.zeros((size, size))
    unit = np.eye(size) * step
    for i in range(size):
        for j in range(i + 1):
            corners = [(a, b, a * b) for a in (1, -1) for b in (1, -1)]
            value = sum(sign * cost(at + a * unit[i] + b * unit[j]) for a, b, sign in corners)
            found[i, j] = found[j, i] = value / (4 * step**2)
    return found


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize("balanced", [None, "balanced"])
def test_the_errors_of_logistic_regression_are_the_curvature_of_what_it_minimises(
    weights: Floats | None, balanced: str | None
) -> None:
    estimator = LogisticRegression(C=0.7, class_weight=balanced, tol=1e-10)
    told = coefficients(estimator, TWO, weights)
    counts = np.ones(240) if weights is None else weights
    if balanced:
        sums = np.array([counts[code == TWO].sum() for code in (0, 1)])
        counts = counts * (counts.sum() / (2 * sums))[TWO]

    def cost(parameters: Floats) -> float:
        z = X.astype(float) @ parameters[:4] + parameters[4]
        likelihood = float(counts @ (np.logaddexp(0, z) - TWO * z))
        return likelihood + float(parameters[:4] @ parameters[:4]) / (2 * 0.7)

    covariance = np.linalg.inv(curvature(cost, np.append(told.values[0], told.intercepts[0])))
    assert told.source == "penalised"
    np.testing.assert_allclose(told.errors[0], np.sqrt(np.diag(covariance))[:4], rtol=1e-4)
    np.testing.assert_allclose(told.intercept_errors[0], np.sqrt(covariance[4, 4]), rtol=1e-4)


def test_so_are_those_of_many_classes_with_constants_told_from_their_mean() -> None:
    """A constant is free up to what is added to all: one direction more, that of their sum, is held to decide it."""
    told = coefficients(LogisticRegression(C=2.0, tol=1e-10), THREE)
    one = np.eye(3)[THREE]

    def cost(parameters: Floats) -> float:
        weights, constants = parameters[:12].reshape(3, 4), parameters[12:]
        z = X.astype(float) @ weights.T + constants
        likelihood = float((np.logaddexp.reduce(z, axis=1) - (one * z).sum(axis=1)).sum())
        return likelihood + float((weights**2).sum()) / 4 + 0.5 * float(constants.sum()) ** 2

    at = np.concatenate([told.values.ravel(), told.intercepts])
    covariance = np.linalg.inv(curvature(cost, at))
    np.testing.assert_allclose(told.errors.ravel(), np.sqrt(np.diag(covariance))[:12], rtol=1e-4)
    centred = np.eye(3) - 1 / 3
    expected = np.sqrt(np.diag(centred @ covariance[12:, 12:] @ centred))
    np.testing.assert_allclose(told.intercept_errors, expected, rtol=1e-4)


def test_the_units_of_inputs_do_not_decide_whether_there_are_errors() -> None:
    scales = np.array([1e-2, 1.0, 1e3, 1e2])
    plain = coefficients(LinearRegression(), VALUE)
    scaled = coefficients(LinearRegression(), VALUE, x=X.astype(float) * scales)
    np.testing.assert_allclose(scaled.errors * scales, plain.errors, rtol=1e-6)


def test_a_direction_that_the_fit_has_given_up_leaves_no_errors() -> None:
    """scikit-learn leaves out what varies by less than a millionth of the rest."""
    told = coefficients(LinearRegression(), VALUE, x=X.astype(float) * np.array([1e-5, 1.0, 1e5, 1.0]))
    assert told.source == "none"


def test_without_a_penalty_it_is_the_likelihood() -> None:
    assert coefficients(LogisticRegression(C=np.inf), TWO).source == "likelihood"


def test_what_has_neither_is_told_as_nothing() -> None:
    for estimator in (GaussianNB(), KNeighborsClassifier(), SVC()):
        assert look(estimator, TWO).kinds == ()
