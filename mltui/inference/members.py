"""The models that a run has kept, and the rule which of them scores a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.members import REFIT, fold_name
from mltui.core.table import Floats, Integers, Table
from mltui.data.preprocess import Preprocessing
from mltui.inference.asked import experiment
from mltui.inference.fitted import Fitted
from mltui.inference.reload import load
from mltui.models import catalogue
from mltui.models.card import ModelCard
from mltui.record.folder import RunFolder

TOGETHER = -1
"""In place of a fold: the refit, or the mean over the folds or seeds, or the one model there is."""
NOBODY = -2
"""In place of a fold: the model that did not train on the row is not there, since the run was stopped before it."""
NEW, SEALED = -1, -2
"""In place of the fold that held a row out: a row that the run does not know, and one of its test part."""
_PIECE_BYTES = 64_000_000
"""Inputs that are made and scored at once, about."""
_STEP = 4_096
"""Such a piece has a multiple of so many rows: those a network takes at a time, so that its answers stay the same."""


@dataclass(frozen=True)
class Member:
    """One model with the preprocessing that was fitted on its own training rows."""

    preprocessing: Preprocessing
    fitted: Fitted

    def score(self, table: Table, rows: NDArray[np.integer]) -> Floats:
        """Scores of these rows of a table, in this order, as `Fitted.predict` shapes them.

        Piece by piece, so that the inputs of a large table are never in memory as a whole.
        """
        pieces = [
            self.fitted.predict(self.preprocessing.transform(table, rows[piece])) for piece in self._pieces(len(rows))
        ]
        if not pieces:
            return self.fitted.predict(np.zeros((0, len(self.preprocessing.names)), np.float32))
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def _pieces(self, rows: int) -> Iterator[slice]:
        size = max(1, _PIECE_BYTES // (4 * _STEP * max(1, len(self.preprocessing.names)))) * _STEP
        return (slice(start, min(start + size, rows)) for start in range(0, rows, size))


@dataclass(frozen=True)
class Scored:
    """What the models say of some rows.

    Attributes:
        scores: as `Fitted.predict` shapes them; NaN where `fold` is NOBODY.
        fold: shape (rows,), the fold whose model scored each row, from 0, or TOGETHER or NOBODY.
    """

    scores: Floats
    fold: Integers


@dataclass(frozen=True)
class Members:
    """The kept models of a run, each read when it is first asked.

    Attributes:
        experiment: what the run was asked to do.
        folds: how many folds it has; 0 without.
        kept: the names of the models that are there, but for a refit; one alone has an empty one.
        refit: whether there is a model of train and validation together.
        threads: how many threads an estimator may use.
    """

    folder: RunFolder
    experiment: Experiment
    card: ModelCard
    folds: int
    kept: tuple[str, ...]
    refit: bool
    threads: int = 1
    _read: dict[str, Member] = field(default_factory=dict, compare=False)

    @classmethod
    def load(cls, folder: RunFolder, *, threads: int = 1) -> Members:
        """See which models a run has kept.

        Args:
            threads: how many threads an estimator may use to score; a network uses torch's own.

        Raises:
            InputError: where it is no run folder, or no model is kept in it.
        """
        asked = experiment(folder)
        card = catalogue.CARDS[asked.model.name].chosen(asked.model.hyperparameters)
        folds = asked.split.folds or 0
        kept = tuple(name for name in asked.judged if _has_model(folder, name))
        refit = asked.split.refit and _has_model(folder, REFIT)
        if not kept and not refit:
            raise InputError(
                f"run {folder.id} has kept no model ({folder.model}); only a run that has finished, or was stopped "
                "once it had one, can score rows"
            )
        return cls(folder, asked, card, folds, kept, refit, threads)

    def score(self, table: Table, rows: NDArray[np.integer], known: NDArray[np.integer] | None = None) -> Scored:
        """Score rows of a table, each by the model that is right for it.

        A row of the run's own is scored by the model that held it out; without folds by the one that was judged, or
        the mean over the seeds. A new one by the refit if there is one, else with split.fold_by by the model of its
        fold (where `table.others` holds that expression under its text), else by the mean over the folds or seeds. One
        of the test part by the refit, or the mean.

        Args:
            rows: row numbers.
            known: shape (rows,): of a row that the run knows the fold that held it out, 0 without folds; NEW for one
                that it does not know, SEALED for one of its test part. Without it all rows are new.

        Raises:
            InputError: where the table lacks a column that was learnt from, or a model cannot be read back.
        """
        fold = self._by(table, rows, np.full(len(rows), NEW) if known is None else known)
        every = np.unique(fold)
        if len(every) == 1:
            return Scored(self._scores(int(every[0]), table, rows), fold)
        scores: Floats | None = None
        for one in every:
            chosen = fold == one
            found = self._scores(int(one), table, rows[chosen])
            if scores is None:
                scores = np.empty((len(rows), *found.shape[1:]))
            scores[chosen] = found
        if scores is None:
            scores = self._scores(TOGETHER, table, rows)
        return Scored(scores, fold)

    def score_test(self, table: Table, rows: NDArray[np.integer]) -> Floats:
        """Score rows of the test part, which no model has seen: by the refit, else the mean over the folds or seeds."""
        return self._scores(TOGETHER, table, rows)

    def member(self, name: str) -> Member:
        """The model of that name (``fold 1``, ``seed 7``, ``refit``; empty for one alone), read when first asked for.

        Raises:
            InputError: where it is not there or damaged.
        """
        if name not in self._read:
            place = self.folder.member_model(name)
            fitted = load(place, self.card)
            if self.card.engine == "estimator":
                _with_threads(fitted, self.threads)
            self._read[name] = Member(Preprocessing.load(place), fitted)
        return self._read[name]

    @property
    def kept_folds(self) -> tuple[int, ...]:
        """The folds, from 0, whose models are there."""
        return tuple(fold for fold in range(self.folds) if fold_name(fold) in self.kept)

    @property
    def together(self) -> tuple[str, ...]:
        """The names of the models whose mean scores a row that belongs to no fold."""
        return (REFIT,) if self.refit else self.kept

    def _by(self, table: Table, rows: NDArray[np.integer], known: NDArray[np.integer]) -> Integers:
        """Of each row the fold whose model is to score it, TOGETHER or NOBODY."""
        fold = np.where(known == SEALED, TOGETHER, known).astype(np.int64)
        new = known == NEW
        text = self.experiment.split.fold_by
        if text is not None and not self.refit and text in table.others and new.any():
            fold[new] = _fold_of(table.others[text][rows[new]], self.folds)
        absent = (fold >= 0) & ~np.isin(fold, self.kept_folds if self.folds else range(min(1, len(self.kept))))
        fold[absent] = np.where(new[absent], TOGETHER, NOBODY)
        return fold

    def _scores(self, fold: int, table: Table, rows: NDArray[np.integer]) -> Floats:
        if fold == NOBODY:
            of_none = self.member(self.together[0]).score(table, rows[:0])
            return np.full((len(rows), *of_none.shape[1:]), np.nan)
        own = (fold_name(fold),) if self.folds else self.kept
        names = own if fold >= 0 else self.together
        scores = self.member(names[0]).score(table, rows)
        for name in names[1:]:
            scores = scores + self.member(name).score(table, rows)
        return scores / len(names)


def _with_threads(fitted: Fitted, threads: int) -> None:
    from mltui.inference.estimator import FittedEstimator

    if isinstance(fitted, FittedEstimator):
        fitted.threads = threads


def _has_model(folder: RunFolder, name: str) -> bool:
    return (folder.member_model(name) / "preprocessing.json").is_file()


def _fold_of(values: NDArray[np.generic], folds: int) -> Integers:
    """The fold that split.fold_by gives; TOGETHER for a value that is none."""
    numbers = values.astype(np.float64)
    sound = (numbers >= 0) & (numbers < folds) & (numbers == np.floor(numbers))  # False for NaN
    return np.where(sound, numbers, TOGETHER).astype(np.int64)
