"""A question on top of the lab: a yes before anything is lost, or a number."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.validation import Number
from textual.widgets import Input, Static

from mltui.ui.screens.modal import Modal


class Confirm(Modal[bool]):
    """One sentence; y does it, anything else does not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", show=False),
        Binding("n,escape,q", "answer(False)", "No", show=False),
    ]

    def __init__(self, question: str, deed: str) -> None:
        super().__init__()
        self._question, self._deed = question, deed

    def compose(self) -> ComposeResult:
        """The question and its two keys."""
        with Vertical(classes="sheet small"):
            yield Static(self._question, markup=False)
            yield Static(f"y {self._deed}   n leave it", classes="keys", markup=False)

    def action_answer(self, yes: bool) -> None:
        """Hand the answer back."""
        self.dismiss(yes)


class AskNumber(Modal[float | None]):
    """A number within bounds, typed; escape takes none."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Back", show=False)]

    def __init__(self, title: str, value: float, low: float, high: float) -> None:
        super().__init__()
        self._title, self._value, self._low, self._high = title, value, low, high

    def compose(self) -> ComposeResult:
        """The field, a line for what is wrong with it, and the keys."""
        with Vertical(classes="sheet small") as box:
            box.border_title = self._title
            yield Input(f"{self._value:g}", validators=[Number(self._low, self._high)], select_on_focus=True)
            yield Static("", id="wrong", markup=False)
            yield Static("↵ take   esc back", classes="keys", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it, or say what would be right."""
        if event.validation_result is not None and event.validation_result.is_valid:
            self.dismiss(float(event.value))
        else:
            self.query_one("#wrong", Static).update(f"A number from {self._low:g} to {self._high:g}.")
