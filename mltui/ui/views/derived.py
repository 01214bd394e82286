"""Numbers several views take from the same scores, worked out once for each snapshot."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.plots.words import place
from mltui.ui.shown import Shown

P = ParamSpec("P")
R = TypeVar("R")


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the answers for the last few arguments, told apart by identity: arrays can be neither hashed nor compared.

    The arguments are kept too, so that no other object can take the identity of one that has gone. Pictures are drawn
    in threads as well, hence the lock.
    """
    kept: dict[tuple[object, ...], tuple[object, R]] = {}
    lock = Lock()

    @wraps(function)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        key: tuple[Any, ...] = tuple(arg if isinstance(arg, str | int | float | tuple) else id(arg) for arg in args)
        found = kept.get(key)
        if found is None:
            found = (args, function(*args, **kwargs))
            with lock:
                kept[key] = found
                while len(kept) > 12:
                    kept.pop(next(iter(kept)))
        return found[1]

    return ask


def looked_back(shown: Shown) -> tuple[object, ...]:
    """The step looked back at with its snapshot, which comes a little later; nothing at the present."""
    return (shown.cursor, shown.snapshot) if shown.cursor is not None else ()


def at_moment(words: str, shown: Shown) -> str:
    """Words with the step of the moment behind them, where that is not the present."""
    if shown.cursor is None or shown.snapshot is None:
        return words
    return f"{words}  at {place(str(shown.state.started.get('axis', 'step')), shown.snapshot.step)}"


def judged(shown: Shown) -> tuple[str, Scores] | None:
    """The part a person should judge by, with its scores: validation, or train where there is no other; else None."""
    scores = shown.snapshot.scores if shown.snapshot else {}
    for part in ("validation", "train"):
        if part in scores and len(scores[part].target):
            return part, scores[part]
    return None


@remembered
def quick_metrics(scores: Scores, task: Task, classes: tuple[str, ...]) -> dict[str, float]:
    """The few metrics of a live curve, by name; NaN where undefined."""
    from mltui.evaluation.metrics import quick

    return quick(scores, task, classes)
