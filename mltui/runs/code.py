"""Has a process of its own write an experiment or a run as a plain script: it may read files, and load libraries."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.text import clean
from mltui.record.folder import RunFolder
from mltui.runs import launch

_CALLED = "mltui: "
"""What a command's complaints begin with."""


async def of_run(folder: RunFolder) -> str:
    """The script of a run, with its numbers.

    Raises:
        InputError: where it cannot be written.
    """
    return await _written(str(folder.path))


async def of_experiment(asked: Experiment) -> str:
    """The script of an experiment, whose file names are absolute.

    Raises:
        InputError: where it cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="mltui-") as folder:
        path = Path(folder) / "experiment.toml"
        path.write_text(asked.to_toml(), encoding="utf-8")
        return await _written(str(path))


async def _written(what: str) -> str:
    """The script; a task that is cancelled ends the process."""
    command = [sys.executable, "-P", "-m", "mltui", "code", what]
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**launch.environment(), "PYTHONIOENCODING": "utf-8"},
        )
    except OSError as error:
        raise InputError(f"no process can be started: {error.strerror}") from None
    try:
        out, err = await asyncio.to_thread(child.communicate)
    except BaseException:
        child.kill()
        raise
    if child.returncode == 0:
        return out.decode("utf-8", errors="replace")
    lines = err.decode("utf-8", errors="replace").strip().splitlines() or ["it ended without a word"]
    raise InputError(clean(lines[-1].removeprefix(_CALLED)))
