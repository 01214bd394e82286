"""What the run and its machine use: processors, memory and graphics cards, now, lately and in the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.text import Text

from mltui.core.table import Floats
from mltui.plots.words import clean, count, size
from mltui.views.base import View
from mltui.views.numbers_of import Numbers, Table, Value
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.plots.resources import Gauge
    from mltui.runs.resources import Moment, Resources


class ResourcesView(View):
    """A row for each thing that can run short: how full it is, and how that was over the last minutes."""

    name = "resources"
    title = "Resources"
    tab = "Load"
    pace = 1.0
    help = (
        "Shows what can run short. Above is this machine, as far as you may use it: processors that are busy, by "
        "whomever, and memory that is taken. Below is the run's own worker. The bar is now, the small columns behind "
        "it are the last minutes, one look a second.\n\n"
        "A run uses as many threads as its setup says, two where it says nothing: processors at about that number are "
        "well used, much less means that it waits, for the disk or for others. Memory that climbs towards all of the "
        "machine ends with the system killing the run.\n\n"
        "When the run has ended, the record stays: its peak of memory, its processor time, and how long preparing, "
        "with the reading of the data, training and closing, with judging and saving, took.\n\n"
        "Try next: set threads in the expert rows of the setup; K tells what a run will cost before it starts."
    )

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether there is a run."""
        return bool(shown.state.run)

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether anything was measured."""
        return shown.resources is not None or bool(shown.state.resources)

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The most memory it held."""
        peak = _peak(shown)
        return f"peak {size(peak)}" if peak else ""

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """Why there is nothing."""
        if shown.state.ended:
            return "This run does not say what it used: an older mltui made it."
        return "Press r to run: what the run uses of the machine will stand here."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """The last look, and the record."""
        return (shown.resources, shown.state.resources)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The gauges while it lives, and what the record says."""
        from mltui.plots.resources import gauges, said

        record = said(shown.state.resources)
        lines = _wrapped(f"the run {record}" if record else "", width)
        sections: list[tuple[str, Sequence[Gauge]]] = []
        if shown.resources is not None:
            sections = _sections(shown.resources, shown)
            lines += _wrapped(_lacking(shown.resources), width)
        return gauges(sections, lines, width, height, shown.look)

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """The record, and the looks as a table."""
        from mltui.plots.resources import phases

        record = {key: value for key, value in shown.state.resources.items() if key != "phases"}
        values = {**record, **{f"{name}_seconds": seconds for name, seconds in phases(shown.state.resources).items()}}
        if shown.resources is None:
            return Numbers(values)
        samples = shown.resources.samples
        columns: dict[str, Sequence[Any]] = {
            "seconds": [sample.when - samples[-1].when for sample in samples],
            "machine_processors": [sample.machine_processors for sample in samples],
            "free": [sample.free for sample in samples],
            "processors": [sample.processors for sample in samples],
            "memory": [sample.memory for sample in samples],
            "card_memory": [sample.card_memory for sample in samples],
        }
        machine: dict[str, Value] = {
            "host": shown.resources.host,
            "share": shown.resources.share,
            "usable": shown.resources.usable,
        }
        return Numbers({**machine, **values}, (Table("looks", columns, "line", "seconds", "seconds"),))


def _peak(shown: Shown) -> float:
    told = shown.state.resources.get("peak_memory")
    if isinstance(told, int | float):
        return told
    return shown.resources.peak if shown.resources is not None else 0


def _sections(found: Resources, shown: Shown) -> list[tuple[str, Sequence[Gauge]]]:
    from mltui.plots.resources import Gauge, busy

    ascii_only, samples, now = shown.look.ascii, found.samples, found.samples[-1]
    taken = found.usable - now.free
    machine = [
        Gauge("processors", busy(now.machine_processors, found.share, ascii=ascii_only),
              _past(samples, lambda one: one.machine_processors) / found.share, "train"),
        Gauge("memory", f"{size(max(taken, 0))} of {size(found.usable)}",
              _past(samples, lambda one: 1 - one.free / found.usable), "validation"),
    ]  # fmt: skip
    for number, card in enumerate(found.cards or ()):
        load = np.full(1, np.nan if card.busy is None else card.busy)
        working = "" if card.busy is None else f"{card.busy:.0%} busy, "
        words = f"{working}{size(card.used)} of {size(card.memory)}"
        machine.append(Gauge(f"card {number}", words, load, "out_of_bag"))
    sections: list[tuple[str, Sequence[Gauge]]] = [(f"this machine, {clean(found.host)}", machine)]
    own = _own(found)
    if own and not shown.state.ended:
        where = f" on {clean(found.worker)}" if found.worker else ""
        threads = f", {count(found.threads, 'thread')}" if found.threads else ""
        sections.append((f"run {clean(shown.state.run)}{where}{threads}", own))
    return sections


def _own(found: Resources) -> list[Gauge]:
    """The run's own rows, of what is known of it."""
    from mltui.plots.resources import Gauge, busy

    samples, now = found.samples, found.samples[-1]
    if now.memory is None:
        return []
    used, held = _past(samples, lambda one: one.processors), _past(samples, lambda one: one.memory)
    peak = f", peak {size(found.peak)}" if found.peak else ""
    rows = [
        Gauge("processors", busy(now.processors, found.share), used / found.share, "train"),
        Gauge("memory", f"{size(now.memory)}{peak}", held / found.usable, "validation"),
    ]
    if now.card_memory is not None:
        whole = sum(card.memory for card in found.cards or ()) or 1
        on_card = _past(samples, lambda one: one.card_memory)
        rows.append(Gauge("card memory", size(now.card_memory), on_card / whole, "out_of_bag"))
    return rows


def _past(samples: Sequence[Moment], of: Callable[[Moment], float | int | None]) -> Floats:
    return np.array([np.nan if (value := of(one)) is None else value for one in samples], np.float64)


def _lacking(found: Resources) -> str:
    if found.cards is not None:
        return ""
    from mltui.runs.cards import LACKING

    return f"There is a graphics card; {LACKING}."


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, max(1, width))
