"""The tabs of a narrow terminal: the setup and every view the run offers, by number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.reactive import reactive
from textual.widget import Widget

from mltui.ui.messages import TabChosen

SETUP = "setup"
"""The place of the form, among those of the views."""


class Tabs(Widget):
    """One line of tabs.

    Attributes:
        offered: the names of the views, in the order of their numbers after the setup's.
        in_sight: the names of those on the screen.
    """

    DEFAULT_CSS = """
    Tabs { height: 1; }
    Tabs > .tab--number { color: $foreground 60%; }
    Tabs > .tab--title { color: $foreground 85%; }
    Tabs > .tab--current { color: $accent; text-style: bold underline; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab--number", "tab--title", "tab--current"}

    offered: reactive[tuple[str, ...]] = reactive(())
    in_sight: reactive[frozenset[str]] = reactive(frozenset())

    def __init__(self, titles: Mapping[str, str], *, always: tuple[str, ...] = (SETUP,), id: str | None = None) -> None:
        """Tabs with titles by name; those of `always` come first, whatever is offered."""
        super().__init__(id=id)
        self._titles, self._always = titles, always
        self._places: list[tuple[int, int, str]] = []

    def render(self) -> Text:
        """The tabs; where they do not fit, the titles are shortened evenly."""
        width = self.size.width
        tabs = [(name, self._titles[name]) for name in (*self._always, *self.offered)]
        room = max((len(title) for _, title in tabs), default=0)
        while room > 3 and 1 + sum(min(room, len(title)) + 4 for _, title in tabs) > width:
            room -= 1
        self._places = []
        line = Text(" ", no_wrap=True, end="")
        for number, (name, title) in enumerate(tabs, 1):
            start = line.cell_len
            here = name in self.in_sight
            line.append(f"{number} ", self._style("tab--current" if here else "tab--number"))
            line.append(title[:room], self._style("tab--current" if here else "tab--title"))
            self._places.append((start, line.cell_len, name))
            line.append("  ")
        return line

    def on_click(self, event: events.Click) -> None:
        """Bring what was clicked to the front."""
        for start, end, name in self._places:
            if start <= event.x < end:
                self.post_message(TabChosen(name))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)
