"""How the lab is laid out in a terminal of a size."""

from __future__ import annotations

from mltui.ui.commands import Mode

SMALLEST = (60, 20)
"""Columns and rows below which the lab only says that it needs more."""


def mode_for(width: int, height: int) -> Mode:
    """How the lab is laid out in a terminal of this size."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return "small"
    if width >= 140 and height >= 36:
        return "desk"
    return "pair" if width >= 110 and height >= 30 else "tabs"
