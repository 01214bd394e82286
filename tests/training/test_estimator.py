"""The estimator adapter: the numbers of a bare fit, with curves, wishes, patience and pictures on the way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from lightgbm import LGBMClassifier, LGBMRegressor
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, softmax
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge, RidgeClassifier
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error, r2_score, roc_auc_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from xgboost import XGBClassifier, XGBRegressor

from mltui.core.errors import InputError
from mltui.core.events import Curve
from mltui.inference.estimator import FittedEstimator
from mltui.inference.fitted import Inputs
from mltui.inference.native_threads import native_threads
from mltui.inference.reload import load
from mltui.models.catalogue import CARDS
from mltui.training import boosting, estimator
from mltui.training.gate import Gate
from mltui.training.learning_curve import nested_order, sizes
from mltui.training.problem import Problem
from mltui.training.report import Predict, Reporter

SEED = 5
FEW = {
    "random_forest": {"n_estimators": 12},
    "extra_trees": {"n_estimators": 12},
    "adaboost": {"n_estimators": 12},
    "gradient_boosting": {"n_estimators": 12},
    "hist_gradient_boosting": {"max_iter": 12},
    "xgboost": {"n_estimators": 12},
    "lightgbm": {"n_estimators": 12},
}
BARE: dict[tuple[str, str], Callable[[], Any]] = {  # every estimator of the catalogue; a new one adds its lines
    ("logistic_regression", "classification"): lambda: LogisticRegression(max_iter=1000),
    ("linear_regression", "regression"): LinearRegression,
    ("polynomial_regression", "regression"): lambda: make_pipeline(
        PolynomialFeatures(3, include_bias=False), LinearRegression()
    ),
    ("ridge", "regression"): Ridge,
    ("lasso", "regression"): lambda: Lasso(0.01),
    ("least_squares_classifier", "classification"): lambda: RidgeClassifier(0, solver="lsqr", tol=1e-12),
    ("lda", "classification"): LinearDiscriminantAnalysis,
    ("qda", "classification"): QuadraticDiscriminantAnalysis,
    ("gaussian_nb", "classification"): GaussianNB,
    ("svm", "classification"): SVC,
    ("svm", "regression"): SVR,
    ("knn", "classification"): lambda: KNeighborsClassifier(15),
    ("knn", "regression"): lambda: KNeighborsRegressor(15),
    ("decision_tree", "classification"): lambda: DecisionTreeClassifier(max_depth=5, random_state=SEED),
    ("decision_tree", "regression"): lambda: DecisionTreeRegressor(max_depth=5, random_state=SEED),
    ("random_forest", "classification"): lambda: RandomForestClassifier(12, random_state=SEED),
    ("random_forest", "regression"): lambda: RandomForestRegressor(12, random_state=SEED),
    ("extra_trees", "classification"): lambda: ExtraTreesClassifier(12, random_state=SEED),
    ("extra_trees", "regression"): lambda: ExtraTreesRegressor(12, random_state=SEED),
    ("adaboost", "classification"): lambda: AdaBoostClassifier(n_estimators=12, random_state=SEED),
    ("adaboost", "regression"): lambda: AdaBoostRegressor(n_estimators=12, random_state=SEED),
    ("gradient_boosting", "classification"): lambda: GradientBoostingClassifier(n_estimators=12, random_state=SEED),
    ("gradient_boosting", "regression"): lambda: GradientBoostingRegressor(n_estimators=12, random_state=SEED),
    ("hist_gradient_boosting", "classification"): lambda: HistGradientBoostingClassifier(
        max_iter=12, early_stopping=False, random_state=SEED
    ),
    ("hist_gradient_boosting", "regression"): lambda: HistGradientBoostingRegressor(
        max_iter=12, early_stopping=False, random_state=SEED
    ),
    ("xgboost", "classification"): lambda: XGBClassifier(n_estimators=12, random_state=SEED),
    ("xgboost", "regression"): lambda: XGBRegressor(n_estimators=12, random_state=SEED),
    ("lightgbm", "classification"): lambda: LGBMClassifier(n_estimators=12, random_state=SEED, verbosity=-1),
    ("lightgbm", "regression"): lambda: LGBMRegressor(n_estimators=12, random_state=SEED, verbosity=-1),
}
DATASETS = {"moons": "classification", "iris": "classification", "gaussian_plane": "regression"}
CASES = [
    pytest.param(name, dataset, id=f"{name}-{dataset}")
    for name, task in BARE
    for dataset, is_for in DATASETS.items()
    if is_for == task
]
FIRST: dict[Any, Any] = {case.values[0]: case.values[1] for case in reversed(CASES)}
"""Of each estimator a dataset."""
DRAWING = {"random_forest", "extra_trees"}
"""Those whose numbers depend on the seed."""
BY_TREE = [case for case in CASES if case.values[0] in FEW]

Make = Callable[..., Problem]


@dataclass
class Watcher:
    """Stands for the album: asks for scores at every step, and for the end after one of them."""

    x: Inputs | None = None
    gate: Gate | None = None
    stop_after: float = np.inf
    seen: dict[float, NDArray[np.float64]] = field(default_factory=dict)

    def look(self, step: float, predict: Predict, inside: Any = None, known: Any = None) -> None:
        if self.x is not None:
            self.seen[step] = predict(self.x)
        if self.gate and step >= self.stop_after:
            self.gate.ask("stop")

    def glance(self, step: float, predict: Predict, inside: Any = None) -> None:
        pass

    def changed(self) -> None:
        pass


@dataclass
class Told:
    """What a fit said."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, kind: str, **fields: Any) -> None:
        self.events.append((kind, fields))

    def curves(self) -> list[Curve]:
        return [Curve.read(c) for kind, said in self.events if kind == "started" for c in said["curves"]]

    def points(self) -> tuple[list[float], dict[tuple[str, str], list[float]]]:
        """Where the points stand, and the values by curve and part."""
        progress = [said for kind, said in self.events if kind == "progress"]
        values: dict[tuple[str, str], list[float]] = {
            (curve.name, curve.part): [v for said in progress for v in said["columns"][place]]
            for place, curve in enumerate(self.curves())
        }
        return [step for said in progress for step in said["axis"]], values

    def warnings(self) -> list[str]:
        return [said["message"] for kind, said in self.events if kind == "warning"]


def fit(problem: Problem, watcher: Watcher | None = None) -> tuple[FittedEstimator, Told]:
    told = Told()
    reporter = Reporter(told, None, watcher.gate if watcher else None, watcher)
    fitted = estimator.fit(problem, reporter)
    reporter.flush()
    return fitted, told


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads that spin for each other would slow the bare fits down."""
    with native_threads(1):
        yield


@pytest.fixture(scope="session")
def case(problem: Make) -> Make:
    """Makes the problem of a model on a dataset, with few trees."""

    def make(name: str, dataset: str, training: Mapping[str, Any] | None = None, **settings: Any) -> Problem:
        model = {"name": name, **FEW.get(name, {}), **settings}
        made = problem(dataset, model, training=dict(training or {}), seed=SEED)
        return replace(made, threads=1)

    return make


Once = Callable[[str, str], tuple[Problem, FittedEstimator, Told]]


@pytest.fixture(scope="session")
def once(case: Make) -> Once:
    """The problem of a case, its fit and what that said; made once, to look at only."""

    @cache
    def made(name: str, dataset: str) -> tuple[Problem, FittedEstimator, Told]:
        problem = case(name, dataset)
        return problem, *fit(problem)

    return made


def bare(problem: Problem, **changed: Any) -> Any:
    """The library's own estimator, fitted on the same rows."""
    made = BARE[problem.card.name, problem.task]().set_params(**changed)
    x = problem.train.x if "tree" in str(problem.card.axis) else problem.train.x.astype(np.float64)
    return made.fit(x, problem.train.target)


def answers(problem: Problem, made: Any, x: Inputs) -> NDArray[np.float64]:
    if problem.task == "regression":
        return np.asarray(made.predict(x.astype(np.float64)))
    if not hasattr(made, "predict_proba"):
        return decided(made, made.decision_function(x.astype(np.float64)))
    probabilities = np.asarray(made.predict_proba(x.astype(np.float64)))
    return probabilities[:, 1] if len(problem.classes) == 2 else probabilities


def decided(made: Any, by: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is no probability as the cards say that it is brought to 0 and 1."""
    if isinstance(made, SVC):
        return np.asarray(expit(by) if by.ndim == 1 else softmax(by, axis=1))
    if by.ndim == 1:
        return np.clip((by + 1) / 2, 0, 1)
    return np.array([np.maximum(row - brentq(_excess, -9, 9, (row,), xtol=1e-15), 0) for row in (by + 1) / 2])


def _excess(constant: float, row: NDArray[np.float64]) -> float:
    """How far the sum is above 1 of what lies above a constant."""
    return float(np.maximum(row - constant, 0).sum() - 1)


# -- the numbers ---------------------------------------------------------------------------------------------------
def test_every_estimator_is_held_against_a_bare_fit() -> None:
    assert {(c.name, task) for c in CARDS.values() if c.engine == "estimator" for task in c.tasks} == set(BARE)


@pytest.mark.parametrize(("name", "dataset"), CASES)
def test_the_model_is_that_of_a_bare_fit(once: Once, name: str, dataset: str) -> None:
    problem, fitted, _ = once(name, dataset)
    for rows in problem.parts.values():
        np.testing.assert_allclose(fitted.predict(rows.x), answers(problem, bare(problem), rows.x), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("name", "dataset"), FIRST.items())
def test_twice_the_same_and_threads_change_nothing(once: Once, name: str, dataset: str) -> None:
    problem, fitted, told = once(name, dataset)
    again, said = fit(replace(problem, threads=3))
    assert again.predict(problem.train.x).tobytes() == fitted.predict(problem.train.x).tobytes()
    assert said.points() == told.points()


@pytest.mark.parametrize(("name", "dataset"), FIRST.items())
def test_the_seed_is_the_experiment_s(once: Once, name: str, dataset: str) -> None:
    problem, fitted, _ = once(name, dataset)
    other = replace(problem, experiment=replace(problem.experiment, seed=SEED + 1))
    x = problem.parts["validation"].x
    same = np.array_equal(fitted.predict(x), fit(other)[0].predict(x))
    assert same == (name not in DRAWING)


# -- the curves ----------------------------------------------------------------------------------------------------
@pytest.mark.filterwarnings("ignore:The y_prob values do not sum to one")  # XGBoost's, in single precision
@pytest.mark.parametrize(("name", "dataset"), CASES)
def test_curves_end_at_the_metrics_of_the_model(once: Once, name: str, dataset: str) -> None:
    problem, fitted, told = once(name, dataset)
    steps, values = told.points()
    last = 12 if name in FEW else len(problem.train)
    assert told.events[0][0] == "started"
    assert told.events[0][1]["total"] == steps[-1] == fitted.kept == last
    assert {curve.axis for curve in told.curves()} == {CARDS[name].axis}
    assert steps == sorted(set(steps))
    if name == "qda":  # the smallest parts hold too few rows of some class for its shape
        assert 5 <= len(steps) <= 8
    else:
        assert len(steps) == (12 if name in FEW else 8)
    for part, rows in problem.parts.items():
        scores = fitted.predict(rows.x)
        for metric, expected in judged(problem, rows.target, scores).items():
            assert values[metric, part][-1] == pytest.approx(expected, abs=1e-9), (metric, part)


def judged(problem: Problem, target: NDArray[Any], scores: NDArray[np.float64]) -> dict[str, float]:
    """The live metrics by scikit-learn."""
    if problem.task == "regression":
        loss = mean_squared_error(target, scores)
        return {"loss": loss, "rmse": loss**0.5, "r2": r2_score(target, scores)}
    two = scores.ndim == 1
    return {
        "loss": log_loss(target, scores),
        "accuracy": accuracy_score(target, scores > 0.5 if two else scores.argmax(axis=1)),
        "auc": roc_auc_score(target, scores, multi_class="ovr") if not two else roc_auc_score(target, scores),
    }


@pytest.mark.parametrize(("name", "dataset"), BY_TREE)
def test_every_tree_shows_the_ensemble_so_far(case: Make, name: str, dataset: str) -> None:
    problem = case(name, dataset)
    watcher = Watcher(problem.train.x[:50])
    fit(problem, watcher)
    assert sorted(watcher.seen) == list(range(1, 13))
    count = CARDS[name].steps.rpartition(".")[2]
    for trees in (1, 2, 7, 12):
        expected = answers(problem, bare(problem, **{count: trees}), problem.train.x[:50])
        np.testing.assert_allclose(watcher.seen[trees], expected, rtol=0, atol=1e-9)


def test_a_score_against_the_training_size_is_that_of_so_many_rows(case: Make) -> None:
    problem = case("decision_tree", "moons")
    watcher = Watcher(problem.train.x[:50])
    fit(problem, watcher)
    order = nested_order(problem)
    for size in sorted(watcher.seen)[:-1]:
        rows = np.sort(order[: int(size)])
        tree = BARE["decision_tree", "classification"]().fit(problem.train.x[rows], problem.train.target[rows])
        np.testing.assert_array_equal(watcher.seen[size], answers(problem, tree, problem.train.x[:50]))
        assert len(np.unique(problem.train.target[rows])) == 2


@pytest.mark.parametrize("rows", [5, 10, 11, 25, 300, 5_000, 5_001, 40_000, 1_000_000])
def test_training_sizes_rise_to_all_rows_and_cost_little(rows: int) -> None:
    found = sizes(rows, 10)
    assert found == sorted(set(found))
    assert found[-1] == rows
    assert len(found) <= 8
    assert rows < 50 or len(found) >= 5
    if rows > 5_000:
        assert sum(found[:-1]) <= 0.301 * rows


# -- wishes and patience -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "dataset"), BY_TREE)
def test_a_stop_keeps_the_trees_grown_so_far(case: Make, tmp_path: Path, name: str, dataset: str) -> None:
    problem = case(name, dataset)
    fitted, told = fit(problem, Watcher(gate=Gate(), stop_after=5))
    assert fitted.kept == 5
    assert told.points()[0] == [1, 2, 3, 4, 5]
    x = problem.train.x
    expected = answers(problem, bare(problem, **{CARDS[name].steps.rpartition(".")[2]: 5}), x)
    np.testing.assert_allclose(fitted.predict(x), expected, rtol=0, atol=1e-9)
    fitted.save(tmp_path)
    np.testing.assert_array_equal(load(tmp_path, problem.card).predict(x), fitted.predict(x))


def test_a_stop_in_a_learning_curve_keeps_the_model_of_all_rows(case: Make) -> None:
    problem = case("decision_tree", "moons")
    fitted, told = fit(problem, Watcher(gate=Gate(), stop_after=0))
    assert len(told.points()[0]) == 2
    assert told.points()[0][-1] == len(problem.train)
    np.testing.assert_array_equal(fitted.predict(problem.train.x), answers(problem, bare(problem), problem.train.x))


@pytest.mark.parametrize("dataset", DATASETS)
def test_early_stopping_keeps_the_best_tree(case: Make, dataset: str) -> None:
    problem = case("hist_gradient_boosting", dataset, training={"early_stopping": 7}, max_iter=200, learning_rate=0.5)
    fitted, told = fit(problem)
    steps, values = told.points()
    losses = values["loss", "validation"]
    best = steps[int(np.argmin(losses))]
    assert fitted.kept == best
    assert steps[-1] == best + 7 < 200
    expected = answers(problem, bare(problem, max_iter=int(best), learning_rate=0.5), problem.train.x)
    np.testing.assert_allclose(fitted.predict(problem.train.x), expected, rtol=0, atol=1e-9)
    assert [said["kept"] for kind, said in told.events if kind == "progress"][-1] == best


def test_early_stopping_needs_validation_rows(case: Make) -> None:
    problem = case("hist_gradient_boosting", "moons", training={"early_stopping": 7})
    with pytest.raises(InputError, match=r"split\.validation") as caught:
        fit(replace(problem, parts={"train": problem.train}))
    assert caught.value.key == "training.early_stopping"


def test_without_validation_there_are_training_curves(case: Make) -> None:
    problem = case("hist_gradient_boosting", "moons")
    _, told = fit(replace(problem, parts={"train": problem.train}))
    assert {curve.part for curve in told.curves()} == {"train"}


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("training", [{}, {"early_stopping": 30}])
def test_boosting_goes_on_where_the_library_hides_its_trees(
    case: Make, monkeypatch: pytest.MonkeyPatch, dataset: str, training: dict[str, int]
) -> None:
    problem = case("hist_gradient_boosting", dataset, training=training, max_iter=30, learning_rate=0.5)
    monkeypatch.setattr(boosting, "_PRIVATE", ("_trees_of_another_version",))
    fitted, told = fit(problem)
    steps, values = told.points()
    assert steps == [3, 6, 9, 12, 15, 18, 21, 24, 27, 30]
    best = steps[int(np.argmin(values["loss", "validation"]))] if training else 30
    assert fitted.kept == best
    expected = answers(problem, bare(problem, max_iter=int(best), learning_rate=0.5), problem.train.x)
    np.testing.assert_allclose(fitted.predict(problem.train.x), expected, rtol=0, atol=1e-9)


def test_boosting_goes_on_where_the_library_wants_to_be_called_otherwise(
    case: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = case("hist_gradient_boosting", "moons", max_iter=30)
    grown = HistGradientBoostingClassifier._predict_iterations

    def of_another_version(self: Any, *given: Any) -> None:
        if sys._getframe(1).f_globals["__name__"] == "mltui.training.boosting":
            raise TypeError("takes other arguments")
        grown(self, *given)

    monkeypatch.setattr(HistGradientBoostingClassifier, "_predict_iterations", of_another_version)
    fitted, told = fit(problem)
    assert told.points()[0] == [3, 6, 9, 12, 15, 18, 21, 24, 27, 30]
    expected = answers(problem, bare(problem, max_iter=30), problem.train.x)
    np.testing.assert_allclose(fitted.predict(problem.train.x), expected, rtol=0, atol=1e-9)


# -- kept on disk --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "dataset"), CASES)
def test_a_model_read_back_answers_the_same(once: Once, tmp_path: Path, name: str, dataset: str) -> None:
    problem, fitted, _ = once(name, dataset)
    fitted.save(tmp_path)
    again = load(tmp_path, problem.card)
    assert again.kept == fitted.kept
    for x in (problem.train.x, problem.train.x[:1], problem.train.x[:0]):
        np.testing.assert_array_equal(again.predict(x), fitted.predict(x))


@pytest.mark.parametrize("metric", ["manhattan", "chebyshev"])
@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree", "brute"])
def test_neighbours_are_read_back_however_they_are_found(
    case: Make, tmp_path: Path, metric: str, algorithm: str
) -> None:
    problem = case("knn", "moons", metric=metric, algorithm=algorithm)
    fitted, _ = fit(problem)
    fitted.save(tmp_path)
    again = load(tmp_path, problem.card)
    np.testing.assert_array_equal(again.predict(problem.train.x), fitted.predict(problem.train.x))


def test_a_file_with_another_type_in_it_is_not_read(case: Make, tmp_path: Path) -> None:
    problem = case("decision_tree", "moons")
    fit(problem)[0].save(tmp_path)
    (tmp_path / "estimator.skops").write_bytes(skops.io.dumps({"harmless": Watcher()}))
    with pytest.raises(InputError, match="Watcher"):
        load(tmp_path, problem.card)


def test_a_saved_forest_does_not_carry_the_training_weights(case: Make, tmp_path: Path) -> None:
    problem = case("random_forest", "moons", max_depth=1, n_estimators=1)
    rows = replace(problem.train, weights=np.full(len(problem.train), 0.123456789))
    fitted, _ = fit(replace(problem, weighted=True, parts={"train": rows}))
    assert getattr(fitted.estimator, "_sample_weight", None) is None
