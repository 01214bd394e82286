"""The keys that work now, the most wanted first; each can be clicked."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.reactive import reactive
from textual.widget import Widget

from mltui.ui.commands import Now, key_line
from mltui.ui.messages import Asked
from mltui.ui.signs import said


class KeyLine(Widget):
    """The footer.

    Attributes:
        now: what decides which keys work.
    """

    DEFAULT_CSS = """
    KeyLine { height: 1; background: $panel; }
    KeyLine > .key--key { color: $accent; text-style: bold; }
    KeyLine > .key--words { color: $foreground 85%; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key--key", "key--words"}
    LAST: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("?", "help", "help"),
        ("^p", "find", "palette"),
        ("^q", "quit", "quit"),
    )

    now: reactive[Now] = reactive(Now)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: list[tuple[int, int, str]] = []

    def render(self) -> Text:
        """As many keys as fit on the left; help, palette and quit on the right."""
        ascii_only = self.app.has_class("-ascii")
        self._places = []
        width = self.size.width
        last = sum(len(said(key, ascii_only)) + len(words) + 3 for key, words, _ in self.LAST)
        line = Text(" ", no_wrap=True, end="")
        for key, words, action in key_line(self.now):
            shown = said(key, ascii_only)
            needed = len(shown) + len(words) + 3
            if line.cell_len + needed > width - last:
                break
            self._put(line, shown, words, action)
        line.append(" " * max(0, width - last - line.cell_len))
        for key, words, action in self.LAST:
            self._put(line, key, words, action)
        return line

    def _put(self, line: Text, key: str, words: str, action: str) -> None:
        start = line.cell_len
        line.append(key, self.get_component_rich_style("key--key"))
        line.append(f" {words}" if words else "", self.get_component_rich_style("key--words"))
        if action:
            self._places.append((start, line.cell_len, action))
        line.append("  " if words else " ")

    def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        for start, end, action in self._places:
            if start <= event.x < end:
                self.post_message(Asked(action))
