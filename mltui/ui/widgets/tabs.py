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


def key_of(place: int) -> str:
    """The key that brings a place to the front, counted from 1; the arrows alone reach what comes after the tenth."""
    return str(place % 10) if place <= 10 else ""


def _taken(titles: list[str], gap: str, space: str, longest: int) -> int:
    keys = sum(len(key_of(place)) for place in range(1, len(titles) + 1))
    return 1 + keys + sum(len(space) + min(longest, len(title)) for title in titles) + len(gap) * (len(titles) - 1)


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
        """The tabs; where they do not fit they close up, then the titles are shortened evenly."""
        tabs = [(name, self._titles[name]) for name in (*self._always, *self.offered)]
        gap, space, room = self._form([title for _, title in tabs])
        self._places = []
        line = Text(" ", no_wrap=True, end="")
        for number, (name, title) in enumerate(tabs, 1):
            start = line.cell_len
            here = name in self.in_sight
            line.append(f"{key_of(number)}{space}", self._style("tab--current" if here else "tab--number"))
            line.append(title[:room], self._style("tab--current" if here else "tab--title"))
            self._places.append((start, line.cell_len, name))
            line.append(gap)
        return line

    def _form(self, titles: list[str]) -> tuple[str, str, int]:
        """What stands between tabs, what between a number and its title, and the longest that a title may be."""
        whole = max((len(title) for title in titles), default=0)
        for gap, space in (("  ", " "), (" ", " ")):
            if _taken(titles, gap, space, whole) <= self.size.width:
                return gap, space, whole
        while whole > 3 and _taken(titles, " ", "", whole) > self.size.width:
            whole -= 1
        return " ", "", whole

    def on_click(self, event: events.Click) -> None:
        """Bring what was clicked to the front."""
        for start, end, name in self._places:
            if start <= event.x < end:
                self.post_message(TabChosen(name))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)
