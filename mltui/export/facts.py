"""What must be known of an experiment's data before it can be written: all that decides which lines a script needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.sections import Part
from mltui.core.table import Column, Floats, Table
from mltui.data.disk import on_disk
from mltui.data.division import Division
from mltui.data.plan import opened
from mltui.data.read import read
from mltui.data.readers.raw import Raw
from mltui.data.samples import TARGET, labelled
from mltui.data.split import split
from mltui.export.origin import Origin, joined, labels, origins
from mltui.models.card import ModelCard, Shape
from mltui.models.catalogue import CARDS, refuse_unsuited
from mltui.models.library import refuse_lacking

OWN_WEIGHT, OWN_TRAINING_WEIGHT = "weight of the row", "training weight of the row"
"""The columns that hold the weights where samples say different ones."""


@dataclass(frozen=True)
class Ran:
    """What a run adds to its experiment.

    Attributes:
        id: of the run.
        opened: whether its test part was opened.
        steps: after how many epochs or trees it was stopped; None: it came to its end.
        device, threads: where it computed.
        model: the folder of the model that it kept; None where that is not known.
    """

    id: str
    opened: bool = False
    steps: int | None = None
    device: str = "cpu"
    threads: int | None = None
    model: Path | None = None


@dataclass(frozen=True)
class Facts:
    """An experiment and its data.

    Attributes:
        asked: file names in it are absolute.
        card: the model's, as it trains.
        table: all rows, as the model sees them. division: what the split makes of them.
        origins: the files, one alone or one of each sample.
        columns: by name, those that are used, without what means missing and of the kinds that the user says; all rows
            of all files, those too that a cut takes away.
        ran: the run that is to be told; None: none.
    """

    asked: Experiment
    card: ModelCard
    table: Table
    division: Division
    origins: tuple[Origin, ...]
    columns: Mapping[str, Raw]
    ran: Ran | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns that are learnt."""
        return self.table.target_names

    @property
    def target(self) -> str:
        """The column that is learnt, or the first of several."""
        return self.targets[0]

    @property
    def several(self) -> bool:
        """Whether several values are learnt, so that ``y`` and the scores have a column for each."""
        return len(self.targets) > 1

    @property
    def paths(self) -> tuple[str, ...]:
        """Each file once; none of a catalogue dataset."""
        return tuple(dict.fromkeys(path for origin in self.origins for path in origin.paths))

    @property
    def weight(self) -> str | None:
        """The column or expression of the weights, once all rows are together; None without any."""
        if self.table.weights is None:
            return None
        said = {origin.weight for origin in self.origins}
        own = len(said) > 1 or None in said or any(origin.scale for origin in self.origins)
        first = self.origins[0].weight
        return OWN_WEIGHT if own or first is None else first[0]

    @property
    def training_weight(self) -> str | None:
        """The same of the weights of the fit, where those are others."""
        said = self.asked.data.training_weight
        return OWN_TRAINING_WEIGHT if said is not None and any(origin.scale for origin in self.origins) else said

    @property
    def classes(self) -> int:
        """How many there are; 0 for regression."""
        return len(self.table.classes)

    @property
    def numbers(self) -> tuple[Column, ...]:
        """The features that are numbers, in order."""
        return tuple(column for column in self.table.columns if column.kind != "category")

    @property
    def categories(self) -> tuple[Column, ...]:
        """The features that are labels, in order."""
        return tuple(column for column in self.table.columns if column.kind == "category")

    @property
    def seed(self) -> str:
        """The code of the seed of the training."""
        return str(self.asked.seed) if self.asked.seeds is None else "seed"

    @property
    def seen(self) -> dict[Part, NDArray[np.integer]]:
        """The rows of each part that is scored; those of the test part only once it is opened."""
        opened = self.ran is not None and self.ran.opened
        return {part: rows for part, rows in self.division.parts.items() if len(rows) and (part != "test" or opened)}

    @property
    def weighted(self) -> bool:
        """Whether the data have weights."""
        return self.table.weights is not None

    def missing(self, column: Column) -> bool:
        """Whether a feature has no value in some row."""
        values = self.table.values[column.name]
        if column.kind in ("category", "ordered"):
            return bool((values == -1).any())
        return values.dtype.kind == "f" and bool(np.isnan(values).any())

    def training(self, key: str) -> object:
        """A setting of [training]."""
        return self.asked.training[key]

    def number(self, key: str) -> float:
        """A number of [training]; 0 where it is left empty."""
        value = self.asked.training.get(key)
        return float(value) if isinstance(value, int | float) else 0.0

    def shape(self, inputs: int) -> Shape:
        """What the model is built for."""
        return Shape(self.table.task, inputs, self.classes, len(self.table.target_names))

    @property
    def weights(self) -> Floats | None:
        """Those of the fit before the preprocessing of weights, shape (rows,)."""
        return self.table.weights if self.table.training_weights is None else self.table.training_weights


def gathered(asked: Experiment, folder: Path, ran: Ran | None = None) -> Facts:
    """Read the data of an experiment, whose file names are relative to a folder, and divide them.

    Raises:
        InputError: where they cannot be read or divided, do not fit into memory, or do not suit the model; and where
            the model's package is not installed.
    """
    card = CARDS[asked.model.name].chosen(asked.model.hyperparameters)
    refuse_lacking(card)
    table = read(asked.data, folder, learner=card.name, split=asked.split)
    if any(on_disk(values) for values in table.values.values()):
        raise InputError(
            "these data do not fit into memory, and a script of mltui code holds all of them; choose fewer rows by "
            "data.rows, or fewer features",
            key="data.rows",
        )
    refuse_unsuited(card, table.task, table.target_names, len(table.classes))
    with opened(asked.data, folder) as plan:
        every = origins(plan, asked, table.features)
    columns = joined(every)
    if labelled(asked.data):
        columns[TARGET] = labels(every)
    return Facts(asked, card, table, split(table, asked.split, folder), every, columns, ran)
