"""What a run would cost, in words: the figures, and how they were come by."""

from __future__ import annotations

from collections.abc import Sequence

from mltui.plots.words import axis, count, duration, number, size
from mltui.runs.cost import Cost

_LONGEST = 100.0
"""Extrapolated by more than this, a time is a guess."""


def figures(cost: Cost, memory_free: int, disk_free: int, *, ascii: bool = False) -> list[tuple[str, str, str]]:
    """Rows of name, value and remark.

    Args:
        memory_free, disk_free: bytes that may still be taken.
    """
    parts = ", ".join(
        f"{name} {duration(seconds, ascii=ascii)}"
        for name, seconds in (("preparing", cost.preparing), ("training", cost.training), ("closing", cost.closing))
    )
    least = "at least " if cost.total is None and not cost.whole else "" if cost.whole else "about "
    rows = [
        ("time", f"{least}{duration(cost.seconds, ascii=ascii)}", parts),
        ("memory", size(cost.memory), _free(cost.memory, memory_free)),
        ("disk", size(cost.disk), _free(cost.disk, disk_free)),
    ]
    if cost.card_memory:
        rows.insert(2, ("card memory", size(cost.card_memory), ""))
    if cost.threads:
        rows.append(("threads", str(cost.threads), ""))
    return rows


def _free(wanted: float, free: int) -> str:
    return f"of {size(free)} free" + ("; that is not enough" if wanted > free else "")


def sentences(cost: Cost) -> Sequence[str]:
    """How the figures were come by."""
    found = [_how(cost)]
    if cost.early:
        found.append("An early stop may end it sooner.")
    if cost.models > 1 and not cost.whole:
        found.append(f"It trains {cost.models} models, each taken to last as long as the first.")
    return found


def _how(cost: Cost) -> str:
    if cost.fits:
        timed = " and ".join(f"{duration(seconds)} on {rows:,}" for rows, seconds in cost.fits[-2:])
        return (
            f"One fit takes too long to be tried. Measured on fewer of the {cost.rows:,} training rows: {timed}. "
            f"Extrapolated: time as the power {number(cost.power, 2)} of the rows, memory and disk along a line."
        )
    if cost.whole:
        return "Measured: the whole run was rehearsed, nothing is extrapolated."
    if cost.total is None:
        return (
            f"Measured: {number(cost.steps)} {axis(cost.axis, 2)}. How many it will take is not known beforehand, so "
            "that this is the least."
        )
    times = cost.total / max(cost.steps, 1e-9)
    guess = ", which makes it a guess" if times > _LONGEST else ""
    return (
        f"Measured: preparing, {number(cost.steps)} of {count(cost.total, axis(cost.axis), axis(cost.axis, 2))}, and "
        f"closing. Extrapolated: training by a factor of {number(times, 2)}{guess}."
    )
