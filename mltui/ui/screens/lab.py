"""The lab: setup and views on one screen, its state held here once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.theme import Theme
from textual.widgets import Static

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.plots.look import Look
from mltui.record.state import KEPT, RESUMABLE
from mltui.ui.commands import COMMANDS, Now, available
from mltui.ui.messages import Asked, TabChosen, TypingChanged
from mltui.ui.room import SMALLEST, mode_for
from mltui.ui.screens.rows import Rows
from mltui.ui.screens.runs import Runs, underway
from mltui.ui.screens.state import LabState
from mltui.ui.screens.steering import Steering
from mltui.ui.screens.viewing import BY_NAME, Viewing
from mltui.ui.session import Session
from mltui.ui.sheet import Sheet
from mltui.ui.steering import same
from mltui.ui.widgets.deck import Deck, offered
from mltui.ui.widgets.field_row import FieldRow
from mltui.ui.widgets.key_line import KeyLine
from mltui.ui.widgets.pane import Pane, pane
from mltui.ui.widgets.progress_line import ProgressLine
from mltui.ui.widgets.run_line import RunLine
from mltui.ui.widgets.setup import Setup
from mltui.ui.widgets.tabs import SETUP, Tabs, key_of
from mltui.views import VIEWS
from mltui.views.derived import coefficients, with_this_before
from mltui.views.leaning import turned
from mltui.views.shown import Shown
from mltui.views.surface import contested

_TITLES = {SETUP: "Setup", **{name: view.tab or view.title for name, view in BY_NAME.items()}}


class Lab(Rows, Steering, Viewing):
    """The one screen where everything happens."""

    AUTO_FOCUS = ""
    CSS = """
    Lab { background: $background; layout: vertical; }
    #lab { height: 1fr; }
    #body { height: 1fr; }
    #setup { width: 100%; height: 1fr; }
    #deck { width: 1fr; height: 1fr; }
    Lab.-pair #setup { width: 40; }
    Lab.-desk #setup { width: 44; }
    Lab.-desk DataPane > Columns { display: block; }
    Lab.-desk FormPane > #teaching, Lab.-pair FormPane > #teaching { height: 3; }
    #too-small { display: none; width: 100%; height: 100%; content-align: center middle; text-align: center; }
    Lab.-small #too-small { display: block; }
    Lab.-small #lab { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(c.keys, c.action, c.help, show=False, id=c.action) for c in COMMANDS),
        *(Binding(str(n % 10), f"show({n})", f"Place {n}", show=False) for n in range(1, 11)),
        Binding("down", "next_row", "Into the form", show=False),
    ]

    def __init__(
        self,
        session: Session,
        sheet: Sheet,
        look: Look,
        attach: str | None = None,
        given: tuple[Experiment, str] | None = None,
        keymap: Mapping[str, str] | None = None,
    ) -> None:
        """The lab with a form's content.

        `attach` names a run to open, `given` is a file's experiment and text, `keymap` the user's own keys by action.
        """
        super().__init__()
        self.session = session
        self._attach_ref = attach
        self.set_reactive(LabState.sheet, sheet)
        self.set_reactive(LabState.shown, Shown(look=look, task=sheet.task or "classification"))
        self._given = given
        self._keymap = keymap or {}

    def compose(self) -> ComposeResult:
        """Run's line, tabs, setup and views, progress, keys."""
        yield Static("", id="too-small", markup=False)
        with Vertical(id="lab"):
            yield RunLine(id="run-line").data_bind(LabState.shown, LabState.subject, LabState.edited, LabState.starting)
            yield Tabs(_TITLES, id="tabs").data_bind(LabState.offered, LabState.in_sight)
            with Horizontal(id="body"):
                setup = Setup(id="setup")
                setup.look = self.shown.look
                yield setup.data_bind(LabState.sheet, LabState.experts, LabState.description, LabState.trouble)
                views = [pane(view).data_bind(LabState.shown) for view in VIEWS]
                yield Deck(views, id="deck").data_bind(LabState.mode, LabState.front, LabState.grown, LabState.offered)
            yield ProgressLine(id="progress").data_bind(LabState.shown)
            yield KeyLine(id="keys").data_bind(LabState.now)

    # Beginning

    def on_mount(self) -> None:
        """Lay out for the terminal; everything slow comes after the first paint."""
        self.app.theme_changed_signal.subscribe(self, self._recolour)
        self._fit(self.app.size.width, self.app.size.height)
        self.recount()
        self.call_after_refresh(self._after_first_paint)

    def _recolour(self, theme: Theme) -> None:
        """Another theme: the pictures take its brightness too."""
        look = replace(self.shown.look, dark=theme.dark)
        self.shown = replace(self.shown, look=look)
        self.setup.look = look

    def _after_first_paint(self) -> None:
        if self._attach_ref is not None:
            self.open_run(self._attach_ref)
        else:
            self.describe()
            self._tell_of_runs()
        self.follow()

    @work(group="runs-told")
    async def _tell_of_runs(self) -> None:
        """Say what has gone on while no lab was open, or another one is."""
        sentence = underway(await self.session.runs(), time.time())
        if sentence and self.session.run is None and not self.starting:
            self.say(sentence)

    @work(group="open")
    async def _open(self, ref: str, resume: bool) -> None:
        try:
            self.fill(await self.session.open(ref))
        except InputError as error:
            self.say(error.sentence, bad=True)
        if resume:
            self.resume()
        self.look_soon()
        self.describe()

    def open_run(self, ref: str, *, resume: bool = False) -> None:
        """Bring a run of the store into view, its experiment into the form, and perhaps go on with it."""
        self.shown = Shown(look=self.shown.look, earlier=with_this_before(self.shown))
        self.bring("curve")
        self._open(ref, resume)

    def action_runs(self) -> None:
        """Show every run; one may be opened."""
        self.app.push_screen(
            Runs(self.session), lambda chosen: self.open_run(chosen[0], resume=chosen[1]) if chosen else None
        )

    # Room

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the new size."""
        self._fit(event.size.width, event.size.height)

    def _fit(self, width: int, height: int) -> None:
        self.mode = mode_for(width, height)
        for mode in ("small", "tabs", "pair", "desk"):
            self.set_class(self.mode == mode, f"-{mode}")
        if self.mode == "small":
            self.query_one("#too-small", Static).update(
                f"too small: {width}×{height}\nat least {SMALLEST[0]}×{SMALLEST[1]}; training goes on"
            )
        self.recount()

    # What follows from the state

    def watch_sheet(self) -> None:
        """The form changed."""
        self.recount()

    def watch_description(self) -> None:
        """The data are known: before a run, the views follow them."""
        self.shown = self.dressed(self.shown)
        self.recount()

    def watch_shown(self, before: Shown, shown: Shown) -> None:
        """The run moved on, or another way to look at it was chosen; mostly that changes only the views."""
        if before.gist != shown.gist:
            self.recount()

    def watch_starting(self) -> None:
        """A run is being made."""
        self.recount()

    def watch_experts(self) -> None:
        """More or fewer rows."""
        self.recount()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Teach about the row in focus; a view in focus is the one in front."""
        if isinstance(event.widget, FieldRow):
            self.setup.teach(event.widget)
        elif isinstance(event.widget, Pane):
            self.front = str(event.widget.name)
        self.recount()

    def on_descendant_blur(self) -> None:
        """Nothing is taught while nothing has the focus."""
        if not isinstance(self.focused, FieldRow):
            self.setup.teach(None)
        self.recount()

    def on_typing_changed(self, message: TypingChanged) -> None:
        """Other keys work while a text is typed."""
        self.recount()

    def recount(self) -> None:
        """Bring what follows from the rest of the state up to date."""
        if not self.is_mounted or not self.query(Deck):  # not there yet, or just being left
            return
        self.offered = self._offered()
        deck = self.query_one(Deck)
        setup_alone = self.mode == "tabs" and self.front == SETUP
        self.setup.display = setup_alone or self.mode in ("pair", "desk")
        self.setup.set_class(self.mode == "tabs", "-wide")
        deck.display = not setup_alone
        views = () if setup_alone else deck.in_sight
        self.in_sight = frozenset((*views, *((SETUP,) if self.setup.display else ())))
        for view in self.query(Pane):
            at_desk = self.mode == "desk" and view.name in self.offered
            number = key_of(self.places.index(str(view.name)) + 1) if at_desk else ""
            if (view.border_subtitle or "") != number:  # setting it repaints the whole view
                view.border_subtitle = number
        self.subject = f"{self.sheet.subject} ▸ {self.sheet.model}"
        self.edited = self._edited()
        self.now = self._now()

    def _offered(self) -> tuple[str, ...]:
        names = offered(VIEWS, self.shown)
        features = (self.description or {}).get("features", ())
        begun, columns = bool(self.shown.state.started), (self.description or {}).get("columns", ())
        numbers = [column for column in columns if column["name"] in features and column["kind"] != "image"]
        spans = {"surface": begun or len(features) in (0, 2), "fit": begun or len(features) == len(numbers) == 1}
        left_out = {name for name, there in {**spans, "network": self._has_layers()}.items() if not there}
        return tuple(name for name in names if name not in left_out)

    def _has_layers(self) -> bool:
        """Whether the run in view is one of a network, or before it the form asks for one."""
        return bool(self.shown.state.started) or self.sheet.engine == "network"

    def _edited(self) -> bool:
        experiment, state = self.session.experiment, self.shown.state
        return experiment is not None and bool(state.run) and not same(self.sheet, experiment, state.changes)

    def _sums(self) -> int:
        """How many sums of coefficients there are to turn through, where they are in sight."""
        found = coefficients(self.shown) if "coefficients" in self.in_sight else None
        if found:
            return len(found.rows)
        correlated = "importance" in self.in_sight and BY_NAME["importance"].form(self.shown) == "correlation"
        return turned(self.shown) if correlated else 1

    def _now(self) -> Now:
        shown, state, row = self.shown, self.shown.state, self.focused
        phase = "waiting" if self.starting else state.phase if state.run else ""
        return Now(
            phase=phase,
            controls=self.controls,
            mode=self.mode,
            setup=SETUP in self.in_sight,
            view=isinstance(row, Pane) or SETUP not in self.in_sight,
            sight=self.in_sight,
            row=row.opens if isinstance(row, FieldRow) else "",
            letters=isinstance(row, FieldRow) and row.takes_letters,
            steps=isinstance(row, FieldRow) and row.steps,
            typing=isinstance(row, FieldRow) and row.typing is not None,
            grown=self.grown,
            views=not isinstance(row, FieldRow) and len(self.offered) > 0,
            grows=self.mode in ("pair", "desk") and not self.grown and self.view_in_front != SETUP,
            metrics=len(shown.metrics),
            forms=frozenset(name for name in self.offered if len(BY_NAME[name].forms_of(shown)) > 1),
            variables=frozenset(name for name in self.in_sight if name in BY_NAME and BY_NAME[name].variables(shown)),
            hidden=shown.hidden_layers,
            layer=shown.hidden_layer,
            targets=len(shown.targets) or self._sums(),
            target="target" if shown.targets else "class",
            neighbours=contested(shown) > 0,
            events="events" in self.offered,
            hints=row.view.hints(shown) if isinstance(row, Pane) else (),
            binary=shown.task == "classification" and len(shown.classes) == 2 and shown.snapshot is not None,
            snapshots=any(step < (shown.cursor or state.step) for step, _ in state.snapshots),
            back=shown.cursor is not None,
            model=bool(state.run) and state.phase in KEPT and not self.starting,
            applies=bool(self.pending),
            resumable=bool(state.run) and state.phase in RESUMABLE and not self.starting,
            undo=self.can_undo,
            guesses=bool((self.description or {}).get("suggested")),
            experts=self.experts,
            keymap=self._keymap,
        )

    # Keys and clicks

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a command works now."""
        return available(action, self.now)

    def on_key(self) -> None:
        """Somebody is at work: before the first run, a worker gets ready."""
        if self.session.run is None and not self.starting:
            self.warm_soon()

    async def on_asked(self, message: Asked) -> None:
        """A command was clicked."""
        app_actions = {"palette": "app.command_palette", "quit": "app.quit"}
        await self.run_action(app_actions.get(message.action, message.action))

    def on_tab_chosen(self, message: TabChosen) -> None:
        """A tab was clicked."""
        self.bring(message.name)

    def asked(self, experiment: Experiment) -> str:
        """The text the run came from: the file's own, where the form still says the same."""
        if self._given is not None and self._given[0] == experiment:
            return self._given[1]
        return experiment.to_toml()
