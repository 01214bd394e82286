"""Trains the models of a run one after the other, and gathers what each says of the rows that it may speak for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mltui.core.found import Found
from mltui.core.members import REFIT, each, kind
from mltui.core.sections import Part
from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Table
from mltui.data.disk import on_disk
from mltui.data.laid_out import put_away
from mltui.inference.fitted import Fitted, Inputs
from mltui.inference.members import Member
from mltui.record.predictions import PartPredictions, Places, Predictions
from mltui.training.checkpoints import Checkpoints
from mltui.training.divided import Divided
from mltui.training.engines import engine
from mltui.training.gate import Gate, Stopped
from mltui.training.judged import Numbers, named, numbers, of_table, score
from mltui.training.keeping import Keeping
from mltui.training.pictures import Album
from mltui.training.prepare import Prepared, Ready
from mltui.training.report import Inside, Reporter

MOST_BY_SEED = 4_000_000
"""So many scores of single seeds are kept at most, 16 MB."""
_NONE: NDArray[np.integer] = np.zeros(0, np.int64)


class Draw(Protocol):
    """Makes the album of a model."""

    def __call__(self, ready: Ready, *, keeping: bool) -> Album:
        """Of one model, its snapshots kept or not."""
        ...


@dataclass
class Outcome:
    """What became of the models of a run.

    Attributes:
        parts: what they say of the rows of train and validation.
        metrics: by part, those of each model by itself; none of one alone.
        kept: the steps whose models are kept: one of each model that was judged.
        trained: how many of them there are.
        complete: whether all models of the run are there, and none was stopped.
        unseen: by column, the rows of validation whose category the training rows do not have.
        left: with folds, the places among all their rows of those that no model has held out.
        alone: the model, with its preprocessing, of a run that trains no other.
    """

    parts: dict[Part, PartPredictions] = field(default_factory=dict)
    metrics: dict[Part, list[Numbers]] = field(default_factory=dict)
    kept: list[float] = field(default_factory=list)
    trained: int = 0
    complete: bool = False
    unseen: Counter[str] = field(default_factory=Counter)
    left: NDArray[np.integer] = field(default_factory=lambda: _NONE)
    alone: Member | None = None

    def predictions(self, divided: Divided) -> Predictions:
        """What is to be kept of it: the scores, and which rows have none, for being sealed or for want of a model."""
        table, test, left = divided.table, divided.parts["test"], divided.parts["train"][self.left]
        fold = divided.division.fold
        return replace(
            named(table),
            parts={str(part): rows for part, rows in self.parts.items()},
            sealed={"test": _places(table, test)} if len(test) else {},
            unscored=None if fold is None or not len(left) else _places(table, left, fold[self.left]),
        )

    def cut_short(self, names: Sequence[str]) -> str:
        """A sentence where models are missing; empty where none is, or the run has one alone.

        Args:
            names: of all models that the run was to train.
        """
        every = len(each(names))
        if self.complete or len(names) == 1:
            return ""
        if self.trained < every and kind(names) == "seed":
            return f"The run was stopped: {self.trained} of {every} seeds have a model, and every number is of those."
        if self.trained < every:
            return (
                f"The run was stopped: {self.trained} of {every} folds have a model. Rows that the others were to "
                "judge have no score, and every number is of the rest."
            )
        if REFIT in names:
            return "The run was stopped before the model of train and validation together was done; it is not kept."
        return f"The run was stopped while the model of its last {kind(names)} was trained; it is kept as it was then."

    def unvaried(self, names: Sequence[str]) -> str:
        """A sentence where several seeds made one and the same model; empty where they did not."""
        same = all(found == every[0] for every in self.metrics.values() for found in every)
        if kind(names) != "seed" or self.trained < 2 or not same:
            return ""
        return f"All {self.trained} seeds gave the same numbers: this model draws nothing by chance; leave seeds out."

    @property
    def kept_step(self) -> float | None:
        """The step to tell: of several models the rounded mean."""
        if len(self.kept) < 2:
            return self.kept[0] if self.kept else None
        return round(sum(self.kept) / len(self.kept))


def _places(table: Table, rows: NDArray[np.integer], fold: NDArray[np.integer] | None = None) -> Places:
    return Places(table.file[rows], table.entry[rows], fold)


class Turns:
    """Has the models of a run trained in turn.

    Args:
        first: the first model's problem, which the run began with.
        again: called while the next one is prepared; it may raise `Stopped`.
        checkpoints: where the state of a model in training is written down, and what an earlier attempt has left.
    """

    def __init__(
        self,
        prepared: Prepared,
        first: Ready,
        reporter: Reporter,
        gate: Gate,
        draw: Draw,
        keeping: Keeping,
        again: Callable[[float], None],
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self._prepared = prepared
        self._checkpoints = checkpoints or Checkpoints()
        self._done = self._checkpoints.member
        self._first: Ready | None = first
        self._reporter, self._gate, self._draw, self._keeping, self._again = reporter, gate, draw, keeping, again
        rows = len(prepared.divided.parts["train"])
        self._out_of_fold, self._in_fold = _Gathered(rows), _Gathered(rows)
        self._sums: dict[Part, Floats] = {}
        self._seeds: list[NDArray[np.float32]] = []

    def run(self, album: Album) -> Outcome:
        """Train them all, or until a stop is asked for; what there is then is kept.

        Args:
            album: of the first model.

        Raises:
            Stopped: where a stop comes before there is a model at all.
        """
        outcome = Outcome()
        division = self._prepared.divided.division
        judged = len(self._prepared.asked.judged)
        for index in range(judged):
            ready = self._ready(index)
            fitted = self._fitted(index, ready, album) if ready else None
            if ready is None or fitted is None:
                break
            self._judge(outcome, index, ready, fitted)
            self._put_by(index, ready, fitted)
            del ready, fitted  # before the next one's rows are made
            if self._reporter.stopped:
                break
        if division.fold is not None:
            outcome.parts = self._of_folds(division.fold)
            outcome.left = np.flatnonzero(~self._out_of_fold.there)
        outcome.complete = outcome.trained == judged and not self._reporter.stopped
        if outcome.complete and len(self._prepared.names) > judged:
            outcome.complete = self._refit(judged, outcome.kept_step, album)
        return outcome

    # -- one model -----------------------------------------------------------------------------------------------
    def _ready(self, index: int, steps: int | None = None) -> Ready | None:
        """The next model's problem; None where a stop comes first."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        try:
            if self._gate.stopping:
                raise Stopped
            return self._prepared.member(index, self._again, steps=steps)
        except Stopped:
            self._reporter.stopped = True
            return None

    def _fitted(self, index: int, ready: Ready, album: Album) -> Fitted | None:
        """The next model; None where a stop comes before there is one, unless it is the first."""
        if index < self._done:
            return self._keeping.kept(self._prepared.names[index], ready.problem.card)
        if index > 0:
            album = self._draw(ready, keeping=False)
            self._reporter.member(index, album)
        try:
            fitted = engine(ready.problem.card).fit(ready.problem, self._reporter, self._checkpoints)
        except Stopped:
            if index == 0:
                raise
            return None
        step = self._reporter.position if fitted.kept is None else fitted.kept
        album.last(step, fitted.predict, self._reporter.inside or _looking(ready, fitted))
        self._reporter.flush()
        return fitted

    def _refit(self, index: int, kept: float | None, album: Album) -> bool:
        """One more model on train and validation together; whether it is there: half of it would be none."""
        steps = None if kept is None or not self._prepared.divided.card.steps else max(1, round(kept))
        ready = self._ready(index, steps)
        fitted = self._fitted(index, ready, album) if ready else None
        if ready is None or fitted is None or self._reporter.stopped:
            return False
        self._put_by(index, ready, fitted)
        return True

    def _put_by(self, index: int, ready: Ready, fitted: Fitted) -> None:
        """One model alone is saved once its worth is said; of several, each as soon as it is there."""
        if index < self._done:
            return
        name = self._prepared.names[index]
        self._keeping.hold(name, ready.preprocessing, fitted)
        if len(self._prepared.names) > 1:
            saved = self._keeping.try_save() and not self._reporter.stopped
            self._checkpoints.advance(name if saved else None)

    # -- what it says --------------------------------------------------------------------------------------------
    def _judge(self, outcome: Outcome, index: int, ready: Ready, fitted: Fitted) -> None:
        outcome.trained += 1
        if fitted.kept is not None:
            outcome.kept.append(fitted.kept)
        table, parts = self._prepared.divided.table, ready.problem.parts
        outcome.unseen.update(ready.preprocessing.unseen(table, self._prepared.parts(index).get("validation", _NONE)))
        scored = {part: score(fitted, rows) for part, rows in parts.items()}
        if len(self._prepared.names) == 1:
            outcome.alone = Member(ready.preprocessing, fitted)
        else:
            for part, scores in scored.items():
                outcome.metrics.setdefault(part, []).append(numbers(table, scores))
        fold = self._prepared.divided.division.fold
        if fold is None:
            means = {part: self._mean(part, scores, outcome.trained) for part, scores in scored.items()}
            each = self._each(scored.get("validation"))
            outcome.parts = {
                part: PartPredictions(means[part], rows.file, rows.entry, seeds=each if part == "validation" else None)
                for part, rows in parts.items()
            }
            return
        self._out_of_fold.put(np.flatnonzero(fold == index), scored["validation"].scores)
        others = np.flatnonzero(fold != index)
        before = fold[others] == (index - 1) % self._prepared.divided.division.folds
        self._in_fold.put(others[before], scored["train"].scores[before])

    def _each(self, scores: Scores | None) -> NDArray[np.floating] | None:
        """What each of several seeds says of the validation so far, one more each time; None where it is too much."""
        if scores is None or scores.scores.ndim != 1 or kind(self._prepared.names) != "seed":
            return None
        if len(scores) * len(self._prepared.names) > MOST_BY_SEED:
            return None
        self._seeds.append(scores.scores.astype(np.float32))
        return np.stack(self._seeds, axis=1) if len(self._seeds) > 1 else None

    def _mean(self, part: Part, scores: Scores, trained: int) -> Scores:
        """The mean scores of the models so far, one more each time; of the first its own."""
        if trained > 1:
            values = self._sums[part] + scores.scores
            self._sums[part] = put_away(values) if on_disk(scores.scores) else values
            values = self._sums[part] / trained
            return replace(scores, scores=put_away(values) if on_disk(scores.scores) else values)
        self._sums[part] = scores.scores
        return scores

    def _of_folds(self, fold: NDArray[np.integer]) -> dict[Part, PartPredictions]:
        """What there is of every row that some model is trained on.

        As validation it is scored by the model that was not trained on it, as train by the next one, which was.
        """
        divided = self._prepared.divided
        gathered: dict[Part, _Gathered] = {"train": self._in_fold, "validation": self._out_of_fold}
        return {
            part: of_table(divided.table, divided.parts["train"][there], one.scores[there], fold[there])
            for part, one in gathered.items()
            if len(there := np.flatnonzero(one.there))
        }


def _looking(ready: Ready, fitted: Fitted) -> Inside | None:
    """Looks into what is no network; of those the trainer has said how to look into them."""
    if ready.problem.card.engine == "network":
        return None
    from mltui.inference.native_threads import native_threads
    from mltui.training.looking_inside import Looking  # scikit-learn comes with it

    looking = Looking(ready.problem, getattr(fitted, "estimator", fitted))

    def inside(points: Inputs | None, plane: Inputs | None = None) -> Found:
        with native_threads(ready.problem.threads):
            return looking(points, plane)

    return inside


class _Gathered:
    """Scores of rows that come model by model."""

    def __init__(self, rows: int) -> None:
        self.there = np.zeros(rows, np.bool_)
        self.scores: Floats = np.zeros(0)

    def put(self, places: NDArray[np.integer], scores: Floats) -> None:
        """The scores at these places."""
        if not len(self.scores):
            self.scores = np.full((len(self.there), *scores.shape[1:]), np.nan)
        self.scores[places] = scores
        self.there[places] = True
