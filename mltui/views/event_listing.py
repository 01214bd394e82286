"""Which of the sample's rows are listed and what stands beside them, for the view of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mltui.core.sample import Sample
from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Integers
from mltui.plots.words import clean, count, number, place
from mltui.views.derived import judged, remembered
from mltui.views.numbers_of import Table
from mltui.views.scored import fits
from mltui.views.scores import drawn_edges, span_said
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.evaluation.event_table import EventColumn

FORMS = ("mistakes", "cell", "bin", "doubtful", "pinned")
_NONE: Integers = np.zeros(0, np.int64)
_WHY = {
    "mistakes": "the largest loss first",
    "cell": "the largest loss first",
    "bin": "the largest loss first",
    "doubtful": "the most doubtful first",
    "pinned": "with the score at each kept step",
}


def forms_of(shown: Shown) -> tuple[str, ...]:
    """Which rows can be listed; a regression has no cells, and its scores no bins."""
    return FORMS if shown.task == "classification" else ("mistakes", "pinned")


def form_of(shown: Shown) -> str:
    """Which rows are listed."""
    form = shown.forms.get("events", FORMS[0])
    return form if form in forms_of(shown) else FORMS[0]


def scored_sample(shown: Shown) -> tuple[str, Scores] | None:
    """The part to judge by, as `judged` has it, with the scores of the sample's rows alone."""
    part = judged(shown)
    if part is None or not fits(part[1], shown) or part[0] not in shown.sampled:
        return None
    return part[0], shown.sampled[part[0]]


def columns_of(shown: Shown) -> tuple[EventColumn, ...]:
    """Every column, in the form of pinned rows also one for each kept step."""
    scored = scored_sample(shown)
    assert scored is not None
    assert shown.sample is not None
    part, scores = scored
    judged_first = _judged(scores, shown.task, shown.classes, shown.threshold, shown.of_target)
    steps: list[EventColumn] = []
    if form_of(shown) == "pinned" and shown.tracks is not None:
        steps = _of_steps(shown, len(scores), tracks_of(shown, letters_of(shown, part)))
    return (*judged_first, *steps, *_given(shown.sample, part))


@remembered
def _judged(
    scores: Scores, task: Task, classes: tuple[str, ...], threshold: float, target: int
) -> tuple[EventColumn, ...]:
    from mltui.evaluation.event_table import judged_columns

    return judged_columns(scores, task, classes, threshold, target)


@remembered
def _given(sample: Sample, part: str) -> tuple[EventColumn, ...]:
    from mltui.evaluation.event_table import given_columns

    return given_columns(sample, part)


def _of_steps(shown: Shown, rows: int, tracks: Mapping[int, Floats]) -> list[EventColumn]:
    """A column for each kept step, known of the pinned rows alone."""
    from mltui.evaluation.event_table import EventColumn

    assert shown.tracks is not None
    axis, name, found = axis_of(shown), "predicted" if shown.task == "regression" else "score", []
    for at, step in enumerate(shown.tracks.steps.tolist()):
        values = np.full(rows, np.nan)
        for row, track in tracks.items():
            values[row] = track[at]
        found.append(EventColumn(f"{name} at {number(step)}", place(axis, step), values))
    return found


def rows_of(shown: Shown) -> Integers:
    """The rows that are listed, in the order of their form."""
    from mltui.evaluation import picking

    scored = scored_sample(shown)
    if scored is None:
        return _NONE
    part, scores = scored
    form, picked = form_of(shown), shown.picked
    rows = _NONE
    if form == "pinned":
        rows = np.array(list(letters_of(shown, part)), np.int64)
    elif form == "mistakes":
        rows = picking.mistakes(scores.of(shown.of_target), shown.task, shown.threshold)
    elif form == "doubtful":
        rows = picking.undecided(scores, shown.threshold)
    elif form == "cell" and picked.cell is not None and max(picked.cell) < len(shown.classes):
        rows = picking.of_cell(scores, picked.cell, shown.threshold)
    elif form == "bin" and picked.bins is not None:
        rows = picking.of_bins(scores, drawn_edges(shown), picked.bins)
    return rows


def axis_of(shown: Shown) -> str:
    """What the run's steps are."""
    return str(shown.state.started.get("axis", "step"))


def letters_of(shown: Shown, part: str) -> dict[int, str]:
    """Of a part's rows that are pinned the letters, in their order."""
    if shown.sample is None:
        return {}
    found = ((letter, shown.sample.find(place)) for letter, place in shown.picked.pins)
    return {at[1]: letter for letter, at in found if at is not None and at[0] == part}


def tracks_of(shown: Shown, letters: Mapping[int, str]) -> dict[int, Floats]:
    """Of pinned rows the scores at the kept snapshots, of many classes those of the true one."""
    scored, pins = scored_sample(shown), dict(shown.picked.pins)
    if shown.tracks is None or scored is None:
        return {}
    found: dict[int, Floats] = {}
    for row, letter in letters.items():
        track = shown.tracks.scores.get(pins[letter])
        if track is not None and track.ndim == 2:
            column = shown.of_target if shown.task == "regression" else int(scored[1].target[row])
            track = track[:, column] if column < track.shape[1] else None
        if track is not None:
            found[row] = track
    return found


def followed_of(shown: Shown) -> list[Table]:
    """A table of the pinned rows' scores at the kept steps, where any are known."""
    scored = scored_sample(shown)
    letters = letters_of(shown, scored[0]) if scored is not None else {}
    tracks = tracks_of(shown, letters)
    if shown.tracks is None or not tracks:
        return []
    axis, name = axis_of(shown), "predicted" if shown.task == "regression" else "score"
    columns = {axis: shown.tracks.steps, **{letters[row]: track for row, track in tracks.items()}}
    return [Table("followed", columns, draw="line", x=axis, x_label=axis, y_label=name)]


def marked_in(shown: Shown) -> str:
    """What is marked in the matrix or in the scores, as its form says."""
    picked, form = shown.picked, form_of(shown)
    if form == "cell" and picked.cell is not None and max(picked.cell) < len(shown.classes):
        true, said = (clean(shown.classes[code], limit=24) for code in picked.cell)
        return f"is {true}, said {said}"
    if form == "bin" and picked.bins is not None and judged(shown) is not None:
        return f"score {span_said(shown)}"
    return ""


def told_of(shown: Shown, listed: int, sorted_by: str) -> str:
    """How many of which rows are listed, and why."""
    scored, form = scored_sample(shown), form_of(shown)
    assert scored is not None
    assert shown.sample is not None
    part, known = scored[0], shown.sample.parts[scored[0]]
    sampled = f" of a fixed sample of {known.whole:,}" if known.whole > len(known) else ""
    if not listed:
        return _nothing(form, marked_in(shown), part)
    regression = shown.task == "regression" and form == "mistakes"
    why = "the largest residual first" if regression else _WHY[form]
    why = f"by {clean(sorted_by, limit=24)}" if sorted_by else why
    rows = f"{count(len(known), f'{part} row')}{sampled}"
    if regression or form == "doubtful":
        return f"{rows}, {why}"
    return f"{listed:,} {'wrong ' if form == 'mistakes' else ''}of {rows}, {why}"


def _nothing(form: str, marked: str, part: str) -> str:
    if form == "cell" and not marked:
        return "Arrows in Matrix mark a cell, enter opens its rows here. f goes on."
    if form == "bin" and not marked:
        return "Arrows in Scores mark a bin, enter opens its rows here. f goes on."
    if form == "pinned":
        return "No row is pinned: in another form space pins one. f goes on."
    return f"None of the {part} rows. f goes on."
