"""The keys that work on a screen on top of the lab, the most wanted first; each can be clicked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.reactive import reactive
from textual.widget import Widget

from mltui.ui.messages import Asked
from mltui.ui.signs import said


@dataclass(frozen=True)
class Hint:
    """A key as the eye reads it, what it does in a word, and the screen's action, without `action_`."""

    key: str
    words: str
    action: str = ""


class Hints(Widget):
    """One line of keys.

    Attributes:
        hints: on the left, as many as fit. last: on the right, always there.
    """

    DEFAULT_CSS = """
    Hints { height: 1; background: $panel; }
    Hints > .hints--key { color: $accent; text-style: bold; }
    Hints > .hints--words { color: $foreground 85%; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"hints--key", "hints--words"}

    hints: reactive[tuple[Hint, ...]] = reactive(())
    last: reactive[tuple[Hint, ...]] = reactive(())

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: list[tuple[int, int, str]] = []

    def render(self) -> Text:
        """The line."""
        self._places = []
        ending = sum(len(self._said(hint)) + 2 for hint in self.last)
        line = Text(" ", no_wrap=True, end="")
        for hint in self.hints:
            if line.cell_len + len(self._said(hint)) + 2 > self.size.width - ending:
                break
            self._put(line, hint)
        line.append(" " * max(0, self.size.width - ending - line.cell_len))
        for hint in self.last:
            self._put(line, hint)
        return line

    def _put(self, line: Text, hint: Hint) -> None:
        start, shown = line.cell_len, self._said(hint)
        line.append(shown[: len(shown) - len(hint.words) - 1], self.get_component_rich_style("hints--key"))
        line.append(f" {hint.words}", self.get_component_rich_style("hints--words"))
        if hint.action:
            self._places.append((start, line.cell_len, hint.action))
        line.append("  ")

    def _said(self, hint: Hint) -> str:
        return f"{said(hint.key, self.app.has_class('-ascii'))} {hint.words}"

    def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        for start, end, action in self._places:
            if start <= event.x < end:
                self.post_message(Asked(action))
