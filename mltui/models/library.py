"""Packages that only some models need, brought by extras of mltui: whether they are there, and what to say if not."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from mltui.core.errors import InputError
from mltui.models.card import ModelCard


def installed(library: str) -> bool:
    """Whether a package is there; it is not loaded."""
    return find_spec(library) is not None


def lacking(card: ModelCard) -> str:
    """A sentence where the package that a model needs is not installed; else empty."""
    if not card.library or installed(card.library):
        return ""
    return _lacking(card.library)


def refuse_lacking(card: ModelCard) -> None:
    """See that the package that a model needs is installed.

    Raises:
        InputError: saying what brings it.
    """
    sentence = lacking(card)
    if sentence:
        raise InputError(sentence, key="model.name")


def loaded(library: str) -> Any:
    """A package that an extra brings.

    Raises:
        InputError: where it cannot be loaded: not installed, or without something of the system that it needs.
    """
    if not installed(library):
        raise InputError(_lacking(library), key="model.name")
    try:
        return import_module(library)
    except Exception as error:  # such as OSError, where OpenMP is not there; its text may have many lines
        reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise InputError(f"the package {library} cannot be loaded: {reason.rstrip('.')}", key="model.name") from error


def _lacking(library: str) -> str:
    return f"{library} is not installed: pip install 'mltui[{library}]' brings it"
