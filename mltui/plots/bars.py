"""Small pictures of one row: a progress bar and a sparkline; and filled columns for histograms."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from rich.text import Text

from mltui.core.table import Floats
from mltui.plots.axes import Frame
from mltui.plots.decimate import envelope
from mltui.plots.grid import Grid
from mltui.plots.look import Look, Role

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def bar(done: float | None, width: int, look: Look) -> Text:
    """A progress bar of exactly one row of `width` cells; None, where the end is unknown, is an empty one."""
    grid = Grid(width, 1, look)
    share = 0.0 if done is None or not np.isfinite(done) else min(max(done, 0.0), 1.0)
    halves = int(share * 2 * width + 1e-9)
    grid.put(0, 0, look.sign("━", "-") * width, "dim")
    if look.ascii:
        grid.put(0, 0, "#" * (halves // 2), "accent")
    else:
        grid.put(0, 0, "━" * (halves // 2) + "╸" * (halves % 2), "accent")
    return grid.rows()[0]


def sparkline(values: Floats, width: int, look: Look, role: Role = "validation") -> Text:
    """A curve of one row, from its smallest to its largest value; what is not finite is left out."""
    grid = Grid(width, 1, look)
    _, known = envelope(np.arange(len(values), dtype=np.float64), values, max(width // 2, 1))
    known = known[-width:] if width else known[:0]
    if len(known):
        low, high = float(known.min()), float(known.max())
        share = (known / 2 - low / 2) / (high / 2 - low / 2) if high > low else np.full(len(known), 0.5)
        signs = "_.-=^" if look.ascii else _EIGHTHS[1:]
        grid.put(0, 0, "".join(signs[min(int(s * len(signs)), len(signs) - 1)] for s in share), role)
    return grid.rows()[0]


def columns(grid: Grid, frame: Frame, shares: Floats, role: Role) -> None:
    """Fill the columns of the frame's canvas from the bottom to their shares, 0 to 1, shape (columns,)."""
    look = grid.look
    eighths = np.clip(np.nan_to_num(shares) * frame.height * 8, 0, frame.height * 8).astype(np.int64)
    below = np.arange(frame.height)[::-1, None] * 8
    filled = np.clip(eighths[None, :] - below, 0, 8)
    if look.ascii:
        signs = np.where(filled >= 4, "#", " ").astype("<U1")
    else:
        signs = np.array(list(_EIGHTHS), dtype="<U1")[filled]
    grid.paste(frame.top, frame.left, signs, np.full(signs.shape, grid.style(role)))


def blocks(counts: Sequence[float], width: int, look: Look) -> str:
    """A histogram in one row of at most so many cells, its bins taken together so that each has a cell.

    The highest bin is a full block; what is not empty is never blank.
    """
    if width < 1 or not len(counts):
        return ""
    known = np.maximum(np.nan_to_num(np.asarray(counts, np.float64), posinf=0.0), 0.0)
    known = known / (known.max() or 1.0)
    together = math.ceil(len(known) / width)
    padded = np.concatenate([known, np.zeros(-len(known) % together)])
    sums = padded.reshape(-1, together).sum(axis=1)
    signs = " .:-=+*#" if look.ascii else _EIGHTHS
    levels = np.ceil(sums / (sums.max() or 1.0) * (len(signs) - 1)).astype(np.int64)
    return "".join(signs[level] for level in levels)
