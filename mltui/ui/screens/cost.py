"""What the experiment in the form would cost: asked of a rehearsal, before it is begun."""

from __future__ import annotations

import asyncio
import textwrap
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.plots.look import Look
from mltui.plots.words import clean, clock
from mltui.ui.screens.modal import Modal
from mltui.ui.session import Asking, Session
from mltui.ui.signs import said

_WIDTH = 54
_MEASURING = "The run is rehearsed: its data are read and a few seconds of it are trained, for nobody."


class CostCard(Modal[None]):
    """Measures, and shows what came out; leaving gives it up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,K,q,enter", "dismiss", "Back", show=False)]

    def __init__(self, session: Session, experiment: Experiment, look: Look) -> None:
        super().__init__()
        self._session, self._experiment, self._look = session, experiment, look
        self._asking = Asking()
        self._seconds = 0

    def compose(self) -> ComposeResult:
        """The figures, how they were come by, and the keys."""
        with Vertical(classes="sheet small") as box:
            box.border_title = "Cost of a run"
            yield Static(self._waiting(), id="cost", markup=False)
            yield Static(said("esc back", self._look.ascii), classes="keys", markup=False)

    def on_mount(self) -> None:
        """Have it measured."""
        self._measure()
        self.set_interval(1.0, self._tick)

    def on_unmount(self) -> None:
        """Nobody wants to know any more."""
        self._asking.give_up()

    def _tick(self) -> None:
        self._seconds += 1
        if not self._asking.over:
            self.query_one("#cost", Static).update(self._waiting())

    def _waiting(self) -> Text:
        return Text(f"{_MEASURING}\n\n{clock(self._seconds)}", self._look.style("dim"))

    @work(group="cost")
    async def _measure(self) -> None:
        try:
            found, free = await self._session.cost(self._experiment, self._asking)
        except asyncio.CancelledError:
            self._asking.give_up()
            raise
        except InputError as error:
            shown = Text(clean(error.sentence), self._look.style("bad"))
        else:
            from mltui.plots.cost import figures, sentences

            shown = Text()
            for name, value, remark in figures(found, *free, ascii=self._look.ascii):
                shown.append(f"{name:<12}", self._look.style("dim")).append(f"{value}\n", self._look.style("strong"))
                for line in textwrap.wrap(remark, _WIDTH - 12):
                    shown.append(f"{'':<12}{line}\n", self._look.style("label"))
            shown.append("\n" + " ".join(sentences(found)), self._look.style("label"))
        self._asking.over = True
        self.query_one("#cost", Static).update(shown)
