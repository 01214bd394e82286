"""Prediction on files, compared with what the run itself said of its own rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import polars as pl
import pytest
import uproot
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.prediction import FORMATS, Format, Request
from mltui.inference.known import Known
from mltui.inference.members import Members
from mltui.inference.predict import Prediction
from mltui.record.folder import RunFolder
from mltui.record.predictions import PartPredictions, read_predictions
from tests.inference.conftest import ROWS, Runs, events, write_root

pytestmark = pytest.mark.xdist_group("inference")


def part(folder: RunFolder, name: str) -> PartPredictions:
    found = read_predictions(folder)
    assert found is not None
    return found.parts[name]


def opened(folder: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy of a run whose test part has been opened."""
    from mltui.training.unseal import unseal

    copy = RunFolder(tmp_path / "opened" / folder.id)
    shutil.copytree(folder.path, copy.path)
    assert unseal(copy.path) == 0
    return copy


def predicted(
    folder: RunFolder, files: Iterable[Path | str], out: Path, format: Format | None = None, tree: str | None = None
) -> dict[str, Any]:
    request = Request(tuple(map(str, files)), out, Path("/"), tree, format)
    return Prediction(folder, request).run()


def column(path: Path, name: str) -> NDArray[Any]:
    """A column of an output, read by the library of its format."""
    if path.suffix == ".root":
        with uproot.open(path) as file:
            assert file.classnames() == {"scores;1": "TTree"}
            return np.asarray(file["scores"][name].array(library="np"))
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
    return frame[name].to_numpy()


@pytest.mark.parametrize("format", FORMATS)
def test_the_runs_own_rows_get_the_runs_own_scores(runs: Runs, tmp_path: Path, format: Format) -> None:
    folder = opened(runs["plain"], tmp_path)
    report = predicted(folder, [runs.files / "events.csv"], tmp_path / "out", format)
    [file] = report["files"]
    scores = column(Path(file["out"]), "score")
    assert len(scores) == report["rows"] == ROWS
    for name in ("train", "validation", "test"):
        rows = part(folder, name)
        np.testing.assert_allclose(scores[rows.entry], rows.scores.scores, rtol=1e-6)
        assert report["known"][name] == len(rows.entry)


def test_rows_that_the_cut_does_not_keep_are_nan_in_place(runs: Runs, tmp_path: Path) -> None:
    new = events(500, seed=7)
    new.drop("label").write_parquet(tmp_path / "new.parquet")
    report = predicted(runs["plain"], [tmp_path / "new.parquet"], tmp_path / "out")
    scores = column(tmp_path / "out" / "new.parquet", "score")
    cut = ~(new["eta"].abs() < 2).to_numpy()
    np.testing.assert_array_equal(np.isnan(scores), cut)
    assert 0 < report["cut_away"] == cut.sum()
    assert report["known"] == {"train": 0, "validation": 0, "test": 0}
    kept = new.filter(pl.Series(~cut))
    assert report["missing"]["pt"] == pytest.approx((kept["pt"] == -999).mean())


def test_every_kind_of_input_gives_the_same_scores(runs: Runs, tmp_path: Path) -> None:
    new = events(300, seed=8)
    new.write_csv(tmp_path / "a.csv")
    new.write_csv(tmp_path / "b.tsv", separator="\t")
    new.write_parquet(tmp_path / "c.parquet")
    np.savez(tmp_path / "d.npz", pt=new["pt"], eta=new["eta"], side=np.array(new["side"].to_list()))
    report = predicted(
        runs["plain"], [tmp_path / name for name in ("a.csv", "b.tsv", "c.parquet", "d.npz")], tmp_path / "out"
    )
    outs = [Path(file["out"]) for file in report["files"]]
    assert [out.name for out in outs] == ["a.csv", "b.csv", "c.parquet", "d.parquet"]
    first = column(outs[0], "score")
    for out in outs[1:]:
        np.testing.assert_array_equal(column(out, "score"), first)


def test_blank_lines_and_comments_are_no_rows(runs: Runs, tmp_path: Path) -> None:
    new = events(30, seed=9)
    lines = new.write_csv().splitlines()
    (tmp_path / "gaps.csv").write_text("\n".join([*lines[:5], "", "", *lines[5:], "", ""]) + "\n")
    new.write_csv(tmp_path / "whole.csv")
    predicted(runs["plain"], [tmp_path / "gaps.csv", tmp_path / "whole.csv"], tmp_path / "out")
    gaps, whole = (column(tmp_path / "out" / name, "score") for name in ("gaps.csv", "whole.csv"))
    np.testing.assert_array_equal(gaps, whole)


def test_many_classes_have_a_column_each(runs: Runs, tmp_path: Path) -> None:
    folder = opened(runs["network"], tmp_path)
    report = predicted(folder, [runs.files / "events.parquet"], tmp_path / "out", "root")
    out = tmp_path / "out" / "events.root"
    said = report["columns"]["scores"]
    assert [(one["name"], one["class"]) for one in said] == [
        ("score_more", "more"), ("score_one_jet", "one jet"), ("score_two_jets", "two jets"),
    ]  # fmt: skip
    scores = np.stack([column(out, one["name"]) for one in said], axis=1)
    rows = part(folder, "validation")
    np.testing.assert_allclose(scores[rows.entry], rows.scores.scores, rtol=1e-6)
    np.testing.assert_allclose(scores.sum(axis=1), 1)


def test_a_regression_gives_predictions(runs: Runs, tmp_path: Path) -> None:
    folder = opened(runs["regression"], tmp_path)
    predicted(folder, [runs.files / "events.root"], tmp_path / "out")
    rows = part(folder, "train")
    found = column(tmp_path / "out" / "events.root", "prediction")
    np.testing.assert_allclose(found[rows.entry], rows.scores.scores, rtol=1e-6)


def test_with_folds_each_row_is_scored_by_the_model_that_did_not_train_on_it(runs: Runs, tmp_path: Path) -> None:
    folder = opened(runs["folds"], tmp_path)
    new = events(60, seed=11)
    new.write_csv(tmp_path / "new.csv")
    report = predicted(folder, [runs.files / "events.csv", tmp_path / "new.csv"], tmp_path / "out")
    own, rows = tmp_path / "out" / "events.csv", part(folder, "validation")
    np.testing.assert_allclose(column(own, "score")[rows.entry], rows.scores.scores, rtol=1e-6)
    np.testing.assert_array_equal(column(own, "fold")[rows.entry], rows.fold)
    np.testing.assert_array_equal(column(own, "fold")[part(folder, "test").entry], -1)
    np.testing.assert_array_equal(column(tmp_path / "out" / "new.csv", "fold"), -1)
    members = Members.load(folder)
    each = [_by_member(members, f"fold {number}", tmp_path / "new.csv") for number in (1, 2, 3)]
    np.testing.assert_allclose(column(tmp_path / "out" / "new.csv", "score"), np.mean(each, axis=0))
    assert any("did not train on it" in note for note in report["notes"])
    assert any("the mean of 3 models" in note for note in report["notes"])


def test_fold_by_says_which_model_scores_a_new_row(runs: Runs, tmp_path: Path) -> None:
    new = events(60, seed=12)
    new.write_parquet(tmp_path / "new.parquet")
    predicted(runs["fold_by"], [tmp_path / "new.parquet"], tmp_path / "out")
    out = tmp_path / "out" / "new.parquet"
    kept = (new["eta"].abs() < 2).to_numpy()
    fold = (new["event"] % 2).to_numpy()
    np.testing.assert_array_equal(column(out, "fold"), np.where(kept, fold, -1))
    members = Members.load(runs["fold_by"])
    each = [_by_member(members, f"fold {number}", tmp_path / "new.parquet") for number in (1, 2)]
    np.testing.assert_allclose(column(out, "score"), np.where(fold == 0, *each))


def test_what_fold_by_needs_must_be_there(runs: Runs, tmp_path: Path) -> None:
    events(20, seed=1).drop("event").write_csv(tmp_path / "new.csv")
    with pytest.raises(InputError, match=r"new.csv has no column 'event', which split.fold_by needs"):
        predicted(runs["fold_by"], [tmp_path / "new.csv"], tmp_path / "out")


def test_a_refit_scores_what_is_new_and_the_first_model_what_is_known(runs: Runs, tmp_path: Path) -> None:
    folder = opened(runs["refit"], tmp_path)
    events(60, seed=13).write_csv(tmp_path / "new.csv")
    predicted(folder, [runs.files / "events.csv", tmp_path / "new.csv"], tmp_path / "out")
    own, members = column(tmp_path / "out" / "events.csv", "score"), Members.load(folder)
    rows, test = part(folder, "validation"), part(folder, "test")
    np.testing.assert_allclose(own[rows.entry], rows.scores.scores)
    np.testing.assert_allclose(own[test.entry], test.scores.scores)
    refit = _by_member(members, "refit", runs.files / "events.csv")
    np.testing.assert_allclose(own[test.entry], refit[test.entry])
    assert not np.allclose(own[rows.entry], refit[rows.entry])
    new = column(tmp_path / "out" / "new.csv", "score")
    np.testing.assert_allclose(new, _by_member(members, "refit", tmp_path / "new.csv"))


def _by_member(members: Members, name: str, path: Path) -> NDArray[np.float64]:
    """What one model says of a file, in its own order, the cut's rows NaN: by way of a frame and not of a stream."""
    from mltui.inference.features import Features
    from mltui.inference.given import Given

    frame = pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)
    given = Given.of(frame)
    features = Features.of(members, Known.read(members.folder, members.experiment).classes)
    bound = features.bound(given.fields, "it")
    kept, table = bound.table(given.columns(bound.columns, features.data.missing, {}), given.rows)
    scores = np.full(given.rows, np.nan)
    scores[kept] = members.member(name).score(table, np.arange(len(table)))
    return scores


def test_rows_of_the_sealed_part_are_refused_before_any_work(runs: Runs, tmp_path: Path) -> None:
    copy = tmp_path / "moved.txt"
    shutil.copy(runs.files / "events.csv", copy)  # known by what it holds, not by its name
    with pytest.raises(InputError, match=r"moved.txt holds rows of run 1's sealed test part; with --unseal") as refused:
        predicted(runs["plain"], [copy], tmp_path / "out")
    assert refused.value.key == "unseal"
    assert not (tmp_path / "out").exists()


def test_two_trees_of_one_file_are_told_apart(runs: Runs, tmp_path: Path) -> None:
    folder = opened(runs["samples"], tmp_path)
    found = read_predictions(folder)
    assert found is not None
    for name in ("signal", "background"):
        report = predicted(folder, [runs.files / "two.root"], tmp_path / name, tree=name)
        scores = column(tmp_path / name / "two.root", "score")
        at = found.trees.index(name)
        for one, rows in found.parts.items():
            own = rows.file == at
            np.testing.assert_allclose(scores[rows.entry[own]], rows.scores.scores[own])
            assert report["known"][one] == own.sum()


def test_a_run_of_a_catalogue_dataset_predicts_on_files(runs: Runs, tmp_path: Path) -> None:
    frame = pl.DataFrame({"x1": [0.0, 1.0], "x2": [1.0, -0.5]})
    members = Members.load(runs["moons"])
    names = [column.name for column in members.member("").preprocessing.columns]
    frame.rename(dict(zip(frame.columns, names, strict=True))).write_csv(tmp_path / "points.csv")
    predicted(runs["moons"], [tmp_path / "points.csv"], tmp_path / "out")
    assert (column(tmp_path / "out" / "points.csv", "score") > 0.5).tolist() == [False, True]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda frame: frame.drop("pt"), "new.csv has no column 'pt', which the model learnt from"),
        (lambda frame: frame.drop("eta"), "new.csv has no column 'eta', which the model learnt from"),
        (
            lambda frame: frame.with_columns(pl.Series("pt", ["a", "b"] * 10)),
            'new.csv: data.features: character 1 of "pt * eta": pt is a column of text',
        ),
        (
            lambda frame: frame.with_columns(pl.Series("eta", ["a", "b"] * 10)),
            'new.csv: data.features: character 6 of "pt * eta": eta is a column of text',
        ),
        (
            lambda frame: frame.with_columns(pl.Series("side", range(20))),
            "new.csv: the column side holds numbers, and the model learnt it as labels",
        ),
    ],
)
def test_a_column_that_is_missing_or_of_another_kind(runs: Runs, tmp_path: Path, change: Any, sentence: str) -> None:
    change(events(20, seed=1)).write_csv(tmp_path / "new.csv")
    with pytest.raises(InputError) as refused:
        predicted(runs["plain"], [tmp_path / "new.csv"], tmp_path / "out")
    assert sentence in refused.value.sentence
    assert not (tmp_path / "out").exists()


def test_a_column_without_any_value_is_missing_in_all_rows(runs: Runs, tmp_path: Path) -> None:
    frame = events(20, seed=1).with_columns(pt=pl.lit(None, pl.Float64), side=pl.lit(None, pl.String))
    frame.write_csv(tmp_path / "new.csv")
    frame.write_parquet(tmp_path / "new.parquet")
    report = predicted(runs["plain"], [tmp_path / "new.csv", tmp_path / "new.parquet"], tmp_path / "out")
    assert report["missing"] == {"pt": 1.0, "side": 1.0, "pt * eta": 1.0}
    np.testing.assert_array_equal(
        column(tmp_path / "out" / "new.csv", "score"), column(tmp_path / "out" / "new.parquet", "score")
    )
    assert any("pt, side, pt * eta have no value in any row" in note for note in report["notes"])


def test_categories_that_training_never_saw_are_said(runs: Runs, tmp_path: Path) -> None:
    new = events(40, seed=1).with_columns(eta=pl.lit(0.5))
    new = new.with_columns(pl.Series("side", ["left"] * 33 + ["bottom"] * 7))
    new.write_csv(tmp_path / "new.csv")
    report = predicted(runs["plain"], [tmp_path / "new.csv"], tmp_path / "out")
    assert report["unseen"] == {"side": 7}
    assert any("7 rows have a side that training never saw" in note for note in report["notes"])


def test_inputs_of_one_name_do_not_meet(runs: Runs, tmp_path: Path) -> None:
    names = ["a/x.csv", "b/x.csv", "b/x.tsv"]
    for seed, name in enumerate(names, 1):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        events(10 * seed, seed=seed).write_csv(tmp_path / name, separator="\t" if name.endswith("tsv") else ",")
    report = predicted(runs["plain"], [tmp_path / name for name in names], tmp_path / "out")
    outs = [Path(file["out"]).relative_to(tmp_path / "out").as_posix() for file in report["files"]]
    assert outs == ["a/x.csv.csv", "b/x.csv.csv", "b/x.tsv.csv"]
    assert [len(column(tmp_path / "out" / out, "score")) for out in outs] == [10, 20, 30]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.root", "a.npz", "a.h5"])
def test_a_file_without_a_row_gives_one_without_a_row(runs: Runs, tmp_path: Path, name: str) -> None:
    """As a job of a grid leaves it that met no event; those beside it are scored."""

    def written(rows: pl.DataFrame, path: Path) -> None:
        if path.suffix == ".root":
            write_root(path, {"events": rows})
        elif path.suffix == ".csv":
            rows.write_csv(path)
        elif path.suffix == ".parquet":
            rows.write_parquet(path)
        elif path.suffix == ".npz":
            arrays: dict[str, Any] = rows.to_dict()
            np.savez(path, **arrays)
        else:
            with h5py.File(path, "w") as file:
                file.update({column: rows[column].to_numpy() for column in rows.columns})

    frame = events(20, seed=5).select("pt", "eta", "event")
    written(frame.clear(), tmp_path / name)
    frame.write_parquet(tmp_path / "full.parquet")
    report = predicted(runs["samples"], [tmp_path / name, tmp_path / "full.parquet"], tmp_path / "out")
    assert [file["rows"] for file in report["files"]] == [0, 20]
    assert len(column(Path(report["files"][0]["out"]), "score")) == 0
    assert len(column(Path(report["files"][1]["out"]), "score")) == 20
    written(frame.clear().drop("pt"), tmp_path / f"less{Path(name).suffix}")
    with pytest.raises(InputError, match=r"less.* has no column 'pt', which the model learnt from"):
        predicted(runs["samples"], [tmp_path / f"less{Path(name).suffix}"], tmp_path / "other")


@pytest.mark.parametrize("absent", ["eta", "side"])
def test_a_file_without_a_row_has_the_columns_of_expressions_and_cut_too(
    runs: Runs, tmp_path: Path, absent: str
) -> None:
    events(3, seed=5).clear().write_csv(tmp_path / "a.csv")
    events(3, seed=5).clear().drop(absent).write_csv(tmp_path / "b.csv")
    assert predicted(runs["plain"], [tmp_path / "a.csv"], tmp_path / "out")["rows"] == 0
    with pytest.raises(InputError, match=rf"b.csv has no column '{absent}', which"):
        predicted(runs["plain"], [tmp_path / "b.csv"], tmp_path / "other")


def test_nothing_is_overwritten(runs: Runs, tmp_path: Path) -> None:
    events(10, seed=5).write_csv(tmp_path / "new.csv")
    before = (tmp_path / "new.csv").read_bytes()
    with pytest.raises(InputError, match=r"new.csv is already there; nothing is overwritten"):
        predicted(runs["plain"], [tmp_path / "new.csv"], tmp_path)
    assert (tmp_path / "new.csv").read_bytes() == before


def test_a_folder_that_cannot_be_made(runs: Runs, tmp_path: Path) -> None:
    events(10, seed=5).write_csv(tmp_path / "new.csv")
    with pytest.raises(InputError, match=r"the folder .*new\.csv/out cannot be made: a file stands where"):
        predicted(runs["plain"], [tmp_path / "new.csv"], tmp_path / "new.csv" / "out")


def test_a_file_is_scored_piece_by_piece(runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in memory at once does not grow with the file: no piece is larger than asked for, and all are told of."""
    sizes: list[int] = []
    score = Members.score

    def counted(members: Members, table: Any, rows: Any, known: Any = None) -> Any:
        sizes.append(len(rows))
        return score(members, table, rows, known)

    monkeypatch.setattr("mltui.inference.predict._MOST_ROWS", 1000)
    monkeypatch.setattr(Members, "score", counted)
    events(12_345, seed=6).write_parquet(tmp_path / "new.parquet")
    events(12_345, seed=6).write_csv(tmp_path / "new.csv")
    write_root(tmp_path / "new.root", {"events": events(12_345, seed=6)})
    told: list[float] = []
    request = Request(("new.parquet", "new.csv"), tmp_path / "out", tmp_path)
    report = Prediction(runs["plain"], request).run(lambda share, name: told.append(share))
    assert max(sizes) <= 1000
    assert len(told) > 20
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert report["rows"] == 2 * 12_345
    pieces = len(sizes)
    Prediction(runs["regression"], Request(("new.root",), tmp_path / "out", tmp_path)).run()
    assert len(sizes) - pieces > 12
    one, other = (column(tmp_path / "out" / name, "score") for name in ("new.parquet", "new.csv"))
    np.testing.assert_array_equal(one, other)


def test_a_run_without_a_model(runs: Runs, tmp_path: Path) -> None:
    copy = RunFolder(tmp_path / "5")
    shutil.copytree(runs["plain"].path, copy.path)
    shutil.rmtree(copy.model)
    with pytest.raises(InputError, match="run 5 has kept no model"):
        predicted(copy, [runs.files / "events.csv"], tmp_path / "out")


def test_a_damaged_model_is_said_before_any_work(runs: Runs, tmp_path: Path) -> None:
    copy = RunFolder(tmp_path / "5")
    shutil.copytree(runs["folds"].path, copy.path)
    (copy.member_model("fold 2") / "estimator.skops").write_bytes(b"no")
    events(10, seed=5).write_csv(tmp_path / "new.csv")
    with pytest.raises(InputError, match=r"the model in .*fold-2 cannot be read back"):
        predicted(copy, [tmp_path / "new.csv"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_that_did_not_write_down_its_sealed_rows_keeps_them_sealed(runs: Runs, tmp_path: Path) -> None:
    """As runs before this did: what of its file is in no other part may be in the test part."""
    copy = RunFolder(tmp_path / "5")
    shutil.copytree(runs["plain"].path, copy.path)
    arrays = dict(np.load(copy.predictions))
    np.savez(copy.predictions, **{name: array for name, array in arrays.items() if not name.startswith("test/")})
    with pytest.raises(InputError, match="sealed test part"):
        predicted(copy, [runs.files / "events.csv"], tmp_path / "out")
    events(10, seed=5).write_csv(tmp_path / "new.csv")
    assert predicted(copy, [tmp_path / "new.csv"], tmp_path / "out")["rows"] == 10
