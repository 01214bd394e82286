"""No leak: what is fitted to the inputs of a model knows its training rows and no others, whatever lies in those."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mltui.core.experiment import Experiment
from mltui.core.sections import Preprocess
from mltui.core.table import Table
from mltui.data.preprocess import Preprocessing
from mltui.inference.asked import known
from mltui.record.predictions import read_predictions
from mltui.training.prepare import prepare

FIT: Any = Preprocessing.__dict__["fit"].__func__
ROWS = 600
SCALES = [["standard"], ["minmax"], ["robust"], ["quantile"], ["pca"], ["robust", "quantile", "pca", "standard"]]


@dataclass(frozen=True)
class Planted:
    """A file in which rows of validation and test are unlike all others, and the experiment on it."""

    folder: Path
    document: dict[str, Any]
    other: np.ndarray

    def asked(self, **changed: Any) -> Experiment:
        return Experiment.check({**self.document, **changed}, known())


def frame() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    columns: dict[str, np.ndarray] = {f"x{i}": rng.normal(10 * i, 1 + i, ROWS) for i in range(3)}
    columns["x2"][rng.random(ROWS) < 0.1] = np.nan
    columns["kind"] = rng.choice(["b", "c", "d"], ROWS)
    columns["label"] = rng.choice(["no", "yes"], ROWS)
    return columns


def planted(folder: Path, **sections: Any) -> Planted:
    """Which rows are validation's and the test's depends on the target and the seeds alone, so that it can be asked."""
    document = {
        "data": {"files": ["table.parquet"], "target": "label", "features": ["x*", "kind"]},
        "model": {"name": "decision_tree"},
        **sections,
    }
    columns = frame()
    pl.DataFrame(columns).write_parquet(folder / "table.parquet")
    divided = prepare(Experiment.check(document, known()), folder).divided
    train = divided.table.entry[divided.division.member(0)["train"]]
    other = np.setdiff1d(np.arange(ROWS), train)
    assert 0.2 * ROWS < len(other) < 0.6 * ROWS
    columns["x0"][other] = 1e6
    columns["x1"][other] = np.arange(len(other))
    columns["x2"][other] = np.nan
    columns["kind"][other] = "a"  # before all others, in the order of labels too
    pl.DataFrame(columns).write_parquet(folder / "table.parquet")
    return Planted(folder, document, other)


def learnt(made: Preprocessing) -> dict[str, Any]:
    """Everything a preprocessing knows, by name: categories by their labels."""
    labels = {column.name: column.categories for column in made.columns}
    found: dict[str, Any] = {
        "names": list(made.names),
        "stand_ins": made.stand_ins,
        "seen": {name: [labels[name][code] for code in codes] for name, codes in made.seen.items()},
    }
    for place, step in enumerate((*made.steps, *made.codes_steps)):
        found |= {f"{place}.{name}": value for name, value in vars(step).items() if name.endswith("_")}
    return found


def same(first: Any, second: Any) -> bool:
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[name], second[name]) for name in first)
    if isinstance(first, np.ndarray) and first.dtype.kind == "f":
        return np.array_equal(first, second, equal_nan=True)
    return bool(np.all(first == second))


def check(asked: Experiment, folder: Path) -> None:
    """Every model's preprocessing is that of a table which holds its training rows and nothing else."""
    prepared = prepare(asked, folder)
    table = prepared.divided.table
    for index in range(len(prepared.names)):
        mine = learnt(prepared.member(index).preprocessing)
        alone = learnt(FIT(Preprocessing, table.take(prepared.parts(index)["train"]), asked.preprocess))
        wrong = [name for name in alone if name not in mine or not same(mine[name], alone[name])]
        assert not wrong, f"model {index} learnt {wrong} from rows that are not its own"
        assert mine.keys() == alone.keys()


def leaking(
    cls: type[Preprocessing], /, table: Table, spec: Preprocess, rows: Any = None, **more: Any
) -> Preprocessing:
    """The mistake that `check` is there to find: all rows are learnt from."""
    made: Preprocessing = FIT(cls, table, spec, None, **more)
    return made


@pytest.mark.parametrize("encode", ["onehot", "ordinal"])
@pytest.mark.parametrize("scale", SCALES, ids=", ".join)
def test_a_preprocessing_knows_its_training_rows_alone(
    scale: list[str], encode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = planted(tmp_path)
    asked = case.asked(preprocess={"scale": scale, "encode": encode})
    check(asked, tmp_path)
    monkeypatch.setattr(Preprocessing, "fit", classmethod(leaking))
    with pytest.raises(AssertionError, match="from rows that are not its own"):
        check(asked, tmp_path)


@pytest.mark.parametrize("impute", ["median", "mean"])
def test_what_stands_in_for_a_missing_number_is_of_the_training_rows(
    impute: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = planted(tmp_path)
    asked = case.asked(preprocess={"scale": "none", "impute": impute})
    made = prepare(asked, tmp_path).member(0).preprocessing
    train = np.setdiff1d(np.arange(ROWS), case.other)
    columns = frame()
    right = [getattr(np, f"nan{impute}")(columns[f"x{i}"][train]) for i in range(3)]
    np.testing.assert_allclose(made.stand_ins, right, rtol=1e-12)
    check(asked, tmp_path)
    monkeypatch.setattr(Preprocessing, "fit", classmethod(leaking))
    with pytest.raises(AssertionError, match=r"\['names', 'stand_ins', 'seen'\]"):
        check(asked, tmp_path)


def test_every_fold_and_the_refit_have_a_preprocessing_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = planted(tmp_path, split={"folds": 3, "refit": True})
    check(case.asked(preprocess={"scale": ["standard", "pca"]}), tmp_path)
    monkeypatch.setattr(Preprocessing, "fit", classmethod(leaking))
    with pytest.raises(AssertionError, match="model 0 learnt"):
        check(case.asked(), tmp_path)


def test_learnt_in_parts_it_knows_no_more(tmp_path: Path) -> None:
    case = planted(tmp_path)
    prepared = prepare(case.asked(), tmp_path)
    table, train = prepared.divided.table, np.sort(prepared.parts(0)["train"])
    for scale in SCALES:
        for encode in ("onehot", "ordinal"):
            spec = Preprocess(tuple(scale), encode=encode)
            parts = learnt(Preprocessing.fit(table, spec, train, at_once=0))
            assert same(parts, learnt(Preprocessing.fit(table.take(train), spec, at_once=0)))
            assert not same(parts, learnt(Preprocessing.fit(table, spec, at_once=0)))


def test_what_a_run_keeps_and_tells_is_of_its_training_rows(workers: Any, tmp_path: Path) -> None:
    case = planted(tmp_path)
    files = [str(tmp_path / "table.parquet")]
    run = workers.run({**case.document, "data": {**case.document["data"], "files": files}})
    assert run.code() == 0, run.state().message
    made = Preprocessing.load(run.folder.model)
    predictions = read_predictions(run.folder)
    assert predictions is not None
    train = predictions.parts["train"].entry
    assert not set(train.tolist()) & set(case.other.tolist())
    columns = frame()
    numbers = np.stack([columns[f"x{i}"][train] for i in range(3)], axis=1)
    filled = np.where(np.isnan(numbers), np.nanmedian(numbers, axis=0), numbers)
    (scaler,) = made.steps
    np.testing.assert_allclose(scaler.mean_, filled.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(scaler.scale_, filled.std(axis=0), rtol=1e-12)
    assert made.names == ("x0", "x1", "x2", "kind=b", "kind=c", "kind=d")

    state = run.state()
    told = {variable["name"]: variable for variable in state.pipeline["variables"]}
    assert told["x0"]["high"] == pytest.approx(columns["x0"][train].max())
    assert told["x2"]["missing"] == np.isnan(columns["x2"][train]).sum()
    assert set(told["kind"]["labels"]) == {"b", "c", "d"}
    assert [step["name"] for step in state.pipeline["steps"]] == ["impute", "onehot", "standard"]
    unseen = len(predictions.parts["validation"].entry)
    assert any(f"{unseen} of kind" in warning for warning in state.warnings)
