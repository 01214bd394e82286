"""The trainers by the engine that a model card names; a trainer's libraries are loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

from mltui.inference.fitted import Fitted
from mltui.models.card import ModelCard
from mltui.training.checkpoints import Checkpoints
from mltui.training.problem import Problem
from mltui.training.report import Reporter

_MODULES = {"network": "mltui.training.network", "estimator": "mltui.training.estimator", "cuts": "mltui.training.cuts"}


class Engine(Protocol):
    """A module that trains models."""

    def fit(self, problem: Problem, reporter: Reporter, checkpoints: Checkpoints | None = None) -> Fitted:
        """Train the problem's model, reporting as it goes; one that can go on from a checkpoint writes them."""
        ...


def engine(card: ModelCard) -> Engine:
    """The trainer of a card's models."""
    module: Engine = import_module(_MODULES[card.engine])
    return module
