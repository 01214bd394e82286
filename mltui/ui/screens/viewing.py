"""The views' side of the lab: which is in front, the threshold, the metric, time, copy and help."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from textual import work
from textual.geometry import Region

from mltui.core.errors import InputError
from mltui.runs.new_files import write_new
from mltui.ui.messages import ViewTurned
from mltui.ui.screens.ask import AskNumber
from mltui.ui.screens.choose import Choice, ChooseOne
from mltui.ui.screens.help import SETUP_HELP, Help
from mltui.ui.screens.state import LabState
from mltui.ui.widgets.pane import Pane
from mltui.ui.widgets.tabs import SETUP
from mltui.views import VIEWS, View
from mltui.views.surface import contested
from mltui.views.writing import FORMATS, written
from mltui.views.yields import best_threshold

BY_NAME: dict[str, type[View]] = {str(view.name): view for view in VIEWS}


class Viewing(LabState):
    """What happens to the views."""

    # Which is in front

    @property
    def places(self) -> tuple[str, ...]:
        """What the number keys stand for: the setup, then the views in order."""
        return (SETUP, *self.offered)

    def action_show(self, number: int) -> None:
        """Bring the setup or a view to the front by its number."""
        if 1 <= number <= len(self.places):
            self.bring(self.places[number - 1])

    def action_next_view(self) -> None:
        """To the view after the one in front."""
        self._turn(1)

    def action_previous_view(self) -> None:
        """To the view before the one in front."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        """To a neighbour of what is in front; the setup is one where it has no place of its own."""
        grown, places = self.grown, self.places if self.mode == "tabs" else self.offered
        here = places.index(self.view_in_front) if self.view_in_front in places else -min(by, 0)
        self.bring(places[(here + by) % len(places)])
        if grown:
            self.action_grow()

    def bring(self, name: str) -> None:
        """Bring the setup or a view to the front, and the focus with it where several are in sight."""
        self.grown = False
        if self.mode == "tabs" and isinstance(self.focused, Pane):
            self.set_focus(None)  # else hiding it would hand the focus on to a row of the form
        self.front = name
        self.recount()
        if name == SETUP:
            self._enter_setup()
        elif self.mode == "tabs" and not BY_NAME[name].keys:
            self.set_focus(None)
        else:
            self.call_after_refresh(self._focus_view, name)

    def _enter_setup(self) -> None:
        if self.mode != "tabs" and self.setup.rows:
            self.set_focus(self.setup.rows[0])

    def _focus_view(self, name: str) -> None:
        for view in self.query(Pane):
            if view.name == name and view.display:
                view.focus()

    @property
    def view_in_front(self) -> str:
        """The view that keys such as copy and help are about, or the setup."""
        if isinstance(self.focused, Pane):
            return str(self.focused.name)
        return self.front if self.front in self.in_sight else SETUP

    def action_grow(self) -> None:
        """Give the view in focus the whole place."""
        name = self.view_in_front
        if name != SETUP:
            self.front, self.grown = name, True
            self.recount()

    def action_leave(self) -> None:
        """Shrink what has grown, else leave the focus."""
        if self.grown:
            self.grown = False
            self.recount()
        else:
            self.set_focus(None)

    # How the run is looked at

    def action_metric(self) -> None:
        """The next metric of the curve."""
        names = self.shown.metrics
        if names:
            here = names.index(self.shown.curve_metric)
            self.shown = replace(self.shown, metric=names[(here + 1) % len(names)])

    def action_target(self) -> None:
        """The next of several targets, or of a linear model's classes."""
        count = self.now.targets
        self.shown = replace(self.shown, target=(self.shown.among(count) + 1) % count)

    def action_form(self) -> None:
        """The next of the ways to draw the view in front, or of the first one in sight that has some."""
        places = (self.view_in_front, *self.offered)
        having = [name for name in places if name in self.in_sight and name in self.now.forms]
        if having:
            view = BY_NAME[having[0]]
            forms = view.forms_of(self.shown)
            following = forms[(forms.index(view.form(self.shown)) + 1) % len(forms)]
            self.shown = replace(self.shown, forms={**self.shown.forms, view.name: following})

    def action_variable(self) -> None:
        """The next variable, in the pictures of one."""
        self._turn_variable(1)

    def action_variable_before(self) -> None:
        """The variable before."""
        self._turn_variable(-1)

    def _turn_variable(self, by: int) -> None:
        places = (self.view_in_front, *self.offered)
        having = [name for name in places if name in self.in_sight and name in self.now.variables]
        if having:
            view = BY_NAME[having[0]]
            names, here = view.variables(self.shown), view.variable(self.shown)
            following = names[(names.index(here) + by) % len(names)] if here in names else names[0]
            self.shown = replace(self.shown, variable=following)

    def action_events(self) -> None:
        """The rows behind the numbers."""
        self.bring("events")

    def on_view_turned(self, message: ViewTurned) -> None:
        """Mark, pin, or bring another view to the front."""
        change, shown = message.change, self.shown
        self.shown = replace(shown, picked=change.picked or shown.picked, forms={**shown.forms, **change.forms})
        if change.front in self.offered:
            self.bring(change.front)
        if self.shown.picked.places != shown.picked.places:
            self.look_soon()  # what the kept snapshots say of the events that are followed is read there

    def action_log(self) -> None:
        """The curve's axis logarithmic, and back."""
        self.shown = replace(self.shown, log=not self.shown.log)

    def action_hidden(self) -> None:
        """The network, what its first hidden layer makes of the rows, the second, and so on."""
        self.shown = replace(self.shown, hidden=(self.shown.hidden + 1) % (self.shown.hidden_layers + 1))

    def action_neighbours(self) -> None:
        """The neighbours that decide for the next row, after the last one those of none."""
        self.shown = replace(self.shown, neighbours=(self.shown.neighbours + 1) % (contested(self.shown) + 1))

    def action_threshold_down(self) -> None:
        """Lower by 0.05."""
        self._move_threshold(-0.05)

    def action_threshold_up(self) -> None:
        """Higher by 0.05."""
        self._move_threshold(0.05)

    def action_finer_down(self) -> None:
        """Lower by 0.01."""
        self._move_threshold(-0.01)

    def action_finer_up(self) -> None:
        """Higher by 0.01."""
        self._move_threshold(0.01)

    def action_best_cut(self) -> None:
        """To where the significance is best."""
        best = best_threshold(self.shown)
        if best is None:
            self.say("There is no best cut: no positive background above any.", bad=True)
        else:
            self.shown = replace(self.shown, threshold=min(1.0, max(0.0, best)))

    def _move_threshold(self, by: float) -> None:
        self.shown = replace(self.shown, threshold=round(min(1.0, max(0.0, self.shown.threshold + by)), 2))

    def action_back(self) -> None:
        """To the kept snapshot before."""
        now = self.shown.cursor if self.shown.cursor is not None else self.shown.state.step
        earlier = [step for step, _ in self.shown.state.snapshots if step < now]
        if earlier:
            self._go_to(max(earlier))

    def action_forth(self) -> None:
        """To the kept snapshot after, and from the last one to now."""
        cursor = self.shown.cursor
        later = [step for step, _ in self.shown.state.snapshots if cursor is not None and step > cursor]
        self._go_to(min(later) if later and min(later) < self.shown.state.step else None)

    def _go_to(self, step: float | None) -> None:
        self.shown = replace(self.shown, cursor=step)
        self.look_soon()

    def action_type_threshold(self) -> None:
        """Type the threshold."""

        def take(value: float | None) -> None:
            if value is not None:
                self.shown = replace(self.shown, threshold=value)

        self.app.push_screen(AskNumber("Threshold, 0 to 1", self.shown.threshold, 0.0, 1.0), take)

    # Write, copy and help

    def action_write(self) -> None:
        """Write the experiment, or what is in front, to a file."""
        name = self.view_in_front
        if name == SETUP:
            self.write_experiment()
            return
        title = BY_NAME[name].title
        choices = [Choice("experiment", "the setup as a file that mltui run takes")]
        choices += [Choice(f"{title} {ending}", about) for ending, about in FORMATS.items()]

        def take(chosen: str | None) -> None:
            if chosen == "experiment":
                self.write_experiment()
            elif chosen:
                self._write_view(name, chosen.rpartition(" ")[2])

        self.app.push_screen(ChooseOne("Write", choices, "experiment"), take)

    @work(group="write")
    async def _write_view(self, name: str, ending: str) -> None:
        pane = self.query_one(f"#{name}", Pane)
        stem = f"run-{self.shown.state.run or 'none'}-{name}"
        try:
            found = await asyncio.to_thread(written, pane.view, self.shown, ending, *pane.size)
            paths = [
                write_new(self.session.started_in, f"{stem}-{part}" if part else stem, ending, content)
                for part, content in found.items()
            ]
        except InputError as error:
            self.say(error.sentence, bad=True)
        else:
            self.say(f"Wrote {', '.join(str(path) for path in paths)}.")

    def action_copy(self) -> None:
        """Copy what is in front to the clipboard and to a file."""
        try:
            stem, suffix, text = self._copied()
            path = write_new(self.session.started_in, stem, suffix, text)
        except InputError as error:
            self.say(error.sentence, bad=True)
            return
        self.app.copy_to_clipboard(text)
        self.say(f"Copied, and wrote {path}.")

    def _copied(self) -> tuple[str, str, str]:
        name = self.view_in_front
        if name == SETUP:
            return "experiment", ".toml", self.session.portable(self.sheet.experiment()).to_toml()
        view = next(view for view in self.query(Pane) if view.name == name)
        strips = view.render_lines(Region(0, 0, *view.outer_size))
        text = "\n".join(strip.text.rstrip() for strip in strips) + "\n"
        return f"run-{self.shown.state.run or 'none'}-{name}", ".txt", text

    def action_help(self) -> None:
        """Explain what is in front."""
        view = BY_NAME.get(self.view_in_front)
        title, words = (view.title, view.help) if view else ("Setup", SETUP_HELP)
        self.app.push_screen(Help(title, words, self.now.keymap))
