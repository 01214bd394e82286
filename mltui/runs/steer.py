"""Steers a running worker: a command in the run folder, and a doorbell where the worker is on this machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Any

from mltui.core.errors import InputError, nearest
from mltui.core.hyperparameters import Hyperparameter, Scalar
from mltui.models.catalogue import CARDS
from mltui.record import process
from mltui.record.control import Command, send
from mltui.record.files import why
from mltui.record.folder import RunFolder
from mltui.record.status import Status
from mltui.runs.judge import Judge, Launched
from mltui.runs.summary import refuse_newer, started_of


def pause(folder: RunFolder) -> None:
    """Ask the worker to wait. Raises InputError where there is none to ask."""
    _command(folder, Command("pause"))


def continue_(folder: RunFolder) -> None:
    """Ask the worker to go on. Raises InputError where there is none to ask."""
    _command(folder, Command("continue"))


def step(folder: RunFolder) -> None:
    """Ask the worker for one more step, then to wait. Raises InputError where there is none to ask."""
    _command(folder, Command("step"))


def step_batch(folder: RunFolder) -> None:
    """Ask the worker for one more batch, then to wait. Raises InputError where there is none to ask."""
    _command(folder, Command("batch"))


def change(folder: RunFolder, key: str, value: object) -> tuple[str, Scalar | None]:
    """Ask the worker to go on with another value of a setting; the dotted key and the value as they were sent.

    Args:
        key: dotted, or its last part where that is enough.
        value: of the setting's own type, or as a person would write it.

    Raises:
        InputError: where there is no such setting, it cannot be changed while this run trains, it cannot have that
            value, or there is no worker to ask.
    """
    command = changing(folder.id, started_of(folder), key, value)
    _command(folder, command)
    return command.key, command.value


def changing(run: str, started: Mapping[str, Any], key: str, value: object) -> Command:
    """The command that changes a value of a run whose started event has these fields.

    Raises:
        InputError: where there is no such setting, it cannot be changed while this run trains, or not to that value.
    """
    settings = _settings(str(started.get("model", "")))
    changeable = [str(name) for name in started.get("changeable") or ()]
    found = key if key in settings else next((name for name in settings if name.endswith(f".{key}")), None)
    if not started:
        raise InputError(f"run {run} has not begun to train; wait until it has, then change {key}", key=key)
    if found is None:
        raise InputError(f"unknown key {key}; {nearest(key, changeable or settings)}", key=key)
    if found not in changeable:
        others = f"{', '.join(changeable)} can" if changeable else "nothing of this model can"
        raise InputError(f"{found} cannot be changed while run {run} trains; {others}", key=found)
    try:
        checked = settings[found].parse(value) if isinstance(value, str) else settings[found].check(value)
    except ValueError as error:
        raise InputError(f"{found} {error}", key=found) from None
    if not (checked is None or isinstance(checked, bool | int | float | str)):
        raise InputError(f"{found} cannot be changed while run {run} trains: it is more than one value", key=found)
    return Command("change", found, checked)


def _settings(model: str) -> dict[str, Hyperparameter]:
    """The declarations of a model's settings by their dotted keys; none where there is no such model."""
    card = CARDS.get(model)
    if card is None:
        return {}
    return {
        **{f"training.{declared.name}": declared for declared in card.training},
        **{f"model.{declared.name}": declared for declared in card.hyperparameters},
    }


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
    verb = "step" if command.kind == "batch" else command.kind
    if verdict.life == "queued":
        raise InputError(f"run {folder.id} waits in the queue; mltui queue cancel {folder.id} takes it out")
    if verdict.life == "dead":
        raise InputError(f"run {folder.id} has ended; there is nothing to {verb}")
    try:
        send(folder, command)
    except OSError as error:
        raise InputError(f"run {folder.id} cannot be asked to {verb}: {why(error)}") from None
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
