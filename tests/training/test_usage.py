"""What a worker says of its memory, processor time and the parts of its work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from mltui.record.folder import RunFolder
from mltui.record.status import read_status
from mltui.training.heartbeat import Heartbeat
from mltui.training.usage import Usage

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own counters")


def test_processor_time_is_that_spent_since() -> None:
    usage = Usage()
    before = os.times()
    total = sum(i * i for i in range(400_000))
    after = os.times()
    assert total
    assert usage.now()["processor_seconds"] == pytest.approx(
        after.user + after.system - before.user - before.system, abs=0.1
    )


@LINUX
def test_memory_is_that_of_the_process_and_its_peak_since() -> None:
    """In a process of its own: the peak of this one's earlier tests would be in the way."""
    script = (
        "import numpy, json\n"
        "from mltui.training.usage import Usage\n"
        "first = numpy.ones(40_000_000); del first\n"
        "usage = Usage(); before = usage.now()\n"
        "second = numpy.ones(20_000_000); del second\n"
        "print(json.dumps([before, usage.now()]))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    import json

    before, after = json.loads(said)
    grown = after["peak_memory"] - before["memory"]
    assert 150e6 < grown < 200e6
    assert before["peak_memory"] - before["memory"] < 50e6
    held = psutil.Process().memory_info().rss
    assert Usage().now()["memory"] == pytest.approx(held, rel=0.2)


def test_the_parts_of_the_work_add_up() -> None:
    clock = iter([0.0, 1.5, 4.0, 4.25])
    usage = Usage(lambda: next(clock))
    usage.mark("training")
    usage.mark("closing")
    assert usage.whole()["phases"] == {"preparing": 1.5, "training": 2.5, "closing": 0.25}


def test_a_part_that_was_never_reached_is_not_told() -> None:
    clock = iter([0.0, 2.0])
    assert Usage(lambda: next(clock)).whole()["phases"] == {"preparing": 2.0}


def test_every_sign_of_life_tells_it(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    usage = {"memory": 5, "peak_memory": 7, "processor_seconds": 0.5, "running_threads": 3}
    beat = Heartbeat(folder, 1, str, every=60.0, usage=lambda: usage)
    beat.end("finished")
    status = read_status(folder.status)
    assert status is not None
    assert status.resources == usage
    assert np.isfinite(status.started)
