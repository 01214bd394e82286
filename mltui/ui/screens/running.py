"""The run's side of the lab: start, pause, step, stop, and following what the worker reports."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from time import monotonic

from textual import work

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.record.folder import RunFolder
from mltui.record.state import BROKEN, RunState
from mltui.runs.watch import SEEN, Seen
from mltui.ui.changes import changed
from mltui.ui.screens.code import Code
from mltui.ui.screens.cost import CostCard
from mltui.ui.screens.pick import PickFiles
from mltui.ui.screens.predict import Predict
from mltui.ui.screens.state import LabState
from mltui.ui.session import Wish
from mltui.ui.widgets.tabs import SETUP
from mltui.views.derived import with_this_before
from mltui.views.opened import dressed
from mltui.views.shown import Shown

PACE = 0.1  # seconds between two looks at a living run
EAGER = 0.02  # the same just after a key, so that its effect is seen at once
EAGER_FOR = 0.5
CALM = 0.5  # the same between two sights of mere progress: the curve's own pace, so that line and curve say the same
UNANSWERED = 2.0  # that a run's folder may take to answer before it is said that it does not
RESTING = 1.0  # the same at a run that has ended


class Running(LabState):
    """What happens to runs."""

    def __init__(self) -> None:
        super().__init__()
        self._wake = asyncio.Event()
        self._eager_until = 0.0
        self._calm_until = 0.0
        self._run_before: RunFolder | None = None

    # Wishes

    def action_run(self) -> None:
        """Run; pause and continue what runs."""
        if not self.now.running:
            self._start(stepwise=False)
        else:
            self._steer("continue" if self.now.phase == "paused" else "pause")

    def action_step(self) -> None:
        """One step further; without a run, start one that pauses after its first step."""
        if self.now.running:
            self._steer("step")
        else:
            self._start(stepwise=True)

    def action_stop(self) -> None:
        """Stop and keep."""
        self._steer("stop")

    def action_predict(self) -> None:
        """Score new files with the run in view."""

        def picked(paths: tuple[str, ...] | None) -> None:
            if paths:
                self.app.push_screen(Predict(self.session, paths, self.shown.look))

        folder = str(self.session.started_in)
        self.app.push_screen(PickFiles(self.session, folder, "Files to score"), picked)

    def action_code(self) -> None:
        """The run in view as a plain script; the setup where there is none, or it says something else."""
        if self.session.run is not None and self.shown.state.run and not self.edited:
            self.app.push_screen(Code(self.session, None, self.shown.look))
            return
        try:
            experiment = self.sheet.experiment()
        except InputError as error:
            self._point_at(error)
            return
        self.app.push_screen(Code(self.session, experiment, self.shown.look))

    @work(group="steer")
    async def _steer(self, wish: Wish) -> None:
        while self.starting and self.session.run is self._run_before:  # the wish is for the run being made
            await asyncio.sleep(EAGER)
        try:
            await self.session.steer(wish)
        except InputError as error:
            self.say(error.sentence, bad=True)
        self.look_soon()

    @property
    def underway(self) -> RunFolder | None:
        """The run at work, as soon as it has a folder."""
        made = not self.starting or self.session.run is not self._run_before
        return self.session.run if self.now.running and made else None

    # Starting

    def _start(self, *, stepwise: bool) -> None:
        if self.starting:
            return
        try:
            experiment = self.sheet.experiment()
            if self.trouble is not None and self.trouble.key:
                raise self.trouble
        except InputError as error:
            self._point_at(error)
            return
        self.starting = True
        self._run_before = self.session.run
        self._show_new(experiment)
        if self.mode == "tabs" and self.front == SETUP:
            self.bring("curve")
        self._begin(experiment, stepwise)

    def action_cost(self) -> None:
        """Rehearse the experiment, and say what a run would take."""
        try:
            self.app.push_screen(CostCard(self.session, self.sheet.experiment(), self.shown.look))
        except InputError as error:
            self._point_at(error)

    def action_queue(self) -> None:
        """Let the experiment wait for its turn; what is in view stays there."""
        try:
            self._enqueue(self.sheet.experiment())
        except InputError as error:
            self._point_at(error)

    @work(group="queue")
    async def _enqueue(self, experiment: Experiment) -> None:
        try:
            folder = await self.session.enqueue(experiment, self.asked(experiment))
        except InputError as error:
            self.say(error.sentence, bad=True)
        else:
            self.say(f"Run {folder.id} is queued; R shows the queue.")

    def _point_at(self, error: InputError) -> None:
        """Say what is wrong and go to its row."""
        self.say(error.sentence, bad=True)
        self.go_to_row(error.key or "")

    def go_to_row(self, key: str) -> None:
        """The setup in front and the row of a key in focus, the experts' rows shown where it is one of them."""
        self.bring(SETUP)
        if key and self.setup.row(key) is None:
            self.experts = True
        self.call_after_refresh(self.setup.focus_row, key)

    def _show_new(self, experiment: Experiment) -> None:
        """An empty run on the screen, what was there before dim behind it."""
        shown, before = self.shown, self.session.experiment
        state = shown.state
        previous, title = shown.previous, shown.previous_title
        if before is not None and any(series.length for series in state.series):
            previous, title = state, changed(before, experiment)
        self.shown = replace(
            shown, state=RunState(), snapshot=None, previous=previous, previous_title=title, cursor=None, log_lines=(),
            starting=True, earlier=with_this_before(shown), sample=None, sampled={}, tracks=None,
        )  # fmt: skip

    @work(group="begin")
    async def _begin(self, experiment: Experiment, stepwise: bool) -> None:
        try:
            folder = await self.session.begin(experiment, self.asked(experiment), stepwise=stepwise)
            if not self.shown.state.run:
                self.shown = replace(self.shown, state=RunState(run=folder.id))
        except InputError as error:
            self.shown = replace(self.shown, starting=False)
            self.say(error.sentence, bad=True)
        finally:
            self.starting = False
        self.look_soon()

    def asked(self, experiment: Experiment) -> str:
        """The text the run came from."""
        return experiment.to_toml()

    # Following

    def look_soon(self) -> None:
        """Look at the run now and, for a moment, often."""
        self._eager_until = monotonic() + EAGER_FOR
        self._wake.set()

    @work(exclusive=True, group="follow")
    async def follow(self) -> None:
        """Look at the run in view, for as long as the lab is open."""
        while True:
            self._wake.clear()
            seen = await self._look()
            if seen is not None:
                self.take(seen)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._pace(seen))

    async def _look(self) -> Seen | None:
        """What is seen of the run, however long its folder takes to answer; while it does not, the run's line says so.

        A run that comes into view meanwhile is looked at without waiting for the one before.
        """
        began, run = monotonic(), self.session.run
        look = asyncio.ensure_future(self.session.look(self.shown.cursor, self.shown.picked.places))
        try:
            while not (await asyncio.wait({look}, timeout=UNANSWERED))[0]:
                if self.session.run is not run:
                    return None
                self.shown = replace(self.shown, unanswered=int(monotonic() - began))
        finally:
            look.cancel()  # of no effect on one that is done
        if self.shown.unanswered:
            self.shown = replace(self.shown, unanswered=0)
        return look.result()

    def _pace(self, seen: Seen | None) -> float:
        if monotonic() < self._eager_until:
            return EAGER
        return RESTING if seen is None or seen.state.ended else PACE

    def take(self, seen: Seen) -> None:
        """Put what was seen on the screen, if it is new: a turn of the run at once, mere progress now and then."""
        shown = self.shown
        same = [getattr(seen, name) is getattr(shown, name) for name in SEEN]
        soon = monotonic() < self._eager_until or monotonic() >= self._calm_until
        if all(same) or not (soon or _turned(shown.state, seen.state)):
            return
        self._calm_until = monotonic() + CALM
        if seen.state.phase in BROKEN and shown.state.run == seen.state.run and not shown.state.ended:
            # whole; the run's line may cut it
            self.say(f"Run {seen.state.run} {seen.state.phase}: {seen.state.message}", bad=True)
        if seen.state.ended and not shown.state.ended and (shown.starting or shown.state.run):
            self.warm_soon()  # who watched one run to its end will start the next
        self.shown = self.dressed(replace(shown, **{name: getattr(seen, name) for name in SEEN}))

    def dressed(self, shown: Shown) -> Shown:
        """The same with task, classes and weights: the run's own where it has said them, else the form's."""
        described = self.description or {}
        labels = [c["label"] for c in described.get("classes", ())]
        task = described.get("task") or self.sheet.task or "classification"
        return dressed(shown, task, labels, weighted=bool(described.get("weight")))


def _turned(before: RunState, after: RunState) -> bool:
    """Whether more than progress happened."""
    turns = [(state.run, state.phase, state.started, state.changes, state.refused) for state in (before, after)]
    return turns[0] != turns[1]
