"""What is said of the reading: seldom, never backwards, and a stop ends it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from mltui.training.gate import Gate, Stopped
from mltui.training.reading import INTERVAL, Reading


def test_it_is_told_seldom_and_never_goes_back() -> None:
    now, said = [0.0], []

    def emit(kind: str, **fields: Any) -> None:
        said.append((kind, fields, now[0]))

    reading = Reading(emit, Gate(), lambda: now[0])
    for step in range(1000):
        now[0] = step * 0.005
        reading.tell((step % 500) / 400)
    shares = [fields["reading"] for _, fields, _ in said]
    assert {kind for kind, _, _ in said} == {"progress"}
    assert shares == sorted(set(shares))
    assert shares[0] >= 0
    assert shares[-1] == 1.0
    times = [when for _, _, when in said]
    assert times[0] >= INTERVAL, "what is read quickly says nothing"
    assert all(later - earlier >= INTERVAL for earlier, later in itertools.pairwise(times))


def test_a_stop_ends_it() -> None:
    gate = Gate()
    reading = Reading(lambda kind, **fields: None, gate)
    reading.tell(0.1)
    gate.ask("stop")
    with pytest.raises(Stopped):
        reading.tell(0.2)
