"""What the form would change in the run that trains: settings of its model that can be changed on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mltui.core.experiment import Experiment
from mltui.core.hyperparameters import Value
from mltui.record.state import Change, RunState
from mltui.runs.experiments import steered
from mltui.ui.sheet import Sheet

Pending = Mapping[str, Value]
"""Values by dotted key."""


def pending(sheet: Sheet, experiment: Experiment | None, state: RunState) -> Pending:
    """The form's values of what can be changed in the run that trains, where the run has others now.

    Args:
        sheet: the form. What cannot be read in it, and the settings of another model, are none.
        experiment: what the run was asked, if that is known.
        state: the run.
    """
    if experiment is None or state.phase not in ("training", "paused") or sheet.model != experiment.model.name:
        return {}
    changeable = [str(key) for key in state.started.get("changeable") or ()]
    has = _values(steered(experiment, state.changes))
    readable = [key for key in changeable if key in has and key not in sheet.wrong and sheet.field(key) is not None]
    return {key: sheet.value(key) for key in readable if sheet.value(key) != has[key]}


def same(sheet: Sheet, experiment: Experiment, changes: Sequence[Change]) -> bool:
    """Whether the form says what the run was asked, or what it has now that it was changed while it trained."""
    return sheet.problem is None and sheet.checked in (experiment, steered(experiment, changes))


def _values(experiment: Experiment) -> dict[str, Value]:
    model = {f"model.{name}": value for name, value in experiment.model.hyperparameters.items()}
    return {**model, **{f"training.{name}": value for name, value in experiment.training.items()}}
