"""Mass sculpting: the background's shape in a variable, all of it and what passes cuts on the score."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from mltui.evaluation.histogram import Histogram
from mltui.evaluation.sculpting import Sculpting, Slice
from mltui.plots import words
from mltui.plots.grid import Grid, message
from mltui.plots.look import CLASSES, Look, Role
from mltui.plots.scores import score_histogram
from mltui.plots.table import Column, put_table

_LEAST = 9
"""Rows that the histogram keeps before the table has any."""


def sculpting(found: Sculpting, width: int, height: int, look: Look, *, variable: str, of: str) -> list[Text]:
    """Draw the outlines as densities, and below them how far each slice is from the whole.

    Args:
        found: what to draw.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        variable: its name with its unit, clean.
        of: whose rows they are, such as background; clean.
    """
    whole = found.slices[0]
    if not whole.efficiency:
        return message(f"no {of} with this variable", width, height, look)
    rows = len(found.slices)
    tabled = rows if height - rows >= _LEAST else 0
    groups = [
        Histogram(name(one, of), found.edges, one.sums, one.errors, float(one.sums.sum())) for one in found.slices
    ]
    picture = score_histogram(groups, width, height - tabled, look, x_label=variable)
    if tabled:
        grid = Grid(width, tabled, look)
        put_table(grid, _columns(found.slices[1:], look))
        picture += grid.rows()
    return picture


def name(one: Slice, of: str) -> str:
    """What a slice is called.

    >>> from dataclasses import replace
    >>> import numpy as np
    >>> part = Slice(0.05, 0.05, 0.7, np.ones(1), np.ones(1), 1.0, 0.1, 0.01, 0.2)
    >>> name(part, "background"), name(replace(part, share=1.0), "background")
    ('top 5 %', 'all background')
    """
    return f"all {of}" if one.share >= 1 else f"top {100 * one.share:g} %"


def _columns(slices: Sequence[Slice], look: Look) -> list[Column]:
    def said(values: Sequence[float | None], decimals: int = 3) -> tuple[str, ...]:
        return tuple(words.fixed(value, decimals, ascii=look.ascii) for value in values)

    roles: tuple[Role, ...] = tuple(f"class{place % CLASSES}" for place in range(1, len(slices) + 1))
    strong = tuple("strong" if _sculpted(one) else "label" for one in slices)
    return [
        Column("by score", tuple(name(one, "") for one in slices), roles=roles),
        Column("score from", said([one.threshold for one in slices]), keep=1, short="from"),
        Column(look.sign("ε_B", "eff"), said([one.efficiency for one in slices]), keep=2),
        Column("events", tuple(words.number(one.events, ascii=look.ascii) for one in slices), keep=3),
        Column("JSD [bit]", said([one.divergence for one in slices], 4), roles=strong, keep=9, short="JSD"),
        Column("by chance", said([one.by_chance for one in slices], 4), keep=8, short="chance"),
        Column("KS distance", said([one.distance for one in slices]), keep=5, short="KS"),
    ]


def _sculpted(one: Slice) -> bool:
    """Whether the shape differs by far more than chance would have it."""
    return one.divergence is not None and one.by_chance is not None and one.divergence > 3 * one.by_chance
