"""A store that cannot be written, by rights or for want of room, is told in a sentence; nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Mltui = Callable[..., Any]
WORDS = (["run", "toy.toml"], ["runs", "list"], ["runs", "show"], ["attach", "1"], ["runs", "delete", "1", "--yes"])


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("place", ["{}/file/home", "/proc/no/home"])
def test_a_home_that_cannot_be_made(
    mltui: Mltui, toy: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], place: str
) -> None:
    monkeypatch.chdir(toy.parent)
    (toy.parent / "file").write_text("")
    home = place.format(toy.parent)
    monkeypatch.setenv("MLTUI_HOME", home)
    assert home in mltui(*words).complaint


def test_a_home_of_a_user_that_is_not_there_is_a_folder_of_that_name(
    mltui: Mltui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLTUI_HOME", "~nobody.here/x")
    assert str(tmp_path / "~nobody.here" / "x") in mltui("runs", "list").out


def test_doctor_tells_of_a_home_that_cannot_be_made(mltui: Mltui, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLTUI_HOME", "/proc/no/home")
    document = mltui("doctor", "--json").document
    assert document["store"]["writable"] is False
    assert any("/proc/no/home" in sentence for sentence in document["advice"])


def test_no_room_for_a_run(toy: Path, mltui_home: Path) -> None:
    """No file may grow at all, as under a quota that is used up."""
    bound = 'trap "" XFSZ; ulimit -f 0; exec "$@" 2>&1 | cat; exit ${PIPESTATUS[0]}'
    done = subprocess.run(
        ["bash", "-c", bound, "-", sys.executable, "-m", "mltui", "run", str(toy), "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("COV")},  # it would write too
    )
    assert done.returncode == 2, done
    assert done.stdout == (
        f"mltui: the run cannot be kept in {mltui_home / 'runs'}: file too large; "
        "make room there, or set MLTUI_HOME to another folder\n"
    )
    assert list(mltui_home.glob("runs/*/*")) == []


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 100 kB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(place)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("this user may not mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)  # a follower may not have closed its files yet


def test_a_disk_that_fills_up_during_the_run(
    mltui: Mltui, small: Path, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLTUI_HOME", str(small))
    said = mltui("run", toy, "--json", "--set", "data.options.samples=5000")
    assert said.code == 1, said
    assert "space" in said.err
    assert "Traceback" not in said.err
    assert said.document["status"] == "failed"
    assert "no space is left on the disk" in said.document["message"]
    assert Path(said.document["folder"], "experiment.toml").read_text().endswith(toy.read_text())
