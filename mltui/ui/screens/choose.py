"""A list on top of the lab: choose one of many, or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, SelectionList, Static
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from mltui.plots.words import clean
from mltui.ui.screens.modal import Modal


@dataclass(frozen=True)
class Choice:
    """One entry: its value, a title beside it, a sentence about it, and why it cannot be taken, if so."""

    value: str
    title: str = ""
    about: str = ""
    barred: str = ""


class ChooseOne(Modal[str | None]):
    """Choose one entry; typing a letter goes to the next that begins with it; escape takes none."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Back", show=False)]

    def __init__(self, title: str, choices: Sequence[Choice], current: str) -> None:
        super().__init__()
        self._title, self._choices, self._current = title, tuple(choices), current

    def compose(self) -> ComposeResult:
        """The list, and under it what the entry in focus is."""
        wide = max((len(c.value) for c in self._choices), default=0) + 2
        options = [
            Option(_line(choice, wide), id=str(i), disabled=bool(choice.barred))
            for i, choice in enumerate(self._choices)
        ]
        with Vertical(classes="sheet") as box:
            box.border_title = self._title
            yield OptionList(*options, markup=False)
            if any(choice.about for choice in self._choices):
                yield Static("", id="about", markup=False)
            yield Static("↵ take   esc back", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin at the present value."""
        values = [choice.value for choice in self._choices]
        if self._current in values:
            self.query_one(OptionList).highlighted = values.index(self._current)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what the entry is."""
        for about in self.query("#about").results(Static):
            about.update(self._choices[event.option_index].about)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take it."""
        self.dismiss(self._choices[event.option_index].value)

    def on_key(self, event: events.Key) -> None:
        """Go to the next entry that begins with the letter."""
        letter = (event.character or "").strip().lower()
        if not event.is_printable or not letter:
            return
        options = self.query_one(OptionList)
        here = options.highlighted or 0
        count = len(self._choices)
        for index in ((here + offset) % count for offset in range(1, count + 1)):
            choice = self._choices[index]
            if choice.value.lower().startswith(letter) and not choice.barred:
                options.highlighted = index
                event.stop()
                return


class ChooseSeveral(Modal[tuple[str, ...] | None]):
    """Mark entries with space; enter takes the marked ones, escape changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", show=False),
        Binding("enter", "take", "Take", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], current: Sequence[str]) -> None:
        super().__init__()
        self._title, self._choices, self._current = title, tuple(choices), frozenset(current)

    def compose(self) -> ComposeResult:
        """The list with its marks."""
        wide = max((len(c.value) for c in self._choices), default=0) + 2
        with Vertical(classes="sheet") as box:
            box.border_title = self._title
            yield SelectionList[str](
                *(Selection(_line(c, wide), c.value, c.value in self._current) for c in self._choices)
            )
            yield Static("space mark   ↵ take   esc back", classes="keys", markup=False)

    def action_take(self) -> None:
        """Hand the marked entries back in the order of the list."""
        marked = set(self.query_one(SelectionList).selected)
        self.dismiss(tuple(choice.value for choice in self._choices if choice.value in marked))


def _line(choice: Choice, wide: int) -> Text:
    line = Text(f" {clean(choice.value):<{wide}}", no_wrap=True)
    line.append(clean(choice.barred or choice.title), "dim")
    return line
