"""A run as the views look at it: with its own task, classes and weights, as far as it has said them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mltui.core.sections import Task
from mltui.plots.look import Look
from mltui.runs.watch import Seen
from mltui.views.shown import Shown


def opened(seen: Seen, look: Look) -> Shown:
    """What was seen of a run, without anybody's choices."""
    shown = Shown(
        state=seen.state, snapshot=seen.snapshot, log_lines=seen.log_lines, resources=seen.resources, look=look
    )
    return dressed(shown)


def dressed(
    shown: Shown, task: Task = "classification", classes: Sequence[str] = (), *, weighted: bool = False
) -> Shown:
    """The same with the run's task, classes and weights; these where it has not said them."""
    started = shown.state.started
    labels = started.get("classes") if started else classes
    return replace(
        shown,
        task=started.get("task") or task,
        classes=tuple(str(label) for label in labels or ()),
        weighted=bool(started.get("weighted") if started else weighted),
    )
