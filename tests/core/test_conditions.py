"""A setting means something only beside certain values of another, and so do those that depend on it."""

from __future__ import annotations

import pytest

from mltui.core.conditions import condition, idle, refuse_idle
from mltui.core.errors import InputError
from mltui.core.hyperparameters import Hyperparameter, Value

SOLVER = Hyperparameter(name="solver", kind="choice", default="exact", choices=("exact", "gradient"), help="Way.")
SHRINK = Hyperparameter(name="C", kind="number", default=1.0, help="Shrink.", only=("model.solver", ("exact",)))
OPTIMIZER = Hyperparameter(
    name="optimizer",
    kind="choice",
    default="adam",
    choices=("sgd", "momentum", "adam", "adamw"),
    help="Steps.",
    only=("model.solver", ("gradient",)),
)
BETA = Hyperparameter(
    name="beta1", kind="number", default=0.9, help="Memory.", only=("training.optimizer", ("adam", "adamw"))
)
BENDS = Hyperparameter(
    name="activation", kind="choices", default=("relu",), choices=("relu", "elu", "tanh"), help="Bends."
)
SLOPE = Hyperparameter(name="slope", kind="number", default=0.1, help="Slope.", only=("model.activation", ("elu",)))
REPEATS = Hyperparameter(name="repeats", kind="boolean", default=False, help="Repeats.")
TIMES = Hyperparameter(
    name="times", kind="integer", default=None, optional=True, help="Times.", only=("model.repeats", (True,))
)
MODEL, TRAINING = (SOLVER, SHRINK, BENDS, SLOPE, REPEATS, TIMES), (OPTIMIZER, BETA)


def found(**given: Value) -> frozenset[str]:
    return idle({"model": (MODEL, given), "training": (TRAINING, given)})


def refused(**given: Value) -> InputError:
    with pytest.raises(InputError) as raised:
        refuse_idle({"model": (MODEL, given), "training": (TRAINING, given)})
    return raised.value


def test_what_is_not_given_is_at_its_default() -> None:
    assert found() == {"training.optimizer", "training.beta1", "model.slope", "model.times"}


@pytest.mark.parametrize(
    ("given", "unused"),
    [
        ({"solver": "gradient"}, {"model.C"}),
        ({"solver": "gradient", "optimizer": "adamw"}, {"model.C"}),
        ({"solver": "gradient", "optimizer": "sgd"}, {"model.C", "training.beta1"}),
        ({"solver": "exact", "optimizer": "adam"}, {"training.optimizer", "training.beta1"}),
    ],
)
def test_a_setting_is_there_only_where_the_one_it_depends_on_is(given: dict[str, Value], unused: set[str]) -> None:
    assert found(**given) - {"model.slope", "model.times"} == unused


def test_of_several_choices_one_is_enough() -> None:
    assert "model.slope" not in found(activation=("relu", "elu"))
    assert "model.slope" in found(activation=("relu", "tanh"))


def test_what_means_nothing_may_be_at_its_default_only() -> None:
    given: dict[str, Value] = {"solver": "gradient", "C": 1.0}
    assert refuse_idle({"model": (MODEL, given), "training": (TRAINING, {})}) == {
        "model.C",
        "model.slope",
        "model.times",
    }
    error = refused(solver="gradient", C=2.0)
    assert error.key == "model.C"
    assert error.sentence == "model.C is for model.solver = exact, and here that is gradient; leave it out"


def test_the_sentence_names_every_value_that_would_do_and_the_first_thing_to_see_to() -> None:
    assert (
        refused(solver="gradient", optimizer="sgd", beta1=0.5).sentence
        == "training.beta1 is for training.optimizer = adam or adamw, and here that is sgd; leave it out"
    )
    assert (
        refused(beta1=0.5).sentence
        == "training.beta1 is for model.solver = gradient, and here that is exact; leave it out"
    )
    assert refused(times=3).sentence == "model.times is for model.repeats = true, and here that is false; leave it out"
    assert refused(slope=0.5, activation=("relu", "tanh")).sentence.endswith("here that is relu, tanh; leave it out")


def test_a_condition_is_said_by_the_shorter_list() -> None:
    assert condition(("training.optimizer", ("adam", "adamw")), OPTIMIZER) == "with optimizer adam or adamw"
    assert condition(("training.optimizer", ("momentum", "adam", "adamw")), OPTIMIZER) == "except with optimizer sgd"
    assert condition(("model.solver", ("gradient",)), SOLVER) == "with solver gradient"
    assert condition(("model.repeats", (True,)), REPEATS) == "with repeats true"
