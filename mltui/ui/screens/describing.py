"""The data's side of the form: their description, what it suggests, and the browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual import work
from textual.timer import Timer

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.sections import Data, declared
from mltui.ui.screens.data import DataScreen
from mltui.ui.screens.editing import Editing

DESCRIBE_SECONDS = 0.25
_OF_ANY_FILES = ("files", "samples", "rows")
"""The keys of the data that stay when other files are named, whatever columns these have."""
_NOTHING: tuple[Any, ...] = (None, "none", [], {}, ())
_DATA = {h.name: h for h in declared(Data)}


class Describing(Editing):
    """What the data of the form are."""

    def __init__(self) -> None:
        super().__init__()
        self._describe_timer: Timer | None = None
        self._show_data = False
        self._known_files: Any = None

    def fill(self, experiment: Experiment) -> None:
        """Fill the form in with an experiment; what it says of its files is about them."""
        self._known_files = None
        super().fill(experiment)

    def look_at_data(self) -> None:
        """Have the data described soon; quick edits are described once."""
        if self._describe_timer is not None:
            self._describe_timer.stop()
        self.trouble = None  # that of other data
        self._describe_timer = self.set_timer(DESCRIBE_SECONDS, self.describe)

    @work(exclusive=True, group="describe")
    async def describe(self) -> None:
        """Ask the spare what the data are."""
        self.trouble = None
        data = self.sheet.document.get("data", {})
        if self.sheet.dataset is None and not self.sheet.has_files:
            self.description = {}
            return
        if self.sheet.problem is not None and str(self.sheet.problem.key).startswith("data"):
            return
        try:
            self.description = await self.session.describe(data)
            self._known_files = _files(data)
            if self._show_data:
                self._show_data = False
                self.action_data()
            if self.session.run is None:  # the first run shall not wait for imports
                self.warm_soon()
        except InputError as error:
            if self._put_away(error):
                return
            sentence = error.sentence.removeprefix(f"{error.key}: ")  # the row says which key
            self.description, self.trouble = None, InputError(sentence, key=error.key)

    def _put_away(self, error: InputError) -> bool:
        """Put away what was said of other files' columns, where it is at fault; undoing brings the files back too."""
        data = self.sheet.document.get("data", {})
        said = [name for name, held in data.items() if name not in _OF_ANY_FILES and held not in _NOTHING]
        key = str(error.key).removeprefix("data.")
        if key not in said or not self._known_files or _files(data) == self._known_files:
            return False
        self._put(self.sheet.only(_OF_ANY_FILES))
        shown = ", ".join(name.replace("_", " ") for name in said)
        self.say(f"Put away, being about other files: {shown}. u takes that back.")
        return True

    def action_data(self) -> None:
        """Look at the data in full, also while they are being read."""
        if self.description is not None and not self.description:
            self.say("No file is named yet.")
        else:
            self.app.push_screen(DataScreen(self))

    def action_guesses(self) -> None:
        """Put what the data look like into the form, as one edit."""
        suggested = (self.description or {}).get("suggested") or {}
        row = {name: declared.check(value) for name, value in suggested.items() if (declared := _DATA.get(name))}
        if row:
            self.edit(self.sheet.put_all(row))
            self.say(f"Taken: {', '.join(f'{name} {_DATA[name].format(value)}' for name, value in row.items())}")


def _files(data: Mapping[str, Any]) -> Any:
    """Which files the keys of the data name."""
    return data.get("files") or data.get("samples")
