"""Steers a running worker: a command in the run folder, and a doorbell where the worker is on this machine."""

from __future__ import annotations

import os
import signal

from mltui.core.errors import InputError
from mltui.record import process
from mltui.record.control import Command, send
from mltui.record.files import why
from mltui.record.folder import RunFolder
from mltui.record.status import Status
from mltui.runs.judge import Judge, Launched
from mltui.runs.summary import refuse_newer


def pause(folder: RunFolder) -> None:
    """Ask the worker to wait. Raises InputError where there is none to ask."""
    _command(folder, Command("pause"))


def continue_(folder: RunFolder) -> None:
    """Ask the worker to go on. Raises InputError where there is none to ask."""
    _command(folder, Command("continue"))


def step(folder: RunFolder) -> None:
    """Ask the worker for one more step, then to wait. Raises InputError where there is none to ask."""
    _command(folder, Command("step"))


def stop(folder: RunFolder) -> None:
    """Ask the worker to stop and keep what it has. Raises InputError where there is none to ask."""
    _command(folder, Command("stop"))


def kill(folder: RunFolder) -> None:
    """End the worker at once, keeping only what is already in the folder.

    Raises:
        InputError: where it does not live, or lives on another machine.
    """
    verdict = Judge(folder).verdict()
    if verdict.life != "lives":
        raise InputError(f"run {folder.id} has no living worker to end")
    one = _here(folder, verdict.status) or _here(folder, Launched.read(folder))
    if one is None:
        host = verdict.status.host if verdict.status else "another machine"
        raise InputError(f"the worker of run {folder.id} lives on {host}; end it there, or ask it to stop from here")
    _signal(one, signal.SIGKILL, folder)


def _command(folder: RunFolder, command: Command) -> None:
    refuse_newer(folder)
    verdict = Judge(folder).verdict()
    if verdict.life == "dead":
        raise InputError(f"run {folder.id} has ended; there is nothing to {command.kind}")
    try:
        send(folder, command)
    except OSError as error:
        raise InputError(f"run {folder.id} cannot be asked to {command.kind}: {why(error)}") from None
    # Only a worker that has written its status has an ear for the bell; the signal would end an earlier one.
    one = _here(folder, verdict.status)
    if one is not None:
        _signal(one, signal.SIGUSR1, folder)


def _here(folder: RunFolder, one: Status | Launched | None) -> Status | Launched | None:
    """The worker, if it lives on this machine and the word for that is the user's own: a stranger's folder could
    name any of the user's processes."""
    try:
        own = folder.path.stat().st_uid == os.getuid()
    except OSError:
        return None
    alive = one is not None and one.boot == process.boot() and process.lives(one.pid, one.started)
    return one if own and alive else None


def _signal(one: Status | Launched, number: signal.Signals, folder: RunFolder) -> None:
    try:
        os.kill(one.pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        raise InputError(f"the worker of run {folder.id} belongs to somebody else") from None
