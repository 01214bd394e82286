"""The control thread: hears commands and signals, also while the main thread cannot run Python."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mltui.record.control import Command, send
from mltui.record.folder import RunFolder
from mltui.training import control
from mltui.training.control import Control
from mltui.training.gate import Gate


def nothing(*_: object) -> None:
    """Nobody listens."""


def soon(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while not condition() and time.monotonic() < until:
        time.sleep(0.002)
    return condition()


def test_a_command_is_found_without_a_bell(tmp_path: Path) -> None:
    folder, gate = RunFolder(tmp_path), Gate()
    with Control(folder, gate, nothing):
        send(folder, Command("pause"))
        assert soon(lambda: gate.attention)
        send(folder, Command("continue"))
        assert soon(lambda: not gate.attention)
        send(folder, Command("change", "training.learning_rate", 0.1))
        assert soon(lambda: gate.attention)
        assert gate.take_changes() == [("training.learning_rate", 0.1)]


def test_the_bell_is_heard_while_the_main_thread_is_deep_in_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With polling as good as off, the wish arrives while the main thread is in one call of a second or more."""
    monkeypatch.setattr(control, "POLL_SECONDS", 60.0)
    folder, gate = RunFolder(tmp_path), Gate()
    heard: list[float] = []

    def ring() -> None:
        time.sleep(0.1)
        send(folder, Command("pause"))
        os.kill(os.getpid(), signal.SIGUSR1)
        if soon(lambda: gate.attention):
            heard.append(time.monotonic())

    began = time.monotonic()
    hashlib.pbkdf2_hmac("sha256", b"a", b"b", 100_000)
    rounds = int(100_000 * 1.0 / (time.monotonic() - began))
    with Control(folder, gate, nothing):
        ringer = threading.Thread(target=ring)
        ringer.start()
        hashlib.pbkdf2_hmac("sha256", b"a", b"b", rounds)
        over = time.monotonic()
        ringer.join()
    assert heard
    assert heard[0] < over


def test_the_first_interrupt_stops_and_the_second_leaves_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[int] = []
    monkeypatch.setattr("os._exit", left.append)
    gate = Gate()
    with Control(RunFolder(tmp_path), gate, nothing):
        os.kill(os.getpid(), signal.SIGINT)
        assert soon(lambda: gate.stopping)
        assert left == []
        os.kill(os.getpid(), signal.SIGTERM)
        assert soon(lambda: left == [130])


def test_it_ticks_and_gives_signals_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "POLL_SECONDS", 0.01)
    before = signal.getsignal(signal.SIGINT)
    ticks: list[int] = []
    with Control(RunFolder(tmp_path), Gate(), lambda: ticks.append(1)):
        assert soon(lambda: len(ticks) > 3)
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN, "a late bell does not end the process"


def test_a_worker_whose_folder_was_removed_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(control, "GONE_SECONDS", 0.1)
    left: list[int] = []
    monkeypatch.setattr("os._exit", left.append)
    folder = RunFolder(tmp_path)
    folder.resolved.write_text("")
    ticks: list[int] = []
    with Control(folder, Gate(), lambda: ticks.append(1)):
        assert soon(lambda: len(ticks) > 20)
        assert left == []
        folder.resolved.unlink()
        assert soon(lambda: bool(left))
