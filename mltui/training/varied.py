"""Scores the systematic variations of a run's data with its kept models, and compares them with the nominal rows.

A row that is trained on never comes back as a varied one, and no model sees a variation before it is done.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.process import Process
from mltui.core.sections import Part, Variation
from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Integers, Table
from mltui.data.read import read
from mltui.data.varied import check_varied
from mltui.evaluation.variations import Judged, compared
from mltui.evaluation.yields import places, processes, scales_of
from mltui.inference.members import SEALED, Members
from mltui.record.folder import RunFolder
from mltui.record.predictions import PartPredictions
from mltui.training.divided import Divided
from mltui.training.failures import Failure
from mltui.training.gate import Gate, Stopped
from mltui.training.judged import THRESHOLD, Judge
from mltui.training.prepare import Prepared

_ENTRIES = 1 << 44
"""More rows than any file has."""
_BEHIND = np.iinfo(np.int64).max


def check(prepared: Prepared, folder: RunFolder) -> None:
    """See that the variations of an experiment can be read, before anything is trained.

    Raises:
        InputError: with a key of the variation that cannot.
    """
    asked = prepared.asked
    for variation in asked.data.variations:
        check_varied(asked.data, folder.path, variation, prepared.divided.table, split=asked.split)


def say(judge: Judge, prepared: Prepared, folder: RunFolder, parts: Mapping[Part, PartPredictions], gate: Gate) -> None:
    """Say in an evaluated event what the variations, where there are any, do to the validation part.

    Args:
        folder: where the models are kept by now.
        parts: the scored ones.
        gate: by which somebody may have had enough.
    """
    if prepared.asked.data.variations and "validation" in parts:
        members = Members.load(folder, threads=prepared.threads)
        found = varied(judge, members, prepared.divided, "validation", parts["validation"], gate)
        judge.emit("evaluated", part="validation", variations=found)


def varied(
    judge: Judge,
    members: Members,
    divided: Divided,
    part: Part,
    nominal: PartPredictions,
    gate: Gate | None = None,
) -> dict[str, dict[str, Any]]:
    """What each variation does to the numbers of one part, as `evaluation.variations` documents it, by name.

    One that cannot be scored is said in a warning, and is not among them: the models are there, whatever becomes of it.

    Args:
        judge: whose table and processes the nominal ones are.
        part: validation, or at its opening test.
        nominal: its rows as they were scored.
        gate: the rest is left where somebody has given up on it.
    """

    def tell(share: float) -> None:
        if gate is not None and gate.given_up:
            raise Stopped

    found = {}
    for variation in members.experiment.data.variations:
        try:
            tell(0.0)
            table = _read(members, variation, divided.table, tell)
            found[variation.name] = _Varied(judge, members, divided.table, part, nominal, variation, table).compared()
        except Stopped:
            judge.emit("warning", message="The run was stopped before all variations were scored.")
            break
        except Exception as error:
            failure = Failure.of(error, members.folder)
            if failure.puzzling:
                traceback.print_exception(error)
            judge.emit("warning", message=f"The variation {variation.name} was not scored: {failure.message}")
    return found


def _read(members: Members, variation: Variation, nominal: Table, tell: Callable[[float], None]) -> Table:
    asked = members.experiment
    return read(asked.data, members.folder.path, tell, split=asked.split, variation=variation, nominal=nominal)


class _Varied:
    """One variation, read and matched with the nominal rows."""

    def __init__(
        self,
        judge: Judge,
        members: Members,
        whole: Table,
        part: Part,
        nominal: PartPredictions,
        variation: Variation,
        table: Table,
    ) -> None:
        self._members, self._part, self._nominal = members, part, nominal
        self._table, self._whole = whole, tuple(judge.processes)
        self._variation, self._uncertainty = variation, judge.uncertainty
        matched = _Matched.of(table, self._table, nominal)
        if self._table.scaled_up > 1:  # what stands for all rows is those that were drawn, in the varied table too
            kept = np.flatnonzero(matched.known | ~matched.of_its_files)
            weights = table.weights
            if weights is not None:
                weights = np.where(matched.known, weights * self._table.scaled_up, weights)
            table, matched = replace(table, weights=weights).take(kept), matched.take(kept)
        self._varied, self._matched = table, matched

    def compared(self) -> dict[str, Any]:
        table = self._table
        return compared(
            Judged(self._nominal.scores, self._whole),
            Judged(self._scores(), self._totals()),
            table.task,
            table.classes,
            table.processes,
            THRESHOLD,
            self._uncertainty,
        )

    def _totals(self) -> Sequence[Process]:
        """What all varied rows add up to; the processes that do not vary as they were."""
        own, one = processes(self._varied), self._variation.process
        if one is None:
            return own
        return (*own, *(each for each in self._whole if each.name not in (one, f"{one}, {each.label}")))

    def _varies(self, scores: Scores) -> NDArray[np.bool_]:
        """Which rows are of a process that varies."""
        if self._variation.process is None:
            return np.ones(len(scores), np.bool_)
        return np.asarray(scores.process == self._table.processes.index(self._variation.process))

    def _scores(self) -> Scores:
        """The varied rows of the part, and the nominal ones of what does not vary, in the nominal order."""
        matched, table, nominal = self._matched, self._varied, self._nominal.scores
        rows = np.flatnonzero(matched.in_part | ~matched.known)
        known = matched.in_part[rows]
        at = matched.place[rows]
        scores = self._members.score(table, rows, self._holders(rows, known, at)).scores
        weights = np.ones(len(rows)) if table.weights is None else table.weights[rows]
        process = table.process[rows] if table.processes else table.process[:0]
        found = Scores(table.target[rows], scores, weights, process)
        found = replace(found, weights=np.where(known, weights, weights * self._shares(found)))
        stay = np.flatnonzero(~self._varies(nominal))
        order = np.argsort(np.concatenate([np.where(known, at, _BEHIND), stay]), kind="stable")
        return _joined(found, nominal.take(stay)).take(order)

    def _holders(self, rows: Integers, known: NDArray[np.bool_], at: Integers) -> Integers:
        """Of each row the fold that holds it out, as `Members.score` wants it.

        A new row gets the model of one fold, as every nominal one has: the mean over the folds would be another model.
        """
        if self._part == "test":
            return np.full(len(rows), SEALED, np.int64)
        fold = self._nominal.fold
        if fold is None:
            return np.zeros(len(rows), np.int64)
        kept = np.array(self._members.kept_folds)
        by_entry = kept[self._varied.entry[rows] % len(kept)]
        text = self._members.experiment.split.fold_by
        if text is not None and text in self._varied.others:
            said = np.nan_to_num(self._varied.others[text][rows].astype(np.float64), nan=-1.0)
            by_entry = np.where(np.isin(said, kept), said, by_entry).astype(np.int64)
        return np.where(known, fold[np.where(known, at, 0)], by_entry)

    def _shares(self, scores: Scores) -> Floats:
        """Of each row the share of its process that is in the part; shape (rows,).

        Rows that stand for all of the data then mix with those of the part alone.
        """
        table, part = self._table, self._nominal.scores
        at = places(part, self._whole, table.processes, table.classes)
        shares = [0.0 if scale is None else 1 / scale for scale in scales_of(self._whole, at, part.weights)]
        of_all = float(part.weights.sum()) / (len(table) if table.weights is None else float(table.weights.sum()))
        return np.array([*shares, of_all])[places(scores, self._whole, table.processes, table.classes)]


@dataclass(frozen=True)
class _Matched:
    """Which rows of a varied table the nominal one has too.

    Attributes:
        known: whether it has the row.
        of_its_files: whether it has the file.
        place: the row's place in the part that is judged; -1 where it is not in it.
    """

    known: NDArray[np.bool_]
    of_its_files: NDArray[np.bool_]
    place: Integers

    @classmethod
    def of(cls, table: Table, nominal: Table, part: PartPredictions) -> _Matched:
        """Match by file, tree and entry."""
        names = {name: at for at, name in enumerate(_names(nominal))}
        file = np.array([names.get(name, -1) for name in _names(table)], np.int64)[table.file]
        keys = np.where(file >= 0, file * _ENTRIES + table.entry, -1)
        known = _found(keys, np.asarray(nominal.file, np.int64) * _ENTRIES + nominal.entry) >= 0
        return cls(known, file >= 0, _found(keys, np.asarray(part.file, np.int64) * _ENTRIES + part.entry))

    @property
    def in_part(self) -> NDArray[np.bool_]:
        return self.place >= 0

    def take(self, rows: Integers) -> _Matched:
        return _Matched(self.known[rows], self.of_its_files[rows], self.place[rows])


def _names(table: Table) -> list[tuple[str, str]]:
    """Every file, by whatever name it is called, with its tree."""
    files = [file if "://" in file else os.path.realpath(file) for file in table.files]
    return list(zip(files, table.trees or ("",) * len(files), strict=True))


def _found(keys: Integers, among: Integers) -> Integers:
    """The place of each key among others, shape (keys,); -1 where it is not."""
    if not len(among):
        return np.full(len(keys), -1)
    order = np.argsort(among, kind="stable")
    place = order[np.minimum(np.searchsorted(among, keys, sorter=order), len(among) - 1)]
    return np.where(among[place] == keys, place, -1)


def _joined(one: Scores, other: Scores) -> Scores:
    return Scores(
        np.concatenate([one.target, other.target]),
        np.concatenate([one.scores, other.scores]),
        np.concatenate([one.weights, other.weights]),
        np.concatenate([one.process, other.process]),
    )
