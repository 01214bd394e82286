"""Which of a ROOT file's tables is read: the only one, the one named, or, where guessing is allowed, the likeliest."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from mltui.data.readers.raw import How
from tests.data.root_files import FILES, chunks, listing, numbered, refusal, tree

GUESS = How(guess_table=True)


def _file(path: Path, tables: dict[str, tuple[int, int]]) -> Path:
    """Trees by name, each of so many rows and so many columns."""
    with uproot.recreate(path) as file:
        for name, (rows, columns) in tables.items():
            file.mktree(name, {f"c{i}": "f8" for i in range(columns)})
            if rows:
                file[name].extend({f"c{i}": numbered(rows) for i in range(columns)})
    return path


def test_the_only_table_needs_no_name(tmp_path: Path) -> None:
    known = listing(_file(tmp_path / "a.root", {"folder/t": (3, 1)}))
    assert (known.table, known.tables, dict(known.guesses)) == ("folder/t", (), {})


def test_several_tables_are_named_with_their_rows_and_one_must_be_chosen(tmp_path: Path) -> None:
    path = _file(tmp_path / "a.root", {"signal": (1200, 2), "deep/er/background": (30, 2)})
    error = refusal(path)
    assert error.key == "data.tree"
    assert str(error) == "a.root has 2 trees, choose one of signal (1,200 rows), deep/er/background (30 rows)"
    known = listing(path, How(tree="deep/er/background"))
    assert (known.rows, known.table, dict(known.guesses)) == (30, "deep/er/background", {})
    assert known.tables == ("signal", "deep/er/background")


def test_a_wrong_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    path = _file(tmp_path / "a.root", {"signal": (3, 1), "background": (3, 1)})
    error = refusal(path, How(tree="singal"))
    assert error.key == "data.tree"
    assert str(error) == "there is no tree 'singal' in a.root; did you mean signal?"


@pytest.mark.parametrize(
    ("tables", "likeliest"),
    [
        ({"a": (50, 2), "b": (50, 3)}, "b"),
        ({"a": (50, 2), "b": (60, 2)}, "b"),
        ({"a": (50, 2), "b": (50, 2)}, "a"),
        ({"runs": (2, 30), "events": (500, 4)}, "events"),
        ({f"t{i}": (20, 1) for i in range(15)} | {"events": (20, 9)}, "events"),
    ],
)
def test_the_guess_is_the_one_with_most_columns_then_rows_and_is_said(
    tables: dict[str, tuple[int, int]], likeliest: str, tmp_path: Path
) -> None:
    known = listing(_file(tmp_path / "a.root", tables), GUESS)
    assert known.table == likeliest
    assert dict(known.guesses) == {"tree": likeliest}
    assert known.tables == tuple(tables)


def test_lists_count_less_than_flat_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.root"
    with uproot.recreate(path) as file:
        file.mktree("flat", {"a": numbered(20), "b": numbered(20), "c": numbered(20)})
        file.mktree("jagged", {"d": numbered(20), "j": ak.Array([[1.0], []] * 10)})  # and nj, which counts
    assert listing(path, GUESS).table == "flat"


def test_the_only_table_with_rows_is_taken_and_the_empty_ones_are_listed(tmp_path: Path) -> None:
    known = listing(_file(tmp_path / "a.root", {"none": (0, 4), "events": (3, 1), "nothing": (0, 2)}))
    assert (known.table, known.tables) == ("events", ("none", "events", "nothing"))
    assert dict(known.guesses) == {"tree": "events"}


def test_empty_tables_are_refused(tmp_path: Path) -> None:
    assert str(refusal(FILES / "empty.root")) == "empty.root: the tree 'tree' has no rows"
    path = _file(tmp_path / "a.root", {"a": (0, 1), "b": (0, 1)})
    assert str(refusal(path)) == "a.root: its 2 trees have no rows"
    assert str(refusal(path, How(tree="b"))) == "a.root: the tree 'b' has no rows"


def test_a_file_without_tables_says_what_it_holds(tmp_path: Path) -> None:
    error = refusal(FILES / "histograms.root")
    assert str(error) == "histograms.root has no tree and no RNTuple, it holds only TH1F"
    with uproot.recreate(tmp_path / "bare.root"):
        pass
    assert str(refusal(tmp_path / "bare.root")) == "bare.root has no tree and no RNTuple, it is empty"


def test_of_several_cycles_the_newest_is_read_unless_another_is_named(tmp_path: Path) -> None:
    assert listing(FILES / "cycles.root").tables == ()
    path = tmp_path / "a.root"
    with uproot.recreate(path) as file:
        for rows in (3, 5):
            file["t"] = {"x": np.arange(rows)}
    with uproot.open(path) as file:
        assert set(file.keys()) == {"t;1", "t;2"}
    assert listing(path).rows == 5
    assert listing(path, How(tree="t")).rows == 5
    assert listing(path, How(tree="t;1")).rows == 3
    assert len(chunks(path, how=How(tree="t;2"))[0]) == 5
    assert str(refusal(path, How(tree="t;3"))) == "there is no tree 't;3' in a.root; did you mean t;2?"


def test_a_hostile_name_stays_on_one_line(tmp_path: Path) -> None:
    path = tree(tmp_path / "a.root", {"x": numbered(3)}, name="a\x1b[31m\nb")
    known = listing(path)
    assert known.table == "a\x1b[31m\nb"
    assert "\n" not in str(refusal(path, How(tree="\x1bc\n")))
