"""Where things live, the settings, the draft, and experiment files that cannot be read."""

from __future__ import annotations

import errno
import io
import os
import threading
from pathlib import Path

import pytest

from mltui.core.errors import InputError
from mltui.runs import draft, experiments
from mltui.runs import home as settings
from mltui.runs.home import Config, bounds, config_path, home, writable
from mltui.runs.launch import environment


# -- home ----------------------------------------------------------------------------------------------------------
def test_the_home_is_made_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLTUI_HOME", str(tmp_path / "a" / "b"))
    assert home() == tmp_path / "a" / "b"
    assert home().stat().st_mode & 0o777 == 0o700
    assert writable(home())


def test_without_the_variable_the_system_s_own_places_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MLTUI_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert tmp_path in home().parents
    assert tmp_path in config_path().parents
    assert home().name == "mltui"


def test_a_home_that_cannot_be_made_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "x"):
        monkeypatch.setenv("MLTUI_HOME", str(place))
        with pytest.raises(InputError, match="MLTUI_HOME"):
            home()

    def refuse(*arguments: object) -> None:
        raise OSError(errno.EROFS, "no")

    monkeypatch.setenv("MLTUI_HOME", str(tmp_path / "new"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "mkdir", refuse)
        with pytest.raises(InputError, match="read-only"):
            home()


def test_a_home_that_does_not_answer_is_said_so_and_waited_for(
    mltui_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()

    def slow(path: Path) -> Path:
        answers.wait()
        return path

    class Said(io.StringIO):
        def write(self, text: str) -> int:
            answers.set()  # it is said before there is an answer
            return super().write(text)

    monkeypatch.setattr(settings, "UNANSWERED", 0.05)
    monkeypatch.setattr(settings, "private_folder", slow)
    monkeypatch.setattr("sys.stderr", said := Said())
    assert home() == mltui_home
    assert said.getvalue() == f"mltui: {mltui_home} does not answer; waiting, Ctrl+C leaves\n"


def test_a_user_who_may_start_no_more_tasks_still_has_a_home(mltui_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert home() == mltui_home


@pytest.mark.parametrize("number", [errno.EIO, errno.ETIMEDOUT])
def test_a_home_that_answers_with_an_error_is_refused(
    mltui_home: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(path: Path) -> Path:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(settings, "private_folder", refuse)
    with pytest.raises(InputError, match="MLTUI_HOME"):
        home()


# -- settings ------------------------------------------------------------------------------------------------------
def test_settings_come_from_the_file_and_the_environment_overrules_it(
    mltui_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Config.load() == Config()
    (mltui_home / "config.toml").write_text('theme = "dark"\nthreads = 2\nascii = true\n[keys]\nquit = "f10"\n')
    assert Config.load() == Config("dark", True, 2, {"quit": "f10"})
    monkeypatch.setenv("MLTUI_THEME", "light")
    monkeypatch.setenv("MLTUI_ASCII", "0")
    monkeypatch.setenv("MLTUI_THREADS", "4")
    assert Config.load() == Config("light", False, 4, {"quit": "f10"})


def test_bounds_reach_workers_as_the_file_says_them_where_the_environment_does_not(
    mltui_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bounds() == {}
    (mltui_home / "config.toml").write_text('memory = "4GB"\ncache = "50GB"\n')
    assert (Config.load().memory, Config.load().cache) == ("4GB", "50GB")
    assert bounds() == {"MLTUI_MEMORY": "4GB", "MLTUI_CACHE": "50GB"}
    assert environment()["MLTUI_CACHE"] == "50GB"
    monkeypatch.setenv("MLTUI_MEMORY", "2GB")
    assert Config.load().memory == "2GB"
    assert bounds() == {"MLTUI_CACHE": "50GB"}
    assert environment()["MLTUI_MEMORY"] == "2GB"
    monkeypatch.setenv("MLTUI_MEMORY", "plenty")
    with pytest.raises(InputError, match="MLTUI_MEMORY must be a size such as 2GB or 500MB, not 'plenty'"):
        Config.load()
    (mltui_home / "config.toml").write_text("memory = ")
    assert bounds() == {}, "Config.load tells of that"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('tehme = "x"', "theme"),
        ('memory = "lots"', "memory must be a size such as 2GB"),
        ("cache = 3", "cache must be"),
        ("threads = 0", "threads must be"),
        ("ascii = 1", "true or false"),
        ("keys = 3", "keys must be a table"),
        ("[keys]\nquit = 3", "keys must name"),
        ("theme =", "TOML"),
        ("\0", "TOML"),
    ],
)
def test_a_wrong_setting_names_the_file_and_the_key(mltui_home: Path, text: str, said: str) -> None:
    (mltui_home / "config.toml").write_text(text)
    with pytest.raises(InputError, match=said) as caught:
        Config.load()
    assert "config.toml" in caught.value.sentence


@pytest.mark.parametrize(("name", "value"), [("MLTUI_THREADS", "many"), ("MLTUI_THREADS", "-1"), ("MLTUI_ASCII", "x")])
def test_a_wrong_variable_names_itself(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=name):
        Config.load()


# -- experiment files ----------------------------------------------------------------------------------------------
def test_an_experiment_file_and_a_form_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "e.toml"
    path.write_bytes(b'\xef\xbb\xbf[data]\ndataset = "moons"\n[model]\nname = "mlp"\n')
    loaded = experiments.load(path, ["training.epochs=7"])
    formed = experiments.check({"data": {"dataset": "moons"}, "model": {"name": "mlp"}, "training": {"epochs": 7}})
    assert loaded == formed
    assert experiments.known() is experiments.known()


def test_files_that_are_no_experiments(tmp_path: Path) -> None:
    (tmp_path / "noise.toml").write_bytes(os.urandom(200) + b"\xff")
    (tmp_path / "nul.toml").write_bytes(b"a = 1\0")
    (tmp_path / "huge.toml").write_bytes(b"#" * (2 << 20))
    (tmp_path / "empty.toml").touch()
    for name, said in [
        ("none.toml", "there is no experiment file"), (".", "is a folder"), ("noise.toml", "not a text"),
        ("nul.toml", "not a text"), ("huge.toml", "larger than"), ("empty.toml", "data needs"),
        ("a\0b", "cannot be read"),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=said) as caught:
            experiments.load(tmp_path / name)
        assert "\n" not in caught.value.sentence


# -- draft ---------------------------------------------------------------------------------------------------------
def test_a_draft_comes_back_even_half_typed(mltui_home: Path) -> None:
    assert draft.load(mltui_home) == {}
    document = {"name": "β", "training": {"learning_rate": "0.0x", "device": None}, "model": {"hidden": (8, 8)}}
    assert draft.save(mltui_home, document) == ""
    assert draft.load(mltui_home) == {
        "name": "β", "training": {"learning_rate": "0.0x"}, "model": {"hidden": [8, 8]},
    }  # fmt: skip


def test_a_spoilt_draft_is_an_empty_one(mltui_home: Path) -> None:
    for content in (b"\xff\xff", b"a = ", b"[" * 5000, b""):
        (mltui_home / "draft.toml").write_bytes(content)
        assert draft.load(mltui_home) == {}


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EACCES])
def test_a_draft_that_cannot_be_kept_is_one_sentence_and_the_old_one_stays(
    mltui_home: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    assert draft.save(mltui_home, {"name": "old"}) == ""

    def refuse(*arguments: object, **more: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", refuse)
        assert "the form cannot be kept" in draft.save(mltui_home, {"name": "new"})
    assert draft.load(mltui_home) == {"name": "old"}
    (mltui_home / "file").touch()
    assert "the form cannot be kept" in draft.save(mltui_home / "file", {})
