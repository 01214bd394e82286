"""A question that needs a yes before anything is lost."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static


class Confirm(ModalScreen[bool]):
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
