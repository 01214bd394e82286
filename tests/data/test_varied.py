"""A systematic variation is the same table of other values, files or weights; features and classes stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import uproot

from mltui.core.errors import InputError
from mltui.core.sections import Data, Sample, Split, Variation
from mltui.core.table import Table
from mltui.data import disk, memory
from mltui.data.disk import on_disk
from mltui.data.read import read
from mltui.data.varied import check_varied

ROWS = 400
RNG = np.random.default_rng(9)
PT = RNG.uniform(10, 100, ROWS)
COLUMNS: dict[str, Any] = {
    "pt": PT,
    "pt_up": PT * 1.1,
    "eta": RNG.normal(size=ROWS),
    "w": RNG.uniform(0.5, 1.5, ROWS),
    "w_up": RNG.uniform(0.5, 1.5, ROWS),
    "quality": RNG.choice(["loose", "tight"], ROWS),
    "quality_up": RNG.choice(["medium", "tight"], ROWS),
    "label": np.where(np.arange(ROWS) % 3 == 0, "s", "b"),
}
NOMINAL: dict[str, Any] = {
    "files": ("a.parquet",),
    "target": "label",
    "features": ("pt", "pt / 2", "eta"),
    "weight": "w",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    frame = pl.DataFrame(COLUMNS)
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=50)
    frame[:60].with_columns(pt=pl.col("pt") + 1).write_parquet(tmp_path / "other.parquet")
    frame[:60].drop("eta").write_parquet(tmp_path / "narrow.parquet")
    frame[:60].with_columns(label=pl.lit("c")).write_parquet(tmp_path / "stranger.parquet")
    with uproot.recreate(tmp_path / "s.root") as file:
        file.mktree("t", {"pt": PT[:30], "eta": COLUMNS["eta"][:30], "w": COLUMNS["w"][:30]})
    return tmp_path


def both(folder: Path, variation: Variation, split: Split | None = None, **keys: Any) -> tuple[Table, Table]:
    """The nominal table and the varied one."""
    data = Data(**{**NOMINAL, "variations": (Variation("first", weight="w_up"), variation), **keys})
    nominal = read(data, folder, split=split)
    return nominal, read(data, folder, split=split, variation=variation, nominal=nominal)


def test_a_replaced_column_is_replaced_everywhere(folder: Path) -> None:
    nominal, up = both(
        folder, Variation("JES_up", replace={"pt": "pt_up"}), cut="pt > 40", weight="w * pt",
        split=Split(folds=2, fold_by="pt > 60"),
    )  # fmt: skip
    kept = COLUMNS["pt_up"] > 40
    assert np.array_equal(up.entry, np.flatnonzero(kept))  # rows come in over the cut
    assert set(nominal.entry) < set(up.entry)
    assert np.array_equal(up.values["pt"], COLUMNS["pt_up"][kept])
    assert np.array_equal(up.values["pt / 2"], COLUMNS["pt_up"][kept] / 2)
    assert np.array_equal(up.values["eta"], COLUMNS["eta"][kept])
    np.testing.assert_array_equal(up.weights_or_ones(), (COLUMNS["w"] * COLUMNS["pt_up"])[kept])
    assert np.array_equal(up.others["pt > 60"], COLUMNS["pt_up"][kept] > 60)
    assert up.classes == nominal.classes
    assert np.array_equal(up.target, (COLUMNS["label"] == "s")[kept])


def test_a_bound_of_a_replaced_column_passes_over_no_row(folder: Path) -> None:
    """The file's groups of rows tell the range of pt, not that of what stands in for it."""
    far = Variation("far", replace={"pt": "1000 - pt"})
    data = Data(**NOMINAL, variations=(far,))
    nominal = read(data, folder)
    assert len(read(replace(data, cut="pt > 800"), folder, variation=far, nominal=nominal)) == ROWS


def test_all_replacements_are_made_at_once_from_the_columns_as_they_are(folder: Path) -> None:
    _, up = both(folder, Variation("swapped", replace={"pt": "eta", "eta": "pt", "w": "w + pt"}))
    assert np.array_equal(up.values["pt"], COLUMNS["eta"])
    assert np.array_equal(up.values["eta"], PT)
    np.testing.assert_array_equal(up.weights_or_ones(), COLUMNS["w"] + PT)


def test_a_number_may_stand_in_and_missing_values_are_out_before(folder: Path) -> None:
    _, up = both(folder, Variation("flat", replace={"pt": 50, "eta": "eta * 2"}), missing=(float(COLUMNS["eta"][3]),))
    assert set(up.values["pt"].tolist()) == {50.0}
    assert np.flatnonzero(np.isnan(up.values["eta"])).tolist() == [3]


def test_the_features_of_the_nominal_table_stay(folder: Path) -> None:
    nominal, up = both(folder, Variation("w_up", weight="w_up"), features=(), exclude=("w_up",))
    assert nominal.features == up.features
    assert nominal.columns == up.columns
    assert np.array_equal(up.weights_or_ones(), COLUMNS["w_up"])
    assert up.weight_name == "w_up"
    assert np.array_equal(nominal.weights_or_ones(), COLUMNS["w"])


def test_categories_keep_their_labels(folder: Path) -> None:
    nominal, up = both(folder, Variation("q", replace={"quality": "quality_up"}), features=("quality",))
    for table, column in ((nominal, "quality"), (up, "quality_up")):
        labels = table.columns[0].categories
        assert [labels[code] for code in table.values["quality"]] == COLUMNS[column].tolist()


def test_other_files_stand_for_those_of_the_data(folder: Path) -> None:
    nominal, other = both(folder, Variation("other", files=("oth*.parquet",)), split=Split(test_files=("a.parquet",)))
    assert [Path(name).name for name in other.files] == ["other.parquet"]
    assert np.array_equal(other.values["pt"], PT[:60] + 1)
    assert len(nominal) == ROWS
    _, more = both(folder, Variation("up", replace={"pt": "pt + 1"}), split=Split(test_files=("other.parquet",)))
    assert len(more) == ROWS + 60


def test_rows_are_not_drawn_and_weigh_what_they_weigh(folder: Path) -> None:
    nominal, up = both(folder, Variation("up", replace={"pt": "pt_up"}), rows=100)
    assert (len(nominal), len(up)) == (100, ROWS)
    np.testing.assert_array_equal(up.weights_or_ones(), COLUMNS["w"])
    assert nominal.weights_or_ones().sum() == pytest.approx((COLUMNS["w"][nominal.entry] * 4).sum())


SAMPLES = (
    Sample(label="signal", process="H", files=("s.root",), cross_section=0.05, generated=100.0, weight="w"),
    Sample(label="background", process="Z", files=("a.parquet",), cut="label == 's'"),
    Sample(label="background", process="W", files=("a.parquet",), cut="label == 'b' & pt > 50", weight="w"),
)


def of_samples(folder: Path, variation: Variation) -> tuple[Table, Table]:
    keys: dict[str, Any] = {"files": (), "samples": SAMPLES, "target": None, "weight": None, "features": ("pt", "eta")}
    return both(folder, variation, luminosity=10.0, **keys)


def test_one_process_alone_varies(folder: Path) -> None:
    nominal, up = of_samples(folder, Variation("W_up", replace={"pt": "pt_up"}, process="W"))
    kept = (COLUMNS["label"] == "b") & (COLUMNS["pt_up"] > 50)
    assert np.array_equal(up.entry, np.flatnonzero(kept))
    assert up.processes == nominal.processes == ("H", "Z", "W")
    assert set(up.process) == {2}
    assert up.classes == ("background", "signal")
    assert set(up.target) == {0}
    _, reweighted = of_samples(folder, Variation("Z_w", weight="w_up", process="Z"))
    np.testing.assert_array_equal(reweighted.weights_or_ones(), COLUMNS["w_up"][COLUMNS["label"] == "s"])


def test_other_files_of_one_process_keep_its_cut_its_weight_and_its_cross_section(folder: Path) -> None:
    _, other = of_samples(folder, Variation("H_other", files=("other.parquet",), process="H"))
    assert [Path(name).name for name in other.files] == ["other.parquet"]
    np.testing.assert_allclose(other.weights_or_ones(), COLUMNS["w"][:60] * 0.05 * 10_000 / 100)
    assert set(other.target) == {1}
    _, more = of_samples(folder, Variation("H_more", files=("other.parquet",), process="H", generated=400.0))
    np.testing.assert_allclose(more.weights_or_ones(), COLUMNS["w"][:60] * 0.05 * 10_000 / 400)
    _, cut = of_samples(folder, Variation("W_other", files=("other.parquet",), process="W"))
    assert np.array_equal(cut.entry, np.flatnonzero((COLUMNS["label"][:60] == "b") & (PT[:60] + 1 > 50)))


@pytest.mark.parametrize(
    ("variation", "key", "said"),
    [
        (Variation("v", replace={"ptt": "pt_up"}), "replace", "data.variations.1.replace: there is no column 'ptt'"),
        (Variation("v", replace={"pt": "pt_upp"}), "replace", "there is no column pt_upp; did you mean pt_up?"),
        (Variation("v", replace={"pt": "pt +"}), "replace", "data.variations.1.replace: character"),
        (Variation("v", replace={"pt": "quality"}), "replace", "pt is of the kind number and quality of the kind cat"),
        (Variation("v", replace={"label": "quality"}), "replace", "label, which is the target"),
        (Variation("v", replace={"quality": "quality_up"}), "replace", "no feature, cut or weight uses quality"),
        (Variation("v", weight="w_upp"), "weight", "there is no column w_upp; did you mean w_up?"),
        (Variation("v", weight="1 / (w - w)"), "weight", "the weight 1 / (w - w) has no finite value in 400 of"),
        (Variation("v", files=("none.root",)), "files", "there is no file none.root"),
        (Variation("v", files=("narrow.parquet",)), "files", "narrow.parquet has no column 'eta', which the data have"),
        (Variation("v", files=("stranger.parquet",)), "name", "the variation v: the target label holds 'c', which is"),
        (Variation("v", replace={"w": "w / (w - w)"}), "name", "the variation v: the weight w has no finite value"),
    ],
)
def test_mistakes_name_the_key_of_the_variation(variation: Variation, key: str, said: str, folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        both(folder, variation)
    assert said in caught.value.sentence
    assert caught.value.key == f"data.variations.1.{key}"


@pytest.mark.parametrize(
    ("variation", "key"),
    [
        (Variation("v", replace={"pt": "pt_upp"}), "replace"),
        (Variation("v", replace={"quality": "quality_up"}), "replace"),
        (Variation("v", weight="w_upp"), "weight"),
        (Variation("v", files=("none.root",)), "files"),
        (Variation("v", files=("narrow.parquet",)), "files"),
    ],
)
def test_mistakes_are_found_before_a_row_is_read(variation: Variation, key: str, folder: Path) -> None:
    good = Variation("good", replace={"pt": "pt_up"})
    data = Data(**NOMINAL, variations=(good, variation))
    nominal = read(data, folder)
    check_varied(data, folder, good, nominal)
    with pytest.raises(InputError) as caught:
        check_varied(data, folder, variation, nominal)
    assert caught.value.key == f"data.variations.1.{key}"


def test_files_cannot_stand_for_several_samples(folder: Path) -> None:
    twice = Variation("v", files=("other.parquet",), process="Z")
    data = Data(samples=(*SAMPLES, Sample(label="background", process="Z", files=("other.parquet",))), features=("pt",))
    nominal = read(data, folder)
    with pytest.raises(InputError, match="the process Z has 2 entries of"):
        read(data, folder, variation=twice, nominal=nominal)


@pytest.mark.parametrize(
    ("replaced", "weight"), [({"pt": "pt_up", "quality": "quality_up"}, None), ({}, "w_up * 2"), ({"w": "w_up"}, None)]
)
def test_on_disk_it_is_the_same_and_each_its_own(
    replaced: Mapping[str, str], weight: str | None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variation = Variation("v", replace=replaced, weight=weight)
    keys: dict[str, Any] = {"features": ("pt", "pt * 2", "quality"), "cut": "pt > 30"}
    nominal, here = both(folder, variation, **keys)
    with monkeypatch.context() as patch:
        patch.setattr(memory, "fits", lambda needed: needed <= 15_000)
        patch.setattr(disk, "chunk_rows", lambda row_bytes: 70)
        nominal_there, there = both(folder, variation, **keys)
    assert on_disk(there.values["pt"])
    for one, other in ((nominal, nominal_there), (here, there)):
        assert one.columns == other.columns
        for name in ("target", "weights", "file", "entry"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name
        for name in one.features:
            assert np.array_equal(one.values[name], other.values[name]), name


def test_a_dataset_of_the_catalogue_may_vary(tmp_path: Path) -> None:
    variation = Variation("wide", replace={"x1": "x1 * 2"})
    data = Data(dataset="moons", variations=(variation,))
    nominal = read(data, tmp_path)
    wide = read(data, tmp_path, variation=variation, nominal=nominal)
    assert np.array_equal(wide.values["x1"], nominal.values["x1"] * 2)
    assert np.array_equal(wide.target, nominal.target)
    with pytest.raises(ValueError, match="beside the table"):
        read(data, tmp_path, variation=variation)
