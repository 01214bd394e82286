"""Reads a run's saved model back."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from mltui.core.errors import InputError
from mltui.inference.fitted import Fitted
from mltui.models.card import Engine, ModelCard

_MODULES: dict[Engine, str] = {
    "network": "mltui.inference.network",
    "estimator": "mltui.inference.estimator",
    "cuts": "mltui.inference.cuts",
}
"""Each loads its libraries when it is asked for."""


def load(folder: Path, card: ModelCard) -> Fitted:
    """The model that `Fitted.save` has written into a folder.

    Raises:
        InputError: where there is none, or it cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"there is no model kept in {folder}")
    try:
        module: Any = import_module(_MODULES[card.engine])
        fitted: Fitted = module.load(folder, card)
    except InputError:
        raise
    except Exception as error:  # skops, zipfile and safetensors have many ways to refuse a damaged file
        raise InputError(f"the model in {folder} cannot be read back: {error}") from None
    return fitted
