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


def _within(widths: list[int], gap: int, room: int, first: int) -> int:
    """After the last of the tabs that find room from this one on; always one at the least."""
    taken = -gap
    for place, width in enumerate(widths[first:], first):
        taken += gap + width
        if taken > room:
            return max(place, first + 1)
    return len(widths)


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
        """The tabs; where they do not fit they close up, then those about the one in sight are shown."""
        names = (*self._always, *self.offered)
        gap, space, (first, last) = self._form(names)
        self._places = []
        line = Text("<" if first else " ", self._style("tab--number"), no_wrap=True, end="")
        for number, name in list(enumerate(names, 1))[first:last]:
            start, here = line.cell_len, name in self.in_sight
            line.append(f"{key_of(number)}{space}", self._style("tab--current" if here else "tab--number"))
            line.append(self._titles[name], self._style("tab--current" if here else "tab--title"))
            self._places.append((start, line.cell_len, name))
            line.append(gap)
        if last < len(names):
            line.right_crop(len(gap))
            line.append(">", self._style("tab--number"))
        return line

    def _form(self, names: tuple[str, ...]) -> tuple[str, str, tuple[int, int]]:
        """What stands between tabs, what between a number and its title, and from where to where they are shown."""
        gap, space, widths = "", "", [0]
        for gap, space in (("  ", " "), (" ", " "), (" ", "")):
            widths = [len(key_of(at)) + len(space) + len(self._titles[name]) for at, name in enumerate(names, 1)]
            if 1 + sum(widths) + len(gap) * (len(widths) - 1) <= self.size.width:
                return gap, space, (0, len(names))
        room = self.size.width - 2  # a mark at each end says that there are more
        here = next((place for place, name in enumerate(names) if name in self.in_sight), 0)
        first = next(at for at in range(len(names)) if _within(widths, len(gap), room, at) > here)
        return gap, space, (first, _within(widths, len(gap), room, first))

    def on_click(self, event: events.Click) -> None:
        """Bring what was clicked to the front."""
        for start, end, name in self._places:
            if start <= event.x < end:
                self.post_message(TabChosen(name))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)
