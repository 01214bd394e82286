"""A run in a notebook: its scores, labels, weights and history as arrays, and its models asked about new rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import PARTS, Part
from mltui.core.table import Floats, Integers, Table
from mltui.record.folder import RunFolder
from mltui.record.predictions import Predictions, read_predictions
from mltui.record.state import RunState
from mltui.runs.follow import read_state
from mltui.runs.home import home
from mltui.runs.store import Store
from mltui.runs.summary import refuse_newer

if TYPE_CHECKING:
    from mltui.core.experiment import Experiment
    from mltui.evaluation.cuts import Cuts
    from mltui.inference.features import Features
    from mltui.inference.known import Known
    from mltui.inference.members import Members

Value = TypeVar("Value")
_TOLD = ("auc", "accuracy", "loss", "rmse", "r2")


def load(run: str | Path = "latest") -> Run:
    """A run of the store, or one whose folder lies elsewhere.

    Args:
        run: an id, a unique beginning of one, `latest`, or the path of a run folder.

    Raises:
        InputError: where there is none.
    """
    folder = RunFolder(run.absolute()) if isinstance(run, Path) else Store(home()).find(run)
    if not folder.resolved.is_file():
        raise InputError(f"{folder.path} is not a run folder: it has no {folder.resolved.name}")
    refuse_newer(folder)
    return Run(folder)


class Points(NamedTuple):
    """A curve: where its points stand on the run's axis, and their values, both of shape (points,)."""

    steps: Floats
    values: Floats


class _Absent(KeyError):
    """A part or a curve that is not there; its text is a sentence."""

    def __str__(self) -> str:
        return str(self.args[0])


class Named(Mapping[str, Value], Generic[Value]):
    """Values by name; one that is not there is asked for with a clear word."""

    def __init__(self, values: Mapping[str, Value], absent: str, reasons: Mapping[str, str]) -> None:
        self._values, self._absent, self._reasons = dict(values), absent, reasons

    def __getitem__(self, name: str) -> Value:
        if name in self._values:
            return self._values[name]
        known = ", ".join(self._values) or "none"
        raise _Absent(self._reasons.get(name, f"{self._absent} {name!r}; there are: {known}"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<{', '.join(self._values)}>"


class Run:
    """What a run has left, read when it is first asked for.

    Attributes:
        folder: where it lies.
        state: its events folded: phase, metrics, yields, warnings and all else that it said.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.state: RunState = read_state(folder)

    @property
    def id(self) -> str:
        """The run's id."""
        return self.folder.id

    @cached_property
    def experiment(self) -> Experiment:
        """What was asked for, every default filled in."""
        from mltui.inference.asked import experiment

        return experiment(self.folder)

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels; with two, the second is the positive one, which high scores mean. None for regression."""
        return tuple(map(str, self.state.started.get("classes") or ()))

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of several targets, in the order of their columns; none where there is one alone."""
        return self._predictions.targets

    @property
    def features(self) -> tuple[str, ...]:
        """The columns and expressions that were learnt from."""
        return tuple(map(str, self.state.started.get("features") or ()))

    @property
    def metrics(self) -> Mapping[str, Mapping[str, Any]]:
        """By part, as the command line names them."""
        return Named(self.state.metrics, "there are no metrics of the part", self._sealed)

    @property
    def history(self) -> Mapping[str, Points]:
        """The curves by name and part, such as ``loss/validation``; of several models also ``loss/train/fold 1``."""
        named = {
            "/".join(filter(None, (curve.name, curve.part, curve.member))): Points(series.steps, series.values)
            for curve, series in zip(self.state.curves, self.state.series, strict=True)
        }
        return Named(named, "there is no curve", {})

    @property
    def scores(self) -> Mapping[str, Floats]:
        """By part, what the models say: shape (rows,), or (rows, classes) for many classes.

        For several targets it is of shape (rows, targets).

        With folds `validation` is out of fold: each row by the model that did not train on it.
        """
        return self._by_part(lambda rows: rows.scores.scores)

    @property
    def labels(self) -> Mapping[str, NDArray[np.generic]]:
        """By part, shape (rows,): each row's class as an index into `classes`, or the true value of a regression.

        Of several targets shape (rows, targets).
        """
        return self._by_part(lambda rows: rows.scores.target)

    @property
    def weights(self) -> Mapping[str, Floats]:
        """By part, shape (rows,); ones where the data have none."""
        return self._by_part(lambda rows: rows.scores.weights)

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the rows came from, which `file` is an index into."""
        return self._predictions.files

    @property
    def file(self) -> Mapping[str, Integers]:
        """By part, shape (rows,): the file of each row."""
        return self._by_part(lambda rows: rows.file)

    @property
    def entry(self) -> Mapping[str, Integers]:
        """By part, shape (rows,): the number of each row in its file, from 0."""
        return self._by_part(lambda rows: rows.entry)

    def predict(self, table: Any) -> Floats:
        """What the run's models say of new rows.

        Args:
            table: a dictionary of arrays, a structured array, a DataFrame of pandas or polars, or a Table of mltui.
                The run's expressions and its cut are applied; a Table has them behind it.

        Returns:
            Shape (rows,): the positive class's probability, or the value; (rows, classes) for many classes, in the
            order of `classes`; (rows, targets) for several targets, in the order of `targets`. NaN for a row that the
            cut does not keep. A row of a Table that the run knows is scored by the model that did not train on it, any
            other as `mltui predict` scores new rows.

        Raises:
            InputError: where a column is missing or of another kind, no model was kept, or rows of the sealed test
                part are asked about.
        """
        if isinstance(table, Table):
            rows = np.arange(len(table))
            return self._members.score(table, rows, self._holders(table)).scores
        from mltui.inference.given import Given

        given, features = Given.of(table), self._features
        bound = features.bound(given.fields, "the table")
        columns = given.columns(bound.columns, features.data.missing, features.kinds(bound.columns))
        kept, made = bound.table(columns, given.rows)
        found = self._members.score(made, np.arange(len(made))).scores
        scores: Floats = np.full((given.rows, *found.shape[1:]), np.nan)
        scores[kept] = found
        return scores

    def cuts(self, part: str = "validation", *, signal: float | None = None, background: float | None = None) -> Cuts:
        """What is left above a cut on the score, wherever it is put, as efficiencies, purity and significance.

        Each process is scaled to what all its rows add up to, as Yields does.

        Args:
            part: whose rows tell.
            signal, background: the events that are expected of a class with no cut, in place of those of the data.

        Raises:
            InputError: where there are not two classes, or no row with a weight and a score.
        """
        from mltui.evaluation.cuts import cuts

        self.scores[part]  # a sealed or an absent part is said in its own words
        found = self._predictions
        names = found.processes if len(found.parts[cast(Part, part)].scores.process) else ()
        made = cuts(
            found.parts[cast(Part, part)].scores, self.state.processes, names, self.classes,
            signal=signal, background=background,
        )  # fmt: skip
        if made is None:
            raise InputError(f"run {self.id} has no scores of two classes to cut on")
        return made

    def __repr__(self) -> str:
        started = self.state.started
        lines = [f"run {self.id} {self.state.phase}: {started.get('dataset', '?')}, {started.get('model', '?')}"]
        counts = started.get("parts")
        if isinstance(counts, Mapping):
            rows = (f"{part} {count:,}{' (sealed)' if part in self._sealed else ''}" for part, count in counts.items())
            lines.append(f"  rows: {', '.join(rows)}")
        for part in (part for part in PARTS if part in self.state.metrics):
            found = self.state.metrics[part]
            told = [f"{name} {found[name]:.4g}" for name in _TOLD if isinstance(found.get(name), int | float)]
            lines.append(f"  {part}: {', '.join(told)}")
        if self.state.message:
            lines.append(f"  {self.state.message}")
        return "\n".join(lines)

    # -- what is read once -----------------------------------------------------------------------------------------
    @cached_property
    def _predictions(self) -> Predictions:
        found = read_predictions(self.folder)
        if found is None:
            raise InputError(f"run {self.id} has no scores yet ({self.state.phase}); a run that is over has them")
        return found

    @property
    def _sealed(self) -> Mapping[str, str]:
        """What to say of a part whose scores do not exist yet."""
        counts = self.state.started.get("parts")
        tested = isinstance(counts, Mapping) and bool(counts.get("test"))
        if not tested or self.state.openings or "test" in self.state.metrics:
            return {}
        return {
            "test": f"the test part of run {self.id} is sealed; mltui runs unseal {self.id} opens it and counts that"
        }

    def _by_part(self, of: Any) -> Named[Any]:
        parts = self._predictions.parts
        return Named({part: of(parts[part]) for part in PARTS if part in parts}, "there is no part", self._sealed)

    @cached_property
    def _members(self) -> Members:
        from mltui.inference.members import Members

        threads = self.experiment.resolved.get("threads")
        return Members.load(self.folder, threads=threads if isinstance(threads, int) else 1)

    @cached_property
    def _features(self) -> Features:
        from mltui.inference.features import Features

        return Features.of(self._members, self.classes)

    @cached_property
    def _known(self) -> Known:
        from mltui.inference.known import Known

        return Known.read(self.folder, self.experiment)

    def _holders(self, table: Table) -> NDArray[np.integer] | None:
        """Of each row of a table from files the fold that held it out, as `Members.score` wants it.

        Raises:
            InputError: where one is of the sealed test part.
        """
        from mltui.data.files import located
        from mltui.inference.members import NEW, SEALED

        if len(table.file) != len(table):
            return None
        holder = np.full(len(table), NEW, np.int16)
        own = self._unchanged(table)
        for place, name in enumerate(table.files):
            rows = np.flatnonzero(own & (table.file == place))
            if len(rows):
                tree = table.trees[place] if place < len(table.trees) else None
                _, holder[rows] = self._known.rows(located(name), tree).of(table.entry[rows])
        if self._known.sealed and (holder == SEALED).any():
            raise InputError(
                f"rows of this table are sealed: {self._sealed.get('test', 'the test part is not opened')}"
            )
        return holder

    def _unchanged(self, table: Table) -> NDArray[np.bool_]:
        """Which rows of a table can be the run's own; of a catalogue dataset those that are made as the run's were."""
        asked = self.experiment.data
        if asked.dataset is None or not len(table) or not set(self.features) <= set(table.values):
            return np.ones(len(table), np.bool_)
        from mltui.data.read import read

        made = read(asked, self.folder.path)
        made = made.take(np.argsort(made.entry))
        at = np.minimum(np.searchsorted(made.entry, table.entry), len(made) - 1)
        same = np.asarray(made.entry[at] == table.entry)
        for name in made.features:
            alike = np.isclose(made.values[name][at], table.values[name], rtol=0, atol=0, equal_nan=True)
            same &= alike.reshape(len(table), -1).all(axis=1)
        return same
