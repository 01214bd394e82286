"""The best answers that there can be: by Bayes' theorem against counting, by a curve against its own rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mltui.core.hyperparameters import check_all
from mltui.core.sections import Data
from mltui.data.catalogue import CATALOGUE
from mltui.data.catalogued import best_answers, made

KNOWN: dict[str, dict[str, Any]] = {
    "mixture": {"centres": 3},
    "blobs": {"ratio": 3.0, "separation": 3.0},
    "gaussian_ring": {"modes": 5, "width": 1.0},
    "gaussian_grid": {"side": 3, "width": 0.4},
    "outliers": {"share": 0.3, "distance": 4.0},
    "line": {"slope": -3.0, "noise": 0.5},
    "polynomial": {"reach": 1.1, "noise": 0.5},
    "curve": {"shape": "wiggles", "noise": 0.5},
}


def data_of(name: str, **options: Any) -> Data:
    return Data(dataset=name, options={"samples": 60_000, **KNOWN[name], **options})


def test_these_datasets_have_a_law() -> None:
    assert {name for name, dataset in CATALOGUE.items() if dataset.law} == set(KNOWN)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_best_answer_is_what_the_rows_come_to(name: str) -> None:
    data = data_of(name)
    table = made(data)
    best = best_answers(data, table)
    assert best is not None
    shares = best if best.ndim == 2 else best[:, None] if not table.classes else np.column_stack([1 - best, best])
    for code in range(shares.shape[1]):
        said = shares[:, code]
        true = (table.target == code).astype(float) if table.classes else table.target.astype(float)
        # of the rows with about the same answer so many are of the class, or they average to it
        for rows in np.array_split(np.argsort(said, kind="stable"), 12):
            error = max(true[rows].std(), np.sqrt(0.25 / len(rows))) / np.sqrt(len(rows))
            assert abs(true[rows].mean() - said[rows].mean()) < 5 * error + 1e-3


@pytest.mark.parametrize("shape", ["wiggles", "runge", "sine", "step"])
def test_a_curve_without_noise_is_its_law(shape: str) -> None:
    data = data_of("curve", shape=shape, noise=0.0)
    table = made(data)
    np.testing.assert_array_equal(best_answers(data, table), table.target)


def test_the_classes_in_another_order_turn_it_round() -> None:
    data = data_of("mixture")
    table = made(data)
    turned = replace(table, classes=table.classes[::-1], target=1 - table.target)
    best, other = best_answers(data, table), best_answers(data, turned)
    assert best is not None
    assert other is not None
    np.testing.assert_allclose(other, 1 - best, atol=1e-12)


def test_other_features_have_no_law() -> None:
    data = data_of("mixture")
    table = made(data)
    fewer = replace(table, columns=table.columns[:1])
    assert best_answers(data, fewer) is None
    assert best_answers(Data(dataset="circles"), made(Data(dataset="circles"))) is None


def test_far_away_the_shares_are_still_shares() -> None:
    for name, dataset in CATALOGUE.items():
        if dataset.law and dataset.law.classes:
            options = check_all(dataset.options, {}, section="data.options")
            shares = dataset.law.answer(np.array([[1e4, -1e4], [0.0, 0.0]]), options)
            assert shares.shape == (2, len(dataset.law.classes)), name
            np.testing.assert_allclose(shares.sum(axis=1), 1)
