"""One row of the form: label and value, and under it the range or what is wrong while it has the focus."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text
from textual import events
from textual.reactive import reactive
from textual.widget import Widget

from mltui.core.hyperparameters import Hyperparameter
from mltui.plots.words import clean
from mltui.ui.fields import Field
from mltui.ui.line_edit import LineEdit
from mltui.ui.messages import ListWanted, RowLeft, Stepped, Typed, TypingChanged
from mltui.ui.signs import said

_MOVES = {"up": -1, "shift+tab": -1, "down": 1, "tab": 1}
_NUMBER_STARTS = frozenset("0123456789.-[")
_PATH_STARTS = frozenset("/.~")
_TEXTS = ("text", "columns", "names", "scalars")
_CHOSEN = ("choice", "choices")
_HINTS = {
    "data.samples": "space types: label = file:tree",
    "data.variations": "space types: JES_up = {pt = pt_up}",
    "split.fold_by": "such as event % 5",
    "data.cut": "such as pt > 20 & abs(eta) < 2.5",
}
"""What the rows of these keys take, by an example."""


class FieldRow(Widget, can_focus=True):
    """A declared setting as a person edits it.

    Left and right step it. Enter opens its list, or takes text, as does typing what could begin a value: any character
    in a field of free text, a digit in one of numbers, the beginning of a path where files are named, and space where
    letters stay commands. While text is taken every character goes into it; enter and escape end that, enter in free
    text going on to the next row, since there a letter would be text again. Other keys go on to the screen.

    Attributes:
        value: the text of the value, bound by the form.
        error: what is wrong, one sentence, or nothing.
        typing: the text being typed, or None.
        listed: whether enter opens a list of what is known to fit.
    """

    DEFAULT_CSS = """
    FieldRow { height: 1; width: 1fr; color: $foreground; }
    FieldRow:focus { height: 2; background: $panel; }
    FieldRow > .row--label { color: $foreground 80%; }
    FieldRow > .row--note { color: $foreground 60%; }
    FieldRow > .row--error { color: $error; }
    FieldRow > .row--accent { color: $accent; text-style: bold; }
    FieldRow > .row--cursor { color: $block-cursor-foreground; background: $block-cursor-background; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row--label", "row--note", "row--error", "row--accent", "row--cursor"}

    value: reactive[str] = reactive("")
    error: reactive[str] = reactive("")
    typing: reactive[LineEdit | None] = reactive(None)
    listed: reactive[bool] = reactive(False)

    def __init__(self, field: Field, *, listed: bool = False, picks: bool = False, empty: str = "") -> None:
        """A row for a field.

        `listed` says that enter opens a list, `picks` that a list is the usual way to its value, so that letters stay
        commands, `empty` is what stands for no value.
        """
        super().__init__(id=row_id(field.key))
        self.field = field
        self.set_reactive(FieldRow.listed, listed)
        self.picks = picks
        self.empty = empty
        self._just_come = False
        self._click_opens = False

    @property
    def declared(self) -> Hyperparameter:
        """The declaration behind the row."""
        return self.field.declared

    @property
    def steps(self) -> bool:
        """Whether left and right change the value."""
        return self.declared.kind in ("integer", "number", "boolean", "choice", "choices")

    @property
    def takes_text(self) -> bool:
        """Whether a value can be typed."""
        return self.declared.kind not in ("boolean", "choice")

    @property
    def takes_letters(self) -> bool:
        """Whether a letter begins to type here instead of being a command.

        Where a list leads to the value, it does so only as long as there is none: what was chosen is not lost by a key.
        """
        return self._free and not (self.listed and self.value)

    @property
    def _free(self) -> bool:
        return self.declared.kind in _TEXTS and not self.picks

    @property
    def opens(self) -> str:
        """What enter does here, in a word."""
        if self.listed or (self.declared.kind in _CHOSEN and len(self.declared.choices) > 2):
            return "list"
        return "type" if self.takes_text else "turn"

    # Keys

    async def _on_key(self, event: events.Key) -> None:
        self._just_come = False
        if self._passed_on(event):
            event.stop()
            event.prevent_default()
            return
        taken = self._key_while_typing(event) if self.typing is not None else self._key_at_rest(event)
        if taken:
            event.stop()
            event.prevent_default()

    def _passed_on(self, event: events.Key) -> bool:
        """Keys that came faster than the focus moved on belong to the row that has it now."""
        there = self.screen.focused
        if there is self or not isinstance(there, FieldRow):
            return False
        there.post_message(events.Key(event.key, event.character))
        return True

    def _leave(self, direction: int) -> None:
        """Give the focus to the next row at once, so that the next key finds it there; at the ends the screen says."""
        rows = [row for row in self.screen.query(FieldRow) if row.display]
        there = rows.index(self) + direction
        if 0 <= there < len(rows):
            self.screen.set_focus(rows[there])
        else:
            self.post_message(RowLeft(direction))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key goes into the field; Textual then offers it to no binding."""
        return self.typing is not None and character is not None and character.isprintable()

    def _key_at_rest(self, event: events.Key) -> bool:
        if event.key in _MOVES:
            self._leave(_MOVES[event.key])
        elif event.key in ("left", "right") and self.steps:
            self.post_message(Stepped(self.field.key, 1 if event.key == "right" else -1))
        elif event.key == "enter" or (event.key == "space" and not self.takes_text):
            self.open()
        elif event.key == "space" and not self.takes_letters:
            self._take_text()
        elif event.is_printable and self._begins(event.character or ""):
            self._type(LineEdit.opened(self.value).insert(event.character or ""))
        else:
            return False
        return True

    def _begins(self, character: str) -> bool:
        if self._free:
            return self.takes_letters or character in _PATH_STARTS
        if self.declared.kind in (*_TEXTS, *_CHOSEN):
            return False
        return self.takes_text and character in _NUMBER_STARTS

    def _key_while_typing(self, event: events.Key) -> bool:
        assert self.typing is not None
        edited = self.typing.press(event.key)
        if edited is not None:
            self._type(edited)
        elif event.key in _MOVES:
            self._end()
            self._leave(_MOVES[event.key])
        elif event.key in ("enter", "escape"):
            self._end()
            if event.key == "enter" and self._free:
                self._leave(1)
        elif event.is_printable and event.character:
            self._type(self.typing.insert(event.character))
        else:
            return False
        return True

    def _on_paste(self, event: events.Paste) -> None:
        if self.takes_text:
            event.stop()
            line = self.typing or LineEdit.opened(self.value)
            self._type(line.insert(event.text.strip("\r\n")))

    def open(self) -> None:
        """Open the list, turn a boolean over, or begin to take text: what enter and a second click do."""
        if self.opens == "list":
            self.post_message(ListWanted(self.field.key))
        elif self.opens == "type":
            self._take_text()
        else:
            self.post_message(Stepped(self.field.key, 1))

    def _take_text(self) -> None:
        self.typing = LineEdit.opened(self.value)
        self.post_message(TypingChanged(True))

    def _type(self, line: LineEdit) -> None:
        began = self.typing is None
        changed = line.text != (self.value if self.typing is None else self.typing.text)
        self.typing = line
        if began:
            self.post_message(TypingChanged(True))
        if changed:
            self.post_message(Typed(self.field.key, line.text))

    def _end(self) -> None:
        if self.typing is not None:
            self.typing = None
            self.post_message(TypingChanged(False))

    def watch_listed(self) -> None:
        """Enter does something else now."""
        if self.has_focus:
            self.post_message(TypingChanged(self.typing is not None))

    def _on_blur(self, event: events.Blur) -> None:
        self._end()

    def _on_focus(self, event: events.Focus) -> None:
        self._just_come = True

    async def _on_mouse_down(self, event: events.MouseDown) -> None:
        self._click_opens, self._just_come = not self._just_come, False

    async def _on_click(self, event: events.Click) -> None:
        """The first click brings the focus, the next one opens."""
        if self._click_opens and event.chain == 1:
            self.open()

    # Looks

    def render(self) -> Text:
        """Label on the left, value on the right, and on the focused row a line under them."""
        width = self.size.width
        first = self._first_line(width)
        if not self.has_focus:
            return first
        return Text("\n").join([first, self._note(width)])

    def _first_line(self, width: int) -> Text:
        mark = self._said("▾") if self.listed or self.declared.kind in _CHOSEN else " "
        label = self.field.label
        room = max(4, width - cell_len(label) - 5)
        line = Text(" ", no_wrap=True, end="")
        line.append(label, self._style("row--accent" if self.has_focus else "row--label"))
        value = self._typed_text(room) if self.typing is not None else self._value_text(room)
        line.append(" " * max(1, width - cell_len(label) - value.cell_len - 3))
        line.append_text(value)
        line.append(f"{mark} ", self._style("row--note"))
        return line

    def _value_text(self, room: int) -> Text:
        shown = clean(self.value) or self.empty
        if cell_len(shown) > room:
            cut = self._said("…")  # the end of a path says more, else the beginning
            by_end = self.value and self.declared.kind != "entries"
            shown = set_cell_size(shown[1 - room :] if by_end else shown, room - 1).strip()
            shown = cut + shown if by_end else shown + cut
        if self.error:
            return Text(f"{self._said('▲')} {shown} ", self._style("row--error"))
        return Text(f"{shown} ", "" if self.value else self._style("row--note"))

    def _typed_text(self, room: int) -> Text:
        assert self.typing is not None
        seen, cursor = self.typing.seen(room)
        text = Text(seen + " ", self._style("row--error") if self.error else "underline")
        if self.typing.fresh:
            text.stylize("reverse", 0, len(seen))
        text.stylize(self._style("row--cursor"), cursor, cursor + 1)
        return text

    def _note(self, width: int) -> Text:
        if self.error:
            words = clean(self.error).removeprefix(f"{self.field.label} ")
            if cell_len(words) + 4 > width:  # the value stands above it, the whole sentence below the form
                words = words.removeprefix("must be ").rpartition(", not ")[0] or words
            return Text(_fit(self._said(f"  ▲ {words}"), width), self._style("row--error"), no_wrap=True)
        hint = self.hint()
        if cell_len(hint) + 2 > width:
            hint = hint.removeprefix("a whole number ").removeprefix("a number ")
        return Text(_fit(self._said(f"  {hint}"), width), self._style("row--note"), no_wrap=True)

    def hint(self) -> str:
        """The range in words, and the unit."""
        if self.declared.kind == "choices":
            return "← → one, ↵ list, space types several"
        if self.declared.kind == "choice":
            return f"← → one of {len(self.declared.choices)}" + (
                ", ↵ lists them" if len(self.declared.choices) > 2 else ""
            )
        if self.declared.kind == "boolean":
            return "← → turns it on and off"
        if self.picks:
            such = " x, y" if self.declared.kind == "columns" else ""
            return f"↵ lists them, space types{such}" if self.listed else f"↵ or space types{such}"
        if self.field.key == "data.files":
            return "↵ finds files, space types" if self.value else "↵ finds files; or type a path"
        return _HINTS.get(self.field.key) or self.declared.wanted()

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)

    def _said(self, words: str) -> str:
        return said(words, self.app.has_class("-ascii"))


def row_id(key: str) -> str:
    """The widget id of the row that writes a key."""
    return "row-" + key.replace(".", "-")


def _fit(words: str, width: int) -> str:
    return words if cell_len(words) <= width else words[: max(0, width - 1)] + "…"
