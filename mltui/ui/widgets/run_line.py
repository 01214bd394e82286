"""The run's line, always in sight: which experiment, where training stands, the numbers that count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from mltui.core.events import STEPS
from mltui.plots import members
from mltui.plots.words import ROWS, axis, clean, member, metric, place
from mltui.record import process
from mltui.record.state import BROKEN, RunState
from mltui.ui.signs import said
from mltui.views.shown import Shown

_SIGNS = {"queued": "◌", "waiting": "○", "training": "●", "paused": "‖", "finished": "✓", "stopped": "■"}
ROOMY = 100  # columns
_LOSS = len("val loss 0.00123")  # the widest the first number mostly is
_NUMBERS = (("loss", "val loss"), ("auc", "auc"), ("accuracy", "accuracy"), ("rmse", "rmse"), ("r2", "r2"))


class RunLine(Widget):
    """One line about the run in view, or about what r would run.

    Attributes:
        shown: the run.
        subject: what it trains on and with, such as ``circles ▸ mlp``.
        edited: whether the form says something else than the run in view.
        starting: whether a run is being made.
    """

    DEFAULT_CSS = """
    RunLine { height: 1; background: $panel; color: $foreground; }
    RunLine > .run--name { color: $accent; text-style: bold; }
    RunLine > .run--dim { color: $foreground 70%; }
    RunLine > .run--bad { color: $error; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"run--name", "run--dim", "run--bad"}

    shown: reactive[Shown] = reactive(Shown, init=False, repaint=False)
    subject: reactive[str] = reactive("")
    edited: reactive[bool] = reactive(False)
    starting: reactive[bool] = reactive(False)

    def watch_shown(self, before: Shown, after: Shown) -> None:
        """Only the run itself is said here, not how it is looked at."""
        if before.state is not after.state or before.unanswered != after.unanswered:
            self.refresh()

    def render(self) -> Text:
        """The line; where it is narrow, the run's number goes first, then the second number, then the step."""
        left = Text(" ", no_wrap=True, end="")
        left.append("mltui", self._style("run--name")).append(self._said(f"  {clean(self.subject)}"))
        if self.edited:
            left.append(self._said(" · edited"), self._style("run--dim"))
        gap = 2 if self.size.width < ROOMY else 4
        room = self.size.width - left.cell_len - gap - 1
        standings = list(self._standings())
        right = next((text for text in standings if text.cell_len <= room), standings[-1])
        right.truncate(max(0, room), overflow="ellipsis")
        return left.append(" " * gap).append_text(right)

    def _standings(self) -> Iterator[Text]:
        """How the run stands, in ever fewer words."""
        state = self.shown.state
        if not state.run and not self.starting:
            yield Text("ready", self._style("run--dim"))
            return
        if self.shown.unanswered:
            seconds = f"{self.shown.unanswered} s"
            yield Text(f"run {state.run}: its folder has not answered for {seconds}", self._style("run--bad"))
            yield Text(f"its folder has not answered for {seconds}", self._style("run--bad"))
            yield Text(f"no answer for {seconds}", self._style("run--bad"))
            return
        if state.phase in BROKEN:
            yield Text(self._said(f"✗ run {state.run} {state.phase}: {clean(state.message)}"), self._style("run--bad"))
            yield Text(self._said(f"✗ {clean(state.message)}"), self._style("run--bad"))
            return
        starting = "starting" if state.reading is None else f"reading {state.reading:.0%}"
        phase = {"waiting": starting, "queued": "waits its turn"}.get(state.phase, state.phase)
        run = f"run {state.run} {phase}" if state.run else phase
        where = f"on {clean(state.host)}" if state.host not in ("", process.host()) and not state.ended else ""
        values, steered = numbers(state), "steered" if state.steered else ""
        for words in (
            (run, where, steered, _place(state), *values),
            (run, steered, _place(state), *values),
            (phase, steered, _place(state), *values),
            (phase, steered, *values),
            (phase, steered, *values[:1]),
            (phase, *values[:1]),
        ):
            text = Text(self._said(_SIGNS[state.phase]), self._style("run--name"), end="")
            yield Text().append_text(text).append(" " + "  ".join(word for word in words if word))

    def _said(self, words: str) -> str:
        return said(words, self.app.has_class("-ascii"))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)


def _place(state: RunState) -> str:
    """``epoch  37/300``; of several models the one that is trained stands before it, at the end how many there are."""
    several = members.said(state)
    if state.ended and several:
        return several
    which = "" if state.ended else member(state.members, state.member)
    return "  ".join(filter(None, (which, _step(state))))


def _step(state: RunState) -> str:
    """As wide as it will ever be, so that what stands behind it stays where it is."""
    if not state.step:
        return ""
    name = str(state.started.get("axis", "step"))
    if name not in STEPS and name != ROWS:
        return place(name, state.step if state.kept is None else state.kept)
    total = f"{state.total:,.0f}" if state.total else ""
    step = f"{state.step:>{0 if state.ended else len(total)},.0f}" + (f"/{total}" if total else "")
    return f"{axis(name, 2 if name == ROWS else 1)} {step}"


def numbers(state: RunState) -> list[str]:
    """The validation's numbers that stand for a run: as evaluated, else the last of each live curve."""
    final = state.metrics.get("validation", {})
    words = []
    for name, label in _NUMBERS:
        value = final.get(name) if final else state.latest(name, "validation")
        if isinstance(value, int | float):
            words.append(f"{label} {metric(name, value)}")
    return [f"{words[0]:<{_LOSS}}", *words[1:2]] if len(words) > 1 and not state.ended else words[:2]
