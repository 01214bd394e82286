"""The form's side of the lab: edits, undo, draft, lists, and the description of the data."""

from __future__ import annotations

import asyncio

from textual import work
from textual.timer import Timer

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.data.catalogue import CATALOGUE
from mltui.models.catalogue import CARDS
from mltui.ui.fields import OWN
from mltui.ui.files import write_new
from mltui.ui.messages import ListWanted, RowLeft, Stepped, Typed
from mltui.ui.rehearsal import rehearse
from mltui.ui.screens.choose import Choice, ChooseOne, ChooseSeveral
from mltui.ui.screens.data import DataScreen
from mltui.ui.screens.state import LabState
from mltui.ui.sheet import Sheet
from mltui.ui.widgets.field_row import FieldRow
from mltui.ui.widgets.tabs import SETUP

DRAFT_SECONDS = 0.5
DESCRIBE_SECONDS = 0.25
WARM_SECONDS = 0.7
UNDO_DEPTH = 200
_SEVERAL = ("data.features", "data.exclude")


class Editing(LabState):
    """What happens to the form."""

    def __init__(self) -> None:
        super().__init__()
        self._past: list[tuple[Sheet, str]] = []
        self._draft_timer: Timer | None = None
        self._describe_timer: Timer | None = None
        self._warm_timer: Timer | None = None
        self._draft_refused = False
        self._rehearsed = False

    # Edits

    def edit(self, sheet: Sheet, group: str = "") -> None:
        """Take an edit; edits of one group that follow each other are undone together."""
        if sheet == self.sheet:
            return
        if not (group and self._past and self._past[-1][1] == group):
            self._past = [*self._past[-UNDO_DEPTH:], (self.sheet, group)]
        self._put(sheet)

    def _put(self, sheet: Sheet) -> None:
        before = self.sheet
        self.sheet = sheet
        if sheet.document.get("data") != before.document.get("data"):
            self.look_at_data()
        if self._draft_timer is None:
            self._draft_timer = self.set_timer(DRAFT_SECONDS, self.keep_draft)
        self.warm_soon()

    def warm_soon(self) -> None:
        """Have a worker get ready once nothing was edited for a moment and the data are looked at."""
        if self._warm_timer is not None:
            self._warm_timer.stop()
        self._warm_timer = self.set_timer(WARM_SECONDS, self._warm)

    def _warm(self) -> None:
        self._warm_timer = None
        if any(worker.group == "describe" and worker.is_running for worker in self.workers):
            self.warm_soon()
        elif not self.starting:
            self.session.warm(self.sheet.model)
            if not self._rehearsed:
                self._rehearsed = True
                self.run_worker(asyncio.to_thread(rehearse), group="rehearse")

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._past)

    def fill(self, experiment: Experiment) -> None:
        """Fill the form in with an experiment, as one edit."""
        self.edit(Sheet.of(experiment))

    def on_typed(self, message: Typed) -> None:
        """A text changed under the user's hands."""
        self.edit(self.sheet.typed(message.key, message.text), f"typed {message.key}")

    def on_stepped(self, message: Stepped) -> None:
        """A value went up or down."""
        self.edit(self.sheet.stepped(message.key, message.direction), f"stepped {message.key}")

    def action_undo(self) -> None:
        """Take the last edit back."""
        if self._past:
            sheet, _ = self._past.pop()
            self._put(sheet)
            self.recount()

    def action_experts(self) -> None:
        """Show every setting, or the basic ones only."""
        self.experts = not self.experts

    async def keep_draft(self) -> None:
        """Write the draft; say so once where that fails."""
        if self._draft_timer is not None:
            self._draft_timer.stop()
            self._draft_timer = None
        refused = await self.session.keep(self.sheet.document)
        if refused and not self._draft_refused:
            self.say(refused, bad=True)
        self._draft_refused = bool(refused)

    # Rows and lists

    def on_row_left(self, message: RowLeft) -> None:
        """Go to the neighbouring row, or out of the form at its end."""
        if message.direction <= 0:
            self.set_focus(None)
        elif self.mode == "tabs":
            self.set_focus(next(iter(self.setup.rows), None))
        else:
            self.focus_next("View")

    def action_next_row(self) -> None:
        """Into the form at its first row; on to the next where a key came faster than the focus."""
        if SETUP not in self.in_sight or not self.setup.rows:
            return
        rows = self.setup.rows
        here = rows.index(self.focused) if isinstance(self.focused, FieldRow) and self.focused in rows else -1
        self.set_focus(rows[min(here + 1, len(rows) - 1)])

    def on_list_wanted(self, message: ListWanted) -> None:
        """Open what a row can be set to."""
        key = message.key
        row = self.sheet.field(key)
        if row is None:
            return
        choices = self._choices(key)
        if key in _SEVERAL:
            chosen = self.sheet.value(key)
            current = tuple(map(str, chosen)) if isinstance(chosen, tuple) else ()
            self.app.push_screen(ChooseSeveral(row.label, choices, current), lambda v: self._chosen(key, v))
        else:
            guessed = (self.description or {}).get("target") if key == "data.target" else None
            current_one = str(self.sheet.value(key) or guessed or "")
            self.app.push_screen(ChooseOne(row.label, choices, current_one), lambda v: self._chosen(key, v))

    def _chosen(self, key: str, value: str | tuple[str, ...] | None) -> None:
        if value is None:
            return
        self.edit(self.sheet.put(key, value if value != "" else None))

    def _choices(self, key: str) -> list[Choice]:
        if key == "data.dataset":
            known = [Choice(name, card.title, card.about) for name, card in CATALOGUE.items()]
            return [*known, Choice(OWN, "csv, parquet, root", "Type the path of a file, then choose what to learn.")]
        if key == "model.name":
            return [Choice(name, card.title, card.about, self._barred(name)) for name, card in CARDS.items()]
        row = self.sheet.field(key)
        if row is not None and row.declared.choices:
            return [Choice(choice) for choice in row.declared.choices]
        columns = (self.description or {}).get("columns", ())
        if key == "data.features":
            columns = [column for column in columns if column.get("role") not in ("target", "weight")]
        none = [Choice("", "none")] if row is not None and row.declared.optional else []
        return none + [Choice(str(column["name"]), str(column.get("kind", ""))) for column in columns]

    def _barred(self, model: str) -> str:
        task, tasks = self.sheet.task or (self.description or {}).get("task"), CARDS[model].tasks
        return f"only for {' and '.join(tasks)}" if task and task not in tasks else ""

    # Data

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
        if not data.get("dataset") and not data.get("files"):
            self.description = {}
            return
        if self.sheet.problem is not None and str(self.sheet.problem.key).startswith("data"):
            return
        try:
            self.description = await self.session.describe(data)
            if self.session.run is None:  # the first run shall not wait for imports
                self.warm_soon()
        except InputError as error:
            sentence = error.sentence.removeprefix(f"{error.key}: ")  # the row says which key
            self.description, self.trouble = None, InputError(sentence, key=error.key)

    def action_data(self) -> None:
        """Look at the data in full."""
        if not self.description:
            waiting = "The data are not read yet." if self.description is None else "No file is named yet."
            self.say(self.trouble.sentence if self.trouble else waiting, bad=self.trouble is not None)
        else:
            self.app.push_screen(DataScreen(self.description))

    # Files

    def action_write(self) -> None:
        """Write the experiment to a file."""
        try:
            experiment = self.sheet.experiment()
            stem = f"{self.sheet.dataset or 'own'}-{experiment.model.name}"
            text = self.session.portable(experiment).to_toml()
            path = write_new(self.session.started_in, stem, ".toml", text)
        except InputError as error:
            self.say(error.sentence, bad=True)
        else:
            self.say(f"Wrote {path}; mltui run {path.name} trains it without a screen.")
