"""What a user should know of a run before it begins, of its rows above all, each in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from mltui.core.experiment import Experiment
from mltui.training.divided import Divided

LOPSIDED = 50
"""So many times the weight of the other class is worth a word."""
WIDE = 10
"""So many times what a row may pull is too far for it."""
SHORT = 0.1
"""A share of Newton's step below which hundreds are needed."""
_LISTED = 3


def cautions(asked: Experiment, divided: Divided) -> Iterator[str]:
    """What is to be said before the first fit: notes of the split, rows on both sides, classes that weigh little."""
    yield from divided.division.warnings
    yield from _crawling(asked)
    yield from _quadratic(divided)
    yield from _timid(asked, divided)
    yield from _lopsided(asked, divided)
    yield from _absent(divided)
    yield from _judging_nothing(divided)


def _crawling(asked: Experiment) -> Iterator[str]:
    rate = asked.training.get("learning_rate")
    if asked.training.get("optimizer") == "newton" and isinstance(rate, float) and rate < SHORT:
        yield (
            f"With optimizer = newton, learning_rate = {rate:g} is the share of the way to the minimum that each step "
            "goes; 1 goes all of it."
        )


def _quadratic(divided: Divided) -> Iterator[str]:
    """Of a model that compares rows with rows, and of many of them."""
    card, rows = divided.card, len(divided.division.member(0)["train"])
    if card.quadratic_above is not None and rows > card.quadratic_above:
        yield (
            f"The cost of {card.name} grows with the square of the training rows, and {rows:,} may take very long; "
            "data.rows takes fewer."
        )


def _timid(asked: Experiment, divided: Divided) -> Iterator[str]:
    """Of a support vector regression, whose C is the largest pull of a row in the unit of the target."""
    pull, rows = asked.model.hyperparameters.get("C"), divided.division.member(0)["train"]
    if divided.table.task != "regression" or not isinstance(pull, float) or not len(rows):
        return
    spread = float(np.std(np.asarray(divided.table.target[rows])))
    if spread > WIDE * pull:
        yield (
            f"The target's values spread over {spread:.3g}, and model.C = {pull:g} is in the same unit: so little lets "
            "no row pull far, and the answer stays near the middle; try C about as large as that spread."
        )


def _lopsided(asked: Experiment, divided: Divided) -> Iterator[str]:
    table, rows = divided.table, divided.parts["train"]
    balanced = asked.preprocess.balance != "none" or asked.model.hyperparameters.get("class_weight") == "balanced"
    if balanced or len(table.classes) != 2 or table.training_weights is not None:
        return
    weights = None if table.weights is None else np.asarray(table.weights[rows])
    sums = np.bincount(np.asarray(table.target[rows]).astype(np.int64), weights, minlength=2)
    less, more = np.argsort(sums)
    if not 0 < LOPSIDED * sums[less] < sums[more]:
        return
    common, rare = (repr(table.classes[code]) for code in (more, less))
    times = f"{sums[more] / sums[less]:,.0f} times"
    if weights is None:
        said = f"The training part has {times} as many rows of class {common} as of class {rare}"
    else:
        said = f"In the training part the weights of class {common} add up to {times} those of class {rare}"
    cure = '; preprocess.balance = "classes" lets both count alike in the fit'
    able = divided.card.weights != "none"
    yield f"{said}, so that a model that always says {common} looks good{cure if able else ''}."


def _absent(divided: Divided) -> Iterator[str]:
    """Of parts to judge by that have no row of a class, which test files or groups may bring about."""
    table = divided.table
    for part in ("validation", "test"):
        rows = divided.parts[part]
        if not table.classes or not len(rows):
            continue
        present = np.bincount(np.asarray(table.target[rows]).astype(np.int64), minlength=len(table.classes)) > 0
        absent = [repr(label) for label, there in zip(table.classes, present, strict=True) if not there]
        if absent:
            more = f" and {len(absent) - _LISTED} more" if len(absent) > _LISTED else ""
            yield (
                f"The {part} part has no row of class {', '.join(absent[:_LISTED])}{more}, so that it cannot say how "
                "well the classes are told apart; look at the split."
            )


def _judging_nothing(divided: Divided) -> Iterator[str]:
    """Of validation rows whose weights, in all or in a class, add up to nothing or less."""
    table, rows = divided.table, divided.parts["validation"]
    if table.weights is None or not len(rows):
        return
    weights = np.asarray(table.weights[rows])
    found = [("", len(rows), weights.sum())]
    if table.classes:
        codes = np.asarray(table.target[rows]).astype(np.int64)
        each = zip(table.classes, np.bincount(codes), np.bincount(codes, weights), strict=False)
        found += [(f" of class {label!r}", count, total) for label, count, total in each if count]
    for of_class, count, total in found:
        if not total > 0:
            yield (
                f"The weights of the {count:,} validation rows{of_class} add up to {total:.3g}, so that nothing can "
                "be judged by them; look at data.weight and at the split."
            )
            return


def unseen(counts: Mapping[str, int], part: str) -> str:
    """Of rows whose category no training row had; empty where there are none."""
    if not counts:
        return ""
    named = sorted(counts, key=lambda name: -counts[name])
    said = ", ".join(f"{counts[name]:,} of {name}" for name in named[:_LISTED])
    more = f" and {len(named) - _LISTED} more" if len(named) > _LISTED else ""
    return (
        f"{part.capitalize()} rows have categories that training has never seen ({said}{more}); "
        "the model takes them for none of those it knows."
    )
