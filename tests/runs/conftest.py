"""Workers that are not what they seem: small scripts that write into a run folder as the real worker does."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mltui.record.files import private_folder
from mltui.record.folder import RunFolder
from mltui.record.status import read_status
from mltui.runs import launch

HEAD = """
import os, sys, time, signal
from pathlib import Path
from mltui.record.folder import RunFolder
from mltui.record.writer import EventWriter
from mltui.record.status import Status, write_status
signal.signal(signal.SIGUSR1, lambda *a: print("rung", flush=True))
folder = RunFolder(Path(sys.argv[1]))
events = EventWriter(folder, folder.claim_attempt())
events.emit("started", format=1, run=folder.id, model="mlp", dataset="moons", task="classification", curves=[],
    changeable=["training.learning_rate"])
write_status(folder.status, Status.here("training", attempt=1))
"""


WaitFor = Callable[[Callable[[], object]], None]
StartWorker = Callable[..., int]


@pytest.fixture
def wait_for() -> WaitFor:
    """Waits until a condition holds, and fails where it does not in time."""

    def wait(condition: Callable[[], object], seconds: float = 60.0) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "waited in vain"
            time.sleep(0.01)

    return wait


@pytest.fixture
def run_folder(mltui_home: Path) -> RunFolder:
    return RunFolder(private_folder(mltui_home / "runs" / "2030-01" / "7"))


@pytest.fixture
def start_worker(wait_for: WaitFor) -> Iterator[StartWorker]:
    """Starts a script as the worker of a run, by the recipe of `launch`, and ends what is left of it afterwards."""
    children = []

    def start(folder: RunFolder, body: str, *, ready: bool = True) -> int:
        script = HEAD + textwrap.dedent(body)
        child = launch.start([sys.executable, "-c", script, str(folder.path)], folder, dict(os.environ))
        launch.accompany(child, folder)
        children.append(child)
        if ready:
            wait_for(lambda: read_status(folder.status))
        return child.pid

    yield start
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
        child.wait()
