"""A run as the views look at it: with its own task, classes and weights, as far as it has said them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mltui.core.sections import Task
from mltui.plots.look import Look
from mltui.runs.watch import SEEN, Seen
from mltui.views.shown import Shown


def opened(seen: Seen, look: Look) -> Shown:
    """What was seen of a run, without anybody's choices."""
    return dressed(replace(Shown(look=look), **{name: getattr(seen, name) for name in SEEN}))


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
