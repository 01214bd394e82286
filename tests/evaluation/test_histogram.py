"""Histograms of numbers that no picture expects."""

from __future__ import annotations

import numpy as np
import pytest

from mltui.evaluation.histogram import histogram


def test_numbers_near_the_largest_there_are_have_bins_and_no_warning() -> None:
    edges = np.array([-1.7e308, 0.0, 1.7e308])
    found = histogram("a", np.array([-1.7e308, 0.0, 1.7e308]), np.array([1e200, 1.0, 2.0]), edges)
    np.testing.assert_array_equal(found.sums, [1e200, 3.0])
    assert found.errors[1] == pytest.approx(5**0.5)
    assert found.errors[0] == np.inf
