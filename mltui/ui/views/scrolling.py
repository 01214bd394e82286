"""A view whose rows find no room at once: keys and wheel scroll it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from mltui.ui.views.base import View


class ScrollingView(View):
    """Holds how many rows are scrolled past; a subclass says how far that may go."""

    takes_keys = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll(1)", "Scroll down", show=False),
        Binding("up,k", "scroll(-1)", "Scroll up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("home", "scroll(-1_000_000_000)", "First line", show=False),
        Binding("end", "scroll(1_000_000_000)", "Last line", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._first = 0  # set on the loop alone: a picture may be drawn in a thread

    def furthest(self) -> int:
        """How far the picture at hand can be scrolled."""
        raise NotImplementedError

    def action_scroll(self, rows: int) -> None:
        """Scroll down, or with a negative number up."""
        far = self.furthest() if self.ready(self.shown) else 0
        self._first = max(0, min(min(self._first, far) + rows, far))
        self.redraw()

    def action_page(self, pages: int) -> None:
        """Scroll by about what fits the pane."""
        self.action_scroll(pages * max(1, self.size.height - 4))

    def on_mouse_scroll_up(self) -> None:
        """Scroll up."""
        self.action_scroll(-3)

    def on_mouse_scroll_down(self) -> None:
        """Scroll down."""
        self.action_scroll(3)
