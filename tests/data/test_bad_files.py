"""Bad input: one clear sentence each, with the key at fault, and never a library's exception."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import polars as pl
import pytest
import uproot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.data import memory
from mltui.data.describe import describe
from mltui.data.read import read

GOOD = "x,z,kind,y\n" + "".join(f"{i},{i % 7},{'uv'[i % 2]},{'ab'[i % 3 == 0]}\n" for i in range(40))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "events.csv").write_text(GOOD)
    return tmp_path


def refused(folder: Path, key: str, *said: str, **keys: Any) -> None:
    """Reading is refused with this key and a sentence that says all this, and nothing else is."""
    wanted = {"files": ("events.csv",), "target": "y", **keys}
    with pytest.raises(InputError) as caught:
        read(Data(**wanted), folder)
    sentence = caught.value.sentence
    assert caught.value.key == key, sentence
    assert [part for part in said if part not in sentence] == [], sentence
    assert "\n" not in sentence
    assert "Traceback" not in sentence


def write(folder: Path, name: str, content: str | bytes) -> None:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def described_or_refused(folder: Path, name: str) -> None:
    """Any other exception than an InputError that names the file or its tree fails the test."""
    try:
        described = describe(Data(files=(name,)), folder)
    except InputError as error:
        if error.key not in ("data.files", "data.tree"):
            raise
    else:
        assert described["rows"] > 0


# -- files ---------------------------------------------------------------------------------------------------------


def test_a_file_that_is_not_there_names_the_nearest(folder: Path) -> None:
    refused(folder, "data.files", "there is no file event.csv", "did you mean events.csv?", files=("event.csv",))


def test_a_folder_that_is_not_there(folder: Path) -> None:
    refused(folder, "data.files", "there is no folder", files=("dada/events.csv",))


def test_a_glob_that_matches_nothing(folder: Path) -> None:
    refused(folder, "data.files", "no file matches *.root", files=("*.root",))


def test_a_directory(folder: Path) -> None:
    (folder / "sub.csv").mkdir()
    refused(folder, "data.files", "sub.csv is a directory", files=("sub.csv",))


@pytest.mark.parametrize("name", ["e.csv", "e.parquet", "e.root"])
def test_an_empty_file(folder: Path, name: str) -> None:
    write(folder, name, b"")
    refused(folder, "data.files", f"{name} is empty, 0 bytes", files=(name,))


@pytest.mark.parametrize("name", ["n.csv", "n.tsv", "n.parquet", "n.root"])
def test_binary_noise(folder: Path, name: str) -> None:
    write(folder, name, np.random.default_rng(1).bytes(5000))
    refused(folder, "data.files", name, files=(name,))


@pytest.mark.parametrize("ending", ["csv", "parquet", "root"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(noise=st.binary(min_size=1, max_size=300))
def test_any_noise_is_refused_in_a_sentence_or_read(folder: Path, ending: str, noise: bytes) -> None:
    start = {"csv": b"", "parquet": b"PAR1", "root": b"root"}[ending]
    write(folder, f"noise.{ending}", start + noise)
    described_or_refused(folder, f"noise.{ending}")


@pytest.mark.parametrize("ending", ["csv", "parquet", "root"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(data=st.data())
def test_a_damaged_file_is_refused_in_a_sentence_or_read(folder: Path, ending: str, data: st.DataObject) -> None:
    whole = _whole(folder, ending)
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    write(folder, f"damaged.{ending}", bytes(damaged[: data.draw(st.integers(1, len(damaged)))]))
    described_or_refused(folder, f"damaged.{ending}")


def _whole(folder: Path, ending: str) -> bytes:
    path = folder / f"whole.{ending}"
    if not path.exists():
        frame = pl.read_csv(folder / "events.csv")
        if ending == "csv":
            frame.write_csv(path)
        elif ending == "parquet":
            frame.write_parquet(path)
        else:
            with uproot.recreate(path) as file:
                file.mktree("t", {"x": frame["x"].to_numpy(), "kind": ak.Array(frame["kind"].to_list())})
    return path.read_bytes()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission(folder: Path) -> None:
    (folder / "events.csv").chmod(0)
    refused(folder, "data.files", "events.csv cannot be read: Permission denied")


def test_a_file_that_the_system_refuses(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def refuse(self: Path, *arguments: Any, **options: Any) -> Any:
        if self.name == "events.csv":
            raise PermissionError(13, "Permission denied")
        return opened(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    refused(folder, "data.files", "events.csv cannot be read: Permission denied")


def test_an_unknown_format(folder: Path) -> None:
    write(folder, "a.xlsx", b"PK")
    refused(folder, "data.files", "a.xlsx is of no known format", ".parquet", ".root", files=("a.xlsx",))


def test_a_file_too_large_for_memory_says_both_figures(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pl.DataFrame({"x": np.arange(1000.0), "y": np.arange(1000) % 2}).write_parquet(folder / "b.parquet")
    monkeypatch.setattr(memory, "available", lambda: 30_000)
    refused(folder, "data.files", "1,000 rows of 2 columns need 40 kB", "30 kB is free", files=("b.parquet",))


def test_memory_free_is_a_positive_number() -> None:
    assert memory.available() > 0


# -- text ----------------------------------------------------------------------------------------------------------

TEXTS = {
    "line 3: 5 fields, but the header has 4": "a,b,c,y\n1,2,3,u\n1,2,3,4,v\n",
    "line 4: 2 fields, but the header has 4": "a,b,c,y\n1,2,3,u\n1,2,3,v\n1,2\n",
    "line 3: 1 field, but": "a,y\n1,u\n1\n",
    "has a header line and no rows": "a,b,y\n",
    "nothing but blank lines": "\n \n\n",
}


@pytest.mark.parametrize("said", TEXTS)
def test_garbage_text_is_named_by_its_line(said: str, folder: Path) -> None:
    write(folder, "g.csv", TEXTS[said])
    refused(folder, "data.files", "g.csv", said, files=("g.csv",))


def test_utf_16_text_says_so(folder: Path) -> None:
    write(folder, "u.csv", GOOD.encode("utf-16"))
    refused(folder, "data.files", "UTF-16", "UTF-8", files=("u.csv",))


def test_files_that_do_not_fit_together(folder: Path) -> None:
    write(folder, "more.csv", "x,z,y\n1,2,a\n")
    refused(folder, "data.files", "more.csv has no usable column 'kind'", files=("events.csv", "more.csv"))
    write(folder, "more.csv", "x,z,kind,y\none,2,u,a\n")
    said = "the column 'x' is text in more.csv and numbers in events.csv"
    refused(folder, "data.files", said, files=("events.csv", "more.csv"))


# -- ROOT ----------------------------------------------------------------------------------------------------------


def rooted(folder: Path, build: Callable[[Any], None]) -> None:
    with uproot.recreate(folder / "r.root") as file:
        build(file)


def test_root_files_without_or_with_several_trees(folder: Path) -> None:
    rooted(folder, lambda file: file.__setitem__("h", np.histogram([1.0, 2.0])))
    refused(folder, "data.files", "no TTree and no RNTuple, it holds only TH1D", files=("r.root",))
    rooted(folder, lambda file: None)
    refused(folder, "data.files", "it holds nothing", files=("r.root",))
    rooted(folder, _two_trees)
    refused(folder, "data.tree", "2 trees, choose one of sig, bkg", files=("r.root",))
    refused(folder, "data.tree", "no tree 'sg' in r.root", "did you mean sig?", files=("r.root",), tree="sg")


def _two_trees(file: Any) -> None:
    for name in ("sig", "bkg"):
        file.mktree(name, {"x": np.arange(3.0)})


def test_an_empty_tree(folder: Path) -> None:
    rooted(folder, lambda file: file.mktree("t", {"x": "f8", "y": "i4"}) and None)
    refused(folder, "data.files", "the tree 't' has no rows", files=("r.root",))


def test_a_jagged_branch_that_is_named(folder: Path) -> None:
    jets = ak.Array([[1.0], [], [2.0, 3.0]])
    rooted(folder, lambda file: file.mktree("t", {"jets": jets, "y": np.array([0, 1, 0])}) and None)
    said = "the column jets cannot be used, it holds several values in each row"
    refused(folder, "data.features", said, files=("r.root",), features=("jets",))
    refused(folder, "data.target", said, files=("r.root",), target="jets")


def test_a_tree_where_there_are_none(folder: Path) -> None:
    refused(folder, "data.tree", "events.csv has no trees to choose from", tree="t")


# -- columns -------------------------------------------------------------------------------------------------------


def test_names_that_no_column_has(folder: Path) -> None:
    refused(folder, "data.target", "there is no column 'kin'", "did you mean kind?", target="kin")
    refused(folder, "data.features", "there is no column 'xx*'", "known here: kind, x, y, z.", features=("xx*",))
    refused(folder, "data.exclude", "there is no column 'knd'", "did you mean kind?", exclude=("knd",))
    refused(folder, "data.weight", "there is no column 'w'", weight="w")


def test_columns_with_two_roles(folder: Path) -> None:
    refused(folder, "data.features", "y, which is the target", features=("x", "y"))
    refused(folder, "data.features", "x, which is the weight", features=("x",), weight="x")
    refused(folder, "data.weight", "which is the target", weight="y")


def test_no_target_chosen(folder: Path) -> None:
    refused(folder, "data.target", 'such as target = "y"', target=None)


def test_one_class_only(folder: Path) -> None:
    write(folder, "one.csv", "x,y\n1,a\n2,a\n3,a\n")
    refused(folder, "data.target", "the target y has one class only, 'a'", files=("one.csv",))


def test_nan_everywhere(folder: Path) -> None:
    write(folder, "nan.csv", "x,z,y\n" + "nan,NA,a\nnan,,b\n" * 5)
    said = ("no column is left to learn from", "x has no value in any row")
    refused(folder, "data.features", *said, files=("nan.csv",))
    refused(folder, "data.features", "the column x has no value", files=("nan.csv",), features=("x",))
    refused(folder, "data.target", "the target x has no value in any row", files=("nan.csv",), target="x")


def test_no_column_to_learn_from(folder: Path) -> None:
    write(folder, "names.csv", "name,y\n" + "".join(f"person {i},{'ab'[i % 2]}\n" for i in range(30)))
    refused(folder, "data.features", "name has 30 different texts", files=("names.csv",))
    write(folder, "alone.csv", "y\na\nb\n")
    refused(folder, "data.features", "no column is left to learn from", files=("alone.csv",))


def test_targets_unfit_for_the_task(folder: Path) -> None:
    values = "".join(f"{i % 3},{i / 7},t{i}\n" for i in range(150))
    write(folder, "t.csv", "x,value,text\n" + values)
    many = "has 150 different values, too many for classes (at most 100)"
    refused(folder, "data.target", many, files=("t.csv",), target="value", task="classification")
    refused(folder, "data.target", many, files=("t.csv",), target="text")
    refused(folder, "data.target", "text such as 't0'", files=("t.csv",), target="text", task="regression")
    write(folder, "same.csv", "x,y\n1,2.5\n2,2.5\n")
    refused(folder, "data.target", "the same value in every row", files=("same.csv",), task="regression")


def test_weights_that_are_none(folder: Path) -> None:
    refused(folder, "data.weight", "the weight kind holds text such as 'u'", weight="kind")
    write(folder, "w.csv", "x,w,v,y\n1,1,1,a\n2,,-1,b\n")
    refused(folder, "data.weight", "no finite value in 1 of 2 rows", files=("w.csv",), weight="w")
    refused(folder, "data.weight", "add up to 0", files=("w.csv",), weight="v")


def test_positive_classes_that_do_not_fit(folder: Path) -> None:
    refused(folder, "data.positive", "no class 'c'", "known here: a, b.", positive="c")
    write(folder, "p.csv", "x,y\n" + "1,a\n2,b\n3,c\n" * 3)
    refused(folder, "data.positive", "the target has 3", files=("p.csv",), positive="a")
    refused(folder, "data.positive", "asks for regression", target="x", positive="a")


def test_too_many_texts_for_a_feature(folder: Path) -> None:
    write(folder, "many.csv", "t,y\n" + "".join(f"t{i},{'ab'[i % 2]}\n" for i in range(1500)))
    refused(folder, "data.features", "1,500 different texts, at most 1,000", files=("many.csv",), features=("t",))


def test_too_few_rows_for_every_class(folder: Path) -> None:
    write(folder, "rare.csv", "x,y\n" + "".join(f"{i},{'ab'[i == 0]}\n" for i in range(500)))
    refused(folder, "data.rows", "data.rows = 10 leaves a class without a row", files=("rare.csv",), rows=10)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("dataset", "circle", "did you mean circles?"),
        ("tree", "t", "leave it out"),
        ("weight", "w", "has no weights"),
        ("target", "x1", "the target of circles is class"),
        ("task", "regression", "for classification"),
        ("positive", "green", "known here: a, b."),
        ("features", ("x3",), "known here: x1, x2."),
        ("exclude", ("x*",), "no column"),
        ("options", {"noise": 3}, "from 0 to 1"),
    ],
)
def test_keys_that_do_not_fit_a_catalogue_dataset(key: str, value: Any, said: str, folder: Path) -> None:
    with pytest.raises(InputError, match=said.replace("?", r"\?")) as caught:
        read(Data(**{"dataset": "circles", key: value}), folder)
    assert caught.value.key == ("data.options.noise" if key == "options" else f"data.{key}")


def test_a_file_that_a_glob_finds_is_named_by_itself(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "hollow.csv").write_text("")
    for pattern in ("sub/*.csv", str(tmp_path / "*" / "h*.csv")):
        with pytest.raises(InputError, match=r"^sub/hollow\.csv is empty"):
            describe(Data(files=(pattern,)), tmp_path)


def test_numbers_too_large_to_compute_with(tmp_path: Path) -> None:
    """A sentinel such as the largest double would make the scaled column all zeros, without a word."""
    rows = "".join(f"{i},{1.7e308 if i % 7 == 0 else i},{'pq'[i % 2]}\n" for i in range(60))
    (tmp_path / "a.csv").write_text(f"x,broken,y\n{rows}")
    said = describe(Data(files=("a.csv",), target="y"), tmp_path)
    assert said["features"] == ["x"]
    assert "broken is left out: it holds numbers as large as 1.7e+308, too large to compute with." in said["problems"]
    with pytest.raises(InputError, match=r"the column broken holds numbers as large as .* put it into data\.missing"):
        read(Data(files=("a.csv",), target="y", features=("x", "broken")), tmp_path)
    table = read(Data(files=("a.csv",), target="y", missing=(1.7e308,)), tmp_path)
    assert table.features == ("x", "broken")
