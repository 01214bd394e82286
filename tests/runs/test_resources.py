"""What a run and its machine use: by the process where it is here, by its own word where it is elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from mltui.data import processors
from mltui.record.folder import RunFolder
from mltui.record.status import Status, write_status
from mltui.runs import cards, resources
from mltui.runs.resources import INTERVAL, KEPT, Meter

Clock = Callable[[], float]


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_run_that_has_not_said_anything_shows_the_machine_alone(run_folder: RunFolder) -> None:
    found = Meter(run_folder).look()
    (sample,) = found.samples
    assert found.share == processors.share()
    assert 0 < sample.free <= found.usable <= psutil.virtual_memory().total
    assert (sample.memory, sample.processors, sample.machine_processors) == (None, None, None)


def test_one_look_a_second_and_no_more_kept_than_are_shown(run_folder: RunFolder) -> None:
    clock = Hand()
    meter = Meter(run_folder, clock)
    first = meter.look()
    clock.now += INTERVAL / 2
    assert meter.look() is first
    for _ in range(KEPT + 10):
        clock.now += INTERVAL
        found = meter.look()
    assert len(found.samples) == KEPT


def test_a_worker_here_is_measured_as_the_kernel_counts_it(run_folder: RunFolder) -> None:
    write_status(run_folder.status, Status.here("training", attempt=1))
    clock = Hand()
    meter = Meter(run_folder, clock)
    meter.look()
    before = os.times()
    assert sum(i * i for i in range(2_000_000))
    after = os.times()
    clock.now += 2.0
    found = meter.look()
    spent = after.user + after.system - before.user - before.system
    assert found.samples[-1].processors == pytest.approx(spent / 2.0, abs=0.1)
    assert found.samples[-1].memory == pytest.approx(psutil.Process().memory_info().rss, rel=0.1)
    assert found.threads >= 1
    assert found.peak >= (found.samples[-1].memory or 0)
    assert found.worker == ""


def test_a_worker_elsewhere_is_told_of_by_its_own_word(run_folder: RunFolder) -> None:
    there = Status(
        state="training", host="lxplus701", boot="other", pid=7, memory=300, peak_memory=400, processor_seconds=10.0,
        running_threads=5,
    )  # fmt: skip
    clock = Hand()
    meter = Meter(run_folder, clock)
    write_status(run_folder.status, there)
    meter.look()
    write_status(run_folder.status, replace(there, processor_seconds=13.0))
    clock.now += 2.0
    found = meter.look()
    assert (found.worker, found.threads, found.peak) == ("lxplus701", 5, 400)
    assert (found.samples[-1].processors, found.samples[-1].memory) == (1.5, 300)


def test_a_worker_that_is_gone_holds_nothing(run_folder: RunFolder) -> None:
    write_status(run_folder.status, replace(Status.here("training", attempt=1), pid=2**22 + 1))
    assert Meter(run_folder).look().samples[-1].memory is None


def test_a_process_that_got_a_dead_one_s_number_is_not_taken_for_it(run_folder: RunFolder) -> None:
    write_status(run_folder.status, replace(Status.here("training", attempt=1), started=1.0))
    assert Meter(run_folder).look().samples[-1].memory is None


class Library:
    """NVIDIA's library, as far as it is asked; of two cards the second does not say how busy it is."""

    class NVMLError(Exception):
        pass

    nvmlDeviceGetCount = staticmethod(lambda: 2)
    nvmlDeviceGetHandleByIndex = staticmethod(int)
    nvmlDeviceGetName = staticmethod(lambda handle: b"H200" if handle else "A100")

    @staticmethod
    def nvmlDeviceGetMemoryInfo(handle: int) -> Any:
        return SimpleNamespace(total=1000, used=100 * handle)

    @classmethod
    def nvmlDeviceGetUtilizationRates(cls, handle: int) -> Any:
        if handle:
            raise cls.NVMLError
        return SimpleNamespace(gpu=40)

    @staticmethod
    def nvmlDeviceGetComputeRunningProcesses(handle: int) -> Any:
        return [SimpleNamespace(pid=os.getpid(), usedGpuMemory=None if handle else 60)]


def test_cards_are_told_as_the_library_tells_them(run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "_library", lambda: Library)
    write_status(run_folder.status, Status.here("training", attempt=1))
    found = Meter(run_folder).look()
    assert found.cards is not None
    assert [(card.name, card.memory, card.used, card.busy) for card in found.cards] == [
        ("A100", 1000, 0, 0.4),
        ("H200", 1000, 100, None),
    ]
    assert found.samples[-1].card_memory == 60


def test_cards_without_the_library_are_not_taken_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "_library", lambda: None)
    monkeypatch.setattr(cards, "there", lambda: True)
    assert cards.cards() is None
    monkeypatch.setattr(cards, "there", lambda: False)
    assert cards.cards() == ()


def test_looking_loads_nothing_heavy() -> None:
    script = "import sys, mltui.runs.resources; print([n for n in ('torch', 'sklearn', 'pynvml') if n in sys.modules])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


def test_the_machine_s_share_of_busy_processors_is_within_it(run_folder: RunFolder) -> None:
    clock = Hand()
    meter = resources.Meter(run_folder, clock)
    meter.look()
    assert sum(i * i for i in range(1_000_000))
    clock.now += 1.0
    busy = meter.look().samples[-1].machine_processors
    assert busy is None or 0 <= busy <= (os.cpu_count() or 1)
