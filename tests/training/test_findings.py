"""What is found in columns, classes and weights: each kind where it is, and silence where it is not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import roc_auc_score

from mltui.data.readers.raw import Raw
from mltui.data.target import Target, code
from mltui.training import expected, findings, leaks
from mltui.training.facts import Facts, facts
from mltui.training.findings import Finding

RNG = np.random.default_rng(5)
ROWS = 1000
X = RNG.normal(size=ROWS)
GOOD = {"x": X, "pt": RNG.exponential(40, ROWS), "n": RNG.poisson(3, ROWS), "flag": RNG.integers(0, 2, ROWS) == 1}


def coded_texts(texts: Sequence[str | None]) -> Raw:
    labels = sorted({text for text in texts if text is not None})
    return Raw(np.array([-1 if text is None else labels.index(text) for text in texts], np.int32), tuple(labels))


def raws(columns: dict[str, Any]) -> dict[str, Raw]:
    """Columns of texts and of numbers."""
    return {
        name: coded_texts(values) if isinstance(values[0], str | None) else Raw(np.asarray(values))
        for name, values in columns.items()
    }


def found(columns: dict[str, Any]) -> list[Finding]:
    read = raws(columns)
    return findings.on_columns(read, {name: facts(raw) for name, raw in read.items()})


def kinds(columns: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {finding.kind: finding.columns for finding in found(columns)}


def told(columns: dict[str, Any], target: Any, weights: Any = None) -> list[Finding]:
    """Of the target, called y."""
    read = raws(columns)
    coded = code(raws({"y": target})["y"], "y", None, None)
    known = {name: facts(raw) for name, raw in read.items()}
    return leaks.on_target(read, known, coded, "y", None if weights is None else np.asarray(weights, np.float64))


def with_value(values: Any, value: float, share: float) -> Any:
    """The values with this one in a share of the rows."""
    return np.where(RNG.random(len(values)) < share, value, values)


# Columns


def test_ordinary_columns_give_no_finding() -> None:
    assert found(GOOD) == []


def test_constant_columns_are_named() -> None:
    columns = {**GOOD, "a": np.ones(ROWS), "b": ["v"] * ROWS, "c": np.where(X > 0, np.nan, 2.0), "one": [1.0, np.nan]}
    (finding,) = [f for f in found(columns) if f.kind == "constant"]
    assert finding.columns == ("a", "b", "c")
    assert finding.sentence == "a, b and c each have the same value in every row, of no use to a model."


@pytest.mark.parametrize(
    ("values", "sentinel"),
    [
        (with_value(X, -999.0, 0.1), -999),
        (with_value(X.astype(np.float32), -9999.0, 0.01), -9999),
        (with_value(GOOD["pt"], -25.0, 0.4), -25),  # in units of a momentum it lies near
        (with_value(GOOD["pt"], -1.0, 0.4), None),  # too usual a number
        (with_value(GOOD["pt"], 999.0, 0.05), 999),
        (with_value(RNG.integers(0, 50, ROWS), -99, 0.05), -99),
        (with_value(RNG.integers(18, 90, ROWS), 99, 0.05), None),  # an age
        (with_value(X, -200.0, 0.05), -200),
        (with_value(X, 0.0, 0.3), None),
        (with_value(X, -999.0, 0.001), None),  # too few
        (with_value(RNG.choice([-13, -11, 11, 13, 1, 2, 3], ROWS), 21, 0.1), None),  # a particle's code
        (with_value(X, -123.4, 0.1), None),  # nobody writes that for missing
        (np.where(X > 0, -999.0, 1.0), None),  # one of two values
        (with_value(X, 1e30, 0.1), 1e30),
        (X > 0, None),
    ],
)
def test_numbers_that_stand_for_missing(values: Any, sentinel: float | None) -> None:
    assert facts(Raw(np.asarray(values))).sentinel == sentinel


def test_one_number_for_missing_is_told_once_and_suggested() -> None:
    columns = {
        "eta": with_value(X, -25.0, 0.3),
        "pt": with_value(GOOD["pt"], -25.0, 0.3),
        "product": with_value(6 * X, -25.0, 0.3),  # near, but the same number at the end
        "other": 40 * X,
    }
    (finding,) = found(columns)
    assert (finding.kind, finding.columns) == ("sentinel", ("eta", "pt", "product"))
    assert finding.suggests == {"missing": (-25,)}
    assert "put it into data.missing" in finding.sentence


def test_a_number_that_is_a_value_elsewhere_is_not_suggested() -> None:
    columns = {"eta": with_value(X, -25.0, 0.3), "offset": np.round(30 * X)}
    assert -25 in columns["offset"]
    (finding,) = found(columns)
    assert finding.suggests == {}
    assert finding.sentence.endswith("it may mean missing there, but not in offset.")


def test_infinite_and_missing_values_are_counted() -> None:
    columns = {
        **GOOD,
        "inf": np.where(X > 1, np.inf, X),
        "deck": [None, "A", None, "B"] * (ROWS // 4),
        "age": np.where(np.arange(ROWS) % 5 == 0, np.nan, X),
        "few": np.where(np.arange(ROWS) % 6 == 0, np.nan, X),
        "none": np.full(ROWS, np.nan),
    }
    by_kind = {finding.kind: finding for finding in found(columns)}
    assert by_kind["infinite"].sentence == (f"inf has infinite values in {np.sum(X > 1)} rows; they count as missing.")
    assert by_kind["missing"].sentence == "Many values are missing in deck (50 %) and age (20 %)."
    assert kinds({"age": columns["age"]}) == {"missing": ("age",)}


def test_equal_columns_are_found_whatever_their_type() -> None:
    copied = GOOD["n"].astype(np.float32)
    columns = {**GOOD, "again": X.copy(), "n_again": copied, "nearly": np.where(np.arange(ROWS) == 77, 9, X)}
    (finding,) = found(columns)
    assert finding.kind == "duplicate"
    assert finding.columns == ("x", "again", "n", "n_again")
    assert finding.sentence == "again repeats x and n_again repeats n, value by value."


def test_missing_values_and_zeros_do_not_hide_a_copy() -> None:
    holed = np.where(X > 1, np.nan, np.round(X))
    other = np.where(holed == 0, -0.0, holed)
    other[np.isnan(other)] = np.frombuffer(b"\x01\x00\x00\x00\x00\x00\xf8\x7f", np.float64)[0]
    assert kinds({"a": holed, "b": other}) == {"duplicate": ("a", "b")}


def test_the_same_under_other_names_is_found() -> None:
    codes = RNG.integers(1, 4, ROWS)
    columns = {
        "pclass": codes,
        "class": [("First", "Second", "Third")[c - 1] for c in codes],
        "other": [("b", "c", "a")[c - 1 if row != 500 else c % 3] for row, c in enumerate(codes)],
    }
    (finding,) = found(columns)
    assert finding.sentence == "class says the same as pclass, in other words."


def test_columns_that_are_different_in_nearly_every_row_do_not_say_the_same() -> None:
    rng = np.random.default_rng(2)
    for rows in (12, 40):
        assert found({name: rng.normal(size=rows) for name in "abc"}) == []


def test_rare_flags_that_agree_by_chance_are_no_copies() -> None:
    flag = np.zeros(ROWS, np.int64)
    flag[10] = 1
    assert found({**GOOD, "a": flag, "b": flag.copy()}) == []


def test_identifiers_are_found_in_order_or_by_name() -> None:
    columns = {
        **GOOD,
        "entry": np.arange(ROWS) * 3 + 7,
        "down": -np.arange(ROWS),
        "kepid": RNG.integers(1, 10**7, ROWS),
        "grid": RNG.integers(0, 20, ROWS),
        "time": np.cumsum(RNG.random(ROWS)),
        "who": [f"name {i}" for i in range(ROWS)],
    }
    assert kinds(columns) == {"identifier": ("entry", "down", "kepid", "who")}


def test_hundreds_of_findings_are_one_sentence_each() -> None:
    columns = {f"c{i}": np.zeros(ROWS) for i in range(500)} | {f"d{i}": X for i in range(500)}
    sentences = [finding.sentence for finding in found(columns)]
    assert len(sentences) == 2
    assert max(map(len, sentences)) < 150
    assert sentences[0].startswith("c0, c1, c2 and 497 more each have")
    assert sentences[1] == "d1 repeats d0, d2 repeats d0, d3 repeats d0 and 496 more, value by value."


def test_a_thousand_columns_take_seconds() -> None:
    base = RNG.normal(size=(20, 20_000))
    columns = {f"c{i}": Raw(np.roll(base[i % 20], i)) for i in range(1000)}
    target = code(Raw(RNG.integers(0, 2, 20_000)), "y", None, None)
    began = time.process_time()
    known = {name: facts(raw) for name, raw in columns.items()}
    assert findings.on_columns(columns, known) == []
    assert leaks.on_target(columns, known, target, "y", np.ones(20_000)) == []
    assert time.process_time() - began < 10


@given(
    hnp.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.int8, np.bool_]), st.integers(0, 60), unique=False
    ).map(Raw)
)
def test_any_column_has_facts(raw: Raw) -> None:
    """Against NumPy's own numbers, with whatever values, none or all missing."""
    fact = facts(raw)
    known = raw.values[np.isfinite(raw.values)] if raw.values.dtype.kind == "f" else raw.values
    assert (fact.rows, fact.missing, fact.distinct) == (len(raw), len(raw) - len(known), len(set(known.tolist())))
    if len(known):
        assert (fact.low, fact.high) == (known.min(), known.max())
    else:
        assert fact.low is None
    findings.on_columns({"x": raw}, {"x": fact})


def test_lists_and_images_have_facts() -> None:
    lists = Raw(np.array([1.0, np.nan, 5.0]), offsets=np.array([0, 2, 2, 3]))
    assert facts(lists) == Facts(rows=3, missing=1, low=1, high=5, mean=3, std=2)
    images = Raw(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    assert (facts(images).low, facts(images).high, facts(images).missing) == (0, 23, 0)
    assert kinds({}) == {}
    read = {"lists": lists, "images": Raw(np.zeros((3, 2, 2))), "again": Raw(np.zeros((3, 2, 2)))}
    said = findings.on_columns(read, {name: facts(raw) for name, raw in read.items()})
    assert [(f.kind, f.columns) for f in said] == [("constant", ("images", "again"))]


# The target


def test_a_feature_that_separates_alone_is_named_with_its_auc() -> None:
    y = RNG.integers(0, 2, ROWS)
    leak = y + RNG.normal(0, 0.25, ROWS)
    columns = {**GOOD, "leak": -leak, "good": y + X}
    (finding,) = told(columns, y)
    auc = roc_auc_score(y, leak)
    assert (finding.kind, finding.columns) == ("alone", ("leak",))
    assert finding.sentence.startswith(f"leak (AUC {auc:.4g}) tells the classes of y apart alone; leave it out")


def test_the_whole_of_many_rows_decides() -> None:
    """Among the rows tried first it separates perfectly; in all rows not well enough, by weight."""
    y = np.repeat([0, 1], 10_000)
    x = y + 0.0
    x[::25] = 0.5
    weights = np.where(x == 0.5, 100.0, 1.0)
    assert [f.kind for f in told({"x": x}, y)] == ["alone"]
    assert told({"x": x}, y, weights) == []


def test_texts_and_missing_values_may_give_the_target_away() -> None:
    y = RNG.integers(0, 2, ROWS)
    texts = [("ttbar", "W", "Z")[RNG.integers(0, 3)] if v else "higgs" for v in y]
    holes = np.where(y == 1, np.nan, X)
    names = {f.kind: f.columns for f in told({**GOOD, "process": texts, "holes": holes}, y)}
    assert names == {"alone": ("process", "holes")}
    many = [f"name {i}" for i in range(ROWS)]  # a text of its own for every row gives nothing away
    assert told({"who": many}, y) == []


def test_with_many_classes_all_must_be_told_apart() -> None:
    y = RNG.integers(0, 3, ROWS)
    columns = {"all": np.array([1.0, 5.0, 3.0])[y] + 0.1 * X, "one": np.where(y == 2, 9.0, 0.0) + 0.1 * X}
    assert [f.columns for f in told(columns, y)] == [("all",)]


def test_few_rows_do_not_cry_wolf() -> None:
    rare = np.arange(ROWS) < 3
    kinds_ = {f.kind for f in told({f"x{i}": RNG.normal(size=ROWS) for i in range(300)}, rare)}
    assert kinds_ == {"small", "uneven"}
    y = RNG.integers(0, 4, 60)
    assert [f for f in told({f"x{i}": RNG.normal(size=60) for i in range(300)}, y) if f.kind == "alone"] == []


def test_the_target_on_another_scale_is_found() -> None:
    y = X * 3 + 1
    columns = {"scaled": 1.8 * y + 32, "near": y + 0.1 * GOOD["x"][::-1], "class": ["a", "b"] * (ROWS // 2)}
    (finding,) = told(columns, y)
    assert finding.sentence == "scaled is the target y on another scale; leave it out."


def test_small_and_overwhelming_classes_are_told() -> None:
    y = ["a"] * 970 + ["b"] * 27 + ["c"] * 3
    said = told({"x": X}, y)
    assert [f.kind for f in said] == ["small", "uneven"]
    assert said[0].sentence == (
        "The class c (3) has fewer than 10 rows; a part of 20 % then holds one or none of them."
    )
    assert said[1].sentence.startswith("The class a has 97 % of the rows")
    even = told({"x": X}, ["a"] * 600 + ["b"] * 400, np.where(np.arange(ROWS) < 600, 100, 1))
    assert even[0].sentence.startswith("The class a has 99 % of the weight")


# Weights


def two_classes(rows: int) -> Target:
    return code(coded_texts(["s", "b"] * (rows // 2)), "y", None, None)


def test_equal_weights_give_no_finding_and_neither_do_those_of_classes() -> None:
    target = two_classes(ROWS)
    assert leaks.on_weights(np.full(ROWS, 0.3), "w", target) == []
    assert leaks.on_weights(np.where(target.values == 1, 1e-3, 1e3), "w", target) == []
    assert leaks.on_weights(RNG.exponential(size=ROWS), "w", None) == []


def test_weights_that_dominate_are_told() -> None:
    weights = np.ones(ROWS)
    weights[4] = 5_000
    total, squares = weights[::2].sum(), np.sum(weights[::2] ** 2)
    said = [f.sentence for f in leaks.on_weights(weights, "w", two_classes(ROWS))]
    assert said == [
        "One row of s carries 91 % of their weights w; it will rule the result.",
        f"Weighted by w, the 500 rows of s are worth {round(total**2 / squares)} equal ones, (Σw)²/Σw².",
    ]


def test_negative_weights_and_zeros_are_counted() -> None:
    weights = np.concatenate([np.full(100, -1.0), np.zeros(50), np.full(850, 2.0)])
    said = [f.sentence for f in leaks.on_weights(weights, "w", None)]
    assert said == [
        "10 % of the weights w are negative, 5.6 % by their size.",
        "5.0 % of the weights w are 0; those rows count for nothing.",
    ]


@pytest.mark.parametrize(
    ("signal", "weighted", "said"),
    [
        (0.019, True, "The weights of b add up to 52.63 times those of s; "),
        (1e-4, True, "The weights of b add up to 10,000 times those of s; "),
        (0.021, True, None),
        (-1.0, True, None),
        (1.0, False, None),
    ],
)
def test_classes_of_very_different_weight_are_told(signal: float, weighted: bool, said: str | None) -> None:
    target = two_classes(ROWS)
    weights = np.where(target.values == 1, signal, 1.0) if weighted else None
    sentences = [finding.sentence for finding in expected.unbalanced(target, weights)]
    assert sentences == ([f'{said}preprocess.balance = "classes" lets both count alike in the fit.'] if said else [])


def test_classes_of_very_different_size_are_told() -> None:
    target = code(coded_texts(["a"] * 100 + ["b"] * 100 + ["c"]), "y", None, None)
    (finding,) = expected.unbalanced(target, None)
    assert finding.sentence.startswith("The rows of a add up to 100 times those of c; ")
    assert "lets all count alike" in finding.sentence


@given(hnp.arrays(np.float64, st.integers(0, 40)))
def test_any_weights_are_looked_at(weights: Any) -> None:
    with np.errstate(all="ignore"):
        leaks.on_weights(weights, "w", None)
