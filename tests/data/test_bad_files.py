"""Bad input: one clear sentence each, with the key at fault, and never a library's exception."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import awkward as ak
import h5py
import numpy as np
import polars as pl
import pytest
import uproot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.sections import Data, Sample
from mltui.data import memory
from mltui.data.part import Wanted
from mltui.data.read import read
from tests.data.frames import gather

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


def read_or_refused(folder: Path, name: str) -> None:
    """Any other exception than an InputError that names the file or its table fails the test."""
    try:
        frame = gather(Data(files=(name,)), folder, lambda listing: Wanted(listing.names), guess_table=True)
    except InputError as error:
        if error.key not in ("data.files", "data.tree"):
            raise
    else:
        assert len(frame) > 0


# -- files ---------------------------------------------------------------------------------------------------------


def test_a_file_that_is_not_there_names_the_nearest(folder: Path) -> None:
    refused(folder, "data.files", "there is no file event.csv", "did you mean events.csv?", files=("event.csv",))


def test_a_folder_that_is_not_there(folder: Path) -> None:
    refused(folder, "data.files", "there is no folder", files=("dada/events.csv",))


def test_a_name_that_begins_as_a_home_folder_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("~tilde.csv", "~nobody.here/x.csv"):
        refused(folder, "data.files", f"there is no file {name} in {folder}", files=(name,))
    write(folder, "~tilde.csv", GOOD)
    assert len(read(Data(files=("~tilde.csv",), target="y"), folder)) == 40
    monkeypatch.setenv("HOME", str(folder))
    assert len(read(Data(files=("~/~tilde.csv",), target="y"), folder)) == 40


def test_an_address_of_what_is_read_from_disk_only(folder: Path) -> None:
    for name in ("http://host/z.csv", "https://host/z.parquet", "s3://bucket/z.npz"):
        refused(folder, "data.files", f"{name} is an address, and only ROOT", "download", files=(name,))


def test_two_cuts_that_leave_nothing(folder: Path) -> None:
    samples = (Sample(label="a", files=("events.csv",), cut="x > 30"), Sample(label="b", files=("events.csv",)))
    said = "data.cut and data.samples.0.cut leave none of the 80 rows"
    refused(folder, "data.cut", said, files=(), target=None, samples=samples, cut="x > 50")


def test_what_another_format_is_read_by_names_all_that_have_it(folder: Path) -> None:
    pl.DataFrame({"x": [1, 2], "y": [0, 1]}).write_parquet(folder / "p.parquet")
    said = "data.tree is for text, NumPy arrays, HDF5 and ROOT; p.parquet is Parquet"
    refused(folder, "data.tree", said, files=("p.parquet",), tree="t")


def test_a_link_to_nothing(folder: Path) -> None:
    (folder / "loop.csv").symlink_to("loop.csv")
    (folder / "old.csv").symlink_to("gone.csv")
    refused(folder, "data.files", "loop.csv is a link to loop.csv, which is not there", files=("loop.csv",))
    refused(folder, "data.files", "old.csv is a link to gone.csv, which is not there", files=("old.csv",))


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


@pytest.mark.parametrize("ending", ["csv", "parquet", "root", "npz", "npy", "h5"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(noise=st.binary(min_size=1, max_size=300))
def test_any_noise_is_refused_in_a_sentence_or_read(folder: Path, ending: str, noise: bytes) -> None:
    start = {"parquet": b"PAR1", "root": b"root", "npz": b"PK\3\4", "npy": b"\x93NUMPY\1\0", "h5": b"\x89HDF\r\n\x1a\n"}
    write(folder, f"noise.{ending}", start.get(ending, b"") + noise)
    read_or_refused(folder, f"noise.{ending}")


@pytest.mark.parametrize("ending", ["csv", "parquet", "root", "npz", "npy", "h5"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(data=st.data())
def test_a_damaged_file_is_refused_in_a_sentence_or_read(folder: Path, ending: str, data: st.DataObject) -> None:
    whole = _whole(folder, ending)
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    write(folder, f"damaged.{ending}", bytes(damaged[: data.draw(st.integers(1, len(damaged)))]))
    read_or_refused(folder, f"damaged.{ending}")


def _whole(folder: Path, ending: str) -> bytes:
    path = folder / f"whole.{ending}"
    if not path.exists():
        frame = pl.read_csv(folder / "events.csv")
        numbers: dict[str, Any] = {"x": frame["x"].to_numpy(), "z": frame["z"].to_numpy()}
        if ending == "csv":
            frame.write_csv(path)
        elif ending == "parquet":
            frame.write_parquet(path)
        elif ending == "npz":
            np.savez(path, **numbers)
        elif ending == "npy":
            np.save(path, np.column_stack([*numbers.values()]))
        elif ending == "h5":
            with h5py.File(path, "w") as file:
                for name, values in numbers.items():
                    file[name] = values
        else:
            with uproot.recreate(path) as file:
                file.mktree("t", {"x": numbers["x"], "kind": ak.Array(frame["kind"].to_list())})
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
    write(folder, "a.xyz", bytes(range(256)))
    refused(folder, "data.files", "a.xyz is of no known format", ".parquet", ".root", files=("a.xyz",))


def test_a_description_too_large_for_memory_says_both_figures(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pl.DataFrame({"x": np.arange(1000.0), "y": np.arange(1000) % 2}).write_parquet(folder / "b.parquet")
    monkeypatch.setattr(memory, "available", lambda: 30_000)
    monkeypatch.setattr(memory, "fits", lambda needed: needed <= 30_000)
    with pytest.raises(InputError, match="1,000 rows of 2 columns need 40 kB of memory and 30 kB is free"):
        gather(Data(files=("b.parquet",)), folder, lambda listing: Wanted(listing.names))


def test_memory_free_is_a_positive_number() -> None:
    assert memory.available() > 0


# -- several files -------------------------------------------------------------------------------------------------


def test_files_that_do_not_fit_together(folder: Path) -> None:
    write(folder, "more.csv", "x,z,y\n1,2,a\n")
    refused(
        folder, "data.features", "the column kind cannot be used, it is not in more.csv",
        files=("events.csv", "more.csv"), features=("kind",),
    )  # fmt: skip
    write(folder, "more.csv", "x,z,kind,y\none,2,u,a\n")
    said = "the column 'x' is numbers in events.csv and text in more.csv"
    refused(folder, "data.files", said, files=("events.csv", "more.csv"))


def test_a_mistake_in_a_later_file_names_it(folder: Path) -> None:
    write(folder, "more.csv", GOOD.replace("x,z", "x,zz"))
    said = "the column z cannot be used, it is not in more.csv"
    refused(folder, "data.features", said, files=("*.csv",), features=("z",))
    refused(folder, "data.cut", "z", "more.csv", files=("*.csv",), cut="z > 0")
    write(folder, "more.csv", "x,z,kind,y\n" + "u,1,u,a\n" * 9)
    refused(folder, "data.cut", "(in more.csv)", files=("*.csv",), cut="x > 3", features=("z",))


@pytest.mark.parametrize(("key", "value"), [("header", False), ("separator", ";"), ("skip", 1), ("tree", "t")])
def test_a_key_for_another_format(key: str, value: Any, folder: Path) -> None:
    pl.read_csv(folder / "events.csv").write_parquet(folder / "e.parquet")
    refused(folder, f"data.{key}", f"data.{key} is for", "e.parquet is Parquet", files=("e.parquet",), **{key: value})


# -- columns -------------------------------------------------------------------------------------------------------


def test_names_that_no_column_has(folder: Path) -> None:
    refused(folder, "data.target", "there is no column 'kin'", "did you mean kind?", target="kin")
    refused(folder, "data.features", "there is no column 'xx*'", "known here: kind, x, y, z.", features=("xx*",))
    refused(folder, "data.exclude", "there is no column 'knd'", "did you mean kind?", exclude=("knd",))
    refused(folder, "data.weight", "there is no column w", "known here: kind, x, y, z.", weight="w")


def test_columns_with_two_roles(folder: Path) -> None:
    refused(folder, "data.features", "y, which is the target", features=("x", "y"))
    refused(folder, "data.features", "x, which is the weight", features=("x",), weight="x")
    refused(folder, "data.weight", "which is the target", weight="y")


def test_expressions_that_do_not_fit(folder: Path) -> None:
    refused(folder, "data.features", "data.features: character 5", features=("x + ", "z"))
    refused(folder, "data.features", "no column q", features=("x + q",))
    refused(folder, "data.features", 'x * (y == "a") uses y, which is the target', features=('x * (y == "a")',))
    refused(folder, "data.cut", "data.cut: character 6", cut="x > (")
    refused(folder, "data.cut", "kind", cut="kind > 3")
    refused(
        folder, "data.cut", '"z + 1": this must be true or false for each row', "gives numbers such as", cut="z + 1"
    )
    refused(folder, "data.weight", "data.weight: character 4", weight="x %% 2")


def test_a_cut_that_leaves_nothing(folder: Path) -> None:
    refused(folder, "data.cut", "data.cut leaves none of the 40 rows", cut="x > 1000")
    write(folder, "u.csv", "x,y\n" + "1,a\n2,b\n3,\n" * 3)
    refused(folder, "data.cut", "data.cut leaves no row that has a y", cut="x > 2", files=("u.csv",))


def test_titles_and_kinds_of_nothing(folder: Path) -> None:
    refused(folder, "data.titles", "no column and no feature 'mm'", "known here: kind, x, y, z.", titles={"mm": "X"})
    refused(folder, "data.titles", "must be text, not 3", titles={"x": 3})
    refused(folder, "data.kinds", "no column 'knd'", "did you mean kind?", kinds={"knd": "number"})
    refused(folder, "data.kinds", "kind cannot be 'catgory'; did you mean category?", kinds={"kind": "catgory"})
    refused(folder, "data.kinds", "at least two, each once", kinds={"kind": ("u", "u")})


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


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("dataset", "circle", "did you mean circles?"),
        ("tree", "t", "leave it out"),
        ("weight", "w", "there is no column w"),
        ("cut", "x1 > 1e9", "leaves none of the 500 rows"),
        ("cut", "x3 > 1", "character 1"),
        ("kinds", {"x1": "numbr"}, "did you mean number?"),
        ("titles", {"q": "s"}, "known here: class, x1, x2."),
        ("header", False, "leave it out"),
        ("target", "x1", "the target of circles is class"),
        ("task", "regression", "for classification"),
        ("positive", "green", "known here: a, b."),
        ("features", ("x3",), "known here: class, x1, x2."),
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
            read(Data(files=(pattern,), target="y"), tmp_path)


def test_numbers_too_large_to_compute_with(tmp_path: Path) -> None:
    """A sentinel such as the largest double would make the scaled column all zeros, without a word."""
    rows = "".join(f"{i},{1.7e308 if i % 7 == 0 else i},{'pq'[i % 2]}\n" for i in range(60))
    (tmp_path / "a.csv").write_text(f"x,broken,y\n{rows}")
    assert read(Data(files=("a.csv",), target="y"), tmp_path).features == ("x",)
    with pytest.raises(InputError, match=r"the column broken holds numbers as large as .* put it into data\.missing"):
        read(Data(files=("a.csv",), target="y", features=("x", "broken")), tmp_path)
    table = read(Data(files=("a.csv",), target="y", missing=(1.7e308,)), tmp_path)
    assert table.features == ("x", "broken")
