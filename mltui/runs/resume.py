"""Goes on with a run that was cut short: whether it can be, and what has to be so before its next worker starts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mltui.core.errors import InputError
from mltui.record import process
from mltui.record.control import take
from mltui.record.files import why
from mltui.record.folder import RunFolder
from mltui.record.opening import Busy, opening
from mltui.record.state import LIVING, RunState
from mltui.record.status import read_status
from mltui.runs.follow import Follower
from mltui.runs.judge import SILENT_SECONDS, Judge, Launched
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
    with prepared(folder, state) as attempt:
        try:
            launch(folder, threads=threads, attempt=attempt)
        except OSError as error:
            raise InputError(f"no worker can be started for run {folder.id}: {why(error)}") from None


@contextmanager
def prepared(folder: RunFolder, state: RunState | None = None) -> Iterator[int]:
    """While a run may be gone on with by the one who holds this and by nobody else: the attempt's number.

    What its last worker was asked is forgotten. The next is to be launched within.

    Raises:
        InputError: as `resume`; also where somebody else is just at it.
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
        with opening(folder):  # as one who opens the test part, and so writes events, must be alone
            _refuse_started(folder, state)
            yield _forgotten(folder)
    except Busy:
        raise InputError(
            f"run {folder.id} is just being resumed, or its test part opened, by somebody else; wait until that is done"
        ) from None
    except OSError as error:
        raise InputError(f"run {folder.id} cannot be resumed: {why(error)} ({folder.path})") from None


def _refuse_started(folder: RunFolder, state: RunState) -> None:
    """Leave a run alone that somebody else has gone on with since its state was looked at."""
    launched = Launched.read(folder)
    if (
        launched is not None
        and launched.attempt > state.attempt
        and Judge(folder).verdict().life in ("lives", "waiting")
    ):
        raise InputError(f"run {folder.id} has just been resumed by somebody else; mltui attach {folder.id} shows it")


def _forgotten(folder: RunFolder) -> int:
    """The next attempt's number, and gone what the last worker was asked: a stop that nobody was left to hear would
    end the next one at once."""
    take(folder)
    return folder.last_attempt + 1


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
