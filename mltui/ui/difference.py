"""Where two rows differ, so that what comes after the last difference need not go to the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip


def changed_span(old: Strip, new: Strip) -> tuple[int, int]:
    """The first and one past the last cell in which two rows of equal width differ.

    One span and not several: for each span Textual sends the row again from the pane's left edge.
    """
    start = _equal(list(old), list(new), step=1)
    if start == new.cell_length:
        return (start, start)
    return start, new.cell_length - _equal(list(old)[::-1], list(new)[::-1], step=-1)


def _equal(old: Sequence[Segment], new: Sequence[Segment], step: int) -> int:
    """How many cells of two rows are the same, in whole segments and then sign by sign, read by `step`."""
    cells = 0
    for before, after in zip(old, new, strict=False):
        if before == after:
            cells += after.cell_length
            continue
        if before.style == after.style and before.text.isascii() and after.text.isascii():
            signs = zip(before.text[::step], after.text[::step], strict=False)
            cells += next((place for place, (one, other) in enumerate(signs) if one != other), 0)
        break
    return cells
