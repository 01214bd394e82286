"""Scores files of any size with a run's models, piece by piece: one output for each input, row for row."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.prediction import Request
from mltui.core.table import Floats
from mltui.data.part import Wanted
from mltui.data.plan import Plan, opened
from mltui.data.stream import Piece, Stream
from mltui.data.writers import opened as written
from mltui.inference.features import Bound, Features
from mltui.inference.known import Known
from mltui.inference.looking import Input, Looking
from mltui.inference.members import Members
from mltui.inference.outputs import FOLD, Columns
from mltui.inference.tally import Tally
from mltui.models.card import ModelCard
from mltui.record.files import why
from mltui.record.folder import RunFolder

UNSEAL = "unseal"
"""The key of the error that rows of the sealed test part are among the input."""
_PIECE_BYTES, _LEAST_ROWS, _MOST_ROWS = 32_000_000, 1_000, 131_072
Tell = Callable[[float, str], None]


class Prediction:
    """A run's models with the files that they are to score; all of the files were looked at.

    Attributes:
        inputs: in the order in which they were named.
    """

    def __init__(self, folder: RunFolder, request: Request, *, threads: int = 1) -> None:
        """Look at everything, so that a mistake is told before any work.

        Raises:
            InputError: for a run without a model, a file that cannot be read or lacks a column, or an output that is
                there already.
        """
        self._members = Members.load(folder, threads=threads)
        self._known = Known.read(folder, self._members.experiment)
        self._features = Features.of(self._members, self._known.classes)
        self._columns = Columns.of(self._known.classes, bool(self._members.folds), self._known.targets)
        self._folder, self._request = folder, request
        self._done: list[tuple[Input, Tally]] = []
        self._seconds = 0.0
        self.inputs = tuple(Looking(self._members, self._known, self._features, request).inputs())

    @property
    def card(self) -> ModelCard:
        """The model that the run trained."""
        return self._members.card

    @property
    def sealed(self) -> tuple[str, ...]:
        """The names of the files that hold rows of the run's sealed test part."""
        return tuple(one.name for one in self.inputs if one.known.tested) if self._known.sealed else ()

    def refuse_sealed(self) -> None:
        """See that no row of the sealed test part is among the input.

        Raises:
            InputError: where one is, its key UNSEAL.
        """
        if self.sealed:
            more = f" and {len(self.sealed) - 1} more hold" if len(self.sealed) > 1 else " holds"
            raise InputError(
                f"{self.sealed[0]}{more} rows of run {self._folder.id}'s sealed test part; with --unseal they are "
                "scored, and that is counted as an opening",
                key=UNSEAL,
            )

    def run(self, tell: Tell = lambda share, what: None) -> dict[str, Any]:
        """Score every file and write the outputs; the report, as `report` has it.

        Args:
            tell: told the share that is done, from 0 to 1, and the file's name; it may raise to give up.

        Raises:
            InputError: where a file turns out to be damaged or to hold what it cannot, and where rows are sealed.
            WritingError: where an output cannot be written to its end.
        """
        self.refuse_sealed()
        began, done = time.monotonic(), 0
        whole = max(1, sum(one.rows for one in self.inputs))
        for one in self.inputs:
            self._done.append((one, self._score(one, _within(tell, one.name, done / whole, one.rows / whole))))
            done += one.rows
            self._seconds = time.monotonic() - began
        tell(1.0, "")
        return self.report()

    def report(self) -> dict[str, Any]:
        """What there is to say of the files that are done.

        `files` has for each its path, its output's, and the same counts as the whole: `rows`, `cut_away` (rows
        without a score), `unscored` (the same for want of a model), `known` (rows by part of the run; with folds all
        of the pool are of validation), `missing` (shares by feature), `unseen` (rows by category), `odd` (values that
        were none). `columns` names the outputs' columns, `notes` holds sentences.
        """
        total = Tally()
        for _, tally in self._done:
            total.join(tally)
        return {
            "run": self._folder.id,
            "files": [
                {"in": str(one.path), "out": str(one.out), "format": one.format, **tally.document()}
                for one, tally in self._done
            ],
            **total.document(),
            "columns": self._columns.document(),
            "notes": total.notes(folds=self._members.folds, together=self._together),
            "seconds": round(self._seconds, 3),
        }

    @cached_property
    def _together(self) -> str:
        """What scores a row that the run does not know; empty where there is but one model."""
        members = self._members
        if members.refit:
            return "the model trained on train and validation together"
        if len(members.experiment.judged) == 1:
            return ""
        if self._features.fold_by is not None:
            return "the model of the fold that split.fold_by gives"
        return f"the mean of {len(members.together)} models"

    # -- scoring ---------------------------------------------------------------------------------------------------
    def _score(self, one: Input, tell: Callable[[float], None]) -> Tally:
        tally = Tally()
        _made(one.out.parent)
        if one.bound is None:
            with written(one.out, self._columns.types, one.format):
                return tally
        with self._stream(one, one.bound, tell) as stream, written(one.out, self._columns.types, one.format) as output:
            for piece in stream:
                output.write(self._of(piece, one, one.bound, tally))
            tally.odd.update(stream.odd)
        return tally

    @contextmanager
    def _stream(self, one: Input, bound: Bound, tell: Callable[[float], None]) -> Iterator[Stream]:
        with opened(one.data, Path()) as plan:
            wanted = Wanted(bound.columns)
            yield Stream(plan, wanted, size=self._size(plan, wanted), progress=tell)

    def _size(self, plan: Plan, wanted: Wanted) -> int:
        inputs = len(self._members.member(self._members.together[0]).preprocessing.names)
        row_bytes = plan.row_bytes(wanted) + 12 * inputs
        return max(_LEAST_ROWS, min(_MOST_ROWS, int(_PIECE_BYTES / max(1.0, row_bytes))))

    def _of(self, piece: Piece, one: Input, bound: Bound, tally: Tally) -> Mapping[str, NDArray[Any]]:
        """The output of some rows."""
        part, holder = one.known.of(piece.entry)
        kept, table = bound.table(piece.columns, len(piece))
        rows = np.arange(len(table))
        scored = self._members.score(table, rows, holder[kept])
        unseen = self._members.member(self._members.together[0]).preprocessing.unseen(table, rows)
        tally.add(table, kept, part[kept], scored, unseen)
        scores: Floats = np.full((len(piece), *scored.scores.shape[1:]), np.nan)
        scores[kept] = scored.scores
        names = self._columns.scores
        columns: dict[str, NDArray[Any]] = {names[0]: scores}
        if scores.ndim > 1:
            columns = {name: scores[:, place].copy() for place, name in enumerate(names)}
        if self._columns.folds:
            fold = np.full(len(piece), -1, np.int32)
            fold[kept] = scored.fold
            columns[FOLD] = np.maximum(fold, -1)
        return columns


def _within(tell: Tell, name: str, start: float, share: float) -> Callable[[float], None]:
    """Tells of one file's progress as a share of the whole."""
    return lambda part: tell(start + share * part, name)


def _made(folder: Path) -> None:
    """Make the folder of an output.

    Raises:
        InputError: where it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be made: {why(error)}") from None
