"""Reads a run's saved model back."""

from __future__ import annotations

from mltui.core.errors import InputError
from mltui.models.card import ModelCard
from mltui.record.folder import RunFolder
from mltui.training.engines import engine
from mltui.training.problem import Fitted


def load(folder: RunFolder, card: ModelCard) -> Fitted:
    """The model that a run has kept.

    Raises:
        InputError: where the run has kept none, or it cannot be read.
    """
    if not folder.model.is_dir():
        raise InputError(f"run {folder.id} has kept no model")
    try:
        return engine(card).load(folder.model, card)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise InputError(f"the model of run {folder.id} cannot be read back: {error}") from None
