"""Means and examples of images by class."""

from __future__ import annotations

import numpy as np
import pytest

from mltui.evaluation.images import EXAMPLES, MOST_SIDE, class_images

RANDOM = np.random.default_rng(1)


def test_means_are_weighted_and_examples_are_the_first_rows_of_each_class() -> None:
    values, codes = RANDOM.random((40, 5, 7)), np.arange(40) % 3
    weights = RANDOM.random(40)
    found = class_images(values, codes, 3, weights)
    for code in range(3):
        rows = codes == code
        wanted = (values[rows] * weights[rows, None, None]).sum(axis=0) / weights[rows].sum()
        np.testing.assert_allclose(found.means[code], wanted)
        np.testing.assert_array_equal(found.examples[code], values[rows][:EXAMPLES])
    assert found.scale[0] < found.scale[1]
    assert found.mean_scale[0] < found.mean_scale[1]


def test_a_class_without_rows_has_no_images_and_one_of_few_has_few() -> None:
    found = class_images(np.ones((2, 4, 4)), np.array([0, -1]), 2, np.ones(2))
    assert np.isfinite(found.examples[0, 0]).all()
    assert np.isnan(found.examples[0, 1:]).all()
    assert np.isnan(found.means[1]).all()


def test_weights_that_sum_to_nothing_count_alike() -> None:
    found = class_images(np.arange(2.0).reshape(2, 1, 1), np.zeros(2, np.int64), 1, np.array([1.0, -1.0]))
    assert found.means[0, 0, 0] == 0.5


@pytest.mark.parametrize(
    ("shape", "brief"),
    [((28, 28), (28, 28)), ((200, 30), (MOST_SIDE, 30)), ((5000,), (512,)), ((9, 9, 3), (9, 9)), ((3, 9, 9), (9, 9))],
)
def test_large_images_are_made_smaller_and_keep_their_mean(shape: tuple[int, ...], brief: tuple[int, ...]) -> None:
    values = np.full((6, *shape), 2.5)
    found = class_images(values, np.zeros(6, np.int64), 1, np.ones(6))
    assert found.means.shape == (1, *brief)
    np.testing.assert_allclose(found.means, 2.5)


def test_what_is_no_number_counts_as_nothing() -> None:
    values = np.array([[[np.nan, 2.0]], [[np.inf, 4.0]]])
    found = class_images(values, np.zeros(2, np.int64), 1, np.ones(2))
    assert found.means[0, 0, 1] == 3
    assert np.isfinite(found.examples[0, :2]).all()
