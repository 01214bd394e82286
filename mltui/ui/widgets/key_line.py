"""The keys that work now, the most wanted first; each can be clicked."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.reactive import reactive
from textual.widget import Widget

from mltui.ui.commands import COMMANDS, Now
from mltui.ui.keymap import shown
from mltui.ui.messages import Asked
from mltui.ui.signs import said

_FIRST = ("run", "step", "batch", "stop", "apply", "resume")
_FIRST_AT_ROW = ("run", "stop", "apply", "resume")
_LATE = ("leave", "help")


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

    now: reactive[Now] = reactive(Now)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: list[tuple[int, int, str]] = []

    def render(self) -> Text:
        """As many keys as fit on the left; help, palette and quit on the right."""
        ascii_only = self.app.has_class("-ascii")
        self._places = []
        width = self.size.width
        ending = [(said(key, ascii_only), words, action) for key, words, action in last_keys(self.now)]
        last = sum(len(key) + len(words) + 3 for key, words, _ in ending)
        line = Text(" ", no_wrap=True, end="")
        for key, words, action in key_line(self.now):
            plain = "down" if ascii_only and key == "↓" else said(key, ascii_only)  # v is a key of its own
            needed = len(plain) + len(words) + 3
            if line.cell_len + needed > width - last:
                break
            self._put(line, plain, words, action)
        line.append(" " * max(0, width - last - line.cell_len))
        for key, words, action in ending:
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


def key_line(now: Now) -> list[tuple[str, str, str]]:
    """The keys that work now as (key, words, action), the most wanted first."""
    if now.typing:
        return [("↵", "done", ""), ("esc", "leave", "leave"), ("^u", "clear", "")]
    offered = [c for c in COMMANDS if c.shown and c.when(now) and (not c.views or c.views & now.sight)]
    entries = {c.action: (shown(c.action, now.keymap), c.words(now), c.action) for c in offered}
    leave = [entries["leave"]] if "leave" in entries and (now.row or now.grown) else []
    if now.letters:
        return [*_row_keys(now), *leave]
    if now.row:  # what the row takes comes before what can wait
        first = [entries[action] for action in _FIRST_AT_ROW if action in entries]
        rest = [entry for action, entry in entries.items() if action not in (*_FIRST_AT_ROW, *_LATE)]
        return [*first, *_row_keys(now), *leave, *rest]
    first = [entries[action] for action in _FIRST if action in entries]
    own = {key for key, _ in now.hints}
    rest = [one for action, one in entries.items() if action not in (*_FIRST, *_LATE) and one[0] not in own]
    return [*first, *_row_keys(now), *leave, *rest]


def _row_keys(now: Now) -> list[tuple[str, str, str]]:
    if now.row:
        change = [("←→", "value", "")] if now.steps else []
        return [("↑↓", "row", "next_row"), *change, ("↵", now.row, "")]
    if now.hints:
        return [(key, words, "") for key, words in now.hints]
    return [("↓", "form", "next_row")] if now.setup and not now.view else []


def last_keys(now: Now) -> list[tuple[str, str, str]]:
    """The keys that always work, on the right."""
    return [
        (shown("help", now.keymap), "help", "help"),
        ("^p", "find", "palette"),
        (shown("quit", now.keymap), "quit", "quit"),
    ]
