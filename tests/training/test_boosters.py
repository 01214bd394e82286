"""Boosting of every kind beside its library: each tree's scores, the best tree kept, and ends that come unasked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mltui.core.errors import InputError
from mltui.inference.estimator import FittedEstimator
from mltui.inference.fitted import Inputs
from mltui.inference.native_threads import native_threads
from mltui.inference.reload import load
from mltui.training import boosting_adaptive, estimator
from mltui.training.gate import Gate
from mltui.training.problem import Problem
from mltui.training.report import Predict, Reporter

Make = Callable[..., Problem]
SEED = 3


@dataclass
class Watched:
    """A fit, with what it showed at every step and said."""

    x: Inputs
    stop_after: float = np.inf
    gate: Gate = field(default_factory=Gate)
    seen: dict[float, NDArray[np.float64]] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def look(self, step: float, predict: Predict, inside: Any = None, known: Any = None) -> None:
        self.seen[step] = predict(self.x)
        if step >= self.stop_after:
            self.gate.ask("stop")

    def glance(self, step: float, predict: Predict, inside: Any = None) -> None:
        pass

    def changed(self) -> None:
        pass

    def fit(self, problem: Problem) -> FittedEstimator:
        reporter = Reporter(lambda kind, **said: self.events.append((kind, said)), None, self.gate, self)
        fitted = estimator.fit(problem, reporter)
        reporter.flush()
        return fitted

    def losses(self) -> list[float]:
        """Of validation, tree by tree."""
        curves = next(said["curves"] for kind, said in self.events if kind == "started")
        place = next(p for p, c in enumerate(curves) if (c["name"], c["part"]) == ("loss", "validation"))
        progress = [said["columns"][place] for kind, said in self.events if kind == "progress"]
        return [value for values in progress for value in values]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    with native_threads(1):
        yield


@pytest.fixture(scope="session")
def case(problem: Make) -> Make:
    """Makes the problem of a model on a dataset, on one thread."""

    def make(name: str, dataset: str, training: Mapping[str, Any] | None = None, **settings: Any) -> Problem:
        made = problem(dataset, {"name": name, **settings}, training=dict(training or {}), seed=SEED)
        return replace(made, threads=1)

    return make


def scores(made: Any, x: Inputs, **asked: Any) -> NDArray[np.float64]:
    """What a bare estimator says of rows: values, the second of two probabilities, or all of several."""
    if not hasattr(made, "predict_proba"):
        return np.asarray(made.predict(x, **asked), np.float64)
    found = np.asarray(made.predict_proba(x, **asked), np.float64)
    return found[:, 1] if found.shape[1] == 2 else found


def staged(made: Any, x: Inputs) -> list[NDArray[np.float64]]:
    """The same after every tree, by the library."""
    if not hasattr(made, "staged_predict_proba"):
        return list(made.staged_predict(x))
    return [found[:, 1] if found.shape[1] == 2 else found for found in made.staged_predict_proba(x)]


# -- every setting that decides how trees are summed ----------------------------------------------------------------
STAGED: dict[str, tuple[str, str, dict[str, Any], Callable[[], Any]]] = {
    "exponential": ("gradient_boosting", "moons", {"loss": "exponential"}, GradientBoostingClassifier),
    "drawn rows": ("gradient_boosting", "iris", {"subsample": 0.5}, GradientBoostingClassifier),
    "huber": ("gradient_boosting", "gaussian_plane", {"loss": "huber"}, GradientBoostingRegressor),
    "quantile": ("gradient_boosting", "gaussian_plane", {"loss": "quantile", "alpha": 0.2}, GradientBoostingRegressor),
    "deep votes": (
        "adaboost", "iris", {"max_depth": 2, "learning_rate": 0.3},
        lambda: AdaBoostClassifier(DecisionTreeClassifier(max_depth=2)),
    ),
    "medians": (
        "adaboost", "gaussian_plane", {"loss": "square", "max_depth": 2},
        lambda: AdaBoostRegressor(DecisionTreeRegressor(max_depth=2)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", STAGED)
def test_each_tree_shows_what_the_library_says_of_so_many(case: Make, which: str) -> None:
    name, dataset, settings, make = STAGED[which]
    problem = case(name, dataset, n_estimators=9, **settings)
    own = {key: value for key, value in settings.items() if key != "max_depth"}
    bare = make().set_params(n_estimators=9, random_state=SEED, **own).fit(problem.train.x, problem.train.target)
    watched = Watched(problem.validation.x)  # type: ignore[union-attr]
    watched.fit(problem)
    expected = staged(bare, watched.x)
    assert sorted(watched.seen) == list(range(1, len(expected) + 1))
    for step, found in enumerate(expected, 1):
        np.testing.assert_allclose(watched.seen[step], found, rtol=0, atol=1e-9)


# -- stopping early --------------------------------------------------------------------------------------------------
EARLY: dict[tuple[str, str], Callable[[int], Any]] = {
    ("gradient_boosting", "moons"): lambda n: GradientBoostingClassifier(
        n_estimators=n, learning_rate=0.8, random_state=SEED
    ),
    ("gradient_boosting", "gaussian_plane"): lambda n: GradientBoostingRegressor(
        n_estimators=n, learning_rate=0.8, random_state=SEED
    ),
    ("adaboost", "iris"): lambda n: AdaBoostClassifier(n_estimators=n, learning_rate=0.8, random_state=SEED),
    ("adaboost", "gaussian_plane"): lambda n: AdaBoostRegressor(n_estimators=n, learning_rate=0.8, random_state=SEED),
}


@pytest.mark.parametrize(("name", "dataset"), EARLY)
def test_patience_keeps_the_best_tree_also_on_disk(case: Make, tmp_path: Path, name: str, dataset: str) -> None:
    problem = case(name, dataset, {"early_stopping": 4}, n_estimators=150, learning_rate=0.8)
    watched = Watched(problem.train.x)
    fitted = watched.fit(problem)
    losses = watched.losses()
    best = int(np.argmin(losses)) + 1
    assert fitted.kept == best
    assert len(losses) == best + 4 < 150
    expected = scores(EARLY[name, dataset](best).fit(problem.train.x, problem.train.target), problem.train.x)
    np.testing.assert_allclose(fitted.predict(problem.train.x), expected, rtol=0, atol=1e-9)
    fitted.save(tmp_path)
    again = load(tmp_path, problem.card)
    assert again.kept == best
    np.testing.assert_array_equal(again.predict(problem.train.x), fitted.predict(problem.train.x))


# -- ends that come by themselves ------------------------------------------------------------------------------------
def test_a_tree_without_error_is_the_last_and_is_shown(case: Make) -> None:
    problem = case("adaboost", "iris", max_depth=20, n_estimators=30)
    watched = Watched(problem.train.x)
    fitted = watched.fit(problem)
    assert list(watched.seen) == [1]
    assert fitted.kept == len(fitted.estimator.estimators_) == 1
    bare = AdaBoostClassifier(DecisionTreeClassifier(max_depth=20), n_estimators=30, random_state=SEED)
    bare.fit(problem.train.x, problem.train.target)
    np.testing.assert_allclose(fitted.predict(problem.train.x), scores(bare, problem.train.x), rtol=0, atol=1e-9)


def test_a_stop_holds_where_the_library_makes_its_trees_otherwise(case: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosting_adaptive, "_BOOST", "_boost_of_another_version")
    problem = case("adaboost", "moons", n_estimators=9)
    watched = Watched(problem.train.x, stop_after=6)
    fitted = watched.fit(problem)
    assert list(watched.seen) == [1, 2, 3, 4, 5, 6]
    assert fitted.kept == 6
    bare = AdaBoostClassifier(n_estimators=6, random_state=SEED).fit(problem.train.x, problem.train.target)
    np.testing.assert_allclose(fitted.predict(problem.train.x), scores(bare, problem.train.x), rtol=0, atol=1e-9)


# -- weights that cancel -----------------------------------------------------------------------------------------------
def test_weights_that_cancel_are_said(case: Make) -> None:
    """As of a generator at next-to-leading order: 1 and -1. The library has no answer there, or divides by zero."""
    problem = case("extra_trees", "gaussian_plane", n_estimators=5)
    weights = np.where(np.arange(len(problem.train)) % 4 == 0, -1.0, 1.0)
    parts = {**problem.parts, "train": replace(problem.train, weights=weights)}
    with pytest.raises(InputError, match="positive and negative weights have cancelled") as caught:
        Watched(problem.train.x).fit(replace(problem, parts=parts, weighted=True))
    assert caught.value.key == "preprocess.negative_weights"
    x, target = problem.train.x, problem.train.target
    with np.errstate(all="ignore"):
        found = ExtraTreesRegressor(5, random_state=SEED).fit(x, target, sample_weight=weights).predict(x)
        assert np.isnan(found).any()
        with pytest.raises(ZeroDivisionError):
            GradientBoostingClassifier(n_estimators=30).fit(x, target.astype(float) > 0, sample_weight=weights)
