"""What weights mean is the same for every model of the catalogue: laws, and bare fits of the treated arrays.

Where a law holds only closely, the case says why.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from lightgbm import LGBMClassifier, LGBMRegressor
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.ensemble import (
    AdaBoostClassifier,
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
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.validation import has_fit_parameter
from xgboost import XGBClassifier, XGBRegressor

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.sections import Task
from mltui.core.table import Column, Table
from mltui.data.laid_out import put_away
from mltui.inference.decisions import shares
from mltui.inference.fitted import Fitted, Inputs
from mltui.inference.native_threads import native_threads
from mltui.models.card import Shape
from mltui.models.catalogue import CARDS
from mltui.models.shared import weight_argument
from mltui.training.early_stopping import Rule
from mltui.training.engines import engine
from mltui.training.losses import loss_of
from mltui.training.problem import Problem, Rows
from mltui.training.report import Reporter

Array = NDArray[np.float64]
ROWS = 120
LABELS = ("b", "s", "t")
FULL_BATCH = {"epochs": 3, "batch_size": 100_000, "optimizer": "sgd", "learning_rate": 0.3, "device": "cpu"}


@dataclass(frozen=True)
class Case:
    """A model with settings, and how closely a row of weight two is two rows."""

    model: str
    settings: Mapping[str, Any]
    closely: float
    tasks: tuple[Task, ...] = ("classification", "regression")

    @property
    def training(self) -> Mapping[str, Any]:
        return FULL_BATCH if CARDS[self.model].engine == "network" else {}


CASES = [
    Case("mlp", {"hidden_layers": [5], "activation": "tanh"}, 1e-5),  # in single precision
    Case("logistic_regression", {"tol": 1e-9, "C": 1e9}, 1e-4, ("classification",)),  # up to its penalty and solver
    Case("linear_regression", {}, 1e-6, ("regression",)),
    Case("polynomial_regression", {"degree": 2}, 1e-6, ("regression",)),
    Case("ridge", {"alpha": 1e-6}, 1e-6, ("regression",)),  # up to its penalty
    Case("lasso", {"tol": 1e-12}, 1e-6, ("regression",)),
    Case("least_squares_classifier", {}, 1e-6, ("classification",)),
    Case("gaussian_nb", {}, 1e-6, ("classification",)),
    Case("svm", {"kernel": "linear", "C": 30.0, "tol": 1e-4}, 2e-3),  # up to its penalty and solver
    Case("decision_tree", {}, 1e-9),
    Case("extra_trees", {"n_estimators": 5, "max_depth": 2}, 1e-9),
    Case("adaboost", {"n_estimators": 8}, 1e-9, ("classification",)),  # of values it draws rows
    Case("gradient_boosting", {"n_estimators": 8, "max_depth": 2}, 1e-9),
    # its price on leaves goes by sums of weights, which are scaled; adds up in single precision
    Case("xgboost", {"n_estimators": 5, "max_depth": 2, "reg_lambda": 0, "min_child_weight": 0}, 1e-4),
    Case("lightgbm", {"n_estimators": 5, "num_leaves": 4, "min_child_samples": 1}, 1e-4),
    Case("random_forest", {"n_estimators": 5, "bootstrap": False, "max_depth": 2}, 1e-9),
    Case(
        "random_forest", {"n_estimators": 40, "max_depth": 3}, 0.05
    ),  # draws as many rows as there are; so in the mean only
    # counts rows in a leaf; adds up in single precision
    Case("hist_gradient_boosting", {"max_iter": 8, "min_samples_leaf": 1, "max_leaf_nodes": 4}, 1e-4),
]
DRAWS = CASES[-2]
WAYS = [
    pytest.param(case, task, id=f"{case.model}{'-draws' if case is DRAWS else ''}-{task}")
    for case in CASES
    for task in case.tasks
]
FREE = {"n_estimators": 5, "max_depth": 2, "reg_lambda": 0, "min_child_weight": 0, "n_jobs": 1}
SHALLOW: dict[str, Any] = {
    "n_estimators": 5, "num_leaves": 4, "min_child_samples": 1, "deterministic": True, "force_row_wise": True,
    "verbosity": -1, "n_jobs": 1,
}  # fmt: skip
BARE: dict[tuple[str, Task], Callable[[], Any]] = {
    ("logistic_regression", "classification"): lambda: LogisticRegression(C=1e9, tol=1e-9, max_iter=1000),
    ("linear_regression", "regression"): LinearRegression,
    ("polynomial_regression", "regression"): lambda: make_pipeline(
        PolynomialFeatures(2, include_bias=False), LinearRegression()
    ),
    ("ridge", "regression"): lambda: Ridge(1e-6),
    ("lasso", "regression"): lambda: Lasso(0.01, tol=1e-12),
    ("least_squares_classifier", "classification"): lambda: RidgeClassifier(0, solver="lsqr", tol=1e-12),
    ("gaussian_nb", "classification"): GaussianNB,
    ("svm", "classification"): lambda: SVC(kernel="linear", C=30, tol=1e-4),
    ("svm", "regression"): lambda: SVR(kernel="linear", C=30, tol=1e-4),
    ("decision_tree", "classification"): lambda: DecisionTreeClassifier(max_depth=5, random_state=1),
    ("decision_tree", "regression"): lambda: DecisionTreeRegressor(max_depth=5, random_state=1),
    ("random_forest", "classification"): lambda: RandomForestClassifier(
        5, bootstrap=False, max_depth=2, random_state=1
    ),
    ("random_forest", "regression"): lambda: RandomForestRegressor(5, bootstrap=False, max_depth=2, random_state=1),
    ("extra_trees", "classification"): lambda: ExtraTreesClassifier(5, max_depth=2, random_state=1),
    ("extra_trees", "regression"): lambda: ExtraTreesRegressor(5, max_depth=2, random_state=1),
    ("adaboost", "classification"): lambda: AdaBoostClassifier(n_estimators=8, random_state=1),
    ("gradient_boosting", "classification"): lambda: GradientBoostingClassifier(
        n_estimators=8, max_depth=2, random_state=1
    ),
    ("gradient_boosting", "regression"): lambda: GradientBoostingRegressor(n_estimators=8, max_depth=2, random_state=1),
    ("xgboost", "classification"): lambda: XGBClassifier(**FREE),
    ("xgboost", "regression"): lambda: XGBRegressor(**FREE),
    ("lightgbm", "classification"): lambda: LGBMClassifier(**SHALLOW),
    ("lightgbm", "regression"): lambda: LGBMRegressor(**SHALLOW),
    ("hist_gradient_boosting", "classification"): lambda: HistGradientBoostingClassifier(
        max_iter=8, min_samples_leaf=1, max_leaf_nodes=4, early_stopping=False, random_state=1
    ),
    ("hist_gradient_boosting", "regression"): lambda: HistGradientBoostingRegressor(
        max_iter=8, min_samples_leaf=1, max_leaf_nodes=4, early_stopping=False, random_state=1
    ),
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads that spin for each other would slow the fits down."""
    torch.set_num_threads(1)
    with native_threads(1):
        yield


Make = Callable[..., Problem]


@pytest.fixture
def make(experiment: Callable[..., Experiment]) -> Make:
    """Makes the problem of a case: overlapping classes, or a curved plane, on a coarse grid that bins cannot blur."""

    def made(
        case: Case,
        task: Task,
        weights: Array | None = None,
        training_weights: Array | None = None,
        classes: int = 2,
        training: Mapping[str, Any] | None = None,
        **preprocess: Any,
    ) -> Problem:
        rng = np.random.default_rng(4)
        x: Inputs = (rng.integers(-20, 21, (ROWS, 3)) / 10).astype(np.float32)
        slope = 1.5 * x[:, 0] - x[:, 1] * x[:, 2]
        target: NDArray[Any] = slope + rng.normal(0, 0.5, ROWS)
        if task == "classification":
            target = np.digitize(target, np.quantile(target, np.arange(1, classes) / classes)).astype(np.int64)
        values = {f"x{place}": x[:, place] for place in range(3)}
        table = Table(tuple(map(Column, values)), values, task, target, "target")
        labels = LABELS[:classes] if task == "classification" else ()
        given = np.ones(ROWS) if weights is None else weights
        rows = Rows(x, target, given, table, training_weights=training_weights)
        settings = {"name": case.model, **case.settings}
        asked = experiment(model=settings, training=training or case.training, preprocess=preprocess)
        shape = Shape(task, 3, len(labels))
        return Problem(asked, CARDS[case.model], shape, labels, {"train": rows}, weighted=weights is not None)

    return made


def fit(problem: Problem) -> tuple[Fitted, list[tuple[str, dict[str, Any]]]]:
    said: list[tuple[str, dict[str, Any]]] = []
    reporter = Reporter(lambda kind, **fields: said.append((kind, fields)))
    fitted = engine(problem.card).fit(problem, reporter)
    reporter.flush()
    return fitted, said


def scores(problem: Problem, x: NDArray[np.float32] | None = None) -> Array:
    return fit(problem)[0].predict(problem.train.x if x is None else x)


def of_rows(problem: Problem, rows: NDArray[np.integer], weights: Array) -> Problem:
    """The same problem with these rows to train on, and these weights."""
    return replace(problem, parts={"train": replace(problem.train.take(rows), weights=weights)})


def positive(seed: int = 1) -> Array:
    return np.random.default_rng(seed).integers(1, 4, ROWS).astype(np.float64)


def signed() -> Array:
    weights = positive()
    weights[::6] *= -0.5
    return weights


# -- the laws ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("case", "task"), [way for way in WAYS if "light" not in str(way.id)])  # its bins count rows
def test_a_row_of_weight_two_is_two_rows(make: Make, case: Case, task: Task) -> None:
    weights = positive()
    weighted = make(case, task, weights)
    x = weighted.train.x
    repeated = of_rows(weighted, np.repeat(np.arange(ROWS), weights.astype(int)), np.ones(int(weights.sum())))
    if case.model == "mlp" and task == "regression":  # which scales its target by rows, not by weights
        pytest.skip("its target's mean and spread are those of the rows")
    found = scores(weighted, x)
    difference = np.abs(found - scores(repeated, x))
    assert (difference.mean() if case is DRAWS else difference.max()) < case.closely * np.ptp(found)
    if case is not DRAWS:
        assert np.abs(found - scores(make(case, task), x)).max() > 10 * case.closely, "the weights do matter"


@pytest.mark.parametrize(("case", "task"), WAYS)
def test_rows_of_weight_zero_change_nothing(make: Make, case: Case, task: Task) -> None:
    weights = positive()
    few = make(case, task, weights)
    order = np.random.default_rng(2).permutation(ROWS)
    twice = np.concatenate([np.arange(ROWS), order])
    more = of_rows(few, twice, np.concatenate([weights, np.zeros(ROWS)]))
    np.testing.assert_array_equal(scores(more, few.train.x), scores(few))
    assert len(more.fit) == ROWS


@pytest.mark.parametrize(("case", "task"), WAYS)
def test_doubling_all_weights_changes_nothing(make: Make, case: Case, task: Task) -> None:
    np.testing.assert_array_equal(scores(make(case, task, 2 * positive())), scores(make(case, task, positive())))


@pytest.mark.parametrize(("case", "task"), WAYS)
def test_equal_weights_are_none(make: Make, case: Case, task: Task) -> None:
    if case is DRAWS:
        pytest.skip("with weights scikit-learn draws the rows in another way")
    found = scores(make(case, task, np.full(ROWS, 0.125)))
    np.testing.assert_allclose(found, scores(make(case, task)), atol=1e-6)


@pytest.mark.parametrize(("case", "task"), WAYS)
def test_training_weights_take_the_place_of_the_weights_in_the_fit_alone(make: Make, case: Case, task: Task) -> None:
    weights, other = positive(1), positive(2)
    both = make(case, task, weights, other)
    fitted, said = fit(both)
    found = fitted.predict(both.train.x)
    np.testing.assert_array_equal(found, scores(make(case, task, None, other)))
    assert np.abs(found - scores(make(case, task, weights))).max() > 1e-3
    np.testing.assert_array_equal(both.train.weights, weights)
    np.testing.assert_allclose(both.fit.weights, other / other.mean())
    curves = next(fields["curves"] for kind, fields in said if kind == "started")
    points = [fields["columns"] for kind, fields in said if kind == "progress"][-1]
    loss = next(column for curve, column in zip(curves, points, strict=True) if curve["name"] == "loss")[-1]
    assert loss == pytest.approx(loss_by_hand(both, found, weights), rel=1e-6)
    assert loss != pytest.approx(loss_by_hand(both, found, other), rel=1e-6)


def loss_by_hand(problem: Problem, found: Array, weights: Array) -> float:
    """The weighted loss of these answers to the rows that were trained on."""
    target: NDArray[Any] = problem.train.target
    if problem.task == "regression":
        return float(np.average((found - target) ** 2, weights=weights))
    right = np.clip(np.where(target == 1, found, 1 - found), np.finfo(float).eps, 1)
    return float(np.average(-np.log(right), weights=weights))


# -- against bare fits ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("negative", ["keep", "drop", "absolute"])
@pytest.mark.parametrize(("model", "task"), BARE)
def test_the_fit_is_the_bare_one_of_the_treated_arrays(make: Make, model: str, task: Task, negative: str) -> None:
    case = next(case for case in CASES if case.model == model)
    problem = make(case, task, signed(), negative_weights=negative)
    if negative == "keep" and not CARDS[model].takes_negative(problem.experiment.model.hyperparameters, ROWS):
        with pytest.raises(InputError, match='"drop" or "absolute"'):
            fit(problem)
        return
    kept = signed() > 0 if negative == "drop" else np.full(ROWS, True)
    weights = (np.abs(signed()) if negative == "absolute" else signed())[kept]
    x = problem.train.x.astype(np.float64)
    bare = BARE[model, task]()
    bare.fit(x[kept], problem.train.target[kept], **{weight_argument(bare): weights / weights.mean()})
    expected = bare.predict(x) if task == "regression" else shares(bare, x)[:, 1]
    np.testing.assert_allclose(scores(problem), expected, rtol=0, atol=1e-9)
    assert len(problem.fit) == kept.sum()
    assert (problem.fit.x is problem.train.x) == (negative != "drop"), "nothing is copied where no row goes"


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("with_weights", [False, True])
@pytest.mark.parametrize("model", ["logistic_regression", "decision_tree", "random_forest", "hist_gradient_boosting"])
def test_balance_is_the_class_weight_of_scikit_learn(make: Make, model: str, with_weights: bool, classes: int) -> None:
    """Without weights that of "balanced"; with weights the same, of sums in place of counts."""
    case = next(case for case in CASES if case.model == model)
    weights = np.where(np.arange(ROWS) % 3 == 0, 4.0, positive()) if with_weights else np.ones(ROWS)
    problem = make(case, "classification", weights if with_weights else None, classes=classes, balance="classes")
    rare = np.flatnonzero((problem.train.target != 1) | (np.arange(ROWS) % 4 == 0))
    problem = of_rows(problem, rare, weights[rare])
    target, weights = problem.train.target, problem.train.weights
    sums = np.bincount(target, weights)
    by_class: Any = dict(enumerate(weights.sum() / (classes * sums))) if with_weights else "balanced"
    bare = BARE[model, "classification"]().set_params(class_weight=by_class)
    x = problem.train.x.astype(np.float64)
    bare.fit(x, target, sample_weight=weights / weights.mean() if with_weights else None)
    expected = bare.predict_proba(x)
    found = scores(problem)
    np.testing.assert_allclose(found, expected if classes > 2 else expected[:, 1], rtol=0, atol=1e-5)
    np.testing.assert_allclose(np.bincount(target, problem.fit.weights), len(target) / classes)


def test_balance_is_no_word_for_a_regression(make: Make) -> None:
    for case in (case for case in CASES if "regression" in case.tasks):
        with pytest.raises(InputError, match="regression has none") as caught:
            fit(make(case, "regression", balance="classes"))
        assert caught.value.key == "preprocess.balance"


# -- the network ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("negative", ["keep", "drop", "absolute"])
@pytest.mark.parametrize("balance", ["none", "classes"])
def test_a_step_of_the_network_is_the_weighted_gradient_by_hand(make: Make, balance: str, negative: str) -> None:
    """One step down the slope of sum(w loss) / sum(w), from d loss / d logit = sigmoid(logit) - y."""
    case = Case("mlp", {"hidden_layers": []}, 0)
    steps = {**FULL_BATCH, "epochs": 1, "learning_rate": 1.0}
    problem = make(case, "classification", signed(), training=steps, balance=balance, negative_weights=negative)
    torch.manual_seed(1)
    first: Any = problem.card.build(problem.experiment.model.hyperparameters, {}, problem.shape, 1)[0]
    slope, constant = first.weight.detach().numpy()[0].astype(float), float(first.bias.detach()[0])
    weights = {"keep": signed(), "drop": np.maximum(signed(), 0), "absolute": np.abs(signed())}[negative]
    x, y = problem.train.x.astype(float), problem.train.target
    if balance == "classes":
        weights = weights / np.bincount(y, weights)[y]
    pull = weights / weights.sum() * (1 / (1 + np.exp(-(x @ slope + constant))) - y)
    expected = x @ (slope - pull @ x) + constant - pull.sum()
    np.testing.assert_allclose(scores(problem), 1 / (1 + np.exp(-expected)), atol=1e-6)


@pytest.mark.parametrize(("task", "classes"), [("classification", 2), ("classification", 3), ("regression", 0)])
def test_the_slope_of_the_weighted_loss_is_that_of_finite_differences(task: Task, classes: int) -> None:
    rng = np.random.default_rng(3)
    loss = loss_of(Shape(task, 2, classes))
    outputs = torch.tensor(rng.normal(size=(7, max(1, classes) if classes != 2 else 1)), requires_grad=True)
    codes = torch.tensor(rng.integers(0, max(classes, 2), 7))
    target = codes if classes == 3 else codes.double().unsqueeze(1)
    weights = torch.tensor(rng.normal(1, 1, 7))

    def weighed(given: torch.Tensor) -> torch.Tensor:
        return loss(given, target, weights)

    assert torch.autograd.gradcheck(weighed, (outputs,))
    with torch.no_grad():
        alone = torch.stack([loss(outputs[i : i + 1], target[i : i + 1], None) for i in range(7)])
        assert float(weighed(outputs)) == pytest.approx(float((weights * alone).mean()), rel=1e-12)


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("negative", ["keep", "drop", "absolute"])
def test_on_disk_the_fit_is_that_of_memory(make: Make, task: Task, negative: str) -> None:
    """A dropped row stays there with weight 0."""
    balance = {"balance": "classes"} if task == "classification" else {}
    here = make(CASES[0], task, np.full(ROWS, 9.0), signed(), negative_weights=negative, **balance)
    rows = here.train
    away = replace(rows, x=put_away(rows.x), target=put_away(rows.target), weights=put_away(rows.weights))
    there = replace(here, parts={"train": replace(away, training_weights=put_away(signed()))})
    np.testing.assert_allclose(scores(there, rows.x), scores(here), atol=1e-5)
    assert len(there.fit) == ROWS
    assert there.fit.x is there.train.x
    assert there.fit.weights.mean() == pytest.approx(1)


# -- what a card says of weights -----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [card.name for card in CARDS.values() if card.engine == "estimator"])
def test_a_card_tells_the_truth_about_weights(make: Make, name: str) -> None:
    card = CARDS[name]
    for task in card.tasks:
        shallow = {"max_depth": 2} if name == "extra_trees" else {}  # deeper, the weights of a leaf may cancel
        problem = make(Case(name, shallow, 0), task)
        for exception in (False, True) if card.negative_with else (False,):
            settings = dict(problem.experiment.model.hyperparameters)
            if exception and card.negative_with:
                settings[card.negative_with[0]] = card.negative_with[1]
            built = card.build(settings, {}, problem.shape, 1)
            last = built[-1] if isinstance(built, Pipeline) else built
            assert has_fit_parameter(last, "sample_weight") == (card.weights != "none")
            if card.weights != "none":
                assert takes_negative(built, problem) == card.takes_negative(settings)


def takes_negative(built: Any, problem: Problem) -> bool:
    """Whether it fits with negative weights, and otherwise than with zeros in their place."""
    x, target = problem.train.x.astype(float), problem.train.target
    found = []
    for weights in (signed(), np.maximum(signed(), 0)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", RuntimeWarning)
                fitted = clone(built).fit(x, target, **{weight_argument(built): weights})
        except (ValueError, RuntimeWarning, ZeroDivisionError):
            return False
        found.append(fitted.predict(x) if problem.task == "regression" else shares(fitted, x))
    return bool(np.isfinite(found).all()) and not np.allclose(found[0], found[1], atol=1e-6)


def test_a_forest_refuses_negative_weights_in_words_and_takes_the_treated(make: Make) -> None:
    with pytest.raises(InputError) as caught:
        fit(make(DRAWS, "classification", signed()))
    assert caught.value.key == "preprocess.negative_weights"
    sentence, _, models = caught.value.sentence.partition(" another model: ")
    assert sentence == (
        "random_forest takes no negative weights, and 20 of the 120 training rows have one; set "
        'preprocess.negative_weights to "drop" or "absolute", for the fit only, or model.bootstrap = false, or take'
    )
    able = [c.name for c in CARDS.values() if "classification" in c.tasks and "negative ones too" in c.about_weights]
    assert models == f"{', '.join(able[:-1])} or {able[-1]}"
    for negative in ("drop", "absolute"):
        fit(make(Case("random_forest", {"n_estimators": 3}, 0), "classification", signed(), negative_weights=negative))


def test_boosting_refuses_negative_weights_of_more_rows_than_the_library_bins(make: Make) -> None:
    case = CASES[-1]
    problem = make(case, "regression", signed())
    with pytest.raises(InputError, match=r"more than 100 rows, .*: mlp, .* or lightgbm$") as caught:
        fit(replace(problem, card=replace(problem.card, negative_rows=100)))
    assert caught.value.key == "preprocess.negative_weights"
    fit(replace(problem, card=replace(problem.card, negative_rows=ROWS)))


# -- a model without weights ---------------------------------------------------------------------------------------
KNN = Case("knn", {"n_neighbors": 5}, 0)


@pytest.mark.parametrize(
    ("given", "asked", "words"),
    [
        ("weights", {}, "the fit ignores the weights, and all its rows count alike; the metrics are weighted."),
        ("training", {}, "the fit ignores the weights, and all its rows count alike."),
        ("none", {"balance": "classes"}, "the fit ignores preprocess.balance, and all its rows count alike."),
        ("weights", {"balance": "classes", "negative_weights": "absolute"}, "the weights and preprocess.balance"),
        ("none", {"negative_weights": "absolute"}, ""),
    ],
)
def test_a_model_without_weights_says_what_it_ignores(make: Make, given: str, asked: Any, words: str) -> None:
    weights, training = (signed() if given == "weights" else None), (signed() if given == "training" else None)
    problem = make(KNN, "classification", weights, training, **asked)
    fitted, said = fit(problem)
    warnings = [fields["message"] for kind, fields in said if kind == "warning"]
    assert [words in warning for warning in warnings] == ([True] if words else [])
    plain = fit(make(KNN, "classification"))[0]
    np.testing.assert_array_equal(fitted.predict(problem.train.x), plain.predict(problem.train.x))


def test_a_model_without_weights_leaves_out_dropped_rows(make: Make) -> None:
    problem = make(KNN, "classification", signed(), negative_weights="drop")
    kept = np.flatnonzero(signed() > 0)
    expected = scores(of_rows(make(KNN, "classification"), kept, np.ones(len(kept))), problem.train.x)
    np.testing.assert_array_equal(scores(problem), expected)
    assert len(problem.fit) == len(kept) == 100
    most = replace(KNN, settings={"n_neighbors": 101})
    with pytest.raises(InputError, match="only 100 rows to fit on"):
        fit(make(most, "classification", signed(), negative_weights="drop"))


def test_a_model_without_weights_asks_nothing_of_their_sum(make: Make) -> None:
    fit(make(KNN, "classification", -positive()))
    alone = np.where(make(KNN, "classification").train.target == 1, -1.0, 1.0)
    with pytest.raises(InputError, match="leaves no row of class s in the training part"):
        fit(make(KNN, "classification", alone, negative_weights="drop"))


# -- early stopping ------------------------------------------------------------------------------------------------
def test_early_stopping_needs_every_class_to_weigh_something(make: Make) -> None:
    case = next(case for case in CASES if case.model == "hist_gradient_boosting")
    problem = make(case, "classification", positive(), training={"early_stopping": 3})
    signal = problem.train.target == 1

    def judged_by(weights: Array) -> Problem:
        return replace(problem, parts={**problem.parts, "validation": replace(problem.train, weights=weights)})

    assert Rule.of(judged_by(signed())).patience == 3
    assert Rule.of(judged_by(np.where(signal, 0.0, 1.0))).patience == 3
    for weights in (np.where(signal, -0.1, 1.0), np.where(signal, 1.0, -2.0), np.zeros(ROWS)):
        with pytest.raises(InputError, match="positive sum of weights in every class") as caught:
            Rule.of(judged_by(weights))
        assert caught.value.key == "training.early_stopping"
