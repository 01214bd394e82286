"""A picture under construction: one sign and one style a cell, turned into rows of styled text at the end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rich.cells import get_character_cell_size
from rich.style import Style
from rich.text import Span, Text

from mltui.plots.look import Look, Role

Signs = NDArray[np.str_]
Styles = NDArray[np.int64]
_SAID_LINES = 6


class Grid:
    """Cells of a picture of fixed size. Whatever is put outside is cut off; a wide sign takes two cells.

    Attributes:
        signs: shape (height, width): one sign a cell, "" for the right half of a wide sign.
        styles: shape (height, width): indices into the palette.
    """

    def __init__(self, width: int, height: int, look: Look) -> None:
        self.width, self.height, self.look = max(width, 0), max(height, 0), look
        self.signs: Signs = np.full((self.height, self.width), " ", dtype="<U1")
        self.styles: Styles = np.zeros((self.height, self.width), np.int64)
        self._palette = [Style.null()]
        self._index = {Style.null(): 0}

    def style(self, style: Style | Role) -> int:
        """The palette index of a style or a role."""
        if isinstance(style, str):
            style = self.look.style(style)
        if style not in self._index:
            self._index[style] = len(self._palette)
            self._palette.append(style)
        return self._index[style]

    def palette(self, row: int, column: int) -> Style:
        """The style of a cell."""
        return self._palette[int(self.styles[row, column])]

    def put(self, row: int, column: int, text: str, style: Style | Role = "") -> int:
        """Write text, already clean, from a cell on; return the column after it."""
        if not 0 <= row < self.height:
            return column
        index = self.style(style)
        for sign in text:
            wide = get_character_cell_size(sign)
            if wide == 0:
                continue
            if column >= 0 and column + wide <= self.width:
                self._set(row, column, sign, wide, index)
            column += wide
        return column

    def _set(self, row: int, column: int, sign: str, wide: int, index: int) -> None:
        signs = self.signs[row]
        if signs[column] == "" and column:
            signs[column - 1] = " "
        after = column + wide
        if after < self.width and signs[after] == "":
            signs[after] = " "
        signs[column] = sign
        if wide == 2:
            signs[column + 1] = ""
        self.styles[row, column:after] = index

    def paste(self, row: int, column: int, signs: Signs, styles: Styles) -> None:
        """Lay a block of narrow signs over the cells; its blanks leave what is there."""
        height, width = min(signs.shape[0], self.height - row), min(signs.shape[1], self.width - column)
        if height <= 0 or width <= 0:
            return
        block = np.s_[row : row + height, column : column + width]
        drawn = signs[:height, :width] != " "
        self.signs[block][drawn] = signs[:height, :width][drawn]
        self.styles[block][drawn] = styles[:height, :width][drawn]

    def rows(self) -> list[Text]:
        """The picture, top row first, each exactly as wide as the grid."""
        return [self._row(row) for row in range(self.height)]

    def _row(self, row: int) -> Text:
        signs, styles = self.signs[row].tolist(), self.styles[row]
        ends = [*(np.flatnonzero(styles[1:] != styles[:-1]) + 1).tolist(), len(signs)] if signs else []
        indices = styles.tolist()
        pieces: list[str] = []
        spans: list[Span] = []
        start = place = 0
        for end in ends:
            piece = "".join(signs[start:end])
            if indices[start]:
                spans.append(Span(place, place + len(piece), self._palette[indices[start]]))
            pieces.append(piece)
            place += len(piece)
            start = end
        return Text("".join(pieces), no_wrap=True, overflow="crop", end="", spans=spans)


def cells(text: str) -> int:
    """How many cells a clean text takes in a grid."""
    return len(text) if text.isascii() else sum(get_character_cell_size(sign) for sign in text)


def cut(text: str, width: int, look: Look) -> str:
    """A clean text in at most so many cells, its end replaced by an ellipsis where it is longer."""
    if cells(text) <= width:
        return text
    mark = look.sign("…", "~")
    kept, used = "", 0
    for sign in text:
        used += get_character_cell_size(sign)
        if used > width - 1:
            break
        kept += sign
    return (kept + mark)[: max(width, 0)]


def squeezed(text: str, width: int, look: Look) -> str:
    """A clean text in at most so many cells, its middle left out where it is longer, for names that end differently.

    >>> squeezed("jet_constituent_17_pt", 12, Look())
    'jet_co…17_pt'
    """
    if cells(text) <= width or width < 6:
        return cut(text, width, look)
    head = cut(text, width // 2 + 1, look)
    tail, room = "", width - cells(head)
    for sign in reversed(text):
        room -= get_character_cell_size(sign)
        if room < 0:
            break
        tail = sign + tail
    return head + tail


def message(text: str, width: int, height: int, look: Look) -> list[Text]:
    """A picture that only says something in its middle, on one line or, where that is too short, on a few."""
    grid = Grid(width, height, look)
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}".strip()
        if cells(joined) <= width or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    lines = lines if 1 < len(lines) <= min(_SAID_LINES, height) else [text]
    top = max(0, (height - len(lines)) // 2 if len(lines) > 1 else (height - 1) // 2)
    for row, line in enumerate(lines):
        shown = cut(line, width, look)
        grid.put(top + row, max(0, (width - cells(shown)) // 2), shown, "dim")
    return grid.rows()
