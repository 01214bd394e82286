"""A run as the JSON document that `run --json`, `runs show --json` and `runs list --json` print."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from mltui.core.sections import PARTS

if TYPE_CHECKING:
    from mltui.cli.asked import Asked
    from mltui.record.folder import RunFolder
    from mltui.record.state import Change, Phase, RunState


def status(phase: Phase) -> str:
    """The one word for where a run stands: waiting (in the queue), running, paused, finished, stopped, failed or
    interrupted."""
    from mltui.record.state import RUNNING

    if phase == "queued":
        return "waiting"
    return "running" if phase in RUNNING else phase


def run_document(folder: RunFolder, state: RunState, asked: Asked) -> dict[str, Any]:
    """The contract's document of a run; a part that does not exist or is sealed is null.

    Where there are any, by part: spread (mean and deviation of each metric over the folds or seeds), yields (of each
    process) and variations.
    """
    more = {"spread": state.spread, "yields": state.yields, "variations": state.variations}
    return {
        "run": folder.id,
        "name": asked.name,
        "status": status(state.phase),
        "since": moment(state.since),
        "host": state.host or None,
        "dataset": _dataset(state, asked),
        "model": str(state.started.get("model") or asked.model),
        "metrics": {part: state.metrics.get(part) for part in PARTS},
        **{name: dict(by_part) for name, by_part in more.items() if by_part},
        "epochs": _epochs(state),
        "axis": state.started.get("axis"),
        "kept": state.kept,
        "openings": state.openings,
        "seconds": state.seconds,
        "resources": dict(state.resources) or None,
        "steered": state.steered,
        "changes": [_change(state, change) for change in state.changes],
        "warnings": list(state.warnings),
        "message": state.message or None,
        "folder": str(folder.path),
    }


def moment(seconds: float | None) -> str | None:
    """Seconds since 1970 as a date and time of day with its zone."""
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(seconds))


def _change(state: RunState, change: Change) -> dict[str, Any]:
    """A value that was changed while the run trained; of several models with the name of the one that was trained."""
    member = {"member": state.members[change.member]} if len(state.members) > 1 else {}
    return {"step": change.step, "key": change.key, "before": change.before, "value": change.value, **member}


def _epochs(state: RunState) -> int:
    """Epochs, trees or iterations trained, of several models by the one that took most; a fit in one go has one."""
    from mltui.core.events import STEPS  # NumPy comes with it

    if state.started.get("axis", "step") not in STEPS:
        return int(state.done >= 1)
    return int(max((series.steps[-1] for series in state.series if series.length), default=state.step))


def _dataset(state: RunState, asked: Asked) -> dict[str, Any]:
    return {
        "name": asked.dataset,
        "files": list(asked.files),
        "options": dict(asked.options),
        "task": state.started.get("task"),
        "target": state.started.get("target_name", state.started.get("target", asked.target)),
        **({"targets": state.started["targets"]} if state.started.get("targets") else {}),
        "features": state.started.get("features"),
        "classes": state.started.get("classes"),
        "rows": state.started.get("parts"),
    }
