"""Lists of scaling steps against scikit-learn and NumPy by hand: in memory and in parts, saved and read back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OrdinalEncoder, QuantileTransformer, RobustScaler, StandardScaler

from mltui.core.errors import InputError
from mltui.core.sections import Preprocess
from mltui.core.table import Column, Floats, Table
from mltui.data import fitting, preprocess
from mltui.data.preprocess import Preprocessing
from tests.data.tables import every_kind, mixed, numbers

MADE: dict[str, Callable[[], Any]] = {
    "standard": StandardScaler,
    "minmax": MinMaxScaler,
    "robust": RobustScaler,
    "quantile": lambda: QuantileTransformer(output_distribution="normal", subsample=None),
    "pca": lambda: PCA(svd_solver="full"),
}
LISTS = [
    ("quantile",),
    ("pca",),
    ("standard", "pca"),
    ("standard", "pca", "standard"),
    ("minmax", "robust"),
    ("robust", "quantile", "pca"),
    ("quantile", "robust"),
    ("pca", "robust", "minmax"),
    ("pca", "quantile", "pca", "standard"),
]
every_list = pytest.mark.parametrize("scale", LISTS, ids=", ".join)


def correlated(rows: int, seed: int = 1) -> Floats:
    """Six inputs that depend on one another, of very different means and spreads, with holes."""
    rng = np.random.default_rng(seed)
    made = rng.normal(size=(rows, 6)) @ rng.normal(size=(6, 6)) * [1, 10, 1e3, 0.1, 1, 3] + [0, 5, 1e4, 0, 0, 1]
    made[rng.random(made.shape) < 0.05] = np.nan
    return made


def fitted(matrix: Floats, *scale: str, **more: Any) -> Floats:
    return Preprocessing.fit(numbers(matrix), Preprocess(scale), **more).transform(numbers(matrix)).astype(np.float64)


@every_list
def test_a_list_of_steps_is_what_scikit_learn_makes_of_them(scale: tuple[str, ...]) -> None:
    matrix = correlated(3000)
    direct = make_pipeline(SimpleImputer(strategy="median"), *(MADE[name]() for name in scale)).fit_transform(matrix)
    made = fitted(matrix, *scale)
    assert np.abs((made - direct) / direct.std(axis=0)).max() < 1e-5


def test_principal_components_are_those_of_a_singular_value_decomposition() -> None:
    matrix = np.random.default_rng(3).normal(size=(500, 4)) @ np.diag([1, 5, 0.2, 30]) + 7
    centred = matrix - matrix.mean(axis=0)
    left, lengths, right = np.linalg.svd(centred, full_matrices=False)
    table = numbers(matrix)
    made = Preprocessing.fit(table, Preprocess(("pca",)))
    turned = made.transform(table).astype(np.float64)
    assert made.names == ("pc1", "pc2", "pc3", "pc4")
    largest = np.sign(right[np.arange(4), np.abs(right).argmax(axis=1)])  # of each direction, made to be positive
    np.testing.assert_allclose(turned, left * lengths * largest, atol=1e-4)
    covariance = np.cov(turned, rowvar=False)
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-3
    apart = [np.linalg.norm(rows[0] - rows[1]) for rows in (matrix[:2], turned[:2])]
    assert apart[0] == pytest.approx(apart[1], rel=1e-6), "a rotation keeps distances"
    assert np.all(np.diff(np.diag(covariance)) < 0)


def test_whitened_inputs_are_uncorrelated_and_of_one_spread() -> None:
    made = fitted(correlated(4000), "pca", "standard")
    np.testing.assert_allclose(np.cov(made, rowvar=False, ddof=0), np.eye(6), atol=1e-5)


def test_directions_without_spread_are_left_out_so_that_whitening_makes_nothing_of_rounding() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 400)).astype(np.float32)
    columns = [a, b, a + b, 1000 * a, np.full(400, 3.1)]  # sums in single precision
    matrix = np.stack(columns, axis=1).astype(np.float64)
    other = matrix[:3] + rng.normal(size=(3, 5))
    for scale in (("standard", "pca", "standard"), ("pca", "standard")):
        made = Preprocessing.fit(numbers(matrix), Preprocess(scale))
        assert made.names == ("pc1", "pc2")
        assert np.abs(made.transform(numbers(other))).max() < 100
    tiny = np.stack([1e12 * a, b], axis=1).astype(np.float64)
    assert len(Preprocessing.fit(numbers(tiny), Preprocess(("pca",))).names) == 2, "small is not the same as constant"


def test_a_quantile_step_makes_a_gaussian_of_any_shape_whatever_its_unit() -> None:
    skewed = np.random.default_rng(7).exponential(size=(5000, 1)) ** 2
    made = fitted(skewed, "quantile")
    inner = made[np.abs(made[:, 0]) < 5]
    assert abs(inner.mean()) < 0.01
    assert inner.std() == pytest.approx(1, abs=0.02)
    for percent, sigma in ((2.275, -2), (15.866, -1), (84.134, 1), (97.725, 2)):
        assert np.percentile(made, percent) == pytest.approx(sigma, abs=0.02)
    np.testing.assert_allclose(fitted(1e-12 * skewed, "quantile"), made, atol=1e-3)
    huge = np.vstack([skewed, [[1e300]]])  # a sentinel nobody declared
    np.testing.assert_allclose(fitted(huge, "quantile")[100:200], made[100:200], atol=0.05)


@pytest.mark.parametrize("scale", [*[(name,) for name in MADE], ("quantile", "pca", "standard")])
@pytest.mark.parametrize("rows", [1, 2, 50])
def test_a_constant_becomes_zero_and_says_nothing(scale: tuple[str, ...], rows: int) -> None:
    constant = np.full((rows, 2), -4.1)
    assert np.abs(fitted(constant, *scale)).max() < 1e-12


@pytest.mark.parametrize("encode", ["onehot", "ordinal"])
@every_list
def test_in_parts_the_same_is_learnt_as_at_once(scale: tuple[str, ...], encode: str) -> None:
    table = every_kind(2500, 1)
    rows = np.random.default_rng(2).permutation(2500)[:2001]
    spec = Preprocess(scale, "mean", encode)
    whole = Preprocessing.fit(table, spec, rows)
    parts = Preprocessing.fit(table, spec, rows, at_once=0)
    assert parts.names == whole.names
    made, other = whole.transform(table), parts.transform(table)
    np.testing.assert_allclose(other / made.std(axis=0), made / made.std(axis=0), atol=1e-4)


@pytest.mark.parametrize("encode", ["onehot", "ordinal"])
@pytest.mark.parametrize("impute", ["median", "mean", "zero"])
@pytest.mark.parametrize("scale", ["none", "standard", "minmax", "robust"])
def test_a_single_step_is_the_same_to_the_last_digit(
    scale: str, impute: str, encode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = every_kind(5000, 1)
    rows = np.random.default_rng(2).permutation(5000)[:3001]
    spec = Preprocess((scale,), impute, encode)
    whole = Preprocessing.fit(table, spec, rows)
    shares: list[float] = []
    parts = Preprocessing.fit(table, spec, rows, at_once=0, tell=shares.append)
    np.testing.assert_allclose(parts.transform(table), whole.transform(table), rtol=2e-6, atol=2e-6)
    assert all(0 <= share <= 1 for share in shares)
    assert shares == sorted(shares)
    apart = Preprocessing.fit(table.take(rows), spec)
    assert np.array_equal(apart.transform(table), whole.transform(table))
    monkeypatch.setattr(preprocess, "CHUNK", 0)  # a thousand rows at a time
    assert np.array_equal(whole.transform(table), apart.transform(table))
    assert np.array_equal(whole.transform(table, rows), apart.transform(table.take(rows)))


def test_what_comes_of_a_sample_is_the_same_on_disk_as_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = correlated(5000)
    exact = fitted(matrix, "pca", "quantile", "robust")
    monkeypatch.setattr(fitting, "SAMPLE", 1000)
    rows = np.random.default_rng(4).permutation(5000)
    made = [
        Preprocessing.fit(numbers(matrix), Preprocess(("pca", "quantile", "robust")), rows, at_once=bytes)
        for bytes in (10**9, 0)
    ]
    first, second = (one.transform(numbers(matrix)) for one in made)
    np.testing.assert_allclose(first, second, atol=1e-4)
    assert np.abs(first - exact).max() > 0, "a thousand rows are not five thousand"


def test_a_fit_in_parts_can_be_given_up_at_every_step() -> None:
    class GivenUp(Exception):
        pass

    table = numbers(correlated(2100))
    spec = Preprocess(("standard", "pca"))
    shares: list[float] = []
    Preprocessing.fit(table, spec, at_once=0, tell=shares.append)
    assert len(set(shares)) > 6
    for last in sorted(set(shares)):

        def tell(share: float, last: float = last) -> None:
            if share >= last:
                raise GivenUp

        with pytest.raises(GivenUp):
            Preprocessing.fit(table, spec, at_once=0, tell=tell)


def test_codes_of_categories_are_not_turned_and_no_quantiles() -> None:
    codes = [2, 0, 1, 1, 0, 2, 2, 2]
    table = mixed(codes)
    made = Preprocessing.fit(table, Preprocess(("quantile", "pca"), encode="ordinal"))
    assert made.names == ("pc1", "kind"), "b is constant"
    direct = StandardScaler().fit_transform(OrdinalEncoder().fit_transform(np.array(codes)[:, None]))
    np.testing.assert_allclose(made.transform(table)[:, 1], direct[:, 0], rtol=1e-6)
    alone = Table(table.columns[1:2], {"kind": np.array(codes)}, "regression", np.zeros(8), "y")
    for encode, names in (("ordinal", ("kind",)), ("onehot", ("kind=x", "kind=y", "kind=z"))):
        made = Preprocessing.fit(alone, Preprocess(("pca",), encode=encode))
        assert made.names == names
        assert made.transform(alone).tolist() == (
            [[code] for code in codes] if encode == "ordinal" else np.eye(3)[codes].tolist()
        )


def test_more_inputs_than_pca_can_turn_are_refused_with_a_sentence() -> None:
    image = Column("image", "image", shape=(50, 50))
    table = Table((image,), {"image": np.zeros((4, 50, 50), np.float32)}, "regression", np.zeros(4), "y")
    with pytest.raises(
        InputError, match=r"pca turns at most 2,000 inputs, and these data have 2,500; choose"
    ) as raised:
        Preprocessing.fit(table, Preprocess(("standard", "pca")))
    assert raised.value.key == "preprocess.scale"


anything = st.floats(width=32) | st.sampled_from([np.nan, np.inf, 1e300, -1e300, 1e-300, 0.0])


@settings(max_examples=25, deadline=None)
@given(
    arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=anything),
    st.lists(st.sampled_from([*MADE]), min_size=1, max_size=4).map(tuple) | st.just(("none",)),
    st.sampled_from(["median", "mean", "zero"]),
)
def test_any_list_on_any_numbers_is_finite_and_comes_back_from_its_files(
    matrix: Floats, scale: tuple[str, ...], impute: str
) -> None:
    table = numbers(matrix)
    made = Preprocessing.fit(table, Preprocess(scale, impute))
    found = made.transform(table)
    assert found.shape == (len(matrix), len(made.names))
    assert np.isfinite(found).all()
    assert np.array_equal(found, Preprocessing.fit(table, Preprocess(scale, impute)).transform(table))
    with tempfile.TemporaryDirectory() as folder:
        made.save(Path(folder))
        loaded = Preprocessing.load(Path(folder))
    assert loaded.spec == made.spec
    assert loaded.names == made.names
    assert np.array_equal(loaded.transform(table), found)
