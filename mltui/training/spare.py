"""The spare worker: waits behind the lab, answers small jobs by JSON lines, and becomes the worker of a run.

Standard input brings jobs, standard output takes one answer each. Whatever a library prints goes to standard error.
The spare leaves when its input ends or nothing has come for ten minutes. What it imports first is light, so that it
can describe a dataset at once; `warm` loads what a model needs.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mltui.core.errors import InputError
from mltui.core.events import finite
from mltui.training.jobs import Jobs

IDLE_SECONDS = 600.0
NICENESS = 5
Job = Mapping[str, Any]


def serve(idle: float = IDLE_SECONDS) -> int:
    """Answer jobs until the input ends, or a run comes; the exit code, which is the run's if there was one."""
    os.nice(max(0, NICENESS - os.nice(0)))
    answers = os.dup(1)
    os.dup2(2, 1)
    lines = _Lines(idle)
    while (line := lines.next()) is not None:
        job, answer = _answered(line)
        runs = job is not None and job.get("job") == "run" and "result" in answer
        try:
            os.write(answers, json.dumps(finite(answer), allow_nan=False).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            if not runs:
                return 0
        if job is not None and runs:
            os.close(answers)
            return _become_worker(job)
    return 0


class _Lines:
    """The lines of standard input, each waited for at most so long."""

    def __init__(self, idle: float) -> None:
        self._idle = idle
        self._waiting = b""

    def next(self) -> bytes | None:
        """The next whole line, or None at the end of the input or of the patience."""
        while b"\n" not in self._waiting:
            ready, _, _ = select.select([0], [], [], self._idle)
            more = os.read(0, 1 << 16) if ready else b""
            if not more:
                return None
            self._waiting += more
        line, _, self._waiting = self._waiting.partition(b"\n")
        return line


def _answered(line: bytes) -> tuple[Job | None, dict[str, Any]]:
    """The job on a line with its answer. No job's failure ends the spare."""
    try:
        job = json.loads(line)
        identity = job["id"]
        work = _JOBS[job["job"]]
    except (ValueError, KeyError, TypeError) as error:
        return None, {"id": None, "error": f"this line is no job of the spare worker: {error}", "key": None}
    try:
        return job, {"id": identity, "result": work(job)}
    except InputError as error:
        return job, {"id": identity, "error": error.sentence, "key": error.key}
    except Exception as error:
        traceback.print_exc()
        first = (str(error).strip().splitlines() or ["no message"])[0][:200]
        return job, {"id": identity, "error": f"{job['job']} failed: {type(error).__name__}: {first}", "key": None}


def _warm(job: Job) -> dict[str, Any]:
    """Load all that a run of this model needs."""
    from mltui.training.rehearsal import rehearse

    rehearse(str(job["model"]))
    return {}


def _run(job: Job) -> dict[str, Any]:
    """Let go of the session of whoever started the spare; once that is said, nothing of theirs ends the run."""
    if not Path(job["folder"]).is_dir():
        raise InputError(f"there is no run folder {job['folder']}")
    with contextlib.suppress(OSError):  # already in a session of its own
        os.setsid()
    return {"pid": os.getpid()}


_SMALL = Jobs()
_JOBS: dict[str, Callable[[Job], dict[str, Any]]] = {**_SMALL.table(), "warm": _warm, "run": _run}


def _become_worker(job: Job) -> int:
    """Let go of the input and of the data that were looked at, and train."""
    _SMALL.forget()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    from mltui.training.worker import run

    return run(Path(job["folder"]), unseal=bool(job.get("unseal", False)))
