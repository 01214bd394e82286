"""Counts what a prediction met: rows, those cut away, those the run knows, missing values, unseen categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Table
from mltui.data.readers.raw import Raw
from mltui.inference.known import PARTS
from mltui.inference.members import NOBODY, Scored


@dataclass
class Tally:
    """What was met so far.

    Attributes:
        rows: of the input. cut_away: those that data.cut does not keep, which have no score.
        known: by part of the run's split, the rows with a score that it knows.
        missing: by feature, the rows with a score whose value is missing. unseen: those with a label that training
            never saw. odd: values that are not of their column's kind and were taken as missing.
        unscored: rows without a score since the model that held them out was not kept.
    """

    rows: int = 0
    cut_away: int = 0
    unscored: int = 0
    known: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    unseen: Counter[str] = field(default_factory=Counter)
    odd: Counter[str] = field(default_factory=Counter)

    @property
    def scored(self) -> int:
        """The rows that the cut left."""
        return self.rows - self.cut_away

    def add(
        self, table: Table, kept: NDArray[np.bool_], part: NDArray[np.int8], scored: Scored, unseen: Mapping[str, int]
    ) -> None:
        """Count some more rows.

        Args:
            table: of the rows that the cut left. kept: which those are.
            part: of those rows, the part of the run they are in; -1 for none.
        """
        self.rows += len(kept)
        self.cut_away += len(kept) - len(table)
        self.unscored += int(np.count_nonzero(scored.fold == NOBODY))
        for place, name in enumerate(PARTS):
            self.known[name] += int(np.count_nonzero(part == place))
        for column in table.columns:
            labels = column.categories if column.kind in ("category", "ordered") else None
            raw = Raw(table.values[column.name], labels)
            self.missing[column.name] += int(np.count_nonzero(raw.missing))
        self.unseen.update(unseen)

    def join(self, other: Tally) -> None:
        """Add what was met in another file."""
        self.rows += other.rows
        self.cut_away += other.cut_away
        self.unscored += other.unscored
        for name in ("known", "missing", "unseen", "odd"):
            getattr(self, name).update(getattr(other, name))

    def document(self) -> dict[str, Any]:
        """As the report has it; `missing` in shares of the rows with a score."""
        whole = max(1, self.scored)
        return {
            "rows": self.rows,
            "cut_away": self.cut_away,
            "unscored": self.unscored,
            "known": {name: self.known[name] for name in PARTS},
            "missing": {name: count / whole for name, count in self.missing.items() if count},
            "unseen": {name: count for name, count in self.unseen.items() if count},
            "odd": {name: count for name, count in self.odd.items() if count},
        }

    def notes(self, *, folds: int, together: str) -> list[str]:
        """Sentences for the user.

        Args:
            folds: how many the run has; 0 without.
            together: what scores a row that belongs to no fold.
        """
        return [*self._of_rows(), *self._of_known(folds, together), *self._of_values()]

    def _of_rows(self) -> list[str]:
        said = []
        if self.cut_away:
            said.append(f"data.cut leaves {_rows(self.scored)} of {self.rows:,}; the others have no score (NaN).")
        if self.unscored:
            said.append(
                f"{_rows(self.unscored)} have no score (NaN): the run was stopped before it had the model that did "
                "not train on them."
            )
        return said

    def _of_known(self, folds: int, together: str) -> list[str]:
        said = []
        held_out = self.known["train"] + self.known["validation"] - self.unscored if folds else 0
        if held_out:
            said.append(f"{_rows(held_out)} are the run's own, each scored by a model that did not train on it.")
        elif self.known["train"]:
            said.append(f"The run trained on {_rows(self.known['train'])} of these: their scores flatter it.")
        if self.known["validation"] and not folds:
            said.append(f"{_rows(self.known['validation'])} judged the run while its model was chosen.")
        if self.known["test"]:
            said.append(f"{_rows(self.known['test'])} are of the run's test part, which has been opened.")
        new = self.scored - sum(self.known.values())
        if new and (folds or together):
            said.append(f"{_rows(new)} are new to the run, scored by {together}.")
        return said

    def _of_values(self) -> list[str]:
        said = [
            f"{_rows(count)} have a {name} that training never saw; it counts as none of its labels."
            for name, count in self.unseen.items()
            if count
        ]
        said += [
            f"{count:,} values of {name} are not of its kind and were taken as missing."
            for name, count in self.odd.items()
            if count
        ]
        empty = [name for name, count in self.missing.items() if count and count == self.scored]
        if empty:
            said.append(f"{_listed(empty)} {'has' if len(empty) == 1 else 'have'} no value in any row.")
        return said


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def _listed(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
