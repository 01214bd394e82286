"""The form's side of the lab: edits, undo, draft, and the experiment as a file."""

from __future__ import annotations

import asyncio

from textual.timer import Timer

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.plots.words import clean
from mltui.runs.new_files import write_new
from mltui.ui.messages import DataPut, Stepped, Typed
from mltui.ui.rehearsal import rehearse
from mltui.ui.screens.state import LabState
from mltui.ui.sheet import Sheet

DRAFT_SECONDS = 0.5
WARM_SECONDS = 0.7
UNDO_DEPTH = 200


class Editing(LabState):
    """What happens to the form."""

    def __init__(self) -> None:
        super().__init__()
        self._past: list[tuple[Sheet, str]] = []
        self._draft_timer: Timer | None = None
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
            self.session.warm(self.sheet.rehearsal)
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

    def on_data_put(self, message: DataPut) -> None:
        """The data browser chose columns, or what it chose cannot be."""
        chosen = message.choose(self.sheet.document.get("data", {}))
        if isinstance(chosen, str):
            self.notify(clean(chosen), severity="warning", timeout=6, markup=False)
        else:
            self.edit(self.sheet.put_all(chosen))

    # Files

    def write_experiment(self) -> None:
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
