"""Guesses which column of a file is the one to learn, and says so; the user decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mltui.data.readers.raw import Raw
from mltui.data.target import FEW_WHOLE_NUMBERS

_OBVIOUS = ("target", "label", "labels", "class", "y", "signal", "is_signal", "species", "diagnosis", "outcome")


def guess_by_name(names: Sequence[str]) -> str | None:
    """The column whose name says target, or None."""
    lower = {name.lower(): name for name in reversed(names)}
    if {"x", "z"} <= lower.keys() and names[-1].lower() != "y":
        lower.pop("y", None)  # x, y and z are a place
    return next((lower[name] for name in _OBVIOUS if name in lower), None)


def guess_target(columns: Mapping[str, Raw]) -> str | None:
    """The column whose name says target, else the last one where it holds two or a few classes, or None."""
    by_name = guess_by_name(tuple(columns))
    if by_name is not None or not columns:
        return by_name
    last, raw = list(columns.items())[-1]
    if raw.categories is not None:
        return last if 2 <= len(raw.categories) <= FEW_WHOLE_NUMBERS else None
    if raw.values.dtype.kind == "f":
        return None
    return last if 2 <= len(set(raw.values.tolist())) <= FEW_WHOLE_NUMBERS else None
