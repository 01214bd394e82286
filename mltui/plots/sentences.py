"""Sentences and facts in lines of a given width: wrapped at words, with a hanging indent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import get_character_cell_size
from rich.text import Text

from mltui.plots.grid import cells
from mltui.plots.look import Look, Role

Fact = tuple[str, str, Role]
"""A label, its value, both clean, and the role whose style the value has."""
_GAP = 2


def wrapped(text: str, width: int, look: Look, *, mark: str = "", role: Role = "", indent: int = 0) -> list[Text]:
    """A clean sentence in lines of at most `width` cells; a mark stands before the first, the others hang under it."""
    lead = " " * indent + (f"{mark} " if mark else "")
    room = max(width - cells(lead), 1)
    lines = list(_lines(text, room))
    style = look.style(role) if role else ""
    heads = [lead, *[" " * cells(lead)] * (len(lines) - 1)]
    return [Text((head + line)[: max(width, 0)], style, end="") for head, line in zip(heads, lines, strict=True)]


def _lines(text: str, room: int) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if cells(joined) <= room:
            line = joined
            continue
        if line:
            yield line
        *full, line = _pieces(word, room)
        yield from full
    yield line


def _pieces(word: str, room: int) -> list[str]:
    """A word in pieces that fit, where it is too long for a line."""
    pieces, used = [""], 0
    for sign in word:
        wide = get_character_cell_size(sign)
        if used + wide > room and pieces[-1]:
            pieces.append("")
            used = 0
        pieces[-1] += sign
        used += wide
    return pieces


def flowing(facts: Iterable[Fact], width: int, look: Look) -> list[Text]:
    """Facts one after the other in lines of at most `width` cells, none torn apart unless it is longer than a line."""
    lines: list[Text] = []
    for label, value, role in facts:
        fact = Text(f"{label} " if label else "", look.style("dim"), end="")
        fact.append(value, look.style(role))
        if fact.cell_len > width:
            fact.truncate(max(width, 0), overflow="ellipsis" if not look.ascii else "crop")
        if lines and lines[-1].cell_len + _GAP + fact.cell_len <= width:
            lines[-1].append(" " * _GAP).append_text(fact)
        else:
            lines.append(fact)
    return lines
