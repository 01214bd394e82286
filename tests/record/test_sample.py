"""The sample's raw rows on disk: private, read with suspicion, and found again among the final predictions."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mltui.core.sample import Sample, SampleRows
from mltui.core.snapshot import Scores
from mltui.core.table import Column
from mltui.record.files import private_folder
from mltui.record.folder import RunFolder
from mltui.record.predictions import PartPredictions
from mltui.record.sample import read_sample, scored, scored_at_last, write_sample

COLUMNS = (
    Column("pt", unit="GeV", title="p_T"),
    Column("channel", "category", categories=("ee", "µµ\x1b[31m")),
    Column("run"),
)
ROWS = SampleRows(
    {"pt": np.array([1.5, np.nan, -2.0]), "channel": np.array([0, -1, 1]), "run": np.array([7, 8, 2**53 + 1])},
    np.array([0, 1, 1]),
    np.array([1.0, -0.5, 2.0]),
    np.array([0, 1, 1]),
    np.array([2**40, 3, 5]),
    np.array([1, 0, 0], np.int16),
    whole=20,
)
SAMPLE = Sample(
    COLUMNS,
    {"validation": ROWS},
    features=2,
    left_out=4,
    files=("a.root", "b.root"),
    trees=("sig", "bkg"),
    processes=("ttbar", "H125"),
    classes=("b", "s"),
)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(private_folder(tmp_path / "7"))


def test_a_sample_comes_back_and_is_private(folder: RunFolder) -> None:
    write_sample(folder, SAMPLE)
    found = read_sample(folder)
    assert found is not None
    assert found.columns == COLUMNS
    assert (found.features, found.left_out) == (2, 4)
    assert (found.files, found.trees) == (SAMPLE.files, SAMPLE.trees)
    assert (found.processes, found.classes) == (SAMPLE.processes, SAMPLE.classes)
    rows = found.parts["validation"]
    assert rows.whole == 20
    for name, values in ROWS.values.items():
        np.testing.assert_array_equal(rows.values[name], values)
    assert rows.values["run"].dtype == np.int64  # whole numbers stay exact
    for name in ("target", "weights", "file", "entry", "process"):
        np.testing.assert_array_equal(getattr(rows, name), getattr(ROWS, name))
    assert folder.sample.stat().st_mode & 0o777 == 0o600
    assert os.listdir(folder.path) == ["sample.npz"]


def test_several_targets_come_back(folder: RunFolder) -> None:
    rows = SampleRows({}, np.ones((4, 2)), np.ones(4), np.zeros(4, np.int64), np.arange(4))
    write_sample(folder, Sample((), {"train": rows}, files=("f",), targets=("x", "y")))
    found = read_sample(folder)
    assert found is not None
    assert found.targets == ("x", "y")
    assert found.parts["train"].target.shape == (4, 2)
    assert len(found.parts["train"].process) == 0


PIXELS = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
PICTURED = replace(
    SAMPLE,
    parts={"validation": replace(ROWS, pixels=PIXELS)},
    image=Column("cells", "image", "GeV", title="energy"),
    scale=(-1.5, 40.0),
)


@pytest.mark.parametrize("pixels", [PIXELS, PIXELS.reshape(3, 20)])
def test_images_and_signals_come_back(folder: RunFolder, pixels: NDArray[np.uint8]) -> None:
    write_sample(folder, replace(PICTURED, parts={"validation": replace(ROWS, pixels=pixels)}))
    found = read_sample(folder)
    assert found is not None
    assert found.image == PICTURED.image
    assert found.scale == PICTURED.scale
    kept = found.parts["validation"].pixels
    assert kept is not None
    assert kept.dtype == np.uint8
    np.testing.assert_array_equal(kept, pixels)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"parts/validation/pixels": PIXELS[:2]},
        {"parts/validation/pixels": PIXELS.astype(np.float64)},
        {"parts/validation/pixels": PIXELS[..., None]},
        {"parts/validation/pixels": PIXELS[:, :0]},
        {"scale": np.array([0.0, np.nan])},
        {"scale": np.array([0.0])},
        {"image": np.array(["cells", "number", "", ""])},
        {"image": np.array(["cells"])},
    ],
)
def test_images_that_do_not_fit_are_none(folder: RunFolder, spoilt: dict[str, Any]) -> None:
    np.savez(folder.sample, **PICTURED.arrays())  # type: ignore[arg-type]
    assert read_sample(folder) is not None
    np.savez(folder.sample, **{**PICTURED.arrays(), **spoilt})
    assert read_sample(folder) is None
    for gone in ("parts/validation/pixels", "image", "scale"):
        np.savez(folder.sample, **{name: a for name, a in PICTURED.arrays().items() if name != gone})  # type: ignore[arg-type]
        assert read_sample(folder) is None


def test_no_sample_is_none(folder: RunFolder) -> None:
    assert read_sample(folder) is None


SPOILT: dict[str, dict[str, Any]] = {
    "pickle": {"parts/validation/values/0": np.array([{}, {}, {}], dtype=object)},
    "rows": {"parts/validation/weights": np.ones(2)},
    "values": {"parts/validation/values/2": np.ones(4)},
    "texts": {"parts/validation/values/0": np.array(["a", "b", "c"])},
    "code": {"parts/validation/values/1": np.array([0, 2, 0])},
    "code is no whole number": {"parts/validation/values/1": np.array([0.0, 1.0, 0.0])},
    "class": {"parts/validation/target": np.array([0, 1, 2])},
    "targets": {"targets": np.array(["x", "y"])},
    "file": {"parts/validation/file": np.array([0, 1, 2])},
    "process": {"parts/validation/process": np.array([0, 1, 2])},
    "kind": {"columns/kind": np.array(["number", "image", "number"])},
    "names": {"columns/name": np.array(["pt", "pt", "run"])},
    "fewer units": {"columns/unit": np.array(["GeV"])},
    "more features": {"counts": np.array([4, 0])},
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_sample_whose_arrays_do_not_fit_is_none(folder: RunFolder, kind: str) -> None:
    np.savez(folder.sample, **SAMPLE.arrays())  # type: ignore[arg-type]
    assert read_sample(folder) is not None
    np.savez(folder.sample, **{**SAMPLE.arrays(), **SPOILT[kind]})
    assert read_sample(folder) is None


def test_a_torn_or_incomplete_sample_is_none(folder: RunFolder) -> None:
    write_sample(folder, SAMPLE)
    whole = folder.sample.read_bytes()
    for content in (whole[: len(whole) // 2], b"", whole[:-30]):
        folder.sample.write_bytes(content)
        assert read_sample(folder) is None
    for gone in SAMPLE.arrays():
        if gone != "categories/1":  # a category without labels is a number
            np.savez(folder.sample, **{name: a for name, a in SAMPLE.arrays().items() if name != gone})  # type: ignore[arg-type]
            assert read_sample(folder) is None, gone


# -- and the scores ------------------------------------------------------------------------------------------------
def test_scores_of_other_rows_are_told_from_the_samples(folder: RunFolder) -> None:
    """The live picture of a later fold has other rows; equally many, and maybe of equal classes."""
    own = Scores(ROWS.target, np.full(3, 0.5), ROWS.weights)
    for other in (
        Scores(ROWS.target[::-1], np.full(3, 0.5), ROWS.weights),
        Scores(ROWS.target, np.full(3, 0.5), ROWS.weights + 1),
        Scores(ROWS.target[:2], np.full(2, 0.5), ROWS.weights[:2]),
    ):
        assert scored(SAMPLE, {"validation": own, "train": own}) == {"validation": own}
        assert scored(SAMPLE, {"validation": other}) == {}


@given(st.permutations(range(40)), st.integers(0, 40))
def test_rows_are_found_among_the_predictions_by_file_and_entry(order: list[int], count: int) -> None:
    """Every (file, entry) is its own score, in whatever order the predictions stand."""
    places = np.array(order)
    file, entry = places % 3, places // 3
    value = (file * 100 + entry).astype(np.float64)
    kept = PartPredictions(Scores((places % 2), value, np.ones(40)), file, entry)
    wanted = np.arange(count)
    rows = SampleRows({}, wanted % 2, np.ones(count), wanted % 3, wanted // 3)
    sample = Sample((), {"validation": rows}, files=("a", "b", "c"))
    found = scored_at_last(sample, {"validation": kept, "train": kept})
    assert set(found) == {"validation"}
    np.testing.assert_array_equal(found["validation"].scores, wanted % 3 * 100 + wanted // 3)


def test_a_part_with_a_row_that_is_not_predicted_is_left_out() -> None:
    kept = PartPredictions(Scores(ROWS.target[:2], np.ones(2), ROWS.weights[:2]), ROWS.file[:2], ROWS.entry[:2])
    assert scored_at_last(SAMPLE, {"validation": kept}) == {}
    nothing = PartPredictions(Scores(ROWS.target[:0], np.ones(0), np.ones(0)), ROWS.file[:0], ROWS.entry[:0])
    assert scored_at_last(SAMPLE, {"validation": nothing}) == {}
