"""Every card of the catalogue: well declared, buildable, and each setting reaches the library."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment, Known
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task
from mltui.models.card import ModelCard, Shape
from mltui.models.catalogue import CARDS, declared, refuse_unsuited, suiting

NAMES = (
    "mlp",
    "logistic_regression",
    "linear_regression",
    "polynomial_regression",
    "ridge",
    "lasso",
    "least_squares_classifier",
    "perceptron",
    "lda",
    "qda",
    "gaussian_nb",
    "svm",
    "knn",
    "decision_tree",
    "cuts",
    "random_forest",
    "extra_trees",
    "adaboost",
    "gradient_boosting",
    "hist_gradient_boosting",
    "xgboost",
    "lightgbm",
)
SHAPES = (Shape("classification", 3, 2), Shape("classification", 3, 4), Shape("regression", 3, 0))
EVERY_SETTING = [
    pytest.param(card, setting, id=f"{card.name}-{setting.name}")
    for card in CARDS.values()
    for setting in (*card.hyperparameters, *card.training)
]
RENAMED = {"class_weight", "criterion", "loss", "max_features", "interaction_cst", "priors", "objective"}
"""Settings whose word for the usual value is the lab's own."""


def shapes(card: ModelCard) -> list[Shape]:
    return [shape for shape in SHAPES if shape.task in card.tasks]


def settings(card: ModelCard, changed: Mapping[str, Value] | None = None) -> dict[str, Value]:
    return {h.name: h.default for h in card.hyperparameters} | dict(changed or {})


def built(card: ModelCard, shape: Shape, seed: int = 1, changed: Mapping[str, Value] | None = None) -> Any:
    return card.build(settings(card, changed), {h.name: h.default for h in card.training}, shape, seed)


def other(setting: Hyperparameter) -> list[Value]:
    """Values that differ from the default and pass the declaration's check."""
    if setting.kind == "choice":
        return [choice for choice in setting.choices if choice != setting.default]
    if setting.kind == "boolean":
        return [not setting.default]
    if setting.kind == "integers":
        return [(), (7,), (4, 5, 6)]
    if setting.kind == "choices":
        return [setting.choices[-1:], setting.choices[:2]]
    candidates: list[int | float] = [3, 17] if setting.kind == "integer" else [0.25, 0.75]
    low = -np.inf if setting.low is None else setting.low
    return [setting.check(value) for value in candidates if value != setting.default and value >= low]


def test_the_catalogue_offers_what_the_issue_names() -> None:
    assert tuple(CARDS) == NAMES
    assert declared() == dict(CARDS)
    assert all(name == card.name for name, card in CARDS.items())


def test_importing_the_catalogue_imports_nothing_heavy() -> None:
    code = (
        "import sys, mltui.models.catalogue; "
        "print([m for m in ('torch', 'sklearn', 'scipy', 'pandas', 'polars', 'skops') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(("card", "setting"), EVERY_SETTING)
def test_a_setting_is_well_declared(card: ModelCard, setting: Hyperparameter) -> None:
    if setting.default is not None or not setting.optional:
        assert setting.check(setting.default) == setting.default
    assert len(setting.help) > 10
    lines = textwrap.wrap(setting.help, 40, break_on_hyphens=False)
    assert len(lines) <= 2, "the line that teaches has two lines of a form on 80 columns"
    assert setting.help.endswith(".")
    for value in other(setting):
        assert setting.check(value) == value
    if setting.log and isinstance(setting.default, int | float):
        assert setting.step(setting.default, +1) != setting.default


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.name)
def test_a_card_is_well_declared(card: ModelCard) -> None:
    names = [h.name for h in (*card.hyperparameters, *card.training)]
    assert len(names) == len(set(names))
    assert 1 <= sum(not h.expert for h in card.hyperparameters) <= 6
    assert sum(not h.expert for h in (*card.hyperparameters, *card.training)) <= 8
    basics = [h.expert for h in card.hyperparameters]
    assert basics == sorted(basics), "basic settings come first"
    assert 2 <= card.about.count(".") <= 6
    assert card.title
    assert card.engine == {"mlp": "network", "perceptron": "network", "cuts": "cuts"}.get(card.name, "estimator")


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.name)
def test_conditions_name_settings_that_come_to_an_end(card: ModelCard) -> None:
    declared = {f"model.{h.name}": h for h in card.hyperparameters} | {f"training.{h.name}": h for h in card.training}
    for key, only in ((key, setting.only) for key, setting in declared.items()):
        seen, following = [key], only
        while following is not None:
            other, values = following
            assert other not in seen, "a circle"
            seen.append(other)
            assert {declared[other].check(value) for value in values} < set(declared[other].choices or (True, False))
            following = declared[other].only
    assert not card.changeable - set(declared)


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.name)
def test_a_variant_is_chosen_by_a_setting_of_the_card(card: ModelCard) -> None:
    assert card.chosen({}) is card
    for name, value in card.variants:
        declared = next(h for h in card.hyperparameters if h.name == name)
        assert declared.check(value) != declared.default
        chosen = card.chosen({name: value})
        assert (chosen.name, chosen.hyperparameters, chosen.training) == (
            card.name,
            card.hyperparameters,
            card.training,
        )
        assert chosen.chosen({name: value}) is chosen


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mlp", "Takes weights, negative ones too."),
        ("hist_gradient_boosting", "Takes weights, negative ones too where there are at most 200,000 rows."),
        ("random_forest", "Takes weights, none below zero except with model.bootstrap = false."),
        ("extra_trees", "Takes weights, negative ones too with model.bootstrap = false, which is the default."),
        ("gradient_boosting", "Takes weights, none below zero."),
        ("linear_regression", "Takes weights, none below zero."),
        ("svm", "Takes weights, none below zero."),
        ("gaussian_nb", "Takes weights, negative ones too."),
        ("lda", "Takes no weights: in the fit all rows count alike."),
    ],
)
def test_a_card_says_what_it_makes_of_weights(name: str, said: str) -> None:
    assert CARDS[name].about_weights == said


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.name)
def test_a_card_serves_as_an_experiment_s_model(card: ModelCard) -> None:
    known = Known({"made": ()}, declared())
    document = {"data": {"dataset": "made"}, "model": {"name": card.name}}
    experiment = Experiment.check(document, known)
    assert experiment.model.hyperparameters == settings(card)
    assert Experiment.check(experiment.document(), known) == experiment


@pytest.mark.parametrize("card", [c for c in CARDS.values() if c.engine == "estimator"], ids=lambda card: card.name)
def test_every_hyperparameter_reaches_the_estimator(card: ModelCard) -> None:
    for shape in shapes(card):
        usual = built(card, shape).get_params()
        for setting in _of_estimator(card):
            seen = [
                (value, params) for value in other(setting) if (params := _params(card, shape, setting.name, value))
            ]
            assert any(params != usual for _, params in seen) or _for_another(setting.name, shape), setting.name
            if setting.name not in RENAMED:
                assert all(_given(params, setting.name) == value for value, params in seen)


def _of_estimator(card: ModelCard) -> list[Hyperparameter]:
    """The settings that count where the library trains the model, and not the loop of networks."""
    deciding = {name for name, _ in card.variants}
    left = {key.rpartition(".")[2] for key in card.idle({}, {})} | deciding
    return [setting for setting in card.hyperparameters if setting.name not in left]


def _params(card: ModelCard, shape: Shape, name: str, value: Value) -> dict[str, Any] | None:
    """What the estimator is given for one changed setting; None where the card refuses it by its key."""
    try:
        params: dict[str, Any] = built(card, shape, changed={name: value}).get_params()
    except InputError as error:
        if error.key == f"model.{name}":
            return None
        raise
    return params


def _given(params: Mapping[str, Any], name: str) -> Any:
    """A setting of an estimator, or of the one step of a pipeline that has it."""
    return next(value for key, value in params.items() if key == name or key.endswith(f"__{name}"))


def _for_another(name: str, shape: Shape) -> bool:
    """Settings that belong to the other task."""
    return (name, shape.task) in {
        ("class_weight", "regression"), ("loss", "classification"), ("epsilon", "classification"),
        ("objective", "classification"),
    }  # fmt: skip


def test_every_setting_of_cuts_reaches_the_search() -> None:
    card, shape = CARDS["cuts"], SHAPES[0]
    for setting in card.hyperparameters:
        for value in other(setting):
            assert getattr(built(card, shape, changed={setting.name: value}), setting.name) == value
    assert built(card, shape, seed=42).seed == 42


def test_the_quantile_counts_beside_its_loss() -> None:
    card = CARDS["hist_gradient_boosting"]
    for quantile, expected in ((0.9, 0.9), (None, 0.5)):
        made = built(card, SHAPES[2], changed={"loss": "quantile", "quantile": quantile})
        assert made.get_params()["quantile"] == expected
    known = Known({"made": ()}, declared())
    document = {"data": {"dataset": "made"}, "model": {"name": card.name, "quantile": 0.9}}
    with pytest.raises(InputError, match=r"model.quantile is for model.loss = quantile, and here that is auto"):
        Experiment.check(document, known)


@pytest.mark.parametrize("card", [c for c in CARDS.values() if c.engine == "estimator"], ids=lambda card: card.name)
def test_the_seed_and_the_threads_reach_the_estimator(card: ModelCard) -> None:
    for shape in shapes(card):
        made = card.build(settings(card), {"threads": 3}, shape, 42)
        params = made.get_params()
        if "random_state" in params:
            assert params["random_state"] == 42
        if card.name in ("random_forest", "extra_trees", "knn", "xgboost", "lightgbm"):
            assert params["n_jobs"] == 3


@pytest.mark.parametrize(
    ("name", "task", "setting", "value", "right"),
    [
        ("decision_tree", "regression", "criterion", "gini", "squared_error"),
        ("random_forest", "classification", "criterion", "poisson", "entropy"),
        ("hist_gradient_boosting", "classification", "loss", "gamma", "log_loss"),
        ("hist_gradient_boosting", "regression", "loss", "log_loss", "quantile"),
        ("gradient_boosting", "classification", "loss", "huber", "exponential"),
        ("adaboost", "classification", "loss", "square", "one of auto$"),
        ("decision_tree", "regression", "class_weight", "balanced", "none"),
        ("svm", "classification", "epsilon", 0.2, "leave it out"),
        ("polynomial_regression", "regression", "degree", 50, "model.degree = 29"),
    ],
)
def test_a_setting_that_does_not_suit_says_what_would(
    name: str, task: Task, setting: str, value: Value, right: str
) -> None:
    shape = Shape(task, 3, 2 if task == "classification" else 0)
    with pytest.raises(InputError, match=right) as caught:
        built(CARDS[name], shape, changed={setting: value})
    assert caught.value.key == f"model.{setting}"


def test_a_share_of_rows_is_drawn_only_where_rows_are_drawn() -> None:
    document = {
        "data": {"dataset": "made"},
        "model": {"name": "random_forest", "bootstrap": False, "max_samples": 0.5},
    }
    with pytest.raises(InputError, match=r"max_samples is for model.bootstrap = true") as caught:
        Experiment.check(document, Known({"made": ()}, declared()))
    assert caught.value.key == "model.max_samples"


def test_logistic_regression_takes_l1() -> None:
    made = built(CARDS["logistic_regression"], SHAPES[0], changed={"l1_ratio": 1.0, "C": 0.01})
    x = np.random.default_rng(0).normal(size=(300, 3))
    made.fit(x, x[:, 0] > 0)
    assert (made.coef_ == 0).sum() == 2


@pytest.mark.parametrize("quantile", [0, 1])
def test_a_quantile_is_a_real_share(quantile: int) -> None:
    """The pinball loss is defined between the ends only, and scikit-learn refuses them."""
    declared = next(h for h in CARDS["hist_gradient_boosting"].hyperparameters if h.name == "quantile")
    with pytest.raises(ValueError, match="above 0 and below 1"):
        declared.check(quantile)


def test_a_model_of_two_classes_refuses_many_and_names_those_that_do_them() -> None:
    refuse_unsuited(CARDS["cuts"], "classification", ["label"], 2)
    with pytest.raises(InputError, match=r"cuts tells two classes apart, and label has 3; .*: mlp, .*knn") as caught:
        refuse_unsuited(CARDS["cuts"], "classification", ["label"], 3)
    assert caught.value.key == "model.name"
    assert "cuts" in suiting("classification")
    assert "cuts" not in suiting("classification", classes=3)


@pytest.mark.parametrize("name", [name for name in NAMES if "regression" in CARDS[name].tasks])
def test_a_card_tells_the_truth_about_several_targets(name: str) -> None:
    card, shape = CARDS[name], Shape("regression", 3, 0, targets=2)
    made = built(card, shape)
    x = np.random.default_rng(0).normal(size=(60, 3))
    y = np.column_stack([x[:, 0], 100 * x[:, 1]])
    if card.engine == "network":
        import torch

        assert made(torch.zeros(5, 3)).shape == (5, 2)
    elif card.several:
        assert made.fit(x, y).predict(x[:5]).shape == (5, 2)
    else:
        with pytest.raises(ValueError, match="1d array"):
            made.fit(x, y)
    assert (name in suiting("regression", 2)) == card.several
