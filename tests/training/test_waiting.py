"""What a worker that is done does where the disk refuses: it waits, for as long as its work was worth, and says so."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mltui.training import waiting
from mltui.training.gate import Gate
from mltui.training.waiting import LEAST, MOST, Waiting


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def refusing(times: int, number: int = errno.ENOSPC) -> list[OSError]:
    return [OSError(number, os.strerror(number))] * times


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "AGAIN_SECONDS", 0.001)


def saver(refusals: list[OSError], saved: list[str]) -> Callable[[], None]:
    def save() -> None:
        if refusals:
            raise refusals.pop()
        saved.append("model")

    return save


def test_a_refusal_that_passes_costs_nothing() -> None:
    saved: list[str] = []
    told: list[OSError] = []
    Waiting(lambda: False).saved(saver(refusing(3), saved), told.append)
    assert saved == ["model"]
    assert [error.errno for error in told] == [errno.ENOSPC]


@pytest.mark.parametrize(("number", "given_up"), [(errno.EFBIG, False), (errno.ENOSPC, True)])
def test_a_refusal_that_will_not_pass_is_not_waited_for(number: int, given_up: bool) -> None:
    refusals = refusing(1000, number)
    with pytest.raises(OSError, match=os.strerror(number)):
        Waiting(lambda: given_up).saved(saver(refusals, []), lambda _: None)
    assert len(refusals) == 999


def test_a_stop_that_ended_the_fit_does_not_give_its_model_up() -> None:
    saved: list[str] = []
    gate = Gate()
    gate.ask("stop")
    gate.end()
    Waiting(lambda: gate.given_up).saved(saver(refusing(3), saved), lambda _: None)
    assert saved == ["model"]


def test_a_stop_while_the_model_waits_for_room_gives_it_up() -> None:
    refusals = refusing(1000)
    gate = Gate()
    gate.end()
    with pytest.raises(OSError, match="space"):
        Waiting(lambda: gate.given_up).saved(saver(refusals, []), lambda _: gate.ask("stop"))
    assert len(refusals) == 998


@pytest.mark.parametrize(("worked", "waits"), [(0.1, LEAST), (90.0, 90.0), (1e6, MOST)])
def test_long_work_is_waited_for_longer(worked: float, waits: float) -> None:
    clock = Clock()
    patient = Waiting(lambda: False, clock)
    clock.now += worked
    assert patient.seconds == pytest.approx(waits)
    assert patient.left()
    clock.now += waits * 0.99
    assert patient.left()
    clock.now += waits * 0.02
    assert not patient.left()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_log_that_takes_nothing_ends_nothing() -> None:
    code = (
        "import sys; from pathlib import Path; from mltui.training.log import log_everything_to\n"
        "log_everything_to(Path('/dev/full'))\n"
        "print('x' * 100_000, flush=True); print('oh', file=sys.stderr); sys.exit(7)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7


def test_a_log_takes_what_is_printed_in_order(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from mltui.training.log import log_everything_to\n"
        f"log_everything_to(Path({str(tmp_path / 'worker.log')!r}))\n"
        "print('out é'); print('error', file=sys.stderr); os.write(1, b'library\\n'); print('\\udc80')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "worker.log").read_text() == "out é\nerror\nlibrary\n\\udc80\n"
