"""How many events rows stand for, as a description tells it: sums of weights, and what the cross-sections expect."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats
from mltui.data.frame import Frame
from mltui.data.samples import luminosity, processes, scale
from mltui.data.target import Target
from mltui.evaluation.events import events
from mltui.training.findings import Finding, told
from mltui.training.subject import Subject

_UNEVEN = 50
"""Classes whose weights differ by more than so many to one are said to."""
_TOO_MANY = 1.000_001
_WHOLE_FROM = 1_000


def amounts(weights: Floats | None, rows: NDArray[np.bool_]) -> dict[str, Any]:
    """What some rows add up to: rows, weight, effective number of events, and the share of rows of negative weight.

    Args:
        weights: shape (all rows,), None where every row counts as one.
        rows: shape (all rows,), which.
    """
    count = int(np.count_nonzero(rows))
    own = np.ones(count) if weights is None else weights[rows]
    found = events(own)
    negative = float(np.mean(own < 0)) if count else 0.0
    return {"rows": count, "weight": found["sum_of_weights"], "effective": found["effective"], "negative": negative}


def samples(subject: Subject) -> list[dict[str, Any]]:
    """Each entry of data.samples with what its rows, as far as they were read, add up to.

    `expected` are the events of all its rows, of a large file by estimate; None without a cross-section.
    """
    data, frame = subject.data, subject.frame
    if not data.samples:
        return []
    names, places = processes(data)
    found = []
    for place, sample in enumerate(data.samples):
        held = amounts(frame.weights, frame.sample == place)
        expects = sample.cross_section is not None and held["weight"] is not None
        found.append(
            {
                "label": sample.label,
                "process": names[places[place]],
                "files": list(sample.files),
                "tree": sample.tree or data.tree,
                **held,
                "cross_section": sample.cross_section,
                "generated": sample.generated,
                "expected": held["weight"] * _unread(frame) if expects else None,
            }
        )
    return found


def _unread(frame: Frame) -> float:
    """How many times the rows that were looked at there are in all; a share of each file was."""
    looked_at = len(frame) + frame.cut_away + frame.unlabelled
    return 1.0 if frame.whole is None else frame.whole / max(1, looked_at)


def on_expected(subject: Subject) -> list[Finding]:
    """Where the weights come from cross-sections, what they expect; and samples that hold more than was generated."""
    of = luminosity(subject.data)
    if of is None:
        return []
    by_process: dict[str, float] = {}
    too_many, without = [], []
    for place, sample in enumerate(samples(subject)):
        if sample["expected"] is None:
            without.append(str(sample["process"]))
            continue
        name, factor = str(sample["process"]), scale(subject.data, place)
        by_process[name] = by_process.get(name, 0.0) + sample["expected"]
        if factor and sample["weight"] / factor > sample["generated"] * _TOO_MANY:
            too_many.append((name, sample["weight"] / factor, sample["generated"]))
    amounts_ = [f"{name} {number(value)}" for name, value in by_process.items()]
    about = "about " if subject.frame.whole is not None else ""
    other = "; data.luminosity says another" if subject.data.luminosity is None else ""
    if names := list(dict.fromkeys(without)):
        other += f"; {told(names)} {'has' if len(names) == 1 else 'have'} none, so that their weights stay as they are"
    said = f"By the cross-sections the weights are the events expected in {of:g}/fb: {about}{told(amounts_)}{other}."
    return [
        Finding("expected", (), said),
        *(
            Finding(
                "generated",
                (),
                f"The rows of {name} add up to {number(total)}, more than their generated = {number(generated)}, which "
                "is to be the sum of weights before any cut.",
            )
            for name, total, generated in too_many
        ),
    ]


def unbalanced(target: Target, weights: Floats | None) -> list[Finding]:
    """Classes whose sums of weights are so far apart that a fit may see one alone."""
    if target.task == "regression":
        return []
    of = target.values[target.present].astype(np.int64)
    sums = np.bincount(of, None if weights is None else weights[target.present], len(target.classes))
    if len(sums) < 2 or not np.all(sums > 0) or not np.isfinite(sums).all() or sums.max() <= _UNEVEN * sums.min():
        return []
    most, least = (target.classes[int(place)] for place in (np.argmax(sums), np.argmin(sums)))
    what = "rows" if weights is None else "weights"
    both = "both" if len(sums) == 2 else "all"
    said = (
        f"The {what} of {most} add up to {number(float(sums.max() / sums.min()))} times those of {least}; "
        f'preprocess.balance = "classes" lets {both} count alike in the fit.'
    )
    return [Finding("unbalanced", (most, least), said)]


def number(value: float) -> str:
    """An amount as a sentence has it: 6,790 or 0.0485."""
    return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:.4g}"
