"""What was changed while a run trained: in words, and as marks of its curve."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mltui.plots import words
from mltui.record.state import Change, RunState

if TYPE_CHECKING:
    from mltui.plots.marks import Mark


def said(change: Change, *, ascii: bool = False) -> str:
    """``learning_rate 0.1 → 0.01``; in ASCII with an arrow of two signs."""
    arrow = "->" if ascii else "→"
    return f"{name(change)} {value(change.before)} {arrow} {value(change.value)}"


def where(state: RunState, change: Change) -> str:
    """``epoch 12.4``; of several models with the one that was trained: ``fold 2, epoch 12.4``."""
    member = state.members[change.member] if len(state.members) > 1 else ""
    axis = words.axis(str(state.started.get("axis") or "step"))
    step = round(change.step, 1 if change.step >= 10 else 2)
    return ", ".join(filter(None, (member, f"{axis} {step:,.10g}")))


def name(change: Change) -> str:
    """The setting, without its section."""
    return words.clean(change.key.rpartition(".")[2])


def value(held: Any) -> str:
    """A setting's value.

    >>> [value(held) for held in (0.03, 1.0, 10, None, True, "relu")]
    ['0.03', '1', '10', 'none', 'true', 'relu']
    """
    if held is None:
        return "none"
    if isinstance(held, bool):
        return "true" if held else "false"
    return f"{held:g}" if isinstance(held, int | float) and abs(held) < 1e6 else words.clean(str(held))


def marks(state: RunState) -> list[Mark]:
    """A mark for each place where something was changed, called by what it was changed to."""
    from mltui.plots.marks import Mark

    places: dict[float, dict[str, Change]] = {}
    for change in state.changes:
        places.setdefault(change.step, {})[change.key] = change
    return [Mark(at, _labels(changes.values())) for at, changes in sorted(places.items())]


def _labels(changes: Iterable[Change]) -> tuple[str, ...]:
    every = list(changes)
    whole = ", ".join(f"{name(change)} {value(change.value)}" for change in every)
    first = f"{name(every[0])} {value(every[0].value)}"
    rest = f" +{len(every) - 1}" if len(every) > 1 else ""
    return (whole, f"{first}{rest}", f"{value(every[0].value)}{rest}")
