"""From an experiment to a problem that a trainer can take: read, split, preprocess."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment, Known
from mltui.core.sections import Part
from mltui.core.source import Source
from mltui.core.table import Table
from mltui.data import catalogue as datasets
from mltui.data.preprocess import Preprocessing
from mltui.data.preview import axes
from mltui.data.read import read
from mltui.data.split import split
from mltui.models import catalogue as models
from mltui.models.card import ModelCard, Shape
from mltui.record.files import why
from mltui.record.folder import RunFolder
from mltui.training import devices
from mltui.training.problem import Problem, Rows
from mltui.training.work import WORTH_A_CARD, step_operations


@functools.cache
def known() -> Known:
    """Every dataset and model that an experiment may name."""
    return Known(datasets=datasets.declared(), models=models.declared())


def experiment(folder: RunFolder) -> Experiment:
    """The resolved experiment of a run.

    Raises:
        InputError: where it cannot be read or is not a whole experiment.
    """
    try:
        text = folder.resolved.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{folder.path} is not a run folder: it has no {folder.resolved.name}") from None
    except OSError as error:
        raise InputError(f"{folder.resolved} cannot be read: {why(error)}") from None
    except UnicodeDecodeError:
        raise InputError(f"{folder.resolved} is not a text in UTF-8") from None
    return Experiment.parse(Source(str(folder.resolved), text), known())


@dataclass(frozen=True)
class Divided:
    """The data of an experiment, read and split.

    Attributes:
        parts: row numbers in the table.
    """

    card: ModelCard
    table: Table
    parts: Mapping[Part, NDArray[np.int64]]

    @property
    def weighted(self) -> bool:
        """Whether the data carry weights."""
        return self.table.weights is not None

    def rows(self, part: Part, preprocessing: Preprocessing) -> Rows | None:
        """A part's rows with their preprocessed inputs; None where the split has no such part."""
        if not len(self.parts[part]):
            return None
        table = self.table.take(self.parts[part])
        return Rows(preprocessing.transform(table), table.target, table.weights_or_ones(), table)


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


def divide(asked: Experiment, folder: Path) -> Divided:
    """Read the data, relative to a folder, and split them.

    Raises:
        InputError: where the data cannot be read or divided, or the model is not for their task.
    """
    card = models.CARDS[asked.model.name]
    table = read(asked.data, folder)
    _check_task(card, table)
    return Divided(card, table, split(table, asked.split))


def prepare(asked: Experiment, folder: Path) -> Prepared:
    """Read the data, split them; the preprocessing and the plane to draw come from the training part alone.

    Raises:
        InputError: where the data cannot be read or the model does not suit them.
    """
    divided = divide(asked, folder)
    card, table = divided.card, divided.table
    train = table.take(divided.parts["train"])
    preprocessing = Preprocessing.fit(train, asked.preprocess)
    given = asked.training.get("threads")
    threads, warning = devices.threads(given if isinstance(given, int) else None)
    shape = Shape(table.task, len(preprocessing.names), len(table.classes))
    seen: dict[Part, Rows | None] = {part: divided.rows(part, preprocessing) for part in ("train", "validation")}
    problem = Problem(
        experiment=asked,
        card=card,
        shape=shape,
        classes=table.classes,
        parts={part: rows for part, rows in seen.items() if rows is not None},
        weighted=divided.weighted,
        threads=threads,
        device=_device(asked, card, shape, len(train)),
        axes=tuple(axes(train)),
    )
    return Prepared(problem, preprocessing, divided, warning)


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
