"""The data browser's choices: what a key on a column asks of the lab's form, and of the pair plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mltui.ui import choosing
from mltui.ui.messages import Asked, DataPut
from mltui.ui.screens.data_asking import Asking


class Choosing(Asking):
    """What is done with the column under the cursor; the form is the lab's, which is asked by messages."""

    def action_tick(self) -> None:
        """The column as a feature, or no longer."""
        columns, name = self.browsed.columns, self.browsed.chosen
        self._put(lambda data: choosing.ticked(data, columns, name))

    def action_take(self, role: str, also: bool = False) -> None:
        """The column as target or weight, or no longer; `also`: as one target more."""
        columns, name = self.browsed.columns, self.browsed.chosen
        self._put(lambda data: choosing.taken(data, columns, role, name, also=also))

    def action_kind(self) -> None:
        """The column taken for the next kind."""
        column, guessed = self.browsed.column, self.browsed.guessed(self.browsed.chosen)
        self._put(lambda data: choosing.next_kind(data, column, guessed))

    def _put(self, choose: Callable[[Mapping[str, Any]], choosing.Chosen]) -> None:
        if self.browsed.chosen:
            self._lab.post_message(DataPut(choose))

    def action_pair(self) -> None:
        """The column in or out of the pair plot."""
        self.browsed.pair(self._ranking())
        self.draw()

    def action_undo(self) -> None:
        """Take the last edit of the form back."""
        self._lab.post_message(Asked("undo"))

    def action_guesses(self) -> None:
        """Take what the data look like into the form."""
        self._lab.post_message(Asked("guesses"))
