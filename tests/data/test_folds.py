"""Folds: each row judged once by a model that did not see it; by chance, by class, by group, or as fold_by says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from mltui.core.errors import InputError
from mltui.core.sections import Split
from mltui.core.table import Table
from tests.data.divisions import divided, regression, table_of


@given(
    st.lists(st.integers(12, 60), min_size=2, max_size=4),
    st.integers(2, 6),
    st.integers(0, 2**31),
    st.sampled_from([(0.6, 0.2, 0.2), (0.8, 0.0, 0.2), (0.5, 0.5, 0.0), (0.5, 0.2, 0.1)]),
)
def test_folds_are_equal_within_a_row_in_all_and_in_every_class(
    counts: list[int], folds: int, seed: int, shares: tuple[float, float, float]
) -> None:
    codes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    table = table_of(codes)
    found = divided(table, Split(*shares, seed=seed, folds=folds))
    sizes = [len(found.member(number)["validation"]) for number in range(folds)]
    assert max(sizes) - min(sizes) <= 1
    for code in range(len(counts)):
        held = [int(np.sum(codes[found.member(number)["validation"]] == code)) for number in range(folds)]
        assert max(held) - min(held) <= 1
    # scikit-learn's are no more even
    pool = np.sort(found.pool)
    theirs = [len(rows) for _, rows in StratifiedKFold(folds).split(pool, codes[pool])]
    assert max(theirs) - min(theirs) <= 1


@given(st.integers(20, 90), st.integers(2, 7), st.integers(0, 99))
def test_the_test_part_and_the_pool_are_those_without_folds(rows: int, folds: int, seed: int) -> None:
    for table in (regression(rows), table_of(np.arange(rows) % 2)):
        plain = divided(table, Split(seed=seed))
        found = divided(table, Split(seed=seed, folds=min(folds, rows // 4)))
        assert np.array_equal(found.parts["test"], plain.parts["test"])
        assert set(found.pool.tolist()) == set(plain.pool.tolist())


def test_members_and_another_seed() -> None:
    table = table_of(np.arange(60) % 2)
    plain, found = divided(table, Split()), divided(table, Split(folds=3))
    assert plain.member(0) == {part: plain.parts[part] for part in ("train", "validation")}
    other = divided(table, Split(folds=3, seed=2))
    assert set(other.member(0)["validation"].tolist()) != set(found.member(0)["validation"].tolist())


def test_what_is_too_small_for_folds_is_named_with_its_count() -> None:
    few = table_of([0] * 40 + [1] * 5)
    with pytest.raises(InputError, match="the class 'b' has 4 rows to train on, too few to give 5 folds one each") as e:
        divided(few, Split(folds=5))
    assert e.value.key == "split.folds"
    with pytest.raises(InputError, match="there are 4 rows to train on, too few for 5 folds"):
        divided(regression(5), Split(folds=5))


def test_without_stratification_a_fold_may_lack_a_class_but_its_model_must_not() -> None:
    codes = [0] * 40 + [1]
    with pytest.raises(InputError, match=r"the only row of the class 'b' is in fold \d, so that its model would be"):
        divided(table_of(codes), Split(0.5, 0.5, 0.0, stratify=False, folds=2))
    found = divided(table_of([0] * 40 + [1] * 2), Split(0.5, 0.5, 0.0, stratify=False, folds=21, seed=3))
    assert found.folds == 21


# Folds that the data say


def told(events: Any, fold_by: str, folds: Any, codes: Any = None) -> Table:
    file = np.arange(len(events)) // 10
    files = tuple(f"/data/run{number}.root" for number in range(int(file.max()) + 1))
    codes = np.arange(len(events)) // 2 % 2 if codes is None else codes
    return table_of(codes, {fold_by: folds, "event": events}, file=file, files=files)


def test_fold_by_says_each_rows_fold() -> None:
    events = np.random.default_rng(0).integers(0, 1_000, 200)
    for folds in (events % 4, (events % 4).astype(float), (events % 4).astype(np.uint64)):
        table = told(events, "event % 4", folds)
        found = divided(table, Split(folds=4, fold_by="event % 4"))
        for number in range(4):
            assert set(events[found.member(number)["validation"]] % 4) == {number}
    halves = told(events, "event > 500", events > 500)
    assert divided(halves, Split(folds=2, fold_by="event > 500")).folds == 2


@pytest.mark.parametrize(
    ("wrong", "said"), [(5.0, "5"), (-1.0, "-1"), (0.5, "0.5"), (np.nan, "no value"), (np.inf, "inf")]
)
def test_a_row_that_fold_by_gives_no_fold_is_named(wrong: float, said: str) -> None:
    events = np.arange(60)
    folds = np.where(events == 33, wrong, events % 5)
    with pytest.raises(InputError) as caught:
        divided(told(events, "f", folds), Split(0.5, 0.5, 0.0, folds=5, fold_by="f"))
    assert caught.value.sentence == (
        f"split.fold_by = 'f' gives {said} for entry 33 of run3.root, and must give a whole number from 0 to 4 for "
        'every row, as "event % 5" does'
    )
    assert caught.value.key == "split.fold_by"


def test_a_fold_without_rows_or_without_a_class_to_train_on_is_named() -> None:
    events = np.arange(60)
    spec = Split(0.5, 0.5, 0.0, folds=5, fold_by="f")
    with pytest.raises(InputError, match=r"fold 5 of 5 has no row, which f = 4 would say"):
        divided(told(events, "f", events % 4), spec)
    with pytest.raises(InputError, match=r"all 12 rows of the class 'b' are in fold 3, so that its model would") as e:
        divided(told(events, "f", events % 5, (events % 5 == 2).astype(int)), spec)
    assert e.value.key == "split.fold_by"
    with pytest.raises(InputError, match=r"fold 2 of 2 has no row"):
        divided(regression(60, {"f": np.zeros(60)}), Split(0.5, 0.5, 0.0, folds=2, fold_by="f"))


def test_fold_by_may_not_divide_a_group_or_a_file() -> None:
    events = np.repeat(np.arange(30), 2)
    together = told(events, "event % 5", events % 5)
    assert divided(together, Split(0.5, 0.5, 0.0, by="group", column="event", folds=5, fold_by="event % 5")).folds == 5
    apart = told(events, "f", np.arange(60) % 5)
    with pytest.raises(
        InputError, match=r"divides a group of event: it gives \d for entry \d+ of run\d.root, and \d for"
    ):
        divided(apart, Split(0.5, 0.5, 0.0, by="group", column="event", folds=5, fold_by="f"))
    with pytest.raises(InputError, match=r"split.fold_by divides a file: it gives"):
        divided(apart, Split(0.5, 0.5, 0.0, by="file", folds=5, fold_by="f"))


def test_test_files_are_no_rows_of_any_fold(tmp_path: Path) -> None:
    names = [tmp_path / f"{name}.csv" for name in "abc"]
    for name in names:
        name.write_text("x\n1\n")
    table = table_of(np.arange(60) % 2, file=np.arange(60) // 20, files=tuple(map(str, names)))
    found = divided(table, Split(0.75, 0.25, 0.0, test_files=("b.csv",), folds=4), tmp_path)
    assert set(table.file[found.pool]) == {0, 2}
    assert set(table.file[found.parts["test"]]) == {1}
