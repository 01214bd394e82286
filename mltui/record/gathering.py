"""Neighbouring progress of one model taken as one event, so that the fold of a long run costs little more than its
reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mltui.core.events import Event

_LASTING = ("kept", "done")
"""What an event that does not say it leaves as it was."""


def gathered(events: Iterable[Event], last_seq: int) -> Iterator[Sequence[Event]]:
    """The events that are new, in order, in groups: neighbours that `together` can make one of, and else each alone.

    Args:
        last_seq: the number of the last event that is known; what does not come after it is dropped.
    """
    group: list[Event] = []
    for event in events:
        if event.seq <= last_seq:
            continue
        last_seq = event.seq
        plain = _plain(event)
        if group and not (plain and _alike(group[0], event)):
            yield group
            group = []
        if plain:
            group.append(event)
        else:
            yield [event]
    if group:
        yield group


def together(group: Sequence[Event]) -> Event:
    """The one event that says what these say one after the other: all their points, and for the rest the last word."""
    last = group[-1]
    fields: dict[str, Any] = dict(last.fields)
    for name in _LASTING:
        said = [event.fields[name] for event in group if name in event.fields]
        fields |= {name: said[-1]} if said else {}
    fields["axis"] = [step for event in group for step in event.fields["axis"]]
    fields["columns"] = [
        [value for column in columns for value in column]
        for columns in zip(*(event.fields["columns"] for event in group), strict=True)
    ]
    return Event(last.seq, last.attempt, last.kind, last.time, fields)


def _alike(one: Event, other: Event) -> bool:
    """Whether two are of the same model, with the same curves."""
    mine, its = one.fields, other.fields
    same = all(mine.get(name) == its.get(name) for name in ("member", "total"))
    return same and one.attempt == other.attempt and len(mine["columns"]) == len(its.get("columns", ()))


def _plain(event: Event) -> bool:
    """Whether it is progress with as many values on each curve as it has steps."""
    axis, columns = event.fields.get("axis"), event.fields.get("columns")
    if event.kind != "progress" or not isinstance(axis, list) or not isinstance(columns, list):
        return False
    if "reading" in event.fields:
        return False
    count = len(axis)
    return all(isinstance(column, list) and len(column) == count for column in columns)
