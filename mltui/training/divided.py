"""The data of an experiment, read and divided; of any of their rows the preprocessed inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.sections import Part
from mltui.core.table import Table
from mltui.data import cache, memory
from mltui.data.disk import on_disk
from mltui.data.division import Division
from mltui.data.files import located
from mltui.data.laid_out import LaidOut, Tell, laid_out, put_away, rows_put_away
from mltui.data.preprocess import Preprocessing
from mltui.data.read import read
from mltui.data.readers.registry import with_beside
from mltui.data.split import split
from mltui.models import catalogue as models
from mltui.models.card import Engine, ModelCard
from mltui.models.library import loaded
from mltui.training.problem import Rows

_INPUT_BYTES: Mapping[Engine, float] = {"network": 6.0, "estimator": 12.0}
"""What an input of a row takes at the peak of a fit in memory: single precision with most of it shuffled beside it,
or with a copy in double precision."""


@dataclass(frozen=True)
class Divided:
    """The data of an experiment, read and divided.

    Attributes:
        division: which rows of the table each part and each model has.
        key: what all this was made from, as `cache.entry` wants it.
    """

    card: ModelCard
    table: Table
    division: Division
    key: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> Mapping[Part, NDArray[np.integer]]:
        """Row numbers in the table, by part of the split."""
        return self.division.parts

    @property
    def weighted(self) -> bool:
        """Whether the data carry weights."""
        return self.table.weights is not None

    @property
    def on_disk(self) -> bool:
        """Whether the table was too large for memory."""
        return _on_disk(self.table)

    def rows(
        self,
        parts: Mapping[Part, NDArray[np.integer]],
        preprocessing: Preprocessing,
        tell: Tell = lambda share: None,
        member: str = "",
    ) -> dict[Part, Rows]:
        """Of each part of a model's own the rows with their preprocessed inputs; one without rows is left out.

        They are in memory where they have room there. For a network, which learns from them one after the other,
        they are laid out on disk where they have none.

        Args:
            parts: row numbers.
            member: the name of the model, one of several, whose parts and preprocessing they are.

        Raises:
            InputError: where they have none, and the model needs all of them at once; or the disk has none either.
        """
        parts = {part: rows for part, rows in parts.items() if len(rows)}
        inputs = len(preprocessing.names)
        count = sum(len(rows) for rows in parts.values())
        fits = memory.fits(count * inputs * _INPUT_BYTES[self.card.engine])
        if self.card.engine != "network" and not fits:
            raise self._too_large(count, inputs)
        if self.on_disk or not fits:
            key = {**self.key, "member": member} if member else self.key
            found = laid_out(self.table, parts, preprocessing, key, tell)
            return {part: self._laid_out(kept, parts[part]) for part, kept in found.items()}
        return {part: self._in_memory(preprocessing, rows) for part, rows in parts.items()}

    def _in_memory(self, preprocessing: Preprocessing, rows: NDArray[np.integer]) -> Rows:
        table = self.table
        return Rows(
            preprocessing.transform(table, rows),
            table.target[rows],
            np.ones(len(rows)) if table.weights is None else table.weights[rows],
            table,
            rows,
            training_weights=None if table.training_weights is None else table.training_weights[rows],
        )

    def _laid_out(self, kept: LaidOut, rows: NDArray[np.integer]) -> Rows:
        x = kept.x if self.card.engine == "network" else np.array(kept.x)
        return Rows(x, kept.target, kept.weights, self.table, rows, (kept.file, kept.entry), kept.training_weights)

    def _too_large(self, rows: int, inputs: int) -> InputError:
        row_bytes = inputs * _INPUT_BYTES[self.card.engine]
        return memory.too_large(self.card.name, rows, f"{inputs:,} inputs", row_bytes)


def divide(asked: Experiment, folder: Path, tell: Tell = lambda share: None) -> Divided:
    """Read the data, relative to a folder, and divide them.

    Args:
        tell: told the share of the data that is read and made ready; it may raise to give up.

    Raises:
        InputError: where the data cannot be read or divided, or the model is not for their task or not installed.
    """
    card = models.CARDS[asked.model.name].chosen(asked.model.hyperparameters)
    if card.library:
        loaded(card.library)  # before any row is read, and before the versions are written down
    learner = None if card.engine == "network" else card.name
    table = read(asked.data, folder, tell, learner=learner, split=asked.split)
    cache.tidy()
    models.refuse_unsuited(card, table.task, table.target_names)
    key = _key(asked, table)
    if not _on_disk(table):
        return Divided(card, table, split(table, asked.split, folder), key)
    table = rows_put_away(table)
    return Divided(card, table, _put_away(split(table, asked.split, folder)), key)


def _put_away(division: Division) -> Division:
    fold = None if division.fold is None else put_away(division.fold)
    return replace(division, parts={part: put_away(rows) for part, rows in division.parts.items()}, fold=fold)


def _on_disk(table: Table) -> bool:
    return any(on_disk(values) for values in table.values.values())


def _key(asked: Experiment, table: Table) -> dict[str, Any]:
    """All that decides which row of which part holds what."""
    document = asked.document()
    paths = [] if asked.data.dataset is not None else map(located, table.files)
    return {
        "files": [cache.identity(path) for path in with_beside(paths)],
        "data": document["data"],
        "split": document["split"],
        "preprocess": document["preprocess"],
    }
