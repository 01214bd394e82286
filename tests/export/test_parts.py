"""The split and the preprocessing of a script, run by themselves, are those of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.data.matrix import matrix
from mltui.data.preprocess import Preprocessing
from mltui.export.facts import Facts, Ran, gathered
from mltui.export.preprocessing import plain, write_preprocessing
from mltui.export.script import Script
from mltui.export.splitting import write_split
from mltui.inference.asked import known


def facts(folder: Path, data: dict[str, Any], ran: Ran | None = None, **sections: Any) -> Facts:
    document = {"data": data, "model": {"name": "decision_tree"}, **sections}
    return gathered(Experiment.check(document, known()), folder, ran)


def run(script: Script, **names: Any) -> dict[str, Any]:
    """What the names are once the script is done."""
    script.need("numpy", alias="np")
    exec(script.text(["A part."]), names)
    return names


@pytest.mark.parametrize("samples", [40, 101])
@pytest.mark.parametrize(
    "split",
    [
        {},
        {"train": 0.5, "validation": 0.21, "test": 0.17, "seed": 4},
        {"stratify": False},
        {"stratify": False, "train": 0.7, "validation": 0.0, "test": 0.2},
        {"train": 0.9, "validation": 0.09, "test": 0.01},
        {"train": 1.0, "validation": 0.0, "test": 0.0},
        {"train": 0.6, "validation": 0.0, "test": 0.0, "stratify": False},
        {"folds": 3},
        {"folds": 4, "stratify": False, "validation": 0.0, "seed": 9},
        {"folds": 5, "fold_by": "floor(abs(x1) * 7) % 5"},
    ],
)
def test_a_split_gives_the_same_rows(split: dict[str, Any], samples: int, tmp_path: Path) -> None:
    found = facts(tmp_path, {"dataset": "moons", "options": {"samples": samples}}, split=split)
    table, division = found.table, found.division
    script = Script()
    write_split(script, found)
    given = {name: np.asarray(values, np.float64) for name, values in table.others.items()}
    names = run(script, y=table.target, fold_of_row=next(iter(given.values()), None))
    if division.fold is None:
        for part, rows in division.parts.items():
            if len(rows):
                np.testing.assert_array_equal(names[part], rows, part)
    else:
        np.testing.assert_array_equal(names["pool"], division.parts["train"])
        np.testing.assert_array_equal(names["fold"], division.fold)
        np.testing.assert_array_equal(names["test"], division.parts["test"])


def test_that_the_test_part_is_sealed_is_said_until_it_is_opened(tmp_path: Path) -> None:
    said = {}
    for ran in (Ran("1"), Ran("1", opened=True)):
        script = Script()
        write_split(script, facts(tmp_path, {"dataset": "moons"}, ran))
        said[ran.opened] = "Nobody looks at the test part" in script.text(["x"])
    assert said == {False: True, True: False}


SCALES: list[list[str]] = [
    ["none"], ["standard"], ["minmax"], ["robust"], ["quantile"], ["pca"], ["standard", "pca"], ["robust", "quantile"],
    ["quantile", "pca", "standard"],
]  # fmt: skip


@pytest.mark.parametrize("scale", SCALES, ids=str)
@pytest.mark.parametrize("dataset", ["moons", "diabetes"])
def test_a_preprocessing_gives_the_same_inputs(scale: list[str], dataset: str, tmp_path: Path) -> None:
    model = {"name": "linear_regression"} if dataset == "diabetes" else {"name": "knn"}
    found = facts(tmp_path, {"dataset": dataset}, preprocess={"scale": scale}, model=model)
    compare(found)


@pytest.mark.parametrize("encode", ["onehot", "ordinal"])
@pytest.mark.parametrize("impute", ["median", "mean", "zero"])
def test_labels_and_missing_values_are_taken_likewise(encode: str, impute: str, tmp_path: Path) -> None:
    luck = np.random.default_rng(2)
    rows = [f"{luck.normal():.3f},{luck.choice(['x', 'y', 'z', ''])},{n % 2}" for n in range(80)]
    rows[5:9] = [",rare,0", ",,1", ",x,0", ",y,1"]
    (tmp_path / "holes.csv").write_text("\n".join(["a,c,label", *rows]) + "\n")
    preprocess = {"encode": encode, "impute": impute, "scale": "standard"}
    found = facts(tmp_path, {"files": ["holes.csv"], "target": "label"}, preprocess=preprocess)
    assert "SimpleImputer" in compare(found)


def compare(found: Facts) -> str:
    """The script of the preprocessing, once its inputs are compared with a run's."""
    table, train = found.table, found.division.parts["train"]
    script = Script()
    codes = write_preprocessing(script, found, plain(found))
    labels = [np.array([*column.categories, ""], object)[table.values[column.name]] for column in found.categories]
    names = run(
        script,
        x=matrix(table, found.numbers),
        labels=np.column_stack(labels) if labels else None,
        train=train,
        rows=found.division.parts["validation"],
    )
    inputs = np.hstack([eval(code, names) for code in codes])
    ours = Preprocessing.fit(table, found.asked.preprocess, train)
    wanted = ours.transform(table, found.division.parts["validation"])
    np.testing.assert_allclose(inputs, wanted, rtol=1e-5, atol=1e-5)
    return script.text(["x"])


def test_features_that_scikit_learn_alone_keeps_are_refused(tmp_path: Path) -> None:
    found = facts(tmp_path, {"dataset": "moons", "features": ["x1", "x1 * 2"]}, preprocess={"scale": "pca"})
    with pytest.raises(InputError, match="features that do not vary") as caught:
        plain(found)
    assert caught.value.key == "preprocess.scale"
