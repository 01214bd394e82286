"""Splits from files: what an experiment file says of groups, times, folds and test files, read and divided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment, Known
from mltui.core.hyperparameters import Hyperparameter
from mltui.core.sections import PARTS
from mltui.core.source import Source
from mltui.core.table import Table
from mltui.data.division import Division
from mltui.data.read import read
from mltui.data.split import split
from tests.data.root_files import tree


@dataclass(frozen=True)
class Model:
    hyperparameters: tuple[Hyperparameter, ...] = ()
    training: tuple[Hyperparameter, ...] = ()

    def check(self, hyperparameters: object, training: object) -> None:
        """There is nothing to refuse."""


KNOWN = Known({}, {"m": Model()})
BIG = 2**60 + 3
ROWS = 120


def of(folder: Path, text: str, *settings: str) -> tuple[Table, Division]:
    """The table of an experiment file and its division, once both are seen to survive being written and read again."""
    document = text if "[model]" in text else text + '\n[model]\nname = "m"\n'
    asked = Experiment.parse(Source("toy.toml", document), KNOWN, settings)
    assert Experiment.parse(Source("again.toml", asked.to_toml()), KNOWN) == asked
    table = read(asked.data, folder, split=asked.split)
    return table, split(table, asked.split, folder)


def frame(rows: int = ROWS, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "x": rng.normal(size=rows),
            "event": rng.permutation(rows) + BIG,
            "run": rng.integers(1, 9, rows),
            "patient": [f"patient {number}" for number in rng.integers(0, 20, rows)],
            "taken": [date(2024, 1, 1) + timedelta(days=int(day)) for day in rng.permutation(rows)],
            "y": [["background", "signal"][number % 2] for number in range(rows)],
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    frame().write_csv(tmp_path / "a.csv")
    frame(60, 1).write_csv(tmp_path / "b.csv")
    frame().write_parquet(tmp_path / "a.parquet")
    columns = frame().select("x", "event", "run").to_dict(as_series=False)
    tree(tmp_path / "a.root", {name: np.array(values) for name, values in columns.items()} | {"y": np.arange(ROWS) % 2})
    return tmp_path


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.root"])
def test_an_event_number_beyond_float64_gives_its_fold_exactly(folder: Path, name: str) -> None:
    text = f'[data]\nfiles = ["{name}"]\ntarget = "y"\n[split]\ntrain = 0.8\nvalidation = 0.0\nfolds = 5\n'
    table, found = of(folder, text + 'fold_by = "event % 5"\n')
    events = frame()["event"].to_numpy()
    assert events.min() >= BIG
    for number in range(5):
        assert set((events[found.member(number)["validation"]] % 5).tolist()) == {number}
    assert table.others["event % 5"].dtype.kind in "iu"
    assert "event % 5" not in table.features


def test_groups_by_a_text_column_stay_whole_and_are_no_feature(folder: Path) -> None:
    table, found = of(folder, '[data]\nfiles = ["a.csv"]\ntarget = "y"\n[split]\nby = "group"\ncolumn = "patient"\n')
    assert "patient" not in table.features
    patients = frame()["patient"].to_numpy()
    held = [set(patients[found.parts[part]]) for part in PARTS]
    assert sum(map(len, held)) == 20
    assert not held[0] & held[1] | held[1] & held[2] | held[0] & held[2]


def test_a_missing_text_is_no_group_and_minus_one_is_one(folder: Path) -> None:
    rows = [f"{n % 2},{n},{'' if n % 3 else 'a'},{n // 10 - 1}" for n in range(60)]
    (folder / "g.csv").write_text("y,x,who,run\n" + "\n".join(rows) + "\n")
    document = '[data]\nfiles = ["g.csv"]\ntarget = "y"\n[split]\nby = "group"\ncolumn = "{}"\n'
    _, by_text = of(folder, document.format("who"))
    assert by_text.notes == ("40 rows have no who; each of them is taken as a group of its own.",)
    _, by_number = of(folder, document.format("run"))
    assert by_number.notes == ()


def test_groups_by_an_expression(folder: Path) -> None:
    _, found = of(
        folder,
        '[data]\nfiles = ["a.csv"]\ntarget = "y"\n[split]\nby = "group"\ncolumn = "run // 2"\nfolds = 2\ntest = 0.0\n'
        "validation = 0.4\n",
    )
    pairs = frame()["run"].to_numpy() // 2
    assert not set(pairs[found.member(0)["validation"]]) & set(pairs[found.member(1)["validation"]])


def test_a_date_puts_the_latest_last(folder: Path) -> None:
    _, found = of(folder, '[data]\nfiles = ["a.csv"]\ntarget = "y"\n[split]\nby = "time"\ncolumn = "taken"\n')
    days = frame()["taken"].to_physical().to_numpy()
    assert days[found.parts["train"]].max() < days[found.parts["validation"]].min()
    assert days[found.parts["validation"]].max() < days[found.parts["test"]].min()
    assert [len(found.parts[part]) for part in PARTS] == [72, 24, 24]


def test_a_test_file_is_read_beside_the_data_and_is_the_test_part(folder: Path) -> None:
    text = '[data]\nfiles = ["a.csv"]\ntarget = "y"\n[split]\ntest_files = ["b.csv"]\nseed = 3\n'
    table, found = of(folder, text)
    assert [Path(name).name for name in table.files] == ["a.csv", "b.csv"]
    assert set(found.parts["test"].tolist()) == set(range(ROWS, ROWS + 60))
    assert [len(found.parts[part]) for part in PARTS] == [90, 30, 60]
    assert set(table.file[found.pool].tolist()) == {0}
    both = of(folder, text.replace('["a.csv"]', '["?.csv"]'))[1]
    assert np.array_equal(both.parts["test"], found.parts["test"])
    later = of(folder, text + 'by = "time"\ncolumn = "taken"\n')[1]
    assert set(later.parts["test"].tolist()) == set(range(ROWS, ROWS + 60))
    assert later.notes == ("60 of the 60 rows of the test files are, by taken, no later than all others.",)


def test_a_text_is_neither_a_time_nor_a_fold(folder: Path) -> None:
    for key, said in [
        ('by = "time"\ncolumn = "patient"', "split.column: the column patient holds text, and must hold a time"),
        ('folds = 20\nfold_by = "patient"', "split.fold_by: the column patient holds text, and must hold the number"),
    ]:
        with pytest.raises(InputError, match=said):
            of(folder, f'[data]\nfiles = ["a.csv"]\ntarget = "y"\n[split]\n{key}\n')


def test_rows_without_a_fold_are_named_with_file_and_entry(folder: Path) -> None:
    text = '[data]\nfiles = ["a.csv", "b.csv"]\ntarget = "y"\n[split]\nfolds = 2\nfold_by = "run % 3"\n'
    with pytest.raises(InputError, match=r"split\.fold_by = 'run % 3' gives 2 for entry \d+ of [ab]\.csv, and must"):
        of(folder, text)


def test_the_trainings_seed_does_not_move_a_row(folder: Path) -> None:
    text = '[data]\nfiles = ["a.csv"]\ntarget = "y"\n'
    one, other = (of(folder, text, f"seed={seed}")[1] for seed in (1, 2))
    assert all(np.array_equal(one.parts[part], other.parts[part]) for part in PARTS)
    moved = of(folder, text, "split.seed=2")[1]
    assert set(moved.parts["test"].tolist()) != set(one.parts["test"].tolist())
