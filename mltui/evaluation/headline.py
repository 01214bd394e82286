"""The metrics that speak for a model where there is room for one or two."""

from __future__ import annotations

from collections.abc import Mapping

from mltui.core.sections import Task

_HEADLINES: Mapping[Task, tuple[str, ...]] = {
    "classification": ("auc", "accuracy", "loss"),
    "regression": ("rmse", "r2", "loss"),
}


def headlines(task: object) -> tuple[str, ...]:
    """The names, the foremost first; all of them where the task is not known."""
    known = [names for name, names in _HEADLINES.items() if task == name] or _HEADLINES.values()
    return tuple(dict.fromkeys(metric for names in known for metric in names))
