"""How far training is, how fast it goes, and how long it still takes."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from mltui.core.events import STEPS
from mltui.plots.words import ROWS, axis, clock, duration, member, place, rate
from mltui.record.state import RunState
from mltui.ui.signs import said
from mltui.views.shown import Shown


class ProgressLine(Widget):
    """A bar, then ``37/50 · 1,240 epochs/s · 0:00 left``.

    Attributes:
        shown: the run.
    """

    DEFAULT_CSS = """
    ProgressLine { height: 1; }
    ProgressLine > .bar--done { color: $accent; }
    ProgressLine > .bar--rest { color: $foreground 25%; }
    ProgressLine > .bar--words { color: $foreground 80%; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"bar--done", "bar--rest", "bar--words"}

    shown: reactive[Shown] = reactive(Shown, init=False, repaint=False)

    def watch_shown(self, before: Shown, after: Shown) -> None:
        """Only the run itself is said here, not how it is looked at."""
        if before.state is not after.state:
            self.refresh()

    def render(self) -> Text:
        """The bar and the words, or nothing before the first run."""
        state = self.shown.state
        if not state.started and not state.step and state.reading is None:
            return Text("")
        ascii_only = self.app.has_class("-ascii")
        words = said(progress(state), ascii_only)
        room = max(4, self.size.width - len(words) - 4)
        share = state.done if state.reading is None else state.reading
        done = round(room * min(1.0, max(0.0, share)))
        line = Text(" ", no_wrap=True, end="")
        line.append(said("━", ascii_only) * done, self.get_component_rich_style("bar--done"))
        line.append(said("─", ascii_only) * (room - done), self.get_component_rich_style("bar--rest"))
        line.append(f"  {words}", self.get_component_rich_style("bar--words"))
        return line


def progress(state: RunState) -> str:
    """The words after the bar."""
    if state.reading is not None:
        return f"{state.reading:.0%} of the data read"
    name = str(state.started.get("axis", "step"))
    several = len(state.members) > 1
    which = "" if state.phase == "finished" else member(state.members, state.member)
    rows = name == ROWS  # every model but the last is thrown away
    if name in STEPS or rows:
        parts = [f"{state.step:,.0f}" + (f"/{state.total:,.0f}" if state.total else "")]
        parts[0] += f" {axis(name, state.total or state.step)}" if rows or not state.total else ""
    else:
        parts = [place(name, state.step)]
    parts = [which, *parts] if which else parts
    if state.ended:
        if state.kept is not None and not rows:
            parts.append(f"kept {place(name, state.kept)}" + (" on average" if several else ""))
        if state.seconds is not None:
            parts.append(duration(state.seconds))
        return " · ".join(parts)
    if state.rate and name in STEPS:
        parts.append(rate(state.rate, axis(name)))
    if state.seconds_left is not None:
        parts.append(f"{clock(state.seconds_left)} left")
    return " · ".join(parts)
