"""Numbers several views take from the same scores, worked out once for each snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from mltui.core.found import Coefficients
from mltui.core.sections import Task
from mltui.core.snapshot import Layers, Scores
from mltui.plots.words import place
from mltui.views.shown import EARLIER, Before, Shown

if TYPE_CHECKING:
    from mltui.evaluation.ranked import Ranked

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


def of_member(words: str, shown: Shown) -> str:
    """As `at_moment`, and of several models the one that is looked into: in the end, and back in time, the first."""
    members = shown.state.members
    place = 0 if shown.state.ended or shown.cursor is not None else shown.state.member
    name = members[place] if len(members) > 1 and 0 <= place < len(members) else ""
    return at_moment("  ".join(filter(None, (words, name))), shown)


def judged(shown: Shown) -> tuple[str, Scores] | None:
    """The part a person judges by, with its scores: the one that is asked for, validation, or train; else None."""
    scores = shown.snapshot.scores if shown.snapshot else {}
    for part in (shown.part, "validation", "train"):
        if part in scores and len(scores[part].target):
            return part, scores[part]
    return None


def with_this_before(shown: Shown) -> tuple[Before, ...]:
    """The runs that were in view before, and this one with them, where it has scores of its present."""
    part, run = judged(replace(shown, part="")), shown.state.run
    if part is None or not run or shown.cursor is not None or shown.task != "classification":
        return shown.earlier
    others = (one for one in shown.earlier if one.run != run)
    return (Before(run, shown.classes, part[1]), *others)[:EARLIER]


@remembered
def ranked(scores: Scores) -> Ranked:
    """The rows of two classes, sorted once for every threshold."""
    from mltui.evaluation.ranked import by_class

    return by_class(scores)


@remembered
def quick_metrics(scores: Scores, task: Task, classes: tuple[str, ...]) -> dict[str, float]:
    """The few metrics of a live curve, by name; NaN where undefined."""
    from mltui.evaluation.metrics import quick

    return quick(scores, task, classes)


def names(shown: Shown) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What goes into a network is called, after the preprocessing, and what comes out."""
    started = shown.state.started
    inputs = [str(name) for name in started.get("inputs") or ()]
    if shown.task == "classification":
        outputs = list(shown.classes[1:] if len(shown.classes) == 2 else shown.classes)
    else:
        outputs = [str(name) for name in started.get("target_labels") or [started.get("target") or ""]]
    return tuple(inputs), tuple(outputs)


def coefficients(shown: Shown) -> Coefficients | None:
    """The coefficients of the moment looked at, also those of a network of one layer; None where there are none."""
    snapshot = shown.snapshot
    if snapshot is None:
        return None
    if snapshot.found is not None and snapshot.found.coefficients is not None:
        return snapshot.found.coefficients
    if snapshot.layers is None or len(snapshot.layers.names) != 1:
        return None
    return _of_layer(snapshot.layers, *names(shown), shown.task)


@remembered
def _of_layer(layers: Layers, inputs: tuple[str, ...], outputs: tuple[str, ...], task: Task) -> Coefficients | None:
    (name,) = layers.names
    weights = layers.weights.get(name)
    if weights is None or not weights.size:
        return None
    rows, terms = weights.shape
    biases = layers.biases.get(name)
    unknown = np.full(terms, np.nan)
    return Coefficients(
        names=inputs if len(inputs) == terms else tuple(f"x{place + 1}" for place in range(terms)),
        rows=outputs if len(outputs) == rows else tuple(f"output {place + 1}" for place in range(rows)),
        values=weights,
        intercepts=biases if biases is not None and biases.shape == (rows,) else np.zeros(rows),
        errors=np.full(weights.shape, np.nan),
        intercept_errors=np.full(rows, np.nan),
        units=("",) * terms,
        scale=unknown,
        source="gradient" if task == "classification" else "scaled",
    )
