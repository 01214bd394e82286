"""The weights of the fit by hand: negative ones, balance, mean 1; and the sentences where nothing is left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mltui.core.errors import InputError
from mltui.core.sections import Preprocess
from mltui.training.fit_weights import Asked, counted, refuse_unfit, scaled, signed

GIVEN = np.array([2.0, -1.0, 0.0, 3.0, -0.5])
CODES = np.array([0, 0, 1, 1, 0])


@pytest.mark.parametrize(
    ("negative", "expected"),
    [("keep", [2, -1, 0, 3, -0.5]), ("drop", [2, 0, 0, 3, 0]), ("absolute", [2, 1, 0, 3, 0.5])],
)
def test_negative_weights_are_kept_dropped_or_turned(negative: str, expected: list[float]) -> None:
    before = GIVEN.copy()
    np.testing.assert_array_equal(signed(GIVEN, negative), expected)
    np.testing.assert_array_equal(GIVEN, before)


def test_a_model_without_weights_has_a_row_or_not() -> None:
    np.testing.assert_array_equal(counted(GIVEN), [1, 1, 0, 1, 1])


def test_the_mean_becomes_one() -> None:
    np.testing.assert_allclose(scaled(np.array([1.0, 2.0, 5.0, -4.0]), CODES[:4], False), [1, 2, 5, -4])
    np.testing.assert_allclose(scaled(np.array([10.0, 30.0]), CODES[:2], False), [0.5, 1.5])


def test_balanced_classes_have_equal_sums() -> None:
    """Sums 4 and 12 of two classes in four rows: each becomes 2, by factors 1/2 and 1/6."""
    found = scaled(np.array([1.0, 3.0, 12.0, 0.0]), np.array([0, 0, 1, 1]), True)
    np.testing.assert_allclose(found, [0.5, 1.5, 2, 0])


def test_balance_leaves_out_a_class_that_does_not_occur() -> None:
    """Classes 0 and 2 of three, one and three rows: four rows over two classes, so 2 each."""
    found = scaled(np.ones(4), np.array([0, 2, 2, 2]), True)
    np.testing.assert_allclose(found, [2, 2 / 3, 2 / 3, 2 / 3])


def test_negative_weights_may_stay_in_a_balanced_class() -> None:
    """Class 0 adds up to 1, class 1 to 4; four rows, so each to 2."""
    found = scaled(np.array([2.0, -1.0, 3.0, 1.0]), np.array([0, 0, 1, 1]), True)
    np.testing.assert_allclose(found, [4, -2, 1.5, 0.5])


@given(
    arrays.arrays(np.float64, st.integers(3, 30), elements=st.floats(0.125, 1e6)),
    st.integers(1, 4),
    st.sampled_from([0.5, 2.0, 1024.0]),
    st.booleans(),
)
def test_the_unit_does_not_matter_and_the_mean_is_one(
    weights: np.ndarray, classes: int, unit: float, balance: bool
) -> None:
    codes = np.arange(len(weights)) % classes
    found = scaled(weights, codes, balance)
    assert found.mean() == pytest.approx(1)
    np.testing.assert_array_equal(scaled(weights * unit, codes, balance), found)
    for code in set(codes.tolist()) if balance else ():
        assert found[codes == code].sum() == pytest.approx(len(weights) / len(set(codes.tolist())))
        ratio = found[codes == code] / weights[codes == code]
        np.testing.assert_allclose(ratio, ratio[0])


def test_balance_needs_classes() -> None:
    assert Asked.of(Preprocess(balance="classes"), ("b", "s"), "data.weight").balance
    with pytest.raises(InputError, match=r'preprocess\.balance = "classes" .* a regression has none') as caught:
        Asked.of(Preprocess(balance="classes"), (), "data.weight")
    assert caught.value.key == "preprocess.balance"


REFUSED: list[tuple[str, list[float], list[int], tuple[str, ...], str, str]] = [
    ("drop", [1, 1, -1, -2], [0, 0, 1, 1], ("b", "s"), "no row of class s in the training part: none of the 2", "p"),
    ("drop", [1, 1, -1, 0], [0, 0, 1, 1], ("b", "s"), "no row of class s in the training part: none of the 2", "p"),
    ("drop", [-1, -1], [0, 1], ("b", "s"), 'negative_weights = "drop" leaves no row in the training part', "p"),
    ("drop", [-1, 0], [], (), 'negative_weights = "drop" leaves no row in the training part', "p"),
    (
        "keep",
        [4, 1, -1, 0.5],
        [0, 0, 1, 1],
        ("b", "s"),
        "2 training rows of class s add up to -0.5; .* every class",
        "p",
    ),
    ("keep", [4, 1, -1, 1], [0, 0, 1, 1], ("b", "s"), "2 training rows of class s add up to 0; .* every class", "p"),
    ("keep", [4, -5], [], (), "the weights of the 2 training rows add up to -1; training needs a positive sum: ", "p"),
    ("keep", [4, 1, 0, 0], [0, 0, 1, 1], ("b", "s"), "the 2 training rows of class s all have weight 0", "w"),
    ("absolute", [0, 0, 0], [0, 0, 1], ("b", "s"), "the 3 training rows all have weight 0", "w"),
]


@pytest.mark.parametrize(("negative", "weights", "codes", "classes", "words", "key"), REFUSED)
def test_where_nothing_is_left_a_sentence_says_so(
    negative: str, weights: list[float], codes: list[int], classes: tuple[str, ...], words: str, key: str
) -> None:
    asked = Asked(negative, False, classes, "data.training_weight")
    given, target = np.array(weights), np.array(codes) if codes else np.full(len(weights), 0.5)
    with pytest.raises(InputError, match=words) as caught:
        refuse_unfit(given, signed(given, negative), target, asked)
    assert caught.value.key == {"p": "preprocess.negative_weights", "w": "data.training_weight"}[key]


@pytest.mark.parametrize("negative", ["keep", "drop", "absolute"])
def test_a_class_that_does_not_occur_is_nobody_s_fault(negative: str) -> None:
    given, target = np.array([2.0, -1.0, 3.0]), np.array([0, 0, 2])
    refuse_unfit(given, signed(given, negative), target, Asked(negative, True, ("a", "b", "c")))
    values = np.array([0.5, 2.5, -1.5])
    refuse_unfit(given, signed(given, negative), values, Asked(negative))
