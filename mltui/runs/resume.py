"""Goes on with a run that was cut short: whether it can be, and what has to be so before its next worker starts."""

from __future__ import annotations

import time
from collections.abc import Callable

from mltui.core.errors import InputError
from mltui.record import process
from mltui.record.control import take
from mltui.record.files import why
from mltui.record.folder import RunFolder
from mltui.record.opening import Busy, opening
from mltui.record.state import LIVING, RunState
from mltui.record.status import read_status
from mltui.runs.follow import Follower
from mltui.runs.judge import SILENT_SECONDS
from mltui.runs.launch import launch
from mltui.runs.summary import refuse_newer

LISTEN_SECONDS = 1.0


def resume(folder: RunFolder, *, threads: int | None = None, state: RunState | None = None) -> None:
    """Start a worker that goes on from the run's last checkpoint, or where there is none begins the run anew.

    Args:
        threads: that the worker may use; None: its own share.
        state: the run as somebody sees it who has followed it for a while.

    Raises:
        InputError: where it lives, has finished, is of a newer mltui, or no worker can be started.
    """
    attempt = prepare(folder, state)
    try:
        launch(folder, threads=threads, attempt=attempt)
    except OSError as error:
        raise InputError(f"no worker can be started for run {folder.id}: {why(error)}") from None


def prepare(folder: RunFolder, state: RunState | None = None) -> int:
    """Make sure that a run may be gone on with, and forget what its last worker was asked; the attempt's number.

    Raises:
        InputError: as `resume`.
    """
    refuse_newer(folder)
    state = state or Follower(folder, patience=0.0).poll()
    if state.phase == "queued":
        raise InputError(f"run {folder.id} waits in the queue; it starts when its turn comes")
    if state.phase in LIVING:
        raise InputError(f"run {folder.id} still trains; mltui attach {folder.id} shows it")
    if state.phase == "finished":
        raise InputError(f"run {folder.id} has finished; there is nothing left of it to train")
    try:
        with opening(folder):  # which writes events as well
            take(folder)  # a stop that nobody was left to hear would end the next worker at once
            return folder.last_attempt + 1
    except Busy:
        raise InputError(f"the test part of run {folder.id} is just being opened; wait until that is done") from None
    except OSError as error:
        raise InputError(f"run {folder.id} cannot be resumed: {why(error)} ({folder.path})") from None


def listen(folder: RunFolder, tell: Callable[[str], None]) -> RunState:
    """The run as it stands; a worker on another machine is listened for until it is heard of or must be gone.

    Args:
        tell: called once with a sentence where there is something to wait for.
    """
    follower = Follower(folder, patience=0.0)
    state, heard = follower.poll(), read_status(folder.status)
    if state.phase not in LIVING or heard is None or heard.host == process.host():
        return state
    tell(f"listening for up to {SILENT_SECONDS:.0f} s whether {heard.host} still works on run {folder.id}")
    while (state := follower.poll()).phase in LIVING:
        now = read_status(folder.status)
        if now is None or now.heartbeat != heard.heartbeat:
            break
        time.sleep(LISTEN_SECONDS)
    return state
