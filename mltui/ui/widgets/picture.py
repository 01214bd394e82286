"""A pane that shows a picture of exactly its size, drawn anew only when what it shows or its size changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from rich.text import Text
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget


def _nothing(width: int, height: int) -> Sequence[Text]:
    return ()


@dataclass(frozen=True)
class Drawing:
    """What a pane shows.

    Attributes:
        key: equal for two drawings that look the same.
        draw: gives the rows of a picture of a width and a height.
    """

    key: Hashable = ()
    draw: Callable[[int, int], Sequence[Text]] = field(default=_nothing, compare=False)


class Picture(Widget):
    """A picture.

    Attributes:
        drawing: what it shows.
    """

    DEFAULT_CSS = """
    Picture { width: 1fr; height: 1fr; }
    Picture > .picture--cursor {
        color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"picture--cursor"}

    drawing: reactive[Drawing] = reactive(Drawing)

    _strips: tuple[object, list[Strip]] = ((), [])

    def render_line(self, y: int) -> Strip:
        """One row of the picture."""
        key = (self.drawing, self.size)
        if self._strips[0] != key:
            self._strips = (key, self._draw())
        style = self.visual_style.rich_style
        strips = self._strips[1]
        return strips[y].apply_style(style) if y < len(strips) else Strip.blank(self.size.width, style)

    def _draw(self) -> list[Strip]:
        width, height = self.size
        console = self.app.console
        rows = self.drawing.draw(width, height)
        return [Strip(row.render(console, end="")).adjust_cell_length(width) for row in rows]
