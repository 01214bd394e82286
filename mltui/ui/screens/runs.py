"""Every run, those that wait for their turn first: open, stop, resume, delete; move and cancel what waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mltui.core.errors import InputError
from mltui.plots.words import clean, clock, metric
from mltui.record.state import LIVING, RESUMABLE
from mltui.runs.summary import RunSummary
from mltui.ui.screens.ask import Confirm
from mltui.ui.screens.modal import Modal
from mltui.ui.session import Session
from mltui.ui.signs import said

REFRESH_SECONDS = 2.0
LATELY_SECONDS = 7 * 86400.0
MOST_NAMED = 3
UNANSWERED = 5.0  # that the store may take to answer before it is said that it does not
_HEAD = ("run", "started", "data", "model", "state", "validation", "took")


class Runs(Modal[tuple[str, bool] | None]):
    """The queue in its order, then the other runs, newest first.

    Enter hands one back to be opened, o to be opened and gone on with (True).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,R,q", "dismiss", "Back", show=False),
        Binding("x", "stop", "Stop and keep", show=False),
        Binding("o", "resume", "Resume", show=False),
        Binding("d,delete", "delete", "Delete", show=False),
        Binding("left_square_bracket", "move(-1)", "Earlier", show=False),
        Binding("right_square_bracket", "move(1)", "Later", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._runs: tuple[RunSummary, ...] = ()
        self._waits = ""
        self._again = asyncio.Event()

    def compose(self) -> ComposeResult:
        """The list under its head."""
        with Vertical(classes="sheet wide") as box:
            box.border_title = "Runs"
            yield Static("looking at the runs", id="runs-head", markup=False)
            yield OptionList(id="runs", markup=False)
            yield Static("", id="runs-message", markup=False)
            yield Static("", id="runs-keys", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Look at the store now and again."""
        self._tell()
        self.follow()

    @work(group="runs")
    async def follow(self) -> None:
        """Show the store as it is, again and again: however slow it is, it is read once at a time."""
        while True:
            self._again.clear()
            await self._refill()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._again.wait(), REFRESH_SECONDS)

    async def _refill(self) -> None:
        """Read the store and show it, the cursor where it was."""
        runs, waits = await self._listed()
        if not self.query(OptionList):  # the list has been left meanwhile
            return
        if runs == self._runs and self._runs and waits == self._waits:
            self._tell()
            return
        self._waits = waits
        options = self.query_one(OptionList)
        chosen = self._chosen
        self._runs = runs
        rows = [cells(run) for run in runs]
        widths = widths_for((_HEAD, *rows), self.query_one(".sheet").size.width - 3)
        self.query_one("#runs-head", Static).update(
            Text(_line(_HEAD, widths), "dim") if runs else "No runs yet: r in the lab makes the first."
        )
        options.clear_options()
        options.add_options(
            [Option(Text(_line(row, widths), no_wrap=True), id=run.id) for row, run in zip(rows, runs, strict=True)]
        )
        ids = [run.id for run in runs]
        if ids:
            options.highlighted = ids.index(chosen.id) if chosen is not None and chosen.id in ids else 0
        self._tell()

    async def _listed(self) -> tuple[tuple[RunSummary, ...], str]:
        """The runs, and what the queue waits for, however long the store takes to answer; meanwhile that is said."""

        async def asked() -> tuple[tuple[RunSummary, ...], str]:
            return tuple(await self._session.runs()), await self._session.queue_waits()

        began, listed = time.monotonic(), asyncio.ensure_future(asked())
        try:
            while not (await asyncio.wait({listed}, timeout=UNANSWERED))[0]:
                waited = f"the store has not answered for {time.monotonic() - began:.0f} s"
                for line in self.query("#runs-message").results(Static):  # none any more where the list is just left
                    line.update(waited)
        finally:
            listed.cancel()  # of no effect on one that is done
        return listed.result()

    @property
    def _chosen(self) -> RunSummary | None:
        here = self.query_one(OptionList).highlighted
        return self._runs[here] if here is not None and here < len(self._runs) else None

    def on_option_list_option_highlighted(self) -> None:
        """Another run is under the cursor."""
        self._tell()

    def _tell(self) -> None:
        """Why the run under the cursor failed, and the keys that work at it."""
        run = self._chosen
        self.query_one("#runs-message", Static).update(self._message(run) if run else "")
        self.query_one("#runs-keys", Static).update(said(f"{_deeds(run)}esc back", self.app.has_class("-ascii")))

    def _message(self, run: RunSummary) -> str:
        """Where it stands and why; of one that is queued what the next waits for, or the machine that it waits for."""
        if run.phase != "queued":
            return standing(run, time.time())
        if not self._session.is_here(run.host):
            return f"It waits for {clean(run.host)}: mltui queue move {run.id} --here lets this machine run it."
        return f"The next one waits for {clean(self._waits)}." if self._waits else ""

    def on_option_list_option_selected(self) -> None:
        """Open it."""
        run = self._chosen
        self.dismiss((run.id, False) if run else None)

    def action_resume(self) -> None:
        """Open it and go on with it."""
        run = self._chosen
        if run is not None and run.phase in RESUMABLE:
            self.dismiss((run.id, True))

    @work(group="runs-stop")
    async def action_stop(self) -> None:
        """Ask the run under the cursor to stop and keep; take one that waits out of the queue, once more asked."""
        run = self._chosen
        if run is not None and run.phase == "queued":
            await self._lose(run, "Take", " out of the queue?", "take it out", self._session.cancel)
        elif run is not None and run.phase in LIVING:
            await self._try(self._session.steer("stop", run.id))
            await asyncio.sleep(0.3)
            self._again.set()

    @work(group="runs-move")
    async def action_move(self, by: int) -> None:
        """Let the run under the cursor start earlier or later than its neighbour in the queue."""
        run = self._chosen
        if run is not None and run.place is not None:
            await self._try(self._session.move(run.id, max(0, run.place - 1 + by)))
            self._again.set()

    @work(group="runs-delete")
    async def action_delete(self) -> None:
        """Remove the run under the cursor, once more asked."""
        run = self._chosen
        if run is not None and run.phase not in LIVING | {"queued"}:
            await self._lose(run, "Delete", " with its model and predictions?", "delete", self._session.delete)

    async def _lose(
        self, run: RunSummary, verb: str, rest: str, deed: str, do: Callable[[str], Awaitable[None]]
    ) -> None:
        """Do what cannot be undone, once it has been asked for a second time."""
        question = f"{verb} run {run.id} ({clean(run.dataset)}, {clean(run.model)}){rest}"
        if await self.app.push_screen_wait(Confirm(question, deed)):
            await self._try(do(run.id))
            self._again.set()

    async def _try(self, deed: Awaitable[None]) -> None:
        """Wait for it, and say why where it cannot be done."""
        try:
            await deed
        except InputError as error:
            self.notify(clean(error.sentence), severity="error", markup=False)


def _deeds(run: RunSummary | None) -> str:
    """The keys that work at a run."""
    if run is None:
        return ""
    if run.phase == "queued":
        return "[ ] earlier, later   x cancel   ↵ open   "
    if run.phase in LIVING:
        return "↵ open   x stop   "
    return f"↵ open   {'o resume   ' if run.phase in RESUMABLE else ''}d delete   "


def standing(run: RunSummary, now: float) -> str:
    """Where a run stands, on which machine and since when, then why, as ``training on node17 since 14:02``.

    Args:
        now: the present moment, in seconds since 1970: what is of another day says which.
    """
    words = run.phase + (f" on {clean(run.host)}" if run.host else "")
    if run.since is not None:
        today = time.localtime(now)[:3] == time.localtime(run.since)[:3]
        words += time.strftime(" since %H:%M" if today else " since %d %b %H:%M", time.localtime(run.since))
    return f"{words}: {clean(run.message)}" if run.message else words


def underway(runs: Sequence[RunSummary], now: float) -> str:
    """Which runs live and which have died of late, and the keys that lead there; empty where there are none.

    Args:
        now: the present moment, in seconds since 1970.
    """
    living = [run.id for run in runs if run.phase in LIVING]
    dead = [run.id for run in runs if run.phase == "interrupted" and now - (run.since or 0.0) < LATELY_SECONDS]
    sentences = []
    if living:
        sentences.append(f"{_named(living)} still {'trains' if len(living) == 1 else 'train'}: R lists the runs.")
    if dead:
        sentences.append(f"{_named(dead)} {'was' if len(dead) == 1 else 'were'} interrupted: R, then o resumes.")
    return " ".join(sentences)


def _named(ids: Sequence[str]) -> str:
    """``Run 7``, ``Runs 7, 6``, ``Runs 7, 6, 5 and 9 more``."""
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    return f"Run{'s' * (len(ids) > 1)} {', '.join(ids[:MOST_NAMED])}{more}"


def cells(run: RunSummary) -> tuple[str, ...]:
    """A run's row: id, when, data, model, state, the validation's headline number, how long it took."""
    when = time.strftime("%d %b %H:%M", time.localtime(run.when)) if run.when else ""
    numbers = "  ".join(f"{name} {metric(name, value)}" for name, value in list(run.metrics.items())[:1])
    took = clock(run.seconds) if run.seconds is not None else ""
    state = f"{run.phase}, steered" if run.steered else f"waiting, {run.place}" if run.place else run.phase
    return (run.id, when, clean(run.dataset), clean(run.model), state, numbers, took)


def widths_for(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """The columns' widths: as wide as their longest cell, data and model shortened where that is too much."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    while sum(widths) + 2 * (len(widths) - 1) > room and max(widths[2], widths[3]) > 6:
        widths[2 if widths[2] > widths[3] else 3] -= 1
    return widths


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [_fit(cell, width) for cell, width in zip(row, widths, strict=True)]
    first, *middle, last = cells
    return "  ".join([f"{first:>{widths[0]}}", *(f"{c:<{w}}" for c, w in zip(middle, widths[1:], strict=False)), last])


def _fit(cell: str, width: int) -> str:
    return cell if len(cell) <= width else cell[: width - 1] + "…"
