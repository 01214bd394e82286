"""One entry for each class or process: their labels are the target, their weights and cuts their own."""

from __future__ import annotations

from dataclasses import replace
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


def test_cross_sections_make_the_weights_expected_events(tmp_path: Path) -> None:
    """A Higgs boson of 0.0485 pb in 140/fb: 6,790 events are expected of all that were generated."""
    signs = np.where(np.arange(1200) % 4 == 0, -1.0, 1.0)  # 600 is their sum
    columns = {"x": RNG.normal(size=1200), "w": signs}
    with uproot.recreate(tmp_path / "h.root") as file:
        file.mktree("t", columns)
    pl.DataFrame(columns).write_parquet(tmp_path / "z.parquet")
    data = Data(
        samples=(
            Sample(label="s", files=("h.root",), weight="w", cross_section=0.0485, generated=1.2e6),
            Sample(label="b", process="Z", files=("z.parquet",), cross_section=2.0, generated=4000.0, cut="w > 0"),
            Sample(label="b", process="fakes", files=("z.parquet",), weight="w / 2"),
        ),
        luminosity=140.0,
        features=("x",),
    )
    whole = read(data, tmp_path)
    weights = whole.weights_or_ones()
    assert whole.luminosity == 140.0
    assert whole.processes == ("s", "Z", "fakes")
    factor = 0.0485 * 140_000 / 1.2e6
    np.testing.assert_allclose(weights[whole.process == 0], signs * factor, rtol=1e-15)
    assert weights[whole.process == 0].sum() == pytest.approx(6790 * 600 / 1.2e6)
    np.testing.assert_allclose(weights[whole.process == 1], np.full(900, 2.0 * 140_000 / 4000))
    np.testing.assert_array_equal(weights[whole.process == 2], signs / 2)

    at_one = read(replace(data, luminosity=None), tmp_path)
    assert at_one.luminosity == 1.0
    np.testing.assert_allclose(at_one.weights_or_ones()[whole.process < 2], weights[whole.process < 2] / 140)
    np.testing.assert_array_equal(at_one.weights_or_ones()[whole.process == 2], signs / 2)


def test_without_a_weight_the_cross_section_counts_alone(folder: Path) -> None:
    scaled = Sample(label="b", files=("w.csv",), cross_section=1.0, generated=50.0)
    whole = table(folder, SIGNAL, scaled, features=("x",), luminosity=2.0)
    assert whole.weights_or_ones().tolist() == [1.0] * 30 + [40.0] * 20
    assert whole.weight_name == "expected events"
    assert table(folder, SIGNAL, BACKGROUND, features=("x",)).luminosity is None


def test_the_fit_has_weights_of_its_own_of_the_same_scale(folder: Path) -> None:
    scaled = Sample(label="b", files=("w.csv",), weight="w", cross_section=1.0, generated=50.0)
    keys: dict[str, Any] = {"features": ("x",), "weight": "w - 1", "luminosity": 2.0}
    whole = table(folder, SIGNAL, scaled, training_weight="abs(w - 1)", **keys)
    assert whole.weights_or_ones().tolist() == [-0.5] * 30 + [80.0] * 20
    assert whole.training_weights is not None
    assert whole.training_weights.tolist() == [0.5] * 30 + [40.0] * 20
    drawn = table(folder, SIGNAL, scaled, training_weight="abs(w - 1)", rows=40, **keys)
    assert drawn.training_weights is not None
    assert set(drawn.training_weights) == {0.5 * 50 / 40, 40.0 * 50 / 40}
    assert set(drawn.weights_or_ones()) == {-0.5 * 50 / 40, 80.0 * 50 / 40}
    assert table(folder, SIGNAL, scaled, **keys).training_weights is None


def test_the_weight_of_the_fit_is_no_feature_and_may_be_negative(folder: Path) -> None:
    pl.DataFrame({"x": RNG.normal(size=40), "fit": np.tile([-1.0, 1.0], 20), "y": np.repeat(["a", "b"], 20)}).write_csv(
        folder / "own.csv"
    )
    whole = read(Data(files=("own.csv",), target="y", training_weight="fit"), folder)
    assert whole.features == ("x",)
    assert whole.weights is None
    assert whole.training_weights is not None
    assert whole.training_weights.tolist() == [-1.0, 1.0] * 20


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("y", "data.training_weight is y, which is the target"),
        ("x +", "data.training_weight: character 4"),
        ("nothing", "there is no column nothing"),
        ("1 / (x - x)", "the training weight 1 / (x - x) has no finite value in 40 of 40 rows"),
        ("t", "the training weight t holds text such as 'u', and must be numbers"),
    ],
)
def test_a_weight_of_the_fit_that_cannot_serve(said: str, sentence: str, folder: Path) -> None:
    pl.DataFrame({"x": RNG.normal(size=40), "t": np.tile(["u", "v"], 20), "y": np.repeat(["a", "b"], 20)}).write_csv(
        folder / "own.csv"
    )
    with pytest.raises(InputError) as caught:
        read(Data(files=("own.csv",), target="y", features=("x",), training_weight=said), folder)
    assert sentence in caught.value.sentence
    assert caught.value.key == "data.training_weight"


@pytest.mark.parametrize(
    ("samples", "keys", "key", "said"),
    [
        ((SIGNAL, Sample(label="b", files=("none.root",))), {}, "data.samples.1.files", "there is no file none.root"),
        ((SIGNAL, Sample(label="b", files=("w.csv",), tree="t")), {}, "data.samples.1.tree", "w.csv"),
        ((SIGNAL, Sample(label="b", files=("w.csv",), cut="q > 1")), {}, "data.samples.1.cut", "no column q"),
        ((SIGNAL, Sample(label="b", files=("w.csv",), weight="x +")), {}, "data.samples.1.weight", "character"),
        ((SIGNAL, Sample(label="b", files=("w.csv",), weight="-w")), {}, "data.samples.1.weight", "must add up"),
        ((SIGNAL, Sample(label="b", files=("w.csv",), weight="w*1e300")), {}, "data.samples.1.weight", "most 1e+100"),
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
