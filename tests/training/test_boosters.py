"""Boosting of every kind beside its library: each tree's scores, the best tree kept, and ends that come unasked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
from numpy.typing import NDArray
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from xgboost import Booster, XGBClassifier, XGBRegressor

from mltui.core.errors import InputError
from mltui.inference.estimator import FittedEstimator
from mltui.inference.fitted import Inputs
from mltui.inference.native_threads import native_threads
from mltui.inference.reload import load
from mltui.record.checkpoint import read_checkpoint
from mltui.record.folder import RunFolder
from mltui.training import boosting_adaptive, estimator
from mltui.training.checkpoints import Checkpoints, Left
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

    def fit(
        self, problem: Problem, checkpoints: Checkpoints | None = None, resumed: tuple[int, float] | None = None
    ) -> FittedEstimator:
        def emit(kind: str, **said: Any) -> None:
            self.events.append((kind, said))

        reporter = Reporter(emit, None, self.gate, self, resumed=resumed)
        fitted = estimator.fit(problem, reporter, checkpoints)
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


# -- the same of XGBoost and LightGBM ------------------------------------------------------------------------------
NATIVE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "shares": ("xgboost", "iris", {"subsample": 0.6, "colsample_bytree": 0.5, "colsample_bynode": 0.5}),
    "exact": ("xgboost", "moons", {"tree_method": "exact", "reg_lambda": 3.0, "gamma": 0.5}),
    "by gain": ("xgboost", "moons", {"grow_policy": "lossguide", "max_leaves": 5, "max_bin": 16}),
    "several": ("xgboost", "oscillator", {"objective": "reg:pseudohubererror"}),
    "drawn": ("lightgbm", "iris", {"subsample": 0.6, "subsample_freq": 1, "colsample_bytree": 0.5}),
    "pinball": ("lightgbm", "gaussian_plane", {"objective": "quantile", "alpha": 0.2}),
    "counts": ("lightgbm", "gaussian_plane", {"objective": "poisson", "max_bin": 16}),
}
KINDS: dict[tuple[str, str], Callable[..., Any]] = {
    ("xgboost", "classification"): XGBClassifier,
    ("xgboost", "regression"): XGBRegressor,
    ("lightgbm", "classification"): partial(LGBMClassifier, verbosity=-1),
    ("lightgbm", "regression"): partial(LGBMRegressor, verbosity=-1),
}


def native(problem: Problem, trees: int, **settings: Any) -> Any:
    made = KINDS[problem.card.name, problem.task](n_estimators=trees, random_state=SEED, n_jobs=1, **settings)
    return made.fit(problem.train.x, problem.train.target)


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize("which", NATIVE)
def test_each_tree_of_a_booster_shows_what_its_library_says_of_so_many(case: Make, which: str) -> None:
    name, dataset, settings = NATIVE[which]
    problem = case(name, dataset, n_estimators=6, **{k: v for k, v in settings.items() if k != "subsample_freq"})
    if which == "counts":
        parts = {part: replace(rows, target=np.abs(rows.target)) for part, rows in problem.parts.items()}
        problem = replace(problem, parts=parts)
    watched = Watched(problem.validation.x)  # type: ignore[union-attr]
    fitted = watched.fit(problem)
    bare = native(problem, 6, **settings)
    assert sorted(watched.seen) == [1, 2, 3, 4, 5, 6]
    for step, found in watched.seen.items():
        so_many = {"iteration_range": (0, int(step))} if name == "xgboost" else {"num_iteration": int(step)}
        np.testing.assert_allclose(found, scores(bare, watched.x, **so_many), rtol=0, atol=1e-9)
    np.testing.assert_array_equal(fitted.predict(watched.x), watched.seen[6])


@pytest.mark.parametrize("name", ["xgboost", "lightgbm"])
@pytest.mark.parametrize("after", [4, 12])
def test_a_booster_goes_on_from_its_trees_to_the_same_bit_for_bit(
    case: Make, tmp_path: Path, name: str, after: int
) -> None:
    problem = case(name, "iris", {"early_stopping": 8}, n_estimators=12, learning_rate=0.5)
    whole = Watched(problem.train.x)
    expected = whole.fit(problem)
    folder = RunFolder(tmp_path)
    cut = Watched(problem.train.x, stop_after=after)
    cut.fit(problem, Checkpoints(folder))
    assert len(cut.losses()) == after
    checkpoint = read_checkpoint(folder)
    assert checkpoint is not None
    assert checkpoint.step == after
    rest = Watched(problem.train.x)
    fitted = rest.fit(problem, Checkpoints(folder, left=Left(checkpoint=checkpoint)), resumed=(0, float(after)))
    assert sorted(rest.seen) == list(range(after + 1, len(whole.seen) + 1))
    for step, found in rest.seen.items():
        np.testing.assert_array_equal(found, whole.seen[step])
    assert fitted.kept == expected.kept
    np.testing.assert_array_equal(fitted.predict(problem.train.x), expected.predict(problem.train.x))


@pytest.mark.parametrize("settings", [{"subsample": 0.5}, {"colsample_bytree": 0.5}])
@pytest.mark.parametrize("name", ["xgboost", "lightgbm"])
def test_what_draws_by_chance_begins_anew(case: Make, tmp_path: Path, name: str, settings: Mapping[str, Any]) -> None:
    folder = RunFolder(tmp_path)
    cut = Watched(case(name, "moons").train.x, stop_after=3)
    cut.fit(case(name, "moons", n_estimators=6, **settings), Checkpoints(folder))
    assert len(cut.seen) == 3
    assert read_checkpoint(folder) is None


@pytest.mark.parametrize(("name", "file"), [("xgboost", "xgboost.json"), ("lightgbm", "lightgbm.txt")])
def test_a_booster_is_kept_in_its_library_s_own_format(case: Make, tmp_path: Path, name: str, file: str) -> None:
    problem = case(name, "iris", n_estimators=3)
    fitted = Watched(problem.train.x).fit(problem)
    fitted.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {file, "estimator.json"}
    x = problem.train.x
    if name == "xgboost":
        alone: Any = Booster(model_file=tmp_path / file)
        np.testing.assert_array_equal(alone.inplace_predict(x), fitted.predict(x))
    else:
        np.testing.assert_array_equal(lightgbm.Booster(model_file=tmp_path / file).predict(x), fitted.predict(x))
    whole = (tmp_path / file).read_bytes()
    for content in (whole[: len(whole) // 2], b"", whole.replace(b"5", b"6", 1)):
        (tmp_path / file).write_bytes(content)
        with pytest.raises(InputError, match=f"{file} is damaged: it is not the {name} model"):
            load(tmp_path, problem.card)
    (tmp_path / file).write_bytes(whole)
    (tmp_path / "estimator.json").write_text("{}")
    with pytest.raises(InputError, match="cannot be read back"):
        load(tmp_path, problem.card)


@pytest.mark.parametrize("name", ["xgboost", "lightgbm"])
def test_a_booster_is_silent_and_what_its_library_refuses_is_one_sentence(
    case: Make, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    objective = "reg:gamma" if name == "xgboost" else "gamma"
    with pytest.raises(InputError, match=f"^{name} cannot be fitted to these data with these settings: ") as caught:
        Watched(case(name, "moons").train.x).fit(case(name, "gaussian_plane", n_estimators=2, objective=objective))
    assert "\n" not in caught.value.sentence
    assert "Stack" not in caught.value.sentence
    capfd.readouterr()  # LightGBM prints its last words itself; in a worker they go to its log
    Watched(case(name, "moons").train.x).fit(case(name, "moons", n_estimators=3, max_depth=1))
    assert capfd.readouterr() == ("", "")


def test_trees_that_cannot_be_split_end_the_fit(case: Make) -> None:
    problem = case("lightgbm", "iris", n_estimators=20, min_child_samples=80)
    watched = Watched(problem.train.x)
    fitted = watched.fit(problem)
    assert len(watched.seen) < 20
    np.testing.assert_allclose(fitted.predict(problem.train.x)[0], 1 / 3, atol=0.05)


# -- stopping early --------------------------------------------------------------------------------------------------
EARLY: dict[tuple[str, str], Callable[[int], Any]] = {
    ("gradient_boosting", "moons"): lambda n: GradientBoostingClassifier(
        n_estimators=n, learning_rate=0.8, random_state=SEED
    ),
    ("gradient_boosting", "gaussian_plane"): lambda n: GradientBoostingRegressor(
        n_estimators=n, learning_rate=0.8, random_state=SEED
    ),
    ("xgboost", "moons"): lambda n: XGBClassifier(n_estimators=n, learning_rate=0.8, random_state=SEED),
    ("lightgbm", "gaussian_plane"): lambda n: LGBMRegressor(
        n_estimators=n, learning_rate=0.8, random_state=SEED, verbosity=-1
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
