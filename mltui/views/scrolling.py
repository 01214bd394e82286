"""A view whose rows find no room at once: keys and wheel scroll it."""

from __future__ import annotations

from typing import ClassVar

from mltui.views.base import Key, View
from mltui.views.shown import Shown

FAR = 1_000_000_000


class ScrollingView(View):
    """Holds how many rows are scrolled past; a subclass says how far that may go."""

    keys: ClassVar[tuple[Key, ...]] = (
        Key("down,j", "scroll", 1, "Scroll down"),
        Key("up,k", "scroll", -1, "Scroll up"),
        Key("pagedown", "page", 1, "Page down"),
        Key("pageup", "page", -1, "Page up"),
        Key("home", "scroll", -FAR, "First line"),
        Key("end", "scroll", FAR, "Last line"),
    )
    wheel = ("scroll", 3)

    def __init__(self) -> None:
        self._first = 0

    def furthest(self, shown: Shown, width: int, height: int) -> int:
        """How far the picture at hand can be scrolled."""
        raise NotImplementedError

    def scroll(self, by: int, shown: Shown, width: int, height: int) -> None:
        """Scroll down, or by a negative number up."""
        far = self.furthest(shown, width, height) if self.ready(shown) else 0
        self._first = max(0, min(min(self._first, far) + by, far))

    def page(self, by: int, shown: Shown, width: int, height: int) -> None:
        """Scroll by about what fits the pane."""
        self.scroll(by * max(1, height - 4), shown, width, height)
