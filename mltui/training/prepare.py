"""From an experiment to a problem that a trainer can take: read, split, preprocess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from mltui.data.files import located
from mltui.data.laid_out import LaidOut, Tell, laid_out, put_away
from mltui.data.preprocess import AT_ONCE, CHUNK, Preprocessing
from mltui.data.preview import axes
from mltui.data.read import read
from mltui.data.readers.registry import with_beside
from mltui.data.shelf import READING
from mltui.data.split import split
from mltui.models import catalogue as models
from mltui.models.card import Engine, ModelCard, Shape
from mltui.training import devices
from mltui.training.plane import ON_DISK
from mltui.training.problem import Problem, Rows
from mltui.training.work import WORTH_A_CARD, step_operations

FITTED = 0.75
"""The share of the way to the first epoch that is behind once a table on disk is read and the preprocessing fitted."""
_INPUT_BYTES: Mapping[Engine, float] = {"network": 6.0, "estimator": 12.0}
"""What an input of a row takes at the peak of a fit in memory: single precision with most of it shuffled beside it,
or with a copy in double precision."""


@dataclass(frozen=True)
class Divided:
    """The data of an experiment, read and split.

    Attributes:
        parts: row numbers in the table.
        key: what all this was made from, as `cache.entry` wants it.
    """

    card: ModelCard
    table: Table
    parts: Mapping[Part, NDArray[np.integer]]
    key: Mapping[str, Any] = field(default_factory=dict)

    @property
    def weighted(self) -> bool:
        """Whether the data carry weights."""
        return self.table.weights is not None

    @property
    def on_disk(self) -> bool:
        """Whether the table was too large for memory."""
        return _on_disk(self.table)

    def rows(
        self, wanted: Sequence[Part], preprocessing: Preprocessing, tell: Tell = lambda share: None
    ) -> dict[Part, Rows]:
        """Of each of these parts the rows with their preprocessed inputs; a part that the split lacks is absent.

        They are in memory where they have room there. For a network, which learns from them one after the other,
        they are laid out on disk where they have none.

        Raises:
            InputError: where they have none, and the model needs all of them at once; or the disk has none either.
        """
        parts = {part: self.parts[part] for part in wanted if len(self.parts[part])}
        inputs = len(preprocessing.names)
        needed = sum(len(rows) for rows in parts.values()) * inputs * _INPUT_BYTES[self.card.engine]
        network = self.card.engine == "network"
        fits = memory.fits(needed)
        if not network and not fits:
            raise self._too_large(sum(len(rows) for rows in parts.values()), inputs)
        if self.on_disk or not fits:
            found = laid_out(self.table, parts, preprocessing, self.key, tell)
            return {part: self._laid_out(part, kept) for part, kept in found.items()}
        weights = self.table.weights_or_ones()
        return {
            part: Rows(
                preprocessing.transform(self.table, rows), self.table.target[rows], weights[rows], self.table, rows
            )
            for part, rows in parts.items()
        }

    def _laid_out(self, part: Part, kept: LaidOut) -> Rows:
        network = self.card.engine == "network"
        x = kept.x if network else np.array(kept.x)
        return Rows(x, kept.target, kept.weights, self.table, self.parts[part], (kept.file, kept.entry))

    def _too_large(self, rows: int, inputs: int) -> InputError:
        row_bytes = inputs * _INPUT_BYTES[self.card.engine]
        return memory.too_large(self.card.name, rows, f"{inputs:,} inputs", row_bytes)


@dataclass(frozen=True)
class Prepared:
    """A problem, and what is needed to score the sealed part of the same data.

    Attributes:
        divided: all rows; no learner has seen those of the test part.
        warning: a sentence for the user, or empty.
    """

    problem: Problem
    preprocessing: Preprocessing
    divided: Divided
    warning: str = ""


def divide(asked: Experiment, folder: Path, tell: Tell = lambda share: None) -> Divided:
    """Read the data, relative to a folder, and split them.

    Args:
        tell: told the share of the data that is read and made ready; it may raise to give up.

    Raises:
        InputError: where the data cannot be read or divided, or the model is not for their task.
    """
    card = models.CARDS[asked.model.name]
    table = read(asked.data, folder, tell, learner=None if card.engine == "network" else card.name)
    cache.tidy()
    _check_task(card, table)
    key = _key(asked, table)
    if not _on_disk(table):
        return Divided(card, table, split(table, asked.split), key)
    weights = None if table.weights is None else put_away(table.weights)
    table = replace(table, target=put_away(table.target), weights=weights)
    return Divided(card, table, {part: put_away(rows) for part, rows in split(table, asked.split).items()}, key)


def prepare(asked: Experiment, folder: Path, tell: Tell = lambda share: None) -> Prepared:
    """Read the data, split them; the preprocessing and the plane to draw come from the training part alone.

    Args:
        tell: as in `divide`.

    Raises:
        InputError: where the data cannot be read or the model does not suit them.
    """
    divided = divide(asked, folder, tell)
    card, table = divided.card, divided.table
    at_once = CHUNK if divided.on_disk else AT_ONCE
    preprocessing = Preprocessing.fit(
        table,
        asked.preprocess,
        divided.parts["train"],
        at_once=at_once,
        tell=lambda share: tell(READING + (FITTED - READING) * share),
    )
    given = asked.training.get("threads")
    threads, warning = devices.threads(given if isinstance(given, int) else None)
    shape = Shape(table.task, len(preprocessing.names), len(table.classes))
    parts = divided.rows(("train", "validation"), preprocessing, lambda share: tell(FITTED + (1 - FITTED) * share))
    train = parts["train"]
    problem = Problem(
        experiment=asked,
        card=card,
        shape=shape,
        classes=table.classes,
        parts=parts,
        weighted=divided.weighted,
        threads=threads,
        device=_device(asked, card, shape, len(train)),
        axes=tuple(axes(train.sample(ON_DISK).table if divided.on_disk else train.table)),
    )
    return Prepared(problem, preprocessing, divided, warning)


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


def _device(asked: Experiment, card: ModelCard, shape: Shape, rows: int) -> str:
    """Where to compute; a small network is not worth a graphics card to auto."""
    if card.engine != "network":
        return "cpu"
    wanted = str(asked.training.get("device", "cpu"))
    if wanted != "auto":
        return devices.choose(wanted)
    module = card.build(asked.model.hyperparameters, asked.training, shape, asked.seed)
    batch_size = asked.training.get("batch_size")
    operations = step_operations(module, batch_size if isinstance(batch_size, int) else rows, rows)
    return devices.choose(wanted, worth_a_card=operations >= WORTH_A_CARD)


def _check_task(card: ModelCard, table: Table) -> None:
    if table.task in card.tasks:
        return
    able = ", ".join(c.name for c in models.CARDS.values() if table.task in c.tasks)
    raise InputError(
        f"{card.name} does {' and '.join(card.tasks)}, but the target {table.target_name} asks for {table.task}; "
        f"models that do it: {able}",
        key="model.name",
    )
