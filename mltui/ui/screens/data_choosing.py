"""The data browser's choices: what a key on a column asks of the lab's form, and of the pair plot."""

from __future__ import annotations

from mltui.plots.words import clean
from mltui.ui import choosing
from mltui.ui.messages import Asked, DataPut
from mltui.ui.screens.data_asking import Asking


class Choosing(Asking):
    """What is done with the column under the cursor; the form is the lab's, which is asked by messages."""

    def action_tick(self) -> None:
        """The column as a feature, or no longer."""
        self._put(choosing.ticked(self.data, self.browsed.columns, self.browsed.chosen))

    def action_take(self, role: str) -> None:
        """The column as target or weight, or no longer."""
        self._put(choosing.taken(self.data, self.browsed.columns, role, self.browsed.chosen))

    def action_kind(self) -> None:
        """The column taken for the next kind."""
        column = self.browsed.column
        self._put(choosing.next_kind(self.data, column, self.browsed.guessed(self.browsed.chosen)))

    def _put(self, chosen: choosing.Chosen) -> None:
        if not self.browsed.chosen:
            return
        if isinstance(chosen, str):
            self.notify(clean(chosen), severity="warning", timeout=6, markup=False)
        else:
            self._lab.post_message(DataPut(chosen))

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
