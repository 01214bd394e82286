"""What of a run its script must know: how it ended, and where it computed."""

from __future__ import annotations

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.hyperparameters import shown
from mltui.data.files import located
from mltui.export.facts import Ran
from mltui.inference.asked import experiment
from mltui.models.catalogue import CARDS
from mltui.record.folder import RunFolder
from mltui.record.state import RunState
from mltui.runs.follow import read_state
from mltui.runs.summary import refuse_newer


def of_run(folder: RunFolder) -> tuple[Experiment, Ran]:
    """The experiment of a run, its file names absolute, and what the run adds to it.

    Raises:
        InputError: where it cannot be read; where the run was steered, was stopped within an epoch, or read its data
            from disk, so that a script of the experiment would give other numbers; and where a file has changed since.
    """
    refuse_newer(folder)
    asked, state = experiment(folder), read_state(folder)
    _check_steps(folder, asked, state)
    for recorded in asked.resolved.get("files", ()):
        _check_file(str(recorded["path"]), int(recorded["bytes"]))
    threads = asked.resolved.get("threads")
    return asked, Ran(
        folder.id,
        opened=bool(state.metrics.get("test")),
        steps=_steps(folder, asked, state),
        device=str(asked.resolved.get("device", "cpu")),
        threads=threads if isinstance(threads, int) else None,
        model=folder.model,
    )


def _check_steps(folder: RunFolder, asked: Experiment, state: RunState) -> None:
    """See that the experiment alone makes the numbers of the run."""
    if state.changes:
        first = state.changes[0]
        raise _other_numbers(
            folder, f"run {folder.id} was steered, {first.key} first, at {shown(first.step)}", first.key
        )
    if asked.resolved.get("on_disk"):
        raise _other_numbers(
            folder, f"run {folder.id} had more rows than fit into memory, and took them in another order", "data.rows"
        )


def _other_numbers(folder: RunFolder, why: str, key: str) -> InputError:
    return InputError(
        f"{why}, so that a script of it would give other numbers; mltui code {folder.resolved} writes what was asked, "
        "from its beginning to its end",
        key=key,
    )


def _steps(folder: RunFolder, asked: Experiment, state: RunState) -> int | None:
    """After how many steps the run was stopped; None where it came to its end, or its model has no steps."""
    card = CARDS[asked.model.name].chosen(asked.model.hyperparameters)
    several = len(asked.judged) > 1
    if state.phase != "stopped" or not (card.steps or several):
        return None
    whole = state.kept is not None and float(state.kept).is_integer() and not several
    if not whole or state.kept is None or state.kept < 1:
        raise _other_numbers(folder, f"run {folder.id} was stopped on its way", card.steps or "model.name")
    looks_back = card.engine == "network" and asked.training.get("early_stopping") is not None
    return int(state.step) if looks_back else int(state.kept)


def _check_file(name: str, size: int) -> None:
    path = located(name)
    if isinstance(path, str):
        return
    if not path.exists() or path.stat().st_size != size:
        has = "has changed since this run was trained on it" if path.exists() else "is no longer there"
        raise InputError(f"{path} {has}, so that its script would give other numbers", key="data.files")
