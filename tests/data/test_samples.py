"""One entry for each class or process: their labels are the target, their weights and cuts their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import uproot

from mltui.core.errors import InputError
from mltui.core.sections import Data, Sample
from mltui.core.table import Table
from mltui.data.read import read

RNG = np.random.default_rng(8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Signal and background as trees of one file; two backgrounds more as CSV and Parquet."""
    with uproot.recreate(tmp_path / "both.root") as file:
        for tree, rows, shift in (("TreeS", 30, 1.0), ("TreeB", 50, 0.0)):
            x = RNG.normal(shift, 1, rows)
            file.mktree(tree, {"x": x, "n": np.arange(rows), "w": np.full(rows, 0.5), "z": x + RNG.normal(size=rows)})
    for name, rows in (("w", 20), ("z", 10)):
        frame = pl.DataFrame(
            {"n": np.arange(rows), "x": RNG.normal(size=rows), "z": RNG.normal(size=rows), "w": np.full(rows, 2.0)}
        )
        frame.write_csv(tmp_path / f"{name}.csv")
        frame.write_parquet(tmp_path / f"{name}.parquet")
    return tmp_path


SIGNAL = Sample(label="signal", files=("both.root",), tree="TreeS")
BACKGROUND = Sample(label="background", files=("both.root",), tree="TreeB")


def table(folder: Path, *samples: Sample, **keys: Any) -> Table:
    return read(Data(samples=samples, **keys), folder)


def test_the_labels_are_the_classes(folder: Path) -> None:
    whole = table(folder, SIGNAL, BACKGROUND, features=("x", "z"))
    assert whole.classes == ("background", "signal")
    assert whole.target.tolist() == [1] * 30 + [0] * 50
    assert whole.target_name == "class"
    assert whole.files == (str(folder / "both.root"),) * 2
    assert whole.trees == ("TreeB", "TreeS")
    assert whole.file.tolist() == [1] * 30 + [0] * 50
    assert whole.entry.tolist() == [*range(30), *range(50)]
    assert whole.weights is None
    assert table(folder, SIGNAL, BACKGROUND, positive="background").classes == ("signal", "background")


def test_each_process_is_known(folder: Path) -> None:
    many = (
        SIGNAL,
        Sample(label="background", process="Z", files=("z.csv",)),
        Sample(label="background", process="W", files=("w.parquet", "w.csv")),
    )
    whole = table(folder, *many, features=("x",))
    assert whole.processes == ("signal", "Z", "W")
    assert [Path(file).name for file in whole.files] == ["both.root", "z.csv", "w.parquet", "w.csv"]
    assert whole.trees == ("TreeS", "", "", "")
    assert whole.process.tolist() == [0] * 30 + [1] * 10 + [2] * 40
    assert whole.target.tolist() == [1] * 30 + [0] * 50
    drawn = table(folder, *many, features=("x",), rows=60)
    assert len(drawn.process) == 60
    assert np.array_equal(drawn.target == 1, drawn.process == 0)


def test_each_has_its_weight_or_that_of_the_section_or_one(folder: Path) -> None:
    mixed = table(folder, SIGNAL, Sample(label="b", files=("w.csv",), weight="w * 3"), features=("x",))
    assert mixed.weights_or_ones().tolist() == [1.0] * 30 + [6.0] * 20
    assert mixed.weight_name == "weight"
    common = table(folder, SIGNAL, Sample(label="b", files=("w.csv",), weight="1"), features=("x",), weight="w")
    assert common.weights_or_ones().tolist() == [0.5] * 30 + [1.0] * 20
    assert table(folder, SIGNAL, BACKGROUND, weight="w", features=("x",)).weight_name == "w"


def test_each_has_its_cut_beside_the_common_one(folder: Path) -> None:
    cut = Sample(label="background", files=("both.root",), tree="TreeB", cut="n >= 40")
    whole = table(folder, SIGNAL, cut, features=("x",), cut="n % 2 == 0")
    assert whole.entry.tolist() == [*range(0, 30, 2), *range(40, 50, 2)]


def test_a_target_in_the_files_takes_the_place_of_labels(folder: Path) -> None:
    first = Sample(files=("w.csv",), process="W")
    whole = table(folder, first, Sample(files=("z.csv",)), target="n", features=("x",), task="regression")
    assert (whole.task, whole.target_name) == ("regression", "n")
    assert whole.processes == ("W", "z")


def test_the_tree_of_the_section_stands_for_those_without(folder: Path) -> None:
    whole = table(folder, Sample(label="a", files=("both.root",)), BACKGROUND, tree="TreeS", features=("x",))
    assert np.bincount(whole.target.astype(int)).tolist() == [30, 50]


@pytest.mark.parametrize(
    ("samples", "keys", "key", "said"),
    [
        ((SIGNAL, Sample(label="b", files=("none.root",))), {}, "data.samples.1.files", "there is no file none.root"),
        ((SIGNAL, Sample(label="b", files=("w.csv",), tree="t")), {}, "data.samples.1.tree", "w.csv"),
        ((SIGNAL, Sample(label="b", files=("w.csv",), cut="q > 1")), {}, "data.samples.1.cut", "no column q"),
        ((SIGNAL, Sample(label="b", files=("w.csv",), weight="x +")), {}, "data.samples.1.weight", "character"),
        ((SIGNAL, Sample(label="b", files=("w.csv",), weight="-w")), {}, "data.samples.1.weight", "must add up"),
        ((SIGNAL,), {}, "data.target", "the target class has one class only, 'signal'"),
        ((SIGNAL, BACKGROUND), {"task": "regression"}, "data.target", "holds text such as 'background'"),
        ((SIGNAL, Sample(label="b", files=("w.csv",), cut="x > 99")), {}, "data.target", "one class only"),
    ],
)
def test_mistakes_name_the_sample(
    samples: tuple[Sample, ...], keys: dict[str, Any], key: str, said: str, folder: Path
) -> None:
    with pytest.raises(InputError) as caught:
        table(folder, *samples, **keys)
    assert said in caught.value.sentence
    assert caught.value.key == key
