"""The lab's state, held once, and what its actions share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.reactive import reactive
from textual.screen import Screen

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.plots.words import clean
from mltui.ui.commands import Mode, Now
from mltui.ui.session import Session
from mltui.ui.sheet import Sheet
from mltui.ui.widgets.setup import Setup
from mltui.ui.widgets.tabs import SETUP
from mltui.views.shown import Shown


class LabState(Screen[None]):
    """What the lab knows; its widgets are bound to it.

    Attributes:
        sheet: what the form holds.
        experts: whether the form shows its expert rows.
        description, trouble: what the data are, or why they cannot be read.
        shown: the run in view and how it is looked at.
        mode: how much room the terminal gives.
        front: `setup` or the view that was asked for last; grown: whether it has the whole place.
        starting: whether a run is being made.
        offered: the views this run has. in_sight: what of setup and views is on the screen.
        subject, edited: what the run's line says of the form.
        now: what decides which keys work.
    """

    sheet: reactive[Sheet] = reactive(Sheet.welcome, init=False, repaint=False)
    experts: reactive[bool] = reactive(False, init=False, repaint=False)
    description: reactive[Mapping[str, Any] | None] = reactive(None, init=False, repaint=False)
    trouble: reactive[InputError | None] = reactive(None, init=False, repaint=False)
    shown: reactive[Shown] = reactive(Shown, init=False, repaint=False)
    mode: reactive[Mode] = reactive("tabs", init=False, repaint=False)
    front: reactive[str] = reactive(SETUP, init=False, repaint=False)
    grown: reactive[bool] = reactive(False, init=False, repaint=False)
    starting: reactive[bool] = reactive(False, init=False, repaint=False)
    offered: reactive[tuple[str, ...]] = reactive((), init=False, repaint=False)
    in_sight: reactive[frozenset[str]] = reactive(frozenset({SETUP}), init=False, repaint=False)
    subject: reactive[str] = reactive("", init=False, repaint=False)
    edited: reactive[bool] = reactive(False, init=False, repaint=False)
    now: reactive[Now] = reactive(Now, init=False, repaint=False)

    session: Session

    @property
    def setup(self) -> Setup:
        """The form's widget."""
        return self.query_one(Setup)

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """One sentence in the corner, shown literally, in the place of the one before."""
        self.notify(clean(sentence), severity="error" if bad else "information", timeout=8 if bad else 4, markup=False)

    def recount(self) -> None:
        """Bring what follows from the rest of the state up to date."""
        raise NotImplementedError

    def bring(self, name: str) -> None:
        """Bring the setup or a view to the front."""
        raise NotImplementedError

    def fill(self, experiment: Experiment) -> None:
        """Fill the form in with an experiment."""
        raise NotImplementedError

    def write_experiment(self) -> None:
        """Write the experiment to a file."""
        raise NotImplementedError

    def look_at_data(self) -> None:
        """Have the data described soon."""
        raise NotImplementedError

    def warm_soon(self) -> None:
        """Have a worker get ready for the next run."""

    def look_soon(self) -> None:
        """Have the run looked at now."""
        raise NotImplementedError
