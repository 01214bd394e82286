"""The data browser's questions: what is in sight and not known yet is asked for, one job after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from textual import work
from textual.reactive import reactive

from mltui.core.errors import InputError
from mltui.plots.look import Look
from mltui.ui.browsed import Browsed
from mltui.ui.explored import Explored, Wish
from mltui.ui.screens.modal import LeftOnce
from mltui.ui.screens.state import LabState
from mltui.ui.session import GivenUp

REST_SECONDS = 0.06
"""The cursor rests so long on a column before its histogram is asked for."""
DESCRIBED_SECONDS = 0.4
"""After an edit the data are described first."""
LISTS = ("columns", "ranking")
"""The tabs that list columns."""


class Asking(LeftOnce[None]):
    """What the browser looks at, what it knows, and what it asks next.

    Attributes:
        tab: which of the six is in front.
        explored: what is known of the variables. browsed: what of the columns is looked at.
    """

    tab: reactive[str] = reactive("columns", init=False)

    def __init__(self, lab: LabState) -> None:
        super().__init__()
        self._lab = lab
        self._again = asyncio.Event()
        self._quiet = 0.0
        self._asking: Wish | None = None
        self._redescribing = False
        self.explored = Explored()
        self.browsed = Browsed(lab.description or {})

    def draw(self) -> None:
        """Bring everything in sight up to date."""
        raise NotImplementedError

    @property
    def data(self) -> Mapping[str, Any]:
        """The keys of the data as the form has them."""
        found: Mapping[str, Any] = self._lab.sheet.document.get("data", {})
        return found

    @property
    def composed(self) -> bool:
        """Whether its widgets are there: not before they are made, nor while they are taken down one by one."""
        return self.is_attached and bool(self.query("#data-list"))

    @property
    def look(self) -> Look:
        """What the terminal can show."""
        return self._lab.shown.look

    def _wake(self, rest: float = REST_SECONDS) -> None:
        self._quiet = max(self._quiet, asyncio.get_running_loop().time() + rest)
        self._again.set()

    @work(group="explore")
    async def explore(self) -> None:
        """Ask for what is in sight and not known yet, one job after the other, the newest wish first."""
        loop = asyncio.get_running_loop()
        while True:
            self._again.clear()
            while self._quiet > loop.time():
                await asyncio.sleep(self._quiet - loop.time())
            self._asking = self._wish()
            if self._asking is None:
                await self._again.wait()
            else:
                await self._grant(self._asking)

    async def _grant(self, wish: Wish) -> None:
        self.draw()
        try:
            self.explored.granted(wish, await self._lab.session.ask(wish.job, **wish.fields))
        except GivenUp:
            self._quiet = asyncio.get_running_loop().time() + DESCRIBED_SECONDS
        except InputError as error:
            self.explored.refused(wish, error.sentence)
        self._asking, self._redescribing = None, False
        self.draw()

    def _wish(self) -> Wish | None:
        """What the tab in front needs; nothing while the form has a value of the data wrong."""
        problem = self._lab.sheet.problem
        if problem is not None and str(problem.key).startswith("data"):
            return None
        if not self.browsed.columns or not self.composed:
            return None
        if self.tab in LISTS:
            shown = self._in_sight()
            first = self.explored.wish_histograms(shown) if shown else None
            return first or (self.explored.wish_summary() if self.browsed.has_features else None)
        if self.tab == "correlations":
            return self.explored.wish_summary()
        if self.tab != "pairs":
            return None
        unranked = self.browsed.has_features and not self.browsed.paired
        return (self.explored.wish_summary() if unranked else None) or self.explored.wish_pairs(self._pairs())

    def _in_sight(self) -> list[str]:
        """The columns with a histogram to ask for: the chosen one, then those listed around it."""
        height = max(self.query_one("#data-list").size.height - 1, 1)
        return self.browsed.around(self.tab, self._ranking(), height)

    def _pairs(self) -> tuple[str, ...]:
        return self.browsed.pairs(self._ranking())

    def _ranking(self) -> list[Mapping[str, Any]]:
        summary, _ = self.explored.summary()
        return list((summary or {}).get("ranking") or ())
