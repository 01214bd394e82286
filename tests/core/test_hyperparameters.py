"""A declaration checks, parses, formats and steps; what a field shows is what it reads back."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Hyperparameter, Value, check_all

RATE = Hyperparameter(name="learning_rate", kind="number", default=0.01, above=0, log=True, help="Step size.")
LAYERS = Hyperparameter(name="hidden_layers", kind="integers", default=(8, 8), low=1, high=4096, help="Sizes.")
PATIENCE = Hyperparameter(name="early_stopping", kind="integer", default=None, low=1, optional=True, help="Patience.")
SHARE = Hyperparameter(name="dropout", kind="number", default=0.0, low=0, below=1, help="Dropped.")
COUNT = Hyperparameter(name="epochs", kind="integer", default=50, low=1, high=100_000, log=True, help="Passes.")
ACTIVATION = Hyperparameter(
    name="activation", kind="choice", default="relu", choices=("relu", "tanh", "sigmoid"), help="Bend."
)
FLAG = Hyperparameter(name="stratify", kind="boolean", default=True, help="Keep shares.")
NAMES = Hyperparameter(name="features", kind="names", default=(), help="Columns.")
HEADER = Hyperparameter(name="header", kind="boolean", default=None, optional=True, help="A header.")
DECIMAL = Hyperparameter(name="decimal", kind="choice", default=None, choices=(".", ","), optional=True, help="Sign.")
STEPS = Hyperparameter(
    name="scale", kind="choices", default=("standard",), choices=("none", "standard", "minmax", "pca"), help="Steps."
)
MISSING = Hyperparameter(name="missing", kind="scalars", default=(), help="Missing.")

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("declared", "given_value", "canonical"),
    [
        (RATE, 1, 1.0),
        (COUNT, 12.0, 12),
        (LAYERS, [16, 4], (16, 4)),
        (NAMES, "pt", ("pt",)),
        (PATIENCE, None, None),
        (PATIENCE, "none", None),
        (ACTIVATION, "tanh", "tanh"),
        (FLAG, False, False),
        (MISSING, [-999.0, "?"], (-999.0, "?")),
        (STEPS, "pca", ("pca",)),
        (STEPS, "none", ("none",)),
        (STEPS, "standard,pca", ("standard", "pca")),
        (STEPS, ["standard", "pca", "standard"], ("standard", "pca", "standard")),
    ],
)
def test_check_gives_the_canonical_value(declared: Hyperparameter, given_value: object, canonical: Value) -> None:
    value = declared.check(given_value)
    assert value == canonical
    assert type(value) is type(canonical)


@pytest.mark.parametrize(
    ("declared", "wrong", "phrase"),
    [
        (RATE, -0.1, "must be a number above 0, not -0.1"),
        (RATE, 0, "must be a number above 0, not 0"),
        (RATE, math.nan, "must be a number above 0, not nan"),
        (RATE, math.inf, "must be a number above 0, not inf"),
        (RATE, "fast", "must be a number above 0, not 'fast'"),
        (RATE, True, "must be a number above 0, not true"),
        (RATE, None, "must be a number above 0, not empty"),
        (COUNT, 2.5, "must be a whole number from 1 to 100000, not 2.5"),
        (COUNT, 0, "must be a whole number from 1 to 100000, not 0"),
        (SHARE, 1, "must be a number at least 0 and below 1, not 1"),
        (LAYERS, [8, 0], "must be whole numbers from 1 to 4096, not 0"),
        (LAYERS, [8, 2.5], "must be whole numbers from 1 to 4096, not 2.5"),
        (LAYERS, 8, "must be whole numbers from 1 to 4096, not 8"),
        (LAYERS, [True], "must be whole numbers from 1 to 4096, not true"),
        (ACTIVATION, "rleu", "cannot be 'rleu'; did you mean relu?"),
        (ACTIVATION, 3, "must be one of relu, tanh, sigmoid, not 3"),
        (FLAG, "yes", "must be true or false, not 'yes'"),
        (FLAG, 1, "must be true or false, not 1"),
        (PATIENCE, 0, "must be a whole number at least 1 or none, not 0"),
        (NAMES, [3], "must be a list of names, not 3"),
        (STEPS, "standrad", "cannot be 'standrad'; did you mean standard?"),
        (STEPS, ["pca", "minimax"], "cannot be 'minimax'; did you mean minmax?"),
        (STEPS, [], "must be one or more of none, standard, minmax, pca, not empty"),
        (STEPS, "", "must be one or more of none, standard, minmax, pca, not empty"),
        (STEPS, ["pca", 3], "must be one or more of none, standard, minmax, pca, not 3"),
        (STEPS, True, "must be one or more of none, standard, minmax, pca, not true"),
        (STEPS, ["none", "pca"], "is none or a list of others, not both"),
    ],
)
def test_a_wrong_value_is_told_what_would_be_right(declared: Hyperparameter, wrong: object, phrase: str) -> None:
    with pytest.raises(ValueError, match="^" + _escaped(phrase) + "$"):
        declared.check(wrong)


def _escaped(text: str) -> str:
    import re

    return re.escape(text)


@pytest.mark.parametrize(
    ("declared", "text", "value"),
    [
        (RATE, "1e-3", 0.001),
        (RATE, " 0.03 ", 0.03),
        (COUNT, "1_000", 1000),
        (LAYERS, "32, 16", (32, 16)),
        (LAYERS, "[32,16]", (32, 16)),
        (LAYERS, "", ()),
        (PATIENCE, "", None),
        (PATIENCE, "none", None),
        (FLAG, "true", True),
        (HEADER, "", None),
        (HEADER, "false", False),
        (DECIMAL, "", None),
        (DECIMAL, ",", ","),
        (NAMES, "pt, eta", ("pt", "eta")),
        (NAMES, '"max(a, b)", eta', ("max(a, b)", "eta")),
        (NAMES, "hypot(max(a, b), c), image[3, 4] , eta", ("hypot(max(a, b), c)", "image[3, 4]", "eta")),
        (NAMES, "[jet_pt[0], jet_pt[1]]", ("jet_pt[0]", "jet_pt[1]")),
        (NAMES, 'process == "a, b", 5" pipe, (open, eta', ('process == "a, b"', '5" pipe', "(open", "eta")),
        (MISSING, '-999, NA, "7"', (-999, "NA", "7")),
        (STEPS, "standard, pca", ("standard", "pca")),
        (STEPS, '["standard", "pca"]', ("standard", "pca")),
        (STEPS, " minmax ", ("minmax",)),
    ],
)
def test_parse_reads_what_a_person_types(declared: Hyperparameter, text: str, value: Value) -> None:
    assert declared.parse(text) == value


@pytest.mark.parametrize("text", ["", "a", "0", "1e999", "--3", "nan", "0x", "1,2"])
def test_parse_refuses_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="must be a number above 0"):
        RATE.parse(text)


@given(finite.filter(lambda x: x > 0))
def test_a_number_reads_back_exactly(value: float) -> None:
    assert RATE.parse(RATE.format(value)) == value


@given(st.lists(st.integers(1, 4096)).map(tuple))
def test_whole_numbers_read_back(value: tuple[int, ...]) -> None:
    assert LAYERS.parse(LAYERS.format(value)) == value


printable = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc"]))


@given(st.lists(printable | st.text('()[]",= ab', max_size=6)).map(tuple))
@example(("[]",))
@example(("(a", "b)"))
def test_names_read_back_whatever_they_hold(value: tuple[str, ...]) -> None:
    assert NAMES.parse(NAMES.format(value)) == value


@given(st.lists(st.sampled_from(STEPS.choices[1:]), min_size=1).map(tuple))
def test_choices_read_back_in_their_order(value: tuple[str, ...]) -> None:
    assert STEPS.parse(STEPS.format(value)) == value
    assert STEPS.check(STEPS.format(value)) == value


@given(st.lists(printable | st.integers(-(10**9), 10**9) | finite).map(tuple))
def test_scalars_read_back_with_their_types(value: tuple[Any, ...]) -> None:
    back = MISSING.parse(MISSING.format(value))
    assert back == value
    assert isinstance(back, tuple)
    assert [isinstance(item, str) for item in back] == [isinstance(item, str) for item in value]


@pytest.mark.parametrize(
    ("declared", "value", "up", "down"),
    [
        (RATE, 0.01, 0.02, 0.005),
        (RATE, 0.03, 0.05, 0.02),
        (RATE, 0.1, 0.2, 0.05),
        (COUNT, 50, 100, 20),
        (COUNT, 1, 2, 1),
        (COUNT, 100_000, 100_000, 50_000),
        (SHARE, 0.3, 0.4, 0.2),
        (SHARE, 0.0, 0.1, 0.0),
        (ACTIVATION, "relu", "tanh", "sigmoid"),
        (FLAG, True, False, False),
        (HEADER, None, True, False),
        (HEADER, True, False, None),
        (HEADER, False, None, True),
        (DECIMAL, None, ".", ","),
        (DECIMAL, ",", None, "."),
        (LAYERS, (8,), (8,), (8,)),
        (STEPS, ("standard",), ("minmax",), ("none",)),
        (STEPS, ("none",), ("standard",), ("pca",)),
        (STEPS, ("standard", "pca"), ("standard", "pca"), ("standard", "pca")),
    ],
)
def test_step_moves_to_the_next_sensible_value(declared: Hyperparameter, value: Value, up: Value, down: Value) -> None:
    assert declared.step(value, +1) == up
    assert declared.step(value, -1) == down


@given(st.floats(1e-9, 1e9))
def test_steps_on_a_log_scale_go_up_and_come_back(value: float) -> None:
    up = RATE.step(value, +1)
    assert isinstance(up, float)
    assert value < up <= 2.5 * value * (1 + 1e-6)
    back = RATE.step(up, -1)
    assert isinstance(back, float)
    assert back <= value * (1 + 1e-6)


@given(st.integers(1, 100_000), st.sampled_from([-1, 1]))
def test_a_step_never_leaves_the_bounds(value: int, direction: int) -> None:
    stepped = COUNT.step(value, direction)
    assert COUNT.check(stepped) == stepped


def test_an_unset_patience_steps_to_its_lowest_value() -> None:
    assert PATIENCE.step(None, +1) == 1


def test_a_setting_that_is_usually_off_steps_to_its_first_sensible_value_and_back() -> None:
    decay = Hyperparameter(name="l1", kind="number", default=0.0, low=0, high=10, log=True, first=1e-4, help="Shrink.")
    assert decay.step(0.0, +1) == 1e-4
    assert decay.step(1e-4, +1) == 2e-4
    assert decay.step(2e-4, -1) == 1e-4
    assert decay.step(1e-4, -1) == 0
    assert decay.step(1e-6, -1) == 0
    assert decay.step(1e-6, +1) == 1e-4
    assert decay.step(0.0, -1) == 0
    assert decay.step(10.0, +1) == 10


def test_check_all_fills_in_defaults_and_names_the_nearest_key() -> None:
    assert check_all([RATE, COUNT], {"epochs": 3}, section="training") == {"learning_rate": 0.01, "epochs": 3}
    with pytest.raises(InputError) as raised:
        check_all([RATE, COUNT], {"learning_rat": 0.1}, section="training")
    assert raised.value.sentence == "unknown key training.learning_rat; did you mean learning_rate?"
    assert raised.value.key == "training.learning_rat"
    with pytest.raises(InputError) as raised:
        check_all([RATE, COUNT], {"learning_rate": -1}, section="training")
    assert raised.value.sentence == "training.learning_rate must be a number above 0, not -1"
    assert raised.value.key == "training.learning_rate"
