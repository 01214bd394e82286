"""The lab's hold on a run that trains, beside pausing it: batch by batch, other values on the way, and going on."""

from __future__ import annotations

from collections.abc import Sequence

from textual import work

from mltui.core.errors import InputError
from mltui.models.catalogue import CARDS
from mltui.plots import steered
from mltui.record.state import BROKEN, Change, RunState
from mltui.runs.watch import Seen
from mltui.ui.screens.running import Running
from mltui.ui.steering import Pending, pending
from mltui.ui.widgets.tabs import SETUP


class Steering(Running):
    """What happens to a run on its way."""

    def __init__(self) -> None:
        super().__init__()
        self._asked_to_change = False

    @property
    def controls(self) -> frozenset[str]:
        """What the run in view can be asked for: as it says itself, before it has, as its model's card does."""
        said = self.shown.state.started.get("controls")
        if isinstance(said, list | tuple):
            return frozenset(map(str, said))
        asked = self.session.experiment
        card = CARDS.get(asked.model.name) if asked else None
        return frozenset(card.chosen(asked.model.hyperparameters).controls) if asked and card else frozenset()

    @property
    def pending(self) -> Pending:
        """What the form would change in the run in view."""
        return pending(self.sheet, self.session.experiment, self.shown.state)

    # Wishes

    def action_batch(self) -> None:
        """One batch further."""
        self._steer("batch")

    def action_apply(self) -> None:
        """Have the run go on with the form's values."""
        self._change(self.pending)

    @work(group="steer")
    async def _change(self, values: Pending) -> None:
        try:
            await self.session.change(values)
            self._asked_to_change = True
        except InputError as error:
            self.say(error.sentence, bad=True)
        self.look_soon()

    def action_resume(self) -> None:
        """Go on with the run in view from where it was cut short."""
        if not self.now.running:
            self.resume(self.shown.state)

    def resume(self, state: RunState | None = None) -> None:
        """Go on with the session's run.

        Args:
            state: the run as it has been seen, where it has.
        """
        if self.starting:
            return
        self.starting = True
        self._run_before = self.session.run
        if self.mode == "tabs" and self.front == SETUP:
            self.bring("curve")
        self._resume(state)

    @work(group="begin")
    async def _resume(self, state: RunState | None) -> None:
        try:
            await self.session.resume(state)
        except InputError as error:
            self.say(error.sentence, bad=True)
        finally:
            self.starting = False
        self.look_soon()

    # What became of them

    def take(self, seen: Seen) -> None:
        """Put what was seen on the screen, and say what was changed since."""
        before = self.shown.state
        super().take(seen)
        after = self.shown.state
        if after is seen.state and after is not before and after.run == before.run and before.started:
            self._tell_changes(after, after.changes[len(before.changes) :])
            self._tell_refusals(before, after)

    def _tell_changes(self, state: RunState, changes: Sequence[Change]) -> None:
        if changes:
            words = ", ".join(steered.said(change) for change in changes)
            self.say(f"{words} from {steered.where(state, changes[-1])} on")
            self._asked_to_change = False

    def _tell_refusals(self, before: RunState, after: RunState) -> None:
        """A worker answers by a warning what it cannot change."""
        warnings = after.warnings[len(before.warnings) :]
        if self._asked_to_change and warnings:
            self.say(warnings[-1], bad=True)
            self._asked_to_change = False
        if after.refused and not before.refused and after.phase not in BROKEN:
            self.say(f"Run {after.run} could not be resumed: {after.refused}", bad=True)
