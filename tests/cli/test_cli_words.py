"""The words on the command line find their command; what does not fit is answered by one sentence and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mltui as package
from mltui.cli.dispatch import COMMANDS
from mltui.core.errors import InputError

Mltui = Callable[..., Any]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["rn"], "mltui: there is no command 'rn' and no such file; did you mean run?"),
        (["model"], "mltui: there is no command 'model' and no such file; did you mean models?"),
        (["--vesion"], "mltui: unknown option --vesion; did you mean --version?"),
        (["runs"], "mltui runs: say what to do: list, show, stop, resume, change, pause, continue, step, unseal, del"),
        (["runs", "lst"], "mltui runs: there is no runs 'lst'; did you mean list?"),
        (["data", "desribe", "iris"], "mltui data: there is no data 'desribe'; did you mean describe?"),
        (["run"], "mltui run: the following arguments are required: EXPERIMENT.toml; mltui run --help shows what"),
        (["run", "a.toml", "b.toml"], "mltui: there is no experiment file a.toml"),
        (["queue"], "mltui queue: say what to do: add, list, move, cancel"),
        (["queue", "move"], "mltui queue move: the following arguments are required: RUN; "),
        (
            ["cost", "a.toml", "b.toml"],
            "mltui cost: unexpected argument 'b.toml'; mltui cost --help shows what it takes",
        ),
        (["run", "a.toml", "--jsn"], "mltui run: unknown option --jsn; did you mean --json?"),
        (["run", "a.toml", "--set"], "mltui run: argument --set: expected one argument; "),
        (["run", "absent.toml"], "mltui: there is no experiment file absent.toml"),
        (["a.toml", "b.toml"], "mltui: unexpected argument 'b.toml'; mltui --help shows what it takes"),
        (["absent.toml"], "mltui: there is no experiment file absent.toml"),
        (["models", "describe", "mpl"], "mltui: there is no model 'mpl'; did you mean mlp?"),
        (["data", "describe", "cirles"], "mltui: there is no dataset 'cirles', and it does not look like a file; did"),
        (["data", "describe", "iris", "--tree", "t"], "mltui: --tree is for files; iris is a dataset of the catalogue"),
        (
            ["data", "describe", "iris", "--timeout", "nan"],
            "mltui data describe: argument --timeout: must be seconds above 0, not 'nan'; ",
        ),
        (["runs", "show", "7"], "mltui: there are no runs yet in "),
        (["runs", "delete"], "mltui runs delete: the following arguments are required: RUN; "),
        (["attach"], "mltui attach: the following arguments are required: RUN; "),
        (["attach", "latest"], "mltui: there are no runs yet in "),
    ],
)
def test_what_does_not_fit_is_told_in_one_sentence(mltui: Mltui, words: list[str], sentence: str) -> None:
    assert mltui(*words).complaint.startswith(sentence)


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_the_overview_names_every_command(mltui: Mltui, word: str) -> None:
    said = mltui(word)
    assert said.code == 0
    for name, command in COMMANDS.items():
        assert f"mltui {name}" in said.out
        assert command.help in said.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(mltui: Mltui, name: str) -> None:
    said = mltui(*name.split(), "--help")
    assert said.code == 0
    assert said.out.startswith(f"usage: mltui {name}")
    for word in COMMANDS[name].usage.split():
        assert word.strip("[].").partition("=")[0].partition("|")[0] in said.out.replace("FILE", "NAME-OR-FILE")


def test_a_group_explains_its_commands(mltui: Mltui) -> None:
    said = mltui("runs", "--help")
    assert said.code == 0
    assert "mltui runs unseal RUN..." in said.out
    assert "mltui doctor" not in said.out


def test_version(mltui: Mltui) -> None:
    assert mltui("--version").out == f"mltui {package.__version__}\n"


def test_the_lab_opens_on_what_was_asked_for(mltui: Mltui, toy: Path, store: Path) -> None:
    opened: list[tuple[Path | None, str | None]] = []

    def lab(experiment: Path | None, run: str | None) -> int:
        opened.append((experiment, run))
        return 0

    for words in ([], [toy], ["attach", "latest"], ["attach", "1"]):
        assert mltui(*words, lab=lab).code == 0
    assert [(path, run and Path(run).name) for path, run in opened] == [
        (None, None),
        (toy, None),
        (None, "3"),
        (None, "1"),
    ]


def test_what_the_lab_refuses_is_told_in_its_words(mltui: Mltui) -> None:
    def lab(experiment: Path | None, run: str | None) -> int:
        raise InputError("the lab needs a terminal")

    assert mltui(lab=lab).complaint == "mltui: the lab needs a terminal"


def test_a_mistake_in_the_file_is_told_before_the_lab_opens(mltui: Mltui, toy: Path) -> None:
    toy.write_text(toy.read_text() + "max_dept = 3\n")
    assert mltui(toy).complaint == f"mltui: {toy}, line 10: unknown key model.max_dept; did you mean max_depth?"


@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_reader_that_has_seen_enough_is_no_error(buffered: str) -> None:
    command = [sys.executable, "-m", "mltui", "data", "list"]
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run(
            command,
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": buffered},
        )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("words", [["data", "list"], ["models", "list", "--json"], ["--help"]])
def test_a_full_disk_behind_standard_output_is_told(words: list[str]) -> None:
    command = [sys.executable, "-m", "mltui", *words]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "mltui: standard output: No space left on device\n"


@pytest.mark.parametrize(
    ("words", "closed"),
    [
        *(("models list", one) for one in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-")),
        ("runs delete 1", "<&- >&- 2>&-"),
        ("doctor --json", "<&- >&- 2>&-"),  # which starts processes of its own, whose pipes take the numbers
    ],
)
def test_closed_streams_are_no_mistake(words: str, closed: str) -> None:
    command = f'"{sys.executable}" -m mltui {words} {closed}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == (2 if "delete" in words else 0), done
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["events.csv"], ["run", "events.csv"], ["run", "noise.parquet"]])
def test_a_file_of_data_is_not_an_experiment(
    mltui: Mltui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.csv").write_text("x,y\n1,a\n2,b\n")
    (tmp_path / "noise.parquet").write_bytes(bytes(range(256)))
    said = mltui(*words).complaint
    assert said.startswith(f"mltui: {words[-1]} is a file of data, not an experiment; ")
    assert f"mltui data describe {words[-1]} shows" in said


def test_a_complaint_shows_escape_codes_and_does_not_send_them(mltui: Mltui, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\x1b[31mred,y\n" + "1,a\n2,b\n" * 100)
    said = mltui("data", "describe", tmp_path / "a.csv", "--target", "read").complaint
    assert "\x1b" not in said
    assert "␛[31mred" in said


def test_a_long_wrong_value_is_not_repeated_in_full(mltui: Mltui, toy: Path) -> None:
    said = mltui("run", toy, "--set", f"model.max_depth={'9' * 4000}").complaint
    assert len(said) < 300
    said = mltui("run", toy, "--set", f"preprocess.scale={'x' * 5000}").complaint
    assert len(said) < 300
    for key in ("seed", "format", "data.missing", "data.rows", "split.train"):
        for value in ("9" * 400, "0x" + "f" * 5000, f"[{'9' * 400}]"):
            said = mltui("run", toy, "--set", f"{key}={value}").complaint
            assert len(said) < 300
            assert key in said


def test_a_very_long_name_leaves_room_in_a_table(mltui: Mltui, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{'n' * 5000},y\n" + "1,a\n2,b\n" * 10)
    said = mltui("data", "describe", tmp_path / "a.csv", "--plain")
    assert said.code == 0
    table = [line for line in said.out.splitlines() if not line.startswith("note: ")]
    assert max(map(len, table)) < 300
    assert mltui("data", "describe", tmp_path / "a.csv", "--json").document["columns"][0]["name"] == "n" * 5000


def test_started_in_a_folder_that_is_gone(mltui: Mltui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dataset and a file by its whole name can still be described."""
    (tmp_path / "a.csv").write_text("x,y\n1,a\n2,b\n")
    gone = f'mkdir "{tmp_path}/gone"; cd "{tmp_path}/gone"; rmdir "{tmp_path}/gone"; "{sys.executable}" -m mltui '
    command = ["bash", "-c", gone + "data describe a.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "mltui: a.csv cannot be looked for: the folder that mltui was started in is gone\n",
    )
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for words in ("circles", tmp_path / "a.csv"):
        said = mltui("data", "describe", words, "--json")
        assert (said.code, said.err) == (0, "")
