"""From an experiment to problems that a trainer can take, one for each model of the run: read, divide, preprocess."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mltui.core.experiment import Experiment
from mltui.core.members import REFIT, kind
from mltui.core.process import Process
from mltui.core.sections import Part
from mltui.core.table import Table
from mltui.data.laid_out import Tell
from mltui.data.origins import Origins
from mltui.data.preprocess import AT_ONCE, CHUNK, Preprocessing
from mltui.data.preview import axes
from mltui.data.shelf import READING
from mltui.evaluation.yields import processes
from mltui.models.card import ModelCard, Shape
from mltui.training import devices
from mltui.training.divided import Divided, divide
from mltui.training.plane import ON_DISK
from mltui.training.problem import Problem, fixed_sample
from mltui.training.work import WORTH_A_CARD, step_operations

FITTED = 0.75
"""The share of the way to the first epoch that is behind once a table on disk is read and the preprocessing fitted."""


@dataclass(frozen=True)
class Ready:
    """One model's problem, and the preprocessing that was fitted on its own training rows alone."""

    problem: Problem
    preprocessing: Preprocessing


@dataclass(frozen=True)
class Prepared:
    """What all models of a run share.

    Attributes:
        divided: all rows; no learner has seen those of the test part.
        threads: how many threads a fit may use.
        axes: the two features to draw the models over.
        warning: a sentence for the user, or empty.
    """

    asked: Experiment
    divided: Divided
    threads: int
    axes: tuple[str, ...]
    warning: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What the models are called, in the order of their training; one alone needs no name."""
        return (*self.asked.judged, *((REFIT,) if self.asked.split.refit else ()))

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """What all rows add up to, process by process."""
        return processes(self.divided.table)

    def parts(self, index: int) -> dict[Part, NDArray[np.integer]]:
        """The row numbers that one of the models is fitted on, and those that judge it while it trains."""
        division = self.divided.division
        whole = index >= len(self.asked.judged)
        parts: dict[Part, NDArray[np.integer]] = {"train": division.pool} if whole else division.member(index)
        return {part: rows for part, rows in parts.items() if len(rows)}

    def member(self, index: int, tell: Tell = lambda share: None, *, steps: int | None = None) -> Ready:
        """The problem of one of the models, made when its turn has come: only one of them is in memory at a time.

        Args:
            tell: told the share of the data that is made ready; it may raise to give up.
            steps: for how many steps it is trained, whatever the experiment says of steps and of an early end.

        Raises:
            InputError: where the data or the device do not suit the model.
        """
        divided, parts = self.divided, self.parts(index)
        table, card = divided.table, divided.card
        if index >= len(self.asked.judged):
            asked = _to_the_end(self.asked, card, steps)
        else:
            asked = self.asked if self.asked.seeds is None else replace(self.asked, seed=self.asked.seed + index)
        preprocessing = Preprocessing.fit(
            table,
            asked.preprocess,
            parts["train"],
            at_once=CHUNK if divided.on_disk else AT_ONCE,
            tell=lambda share: tell(READING + (FITTED - READING) * share),
        )
        shape = Shape(table.task, len(preprocessing.names), len(table.classes), len(table.target_names))
        name = "" if kind([self.names[index]]) == "seed" else self.names[index]  # seeds share their rows
        rows = divided.rows(parts, preprocessing, lambda share: tell(FITTED + (1 - FITTED) * share), name)
        problem = Problem(
            experiment=asked,
            card=card,
            shape=shape,
            classes=table.classes,
            parts=rows,
            weighted=divided.weighted,
            threads=self.threads,
            device=_device(asked, card, shape, len(rows["train"])),
            axes=self.axes,
            origins=Origins.of(preprocessing),
            processes=self.processes,
        )
        return Ready(problem, preprocessing)


def prepare(asked: Experiment, folder: Path, tell: Tell = lambda share: None) -> Prepared:
    """Read the data and divide them; the plane to draw comes from the rows that the first model is trained on.

    Args:
        tell: as in `divide`.

    Raises:
        InputError: where the data cannot be read or the model does not suit them.
    """
    divided = divide(asked, folder, tell)
    given = asked.training.get("threads")
    threads, warning = devices.threads(given if isinstance(given, int) else None)
    first = divided.division.member(0)["train"]
    return Prepared(asked, divided, threads, tuple(axes(_spoken_for(divided, first))), warning)


def _spoken_for(divided: Divided, rows: NDArray[np.integer]) -> Table:
    """The rows that the plane is chosen by: of those on disk a fixed sample."""
    return divided.table.take(rows[fixed_sample(len(rows), ON_DISK)] if divided.on_disk else rows)


def _to_the_end(asked: Experiment, card: ModelCard, steps: int | None) -> Experiment:
    """The same experiment for so many steps, without an early end, which nothing is left to judge by."""
    training = {key: None if key == "early_stopping" else value for key, value in asked.training.items()}
    section, _, key = card.steps.partition(".")
    if steps is None or not section:
        return replace(asked, training=training)
    if section == "training":
        return replace(asked, training={**training, key: steps})
    model = replace(asked.model, hyperparameters={**asked.model.hyperparameters, key: steps})
    return replace(asked, model=model, training=training)


def _device(asked: Experiment, card: ModelCard, shape: Shape, rows: int) -> str:
    """Where to compute; a small network is not worth a graphics card to auto."""
    if card.engine != "network":
        return "cpu"
    wanted = str(asked.training.get("device", "cpu"))
    if wanted != "auto":
        return devices.choose(wanted)
    module = card.build(asked.model.hyperparameters, asked.training, shape, asked.seed)
    batch_size = None if "training.batch_size" in asked.idle else asked.training.get("batch_size")
    operations = step_operations(module, batch_size if isinstance(batch_size, int) else rows, rows)
    return devices.choose(wanted, worth_a_card=operations >= WORTH_A_CARD)
