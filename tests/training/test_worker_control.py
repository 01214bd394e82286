"""A living worker obeys: pause, step, continue, stop and keep, by command and by signal; and may die at any time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mltui.record import process as processes
from mltui.record.control import Command, send
from mltui.record.frames import read_frame, watch
from mltui.record.predictions import read_predictions
from mltui.record.snapshots import read_snapshot
from mltui.record.state import RunState
from mltui.record.status import read_status

LONG = {
    "data": {"dataset": "moons", "options": {"samples": 200}},
    "model": {"name": "mlp", "hidden_layers": [8]},
    "training": {"epochs": 1_000_000, "batch_size": 20, "device": "cpu"},
}


@pytest.fixture
def living(workers: Any) -> Iterator[Any]:
    """A run that has trained for some epochs and would go on for hours."""
    run = workers.run(LONG)
    run.until(lambda state: state.step >= 3, "the first epochs")
    yield run
    if run.process.poll() is None:
        run.process.kill()
        run.process.wait()


def tell(run: Any, kind: Any, *, bell: bool = True) -> float:
    """Send a command, ring if asked to; the time."""
    now = time.monotonic()
    send(run.folder, Command(kind))
    if bell:
        os.kill(run.process.pid, signal.SIGUSR1)
    return now


def wait_for(condition: Any, what: str) -> None:
    """Until the condition holds, within bounds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.005)


def phase(name: str) -> Any:
    return lambda state: state.phase == name


def paused_within(run: Any) -> float:
    """Seconds from the command, with a bell, to the pause."""
    began = tell(run, "pause")
    run.until(phase("paused"), "the pause")
    return time.monotonic() - began


def went_on_and_paused_within(run: Any) -> float:
    """The same once more: a busy machine may have been late."""
    tell(run, "continue")
    run.until(phase("training"), "training to go on")
    return paused_within(run)


def test_pause_step_continue_stop_and_keep(living: Any, workers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert paused_within(living) < 0.45 or went_on_and_paused_within(living) < 0.45, "the bell is faster than the poll"
    paused_at = living.events()[-1].fields["step"]
    wait_for(lambda: read_status(living.folder.status).state == "paused", "the status to follow")  # type: ignore[union-attr]

    tell(living, "step")
    living.until(lambda state: living.kinds()[-1] == "paused" and state.step > paused_at, "one step")
    stepped_to = living.events()[-1].fields["step"]
    assert stepped_to == int(paused_at) + 1
    assert living.state().step == stepped_to, "its point is told"

    monkeypatch.setenv("XDG_RUNTIME_DIR", str(workers.root))
    watch(living.folder)
    wait_for(lambda: read_frame(living.folder), "a picture for whoever comes to a paused run")

    tell(living, "continue", bell=False)
    living.until(lambda state: state.step > stepped_to + 3, "training to go on, without a bell too")

    tell(living, "stop")
    assert living.code() == 0
    state: RunState = living.state()
    assert state.phase == "stopped"
    assert state.kept is not None
    assert state.kept >= stepped_to
    assert set(state.metrics) == {"train", "validation"}
    assert read_predictions(living.folder) is not None
    assert (living.folder.model / "network.safetensors").exists()
    assert any(step == np.ceil(state.kept) for step, _ in state.snapshots)
    steps = state.series[0].steps
    np.testing.assert_array_equal(steps, np.arange(1, len(steps) + 1))
    assert len(state.snapshots) <= 24
    assert all(read_snapshot(living.folder.snapshots / name) for _, name in state.snapshots)


def test_a_first_sigterm_stops_and_keeps_also_a_paused_run(living: Any) -> None:
    tell(living, "pause")
    living.until(phase("paused"), "the pause")
    living.process.terminate()
    assert living.code() == 0
    assert living.state().phase == "stopped"
    assert read_predictions(living.folder) is not None


def test_a_killed_worker_leaves_readable_events_and_a_status_that_betrays_it(living: Any) -> None:
    watched = read_status(living.folder.status)
    assert watched is not None
    assert processes.lives(watched.pid, watched.started)
    living.process.kill()
    living.process.wait()
    state = living.state()
    assert state.phase == "training"
    assert state.step >= 3
    steps = state.series[0].steps
    np.testing.assert_array_equal(steps, np.arange(1, len(steps) + 1))
    status = read_status(living.folder.status)
    assert status is not None
    assert status.state == "training"
    assert not processes.lives(status.pid, status.started)
