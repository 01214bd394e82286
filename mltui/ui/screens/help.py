"""What is in front of the eye: what it shows, how to read it, what to try next; and every key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from mltui.ui.commands import COMMANDS
from mltui.ui.keymap import shown
from mltui.ui.screens.modal import Modal
from mltui.ui.signs import said

SETUP_HELP = """\
Shows the experiment: the data on one side, the model and its training on the other. Each row is one setting; the row \
in focus shows what it may be, and the line at the bottom what it does.

Arrows up and down walk through the rows, left and right change the value in steps that make sense. Enter opens a \
list, or lets you type; a digit begins to type at once, in free text any letter. Escape leaves. What is wrong is said \
under its row while you type. Nothing is lost: the setup is kept as a draft, and u takes an edit back. While a run \
trains, an edit is for the next one; the key a hands it to the one that trains too, where that can take it, such as \
another learning rate.

Try next: press r and watch, then change one setting, run again, and compare with the dim curve of the run before."""


class Help(Modal[None]):
    """The help of a view or of the setup, and the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss", "Back", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, title: str, words: str, keymap: Mapping[str, str], keys: Sequence[tuple[str, str]] = ()) -> None:
        """Help on something in front of the eye; `keys` with what each does, in place of the lab's commands."""
        super().__init__()
        self._title, self._words, self._keymap, self._own = title, words, keymap, tuple(keys)

    def compose(self) -> ComposeResult:
        """The words, then the keys."""
        with Vertical(classes="sheet tall") as box:
            box.border_title = self._title
            with VerticalScroll(id="help-scroll", can_focus=False):
                yield Static(self._words, markup=False)
                yield Static(self._keys(), id="help-keys")
            yield Static(self._said("↑↓ scroll   esc back"), classes="keys", markup=False)

    def _keys(self) -> Text:
        rows = list(self._own) or self._commands()
        lines = [Text("\nKeys\n", "bold")]
        for key, help in rows:
            lines.append(Text(self._said(f"{key:>5}  ")) + Text(help + "\n", "dim"))
        return Text("").join(lines)

    def _commands(self) -> list[tuple[str, str]]:
        rows = [("1-9 0", "The setup and the views, by the number on their tab.")]
        rows += [(shown(c.action, self._keymap), c.help) for c in COMMANDS if c.shown]
        rows += [("^p", "Find any command by its name."), (shown("quit", self._keymap), "Leave; what trains goes on.")]
        return rows

    def _said(self, words: str) -> str:
        return said(words, self.app.has_class("-ascii"))

    def action_scroll(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.query_one("#help-scroll", VerticalScroll).scroll_relative(y=lines, animate=False)
