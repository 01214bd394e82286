"""The view of what a run and its machine use."""

from __future__ import annotations

import pytest

from mltui.plots.look import Look
from mltui.plots.resources import said
from mltui.record.state import RunState
from mltui.runs.cards import Card
from mltui.runs.resources import Moment, Resources
from mltui.views.resources import ResourcesView
from mltui.views.shown import Shown

RECORD = {
    "peak_memory": 412_000_000, "processor_seconds": 3.24, "threads": 2,
    "phases": {"preparing": 0.4, "training": 2.1, "closing": 0.3},
}  # fmt: skip


def looked(seconds: int = 60, *, cards: tuple[Card, ...] | None = (), worker: str = "") -> Resources:
    """A run of two busy processors on a machine of eight, for so long."""
    samples = [Moment(0.0, None, 12_000_000_000)]
    samples += [Moment(float(s), 4.0, 12_000_000_000, 1.94, 300_000_000 + s) for s in range(1, seconds)]
    return Resources("node7", worker, 8, 16_000_000_000, tuple(samples), 5, 412_000_000, cards)


def drawn(shown: Shown, width: int = 78, height: int = 18) -> str:
    rows = ResourcesView().picture(shown, width, height)
    assert [row.cell_len for row in rows] == [width] * height
    return "\n".join(row.plain for row in rows)


def living(**more: object) -> Shown:
    return Shown(state=RunState(run="7", phase="training"), **{"resources": looked(), **more})  # type: ignore[arg-type]


def test_machine_and_run_stand_apart_each_with_its_numbers() -> None:
    lines = drawn(living()).split("\n")
    machine, run = (
        lines.index(next(x for x in lines if "node7" in x)),
        next(n for n, x in enumerate(lines) if "run 7" in x),
    )
    assert "4.0 of 8" in lines[machine + 1]
    assert "4.0 GB of 16 GB" in lines[machine + 2]
    assert "5 threads" in lines[run]
    assert "1.9 of 8" in lines[run + 1]
    assert "300 MB, peak 412 MB" in lines[run + 2]
    bars = [line.count("━") for line in (lines[machine + 1], lines[machine + 2], lines[run + 1])]
    assert bars[0] == 2 * bars[1] == 2 * bars[2] > 0
    assert ResourcesView.headline(living()) == "peak 412 MB"


@pytest.mark.parametrize("size", [(20, 4), (24, 8), (44, 14), (78, 18), (156, 40)])
def test_no_room_is_too_small_and_ascii_stays_ascii(size: tuple[int, int]) -> None:
    card = Card("H200", 140_000_000_000, 3_000_000_000, 0.37)
    assert drawn(living(look=Look(ascii=True, colours="none"), resources=looked(cards=(card,))), *size).isascii()


def test_a_first_look_claims_nothing_of_what_takes_two() -> None:
    text = drawn(living(resources=looked(1)))
    assert "– of 8" in text
    assert "run 7" not in text


def test_cards_are_shown_or_what_they_lack() -> None:
    card = Card("H200", 140_000_000_000, 3_000_000_000, 0.37)
    assert "37% busy, 3.0 GB of 140 GB" in drawn(living(resources=looked(cards=(card,))))
    assert "mltui[nvidia]" in drawn(living(resources=looked(cards=None)))
    assert "card" not in drawn(living())


def test_a_run_elsewhere_is_named_with_its_machine() -> None:
    assert "run 7 on lxplus701" in drawn(living(resources=looked(worker="lxplus701")))


def test_what_has_ended_is_told_from_its_record() -> None:
    ended = Shown(state=RunState(run="7", phase="finished", resources=RECORD))
    text = " ".join(drawn(ended).split())
    assert "412 MB of memory at its peak, 3.2 s of processor time, 2 threads" in text
    assert "preparing took 400 ms, training took 2.1 s, closing took 300 ms" in text
    values = ResourcesView.numbers(ended).values
    assert (values["peak_memory"], values["training_seconds"]) == (412_000_000, 2.1)
    old = Shown(state=RunState(run="7", phase="finished"))
    assert "older mltui" in drawn(old)


@pytest.mark.parametrize("record", [{}, {"phases": None}, {"peak_memory": None, "phases": {"training": "x"}}, {"x": 1}])
def test_a_strange_record_says_nothing(record: dict[str, object]) -> None:
    assert said(record) == ""


def test_the_looks_are_a_table() -> None:
    (table,) = ResourcesView.numbers(living()).tables
    assert table.columns["seconds"][-1] == 0
    assert len({len(column) for column in table.columns.values()}) == 1
