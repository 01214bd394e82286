"""Splits that keep groups and files whole: on one side each, near the shares, with every class where they can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from mltui.core.errors import InputError
from mltui.core.sections import PARTS, Split
from mltui.core.table import Table
from mltui.data.division import Division
from tests.data.divisions import divided, regression, sides, table_of


def by_group(train: float = 0.6, validation: float = 0.2, test: float = 0.2, **more: Any) -> Split:
    return Split(train, validation, test, by="group", column="patient", **more)


def assert_whole(found: Division, groups: NDArray[Any]) -> None:
    held = [set(groups[rows].tolist()) for rows in sides(found)]
    assert sum(map(len, held)) == len(set().union(*held))


@st.composite
def grouped(draw: st.DrawFn) -> Table:
    sizes = draw(st.lists(st.integers(1, 12), min_size=6, max_size=40))
    groups = np.repeat(draw(st.permutations(range(len(sizes)))), sizes)
    codes = draw(st.lists(st.integers(0, 1), min_size=len(groups), max_size=len(groups)))
    order = np.random.default_rng(draw(st.integers(0, 9))).permutation(len(groups))
    kind = draw(st.sampled_from([np.int64, np.float64, np.int32]))
    return table_of([0, 1, *codes[2:]], {"patient": groups[order].astype(kind)})


@given(grouped(), st.integers(0, 2**31), st.booleans(), st.sampled_from([None, 2, 4]))
def test_no_group_is_on_two_sides_and_sizes_are_near_their_shares(
    table: Table, seed: int, stratify: bool, folds: int | None
) -> None:
    spec = by_group(0.5, 0.2, 0.2, stratify=stratify, seed=seed, folds=folds)
    try:
        found = divided(table, spec)
    except InputError as error:
        few = "of the class" in error.sentence or "too few to give" in error.sentence
        if not few:  # luck, where classes and groups are few
            raise
        return
    groups = table.others["patient"]
    assert_whole(found, groups)
    largest = np.bincount(groups.astype(int)).max()
    shares = [0.7, 0, 0.2] if folds else [0.5, 0.2, 0.2]
    for part, share in zip(PARTS, shares, strict=True):
        # half a group at either end of a share, for each of two classes, and one given to a part that had none
        assert abs(len(found.parts[part]) - share * len(table)) <= 3 * largest
        assert (len(found.parts[part]) > 0) == (share > 0)


def test_many_small_groups_come_close_to_the_shares_in_every_class() -> None:
    rng = np.random.default_rng(3)
    groups = rng.integers(0, 4_000, 20_000)
    codes = (rng.random(20_000) < np.where(groups % 3 == 0, 0.9, 0.1)).astype(int)
    table = table_of(codes, {"patient": groups})
    found = divided(table, by_group(0.6, 0.2, 0.2))
    assert_whole(found, groups)
    for part, share in zip(PARTS, (0.6, 0.2, 0.2), strict=True):
        assert len(found.parts[part]) == pytest.approx(share * 20_000, abs=20)
        assert codes[found.parts[part]].mean() == pytest.approx(codes.mean(), abs=0.01)


def test_folds_of_groups_are_as_even_as_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(5)
    groups = rng.integers(0, 300, 3_000)
    codes = (rng.random(3_000) < np.where(groups < 60, 0.8, 0.05)).astype(int)
    found = divided(table_of(codes, {"patient": groups}), by_group(0.5, 0.5, 0.0, folds=5))
    assert_whole(found, groups)
    theirs = [test for _, test in StratifiedGroupKFold(5, shuffle=True, random_state=0).split(codes, codes, groups)]
    ours = [found.member(number)["validation"] for number in range(5)]
    for folds in (theirs, ours):
        assert np.std([len(rows) for rows in folds]) < 15
        assert np.std([codes[rows].mean() for rows in folds]) < 0.02


def test_another_seed_sends_other_groups() -> None:
    groups = np.repeat(np.arange(30), 5)
    table = table_of(np.arange(150) % 2, {"patient": groups})
    tests = [frozenset(divided(table, by_group(seed=seed)).parts["test"].tolist()) for seed in range(4)]
    assert len(set(tests)) == 4


def test_rows_without_a_group_are_groups_of_their_own_and_counted() -> None:
    named = np.array([*np.repeat([1.0, 2.0, 3.0, 4.0], 5), *[np.nan] * 40])
    found = divided(regression(60, {"patient": named}), by_group())
    assert found.notes == ("40 rows have no patient; each of them is taken as a group of its own.",)
    alone = set(range(20, 60))
    assert all(alone & set(rows.tolist()) for rows in found.parts.values())


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.float32])
def test_a_group_may_have_any_number(kind: type[Any]) -> None:
    named = np.repeat(np.arange(-5, 5), 6).astype(kind)
    found = divided(regression(60, {"patient": named}), by_group())
    assert found.notes == ()
    assert_whole(found, named)


def test_too_few_groups_are_counted_with_what_needs_them() -> None:
    two = regression(20, {"patient": np.arange(20) % 2})
    with pytest.raises(InputError, match="there are 2 groups of patient, too few to give train, validation, test one"):
        divided(two, by_group())
    assert len(divided(two, by_group(0.5, 0.5, 0.0)).parts["train"]) == 10
    with pytest.raises(InputError, match="there are 2 groups of patient, too few to give 3 folds one each") as caught:
        divided(two, by_group(0.5, 0.5, 0.0, folds=3))
    assert caught.value.key == "split.column"


def test_a_huge_group_still_leaves_one_to_every_part() -> None:
    groups = np.array([0] * 97 + [1, 2, 3])
    for seed in range(10):
        found = divided(regression(100, {"patient": groups}), by_group(seed=seed))
        assert all(len(rows) for rows in found.parts.values())
        assert_whole(found, groups)


def test_a_class_that_only_one_group_has_must_be_trained_on() -> None:
    groups = np.repeat(np.arange(5), 10)
    table = table_of((groups == 4).astype(int), {"patient": groups})
    sentences = set()
    for seed in range(20):
        try:
            found = divided(table, by_group(0.4, 0.2, 0.4, seed=seed, stratify=False))
        except InputError as error:
            sentences.add(error.sentence)
        else:
            assert 4 in groups[found.parts["train"]]
    assert sentences == {
        "the training part has no row of the class 'b'; set split.stratify = true, another split.seed or a larger "
        "split.train"
    }
    with pytest.raises(InputError, match=r"all 10 rows of the class 'b' are in fold \d, so that its model would"):
        divided(table, by_group(0.5, 0.5, 0.0, folds=3))


def files_table() -> Table:
    file = np.repeat(np.arange(6), 10)
    return table_of(file % 2, file=file, files=tuple(f"/data/{name}.root" for name in "abcdef"))


def test_files_stay_whole() -> None:
    table = files_table()
    found = divided(table, Split(by="file"))
    assert_whole(found, table.file)
    assert sorted(len(rows) for rows in found.parts.values()) == [10, 20, 30] or all(
        len(rows) for rows in found.parts.values()
    )
    assert_whole(divided(table, Split(0.5, 0.5, 0.0, by="file", folds=3)), table.file)


def test_a_file_named_for_two_of_its_trees_is_one_file() -> None:
    file = np.repeat(np.arange(6), 10)
    names = tuple(f"/data/{name}.root" for name in "abc" for _ in range(2))  # signal and background in one file
    table = table_of(file % 2, file=file, files=names)
    assert_whole(divided(table, Split(by="file")), file // 2)
    one = table_of(file % 2, file=file, files=("/data/a.root",) * 6)
    with pytest.raises(InputError, match="there is 1 file, too few to give train, validation, test one each") as caught:
        divided(one, Split(by="file"))
    assert caught.value.key == "split.by"


def test_a_catalogue_dataset_has_no_files_to_split_by() -> None:
    with pytest.raises(InputError, match="there is 1 file, too few"):
        divided(regression(20), Split(by="file"))


# Files that are the test part


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in "abcdef":
        (tmp_path / f"{name}.csv").write_text("x\n1\n")
    return tmp_path


def among(folder: Path, others: Any = None) -> Table:
    file = np.repeat(np.arange(6), 10)
    return table_of(np.arange(60) % 2, others, file=file, files=tuple(str(folder / f"{name}.csv") for name in "abcdef"))


def fixed(*names: str, **more: Any) -> Split:
    return Split(0.75, 0.25, 0.0, test_files=names, **more)


def test_the_rows_of_test_files_are_the_test_part_and_the_shares_divide_the_rest(folder: Path) -> None:
    table = among(folder)
    found = divided(table, fixed("b.csv", "e.csv"), folder)
    assert set(found.parts["test"].tolist()) == set(range(10, 20)) | set(range(40, 50))
    assert [len(found.parts[part]) for part in PARTS] == [30, 10, 20]
    assert np.bincount(table.target[found.parts["train"]]).tolist() == [15, 15]
    assert set(divided(table, fixed("[be].csv"), folder).parts["test"]) == set(found.parts["test"])
    folds = divided(table, fixed("b.csv", folds=5), folder)
    assert len(folds.pool) == 50
    by_file = divided(table, fixed("b.csv", by="file"), folder)
    assert_whole(by_file, table.file)
    assert set(by_file.parts["test"].tolist()) == set(range(10, 20))


def test_rows_in_a_group_with_rows_of_the_test_files_are_left_out_and_counted(folder: Path) -> None:
    groups = np.arange(60) % 10
    groups[:10] += 10
    groups[20:30] += np.arange(10) % 2 * 20
    found = divided(among(folder, {"patient": groups}), fixed("f.csv", by="group", column="patient"), folder)
    assert_whole(found, groups)
    assert found.notes == (
        "35 rows of other files are in a group of patient with rows of the test files, and left out.",
    )
    assert len(found.pool) == 15


def test_test_files_that_are_not_there_or_leave_nothing_are_named(folder: Path) -> None:
    table = among(folder)
    (folder / "g.csv").write_text("x\n1\n")
    for names, sentence in [
        (("h.csv",), "there is no file h.csv"),
        (("g.csv",), "g.csv is not among the data's files; did you mean"),
        (("*.csv",), "g.csv is not among"),
        (("[a-f].csv",), "every row is of a test file"),
    ]:
        with pytest.raises(InputError, match=sentence.replace("*", r"\*")) as caught:
            divided(table, fixed(*names), folder)
        assert caught.value.key == "split.test_files"
    with pytest.raises(InputError, match="no row of the test files is left"):
        divided(table.take(np.arange(10, 60)), fixed("a.csv"), folder)
