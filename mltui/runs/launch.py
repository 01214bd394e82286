"""Starts a worker that outlives whoever started it, and notes its exit code in the run folder; standard library only.

asyncio's own subprocesses are not used: on some Pythons closing the event loop kills them, even in a session of their
own.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from typing import Any

from mltui.record import process
from mltui.record.files import replace_file
from mltui.record.folder import RunFolder
from mltui.record.status import read_object
from mltui.runs.home import bounds

_LIBRARIES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def command(folder: RunFolder, *, unseal: bool = False, first: bool = False) -> list[str]:
    """The command that runs a folder. `-P` keeps a stray random.py in the user's folder from being imported."""
    options = [*(["--first"] if first else []), *(["--unseal"] if unseal else [])]
    return worker("run", str(folder.path), *options)


def worker(*arguments: str) -> list[str]:
    """The command of the worker program, with the Python that runs this one."""
    return [sys.executable, "-P", "-m", "mltui.training", *arguments]


def environment(threads: int | None = None) -> dict[str, str]:
    """The worker's environment: this one's, with the bounds that config.toml sets, and with threads where given."""
    given = {**os.environ, **bounds()}
    if threads is not None:
        given |= dict.fromkeys(("MLTUI_THREADS", *_LIBRARIES), str(threads))
    return given


def launch(
    folder: RunFolder, *, unseal: bool = False, threads: int | None = None, attempt: int = 1, first: bool = False
) -> subprocess.Popen[bytes]:
    """Start the worker of a run, in a session of its own and without a share in the terminal.

    Args:
        attempt: which start of the run this is.
        first: whether the worker is to leave the run alone where another one has begun it.

    Raises:
        OSError: where its log cannot be opened or the process not started.
    """
    child = start(command(folder, unseal=unseal, first=first), folder, environment(threads))
    accompany(child, folder, attempt)
    return child


def start(arguments: list[str], folder: RunFolder, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a command that outlives this process, what it prints going to the run's log."""
    log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        return subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=env
        )
    finally:
        os.close(log)


def accompany(child: subprocess.Popen[Any], folder: RunFolder, attempt: int = 1) -> None:
    """Note in the folder which process runs it, and by a thread that does not hold this process back, how it ends."""
    note = {
        "attempt": attempt,
        "boot": process.boot(),
        "pid": child.pid,
        "started": process.start_time(child.pid) or 0.0,
        "launcher": os.getpid(),
        "launcher_started": process.start_time(os.getpid()) or 0.0,
        "exit": None,
    }
    _write(folder, note)
    threading.Thread(target=_wait, args=(child, folder, note), name=f"mltui-run-{folder.id}", daemon=True).start()


def _wait(child: subprocess.Popen[Any], folder: RunFolder, note: dict[str, Any]) -> None:
    code = child.wait()
    now = read_object(folder.launch)
    if now is not None and now.get("pid") == child.pid:  # else the run was deleted, or has been started again since
        _write(folder, {**note, "exit": code})


def _write(folder: RunFolder, note: dict[str, Any]) -> None:
    """Best effort: the worker's own words stand without it."""
    with contextlib.suppress(OSError):
        replace_file(folder.launch, json.dumps(note).encode() + b"\n")
