"""Permutation importance: what a run's models lose when the values of one variable are dealt out anew.

It is worked out once, when the models are kept, on a fixed sample of the rows that judge them, with a generator of its
own: nothing of the training depends on it.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.core.permutation import Permutation
from mltui.core.sections import Part
from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Table
from mltui.evaluation.variables import ranking
from mltui.evaluation.worth import WORTHS, worth
from mltui.inference.members import Member, Members
from mltui.record.folder import RunFolder
from mltui.training.failures import Failure
from mltui.training.gate import Gate
from mltui.training.judged import Judge
from mltui.training.prepare import Prepared
from mltui.training.problem import fixed_sample
from mltui.training.turns import Outcome

ROWS, LEAST = 2_000, 250
"""So many rows are asked for each variable, and so few where there are many variables."""
REPEATS, FEWEST = 5, 3
ANSWERS = 40
"""For each row of its live curves a model gives so many answers here at most."""
SECONDS = 20.0
"""What would take longer is left out."""
_VALUES = 4_000_000
"""Values of a table that are asked about at once."""
_SEED = 1
Places = NDArray[np.integer]
Block = tuple[str, Places]
Score = Callable[[Table, Places], Floats]
"""Scores all rows of a table, of each of which the fold is given that held it out, 0 without folds."""


def say(judge: Judge, prepared: Prepared, folder: RunFolder, outcome: Outcome, gate: Gate) -> None:
    """Say the permutation importance in an evaluated event. What goes wrong is a warning: the models are there.

    Args:
        folder: where the models are kept by now.
        outcome: what became of them.
        gate: by which somebody may have had enough.
    """
    try:
        asked = _asked(prepared, outcome)
        if asked is None or gate.given_up:
            return
        most = ANSWERS * prepared.divided.card.live_rows
        found = permuted(asked, _score(prepared, folder, outcome), most, lambda: gate.given_up)
    except Exception as error:
        failure = Failure.of(error, folder)
        if failure.puzzling:
            traceback.print_exception(error)
        judge.emit("warning", message=f"The permutation importance was not worked out: {failure.message}")
        return
    if found is not None:
        judge.emit("evaluated", part=found.part, importance=found.document())


@dataclass(frozen=True)
class Asked:
    """Rows that judge a model.

    Attributes:
        part: that they are of.
        table: where they are.
        rows: shape (rows,), their numbers in it.
        fold: shape (rows,), the fold that held each of them out, 0 without folds.
    """

    part: Part
    table: Table
    rows: Places
    fold: Places


def _asked(prepared: Prepared, outcome: Outcome) -> Asked | None:
    """Those of the validation, out of fold where there are folds; of train where nothing else judges."""
    divided = prepared.divided
    fold = divided.division.fold
    if fold is not None:
        there = np.setdiff1d(np.arange(len(fold)), outcome.left)
        rows, held = divided.parts["train"][there], fold[there]
        return Asked("validation", divided.table, rows, held) if len(rows) else None
    parts = prepared.parts(0)
    for part in ("validation", "train"):
        if part in parts and part in outcome.parts:
            return Asked(part, divided.table, parts[part], np.zeros(len(parts[part]), np.int64))
    return None


def _score(prepared: Prepared, folder: RunFolder, outcome: Outcome) -> Score:
    """The one model as it is still in memory, or the models that the folder keeps."""
    alone: Member | None = outcome.alone
    if alone is not None:
        return lambda table, fold: alone.score(table, np.arange(len(table)))
    members = Members.load(folder, threads=prepared.threads)
    return lambda table, fold: members.score(table, np.arange(len(table)), fold).scores


def permuted(asked: Asked, score: Score, most: int, enough: Callable[[], bool] = lambda: False) -> Permutation | None:
    """The drop of the AUC, or of R², as each variable in turn is dealt out anew among the rows, several times.

    A variable is a column of the data, so that a category loses all of its inputs together (L. Breiman, Machine
    Learning 45 (2001) 5; A. Fisher et al., JMLR 20 (2019) 177). Rows of weight zero take no part; the others are dealt
    out alike, and their weights count in the metric. Images are passed over.

    Args:
        asked: the rows; of many a fixed sample is taken.
        score: the model.
        most: answers that it may give, about.
        enough: whether somebody has had enough of it; then there is nothing.
    """
    table = asked.table
    names = [column.name for column in table.columns if column.kind != "image"]
    if not names:
        return None
    counting = np.arange(len(asked.rows)) if table.weights is None else np.flatnonzero(table.weights[asked.rows])
    plan = Plan.of(len(names), len(counting), most)
    chosen = counting[fixed_sample(len(counting), plan.rows)]
    rows = _Dealt(table.take(asked.rows[chosen]), asked.fold[chosen], score)
    began = time.monotonic()
    value = rows.worth_of(score(rows.table, rows.fold))
    left = (time.monotonic() - began) * plan.columns * plan.repeats
    metric = WORTHS[table.task]
    if value is None:
        return Permutation(asked.part, metric, why=f"The {metric} of these rows is not defined.")
    if left > SECONDS:
        why = f"It would have taken this model about {left:.0f} s, and was left out."
        return Permutation(asked.part, metric, value, why=why)
    kept = names if plan.columns >= len(names) else _telling(rows.table, names, plan.columns)
    worths = rows.worths(kept, plan.repeats, enough)
    if worths is None:
        return None
    with np.errstate(invalid="ignore"):
        drops = value - worths
        means, deviations = drops.mean(axis=1), drops.std(axis=1, ddof=1)
    return Permutation(
        asked.part, metric, value, tuple(kept), _told(means), _told(deviations), len(chosen), plan.repeats,
        len(table.columns) - len(kept),
    )  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How many rows, repeats and columns the answers are spent on."""

    rows: int
    repeats: int
    columns: int

    @classmethod
    def of(cls, columns: int, rows: int, most: int) -> Plan:
        """Of many columns fewer rows, then fewer repeats, then not all columns."""
        repeats, rows = REPEATS, max(rows, 1)
        room = most // (columns * repeats)
        if room < LEAST:
            repeats = FEWEST
            room = max(LEAST, most // (columns * repeats))
        rows = min(rows, ROWS, room)
        return cls(rows, repeats, min(columns, max(1, most // (rows * repeats))))


@dataclass(frozen=True)
class _Dealt:
    """The rows that a model is asked about, as they are and with one column dealt out anew."""

    table: Table
    fold: Places
    score: Score

    def worth_of(self, answers: Floats) -> float | None:
        table = self.table
        return worth(Scores(table.target, answers, table.weights_or_ones()), table.task, table.classes)

    def worths(self, names: Sequence[str], repeats: int, enough: Callable[[], bool]) -> Floats | None:
        """Shape (names, repeats), NaN where not defined; None where somebody has had enough."""
        rng, rows = np.random.default_rng(_SEED), len(self.table)
        blocks: list[Block] = [(name, rng.permutation(rows)) for name in names for _ in range(repeats)]
        found: list[float] = []
        for batch in self._batches(blocks):
            if enough():
                return None
            answers = self.score(self._stacked(batch), np.tile(self.fold, len(batch)))
            each = (self.worth_of(answers[start : start + rows]) for start in range(0, len(answers), rows))
            found += [np.nan if one is None else one for one in each]
        return np.array(found).reshape(len(names), repeats)

    def _batches(self, blocks: list[Block]) -> Iterator[list[Block]]:
        at_once = max(1, _VALUES // (len(self.table) * len(self.table.columns)))
        return (blocks[start : start + at_once] for start in range(0, len(blocks), at_once))

    def _stacked(self, batch: list[Block]) -> Table:
        """The rows once for each of the blocks, which are below each other."""
        rows = len(self.table)
        stacked = self.table.take(np.tile(np.arange(rows), len(batch)))
        for number, (name, dealt) in enumerate(batch):
            stacked.values[name][number * rows : (number + 1) * rows] = self.table.values[name][dealt]
        return stacked


def _telling(table: Table, names: Sequence[str], count: int) -> list[str]:
    """So many columns, those that alone tell most of the target, in the order of the data."""
    labels = {column.name: column.categories for column in table.columns if column.kind == "category"}
    columns = {name: table.values[name] for name in names}
    ranked = ranking(columns, table.target, table.classes, table.weights_or_ones(), labels)
    chosen = {one.name for one in ranked[:count]}
    return [name for name in names if name in chosen]


def _told(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)
