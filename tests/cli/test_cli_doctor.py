"""`mltui doctor` finds what would trouble a run: on this machine, and on made-up ones."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from mltui.cli import checkup, logout, machine
from mltui.cli.machine import Memory
from mltui.data import cgroups, memory

Mltui = Callable[..., Any]


def test_the_findings_on_this_machine(mltui: Mltui, mltui_home: Path) -> None:
    document = mltui("doctor", "--json").document
    assert set(document) == {"terminal", "python", "machine", "store", "devices", "logout", "advice"}
    assert document["store"]["path"] == str(mltui_home)
    assert document["store"]["writable"] is True
    assert document["store"]["disk"]["free"] > 0
    assert document["machine"]["memory"]["machine"] == psutil.virtual_memory().total
    threads = document["machine"]["threads"]
    assert 1 <= threads["used"] <= threads["allowed"] <= threads["cores"]
    assert document["python"]["textual"]
    assert document["devices"]["devices"]["cpu"] is True


def test_the_words_on_this_machine(mltui: Mltui, mltui_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLTUI_THREADS", "1")
    said = mltui("doctor")
    assert said.code == 0
    assert "writable  yes\n" in said.out
    assert "threads  1 for a run; " in said.out
    assert str(mltui_home) in said.out


@pytest.mark.parametrize(
    ("groups", "limits", "limit", "free"),
    [
        ("0::/user/me", {"user": "8589934592", "user/me": "max"}, 8 << 30, 6 << 30),
        ("0::/user/me", {"user": "8589934592", "user/me": "2147483648"}, 2 << 30, 0),
        ("0::/", {}, None, None),
        ("5:memory:/job\n0::/", {"memory/job": "1073741824"}, 1 << 30, 0),
        ("5:cpu,cpuacct:/job", {"cpu/job": "1"}, None, None),
    ],
)
def test_the_tightest_memory_limit_counts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    groups: str,
    limits: dict[str, str],
    limit: int | None,
    free: int | None,
) -> None:
    for folder, value in limits.items():
        place = tmp_path / "sys/fs/cgroup" / folder
        place.mkdir(parents=True, exist_ok=True)
        names = (
            ("memory.limit_in_bytes", "memory.usage_in_bytes")
            if "memory" in folder
            else ("memory.max", "memory.current")
        )
        (place / names[0]).write_text(value + "\n")
        (place / names[1]).write_text(f"{2 << 30}\n")
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(groups + "\n")
    monkeypatch.setattr(cgroups, "ROOT", tmp_path)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=64 << 30, available=32 << 30))
    found = machine.memory()
    if limit is None:
        assert found == Memory(64 << 30, None, 64 << 30, 32 << 30)
    else:
        assert found == Memory(64 << 30, limit, limit, free or 0)
    assert memory.available() == found.free, "what reading data goes by"


@pytest.mark.parametrize(
    ("files", "kills"),
    [
        ({}, None),
        ({"etc/logind.conf": "[Login]\n#KillUserProcesses=yes\n"}, False),
        ({"etc/logind.conf": "[Login]\nKillUserProcesses=yes\n"}, True),
        (
            {
                "etc/logind.conf": "[Login]\nKillUserProcesses=yes\n",
                "etc/logind.conf.d/z.conf": "[Login]\nKillUserProcesses=no\n",
            },
            False,
        ),
        ({"usr/logind.conf": "[Login]\n", "etc/logind.conf.d/a.conf": "[Login]\nKillUserProcesses=1\n"}, True),
        ({"etc/logind.conf": "not a settings file"}, False),
    ],
)
def test_what_systemd_is_told_to_do_at_logout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], kills: bool | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(logout, "LOGIND", [str(tmp_path / place / "logind.conf") for place in ("etc", "usr")])
    assert logout.configured() is kills


@pytest.mark.parametrize(
    ("kills", "linger", "survives"),
    [(True, False, False), (True, True, True), (False, False, True), (None, False, None), (None, True, True)],
)
def test_whether_runs_survive_logout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: bool | None, linger: bool, survives: bool | None
) -> None:
    monkeypatch.setattr(logout, "SYSTEMD", tmp_path)
    monkeypatch.setattr(logout, "_kills", lambda: kills)
    monkeypatch.setattr(logout, "_linger", lambda: linger)
    found = logout.survival()
    assert found.survives is survives
    assert bool(found.advice) is (survives is False)


def test_without_systemd_runs_survive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logout, "SYSTEMD", tmp_path / "absent")
    assert logout.survival().survives is True


def test_a_driver_that_hangs_is_told(mltui: Mltui, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "DEVICE_PATIENCE", 0.3)
    monkeypatch.setattr(machine, "_ASK_DEVICES", "import time; time.sleep(60)")
    assert "did not answer" in machine.devices().problem


def test_a_torch_that_cannot_be_imported_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_ASK_DEVICES", "import no_such_torch")
    assert machine.devices().problem.endswith("ModuleNotFoundError: No module named 'no_such_torch'")


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("MLTUI_THREADS", "abc", "MLTUI_THREADS must be a whole number"),
        ("MLTUI_ASCII", "perhaps", "MLTUI_ASCII must be true or false"),
        ("MLTUI_HOME", os.devnull, "a file stands where a folder should be; set MLTUI_HOME"),
    ],
)
def test_wrong_settings_are_a_finding_and_not_the_end(
    mltui: Mltui, monkeypatch: pytest.MonkeyPatch, name: str, value: str, advice: str
) -> None:
    monkeypatch.setenv(name, value)
    said = mltui("doctor", "--json")
    assert said.code == 0
    assert any(advice in sentence for sentence in said.document["advice"]), said.document["advice"]


def test_what_large_tables_take_on_disk_is_told(mltui: Mltui, mltui_home: Path) -> None:
    folder = mltui_home / "cache" / "tables" / ("0" * 32)
    folder.mkdir(parents=True)
    (folder / "00000").write_bytes(bytes(3_000_000))
    (mltui_home / "config.toml").write_text('cache = "7GB"\n')
    (fact,) = checkup._cache()
    assert fact.value == {"path": str(folder.parent), "used": 3_000_000, "entries": 1, "most": 7_000_000_000}
    assert "in 1 entry of tables larger than memory" in fact.words
    (mltui_home / "config.toml").write_text('cache = "7 boxes"\n')
    assert "must be a size" in checkup._cache()[0].advice
