"""The image or the signal of the event under the cursor, and the room that it leaves to the table of events."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from mltui.plots.words import number
from mltui.views.event_listing import scored_sample
from mltui.views.shown import Shown

_LEAST_TABLE = 34
"""The cells that the table keeps: marks, both classes and the score."""
_LEAST_WIDTH, _LEAST_HEIGHT = 14, 5
_SHARE = 0.45
"""Of the pane's width or height at most."""
_GAP = 2


@dataclass(frozen=True)
class Room:
    """What of a pane is the table's, and what the picture's.

    Attributes:
        width, height: of the table.
        picture: the cells and rows of the picture; None without one.
        below: whether that stands below the table, as signals do.
    """

    width: int
    height: int
    picture: tuple[int, int] | None = None
    below: bool = False


def room(shown: Shown, width: int, height: int) -> Room:
    """How a pane is divided: an image stands beside the table, a signal below it, where there is room for either."""
    from mltui.plots.images import image_width

    pixels = shown.sample.parts[scored[0]].pixels if shown.sample and (scored := scored_sample(shown)) else None
    if pixels is None:
        return Room(width, height)
    if pixels.ndim == 2:
        tall = min(int(height * _SHARE), 12)
        return Room(width, height - tall, (width, tall), below=True) if tall >= _LEAST_HEIGHT else Room(width, height)
    most = min(int(width * _SHARE), width - _LEAST_TABLE - _GAP)
    if most < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return Room(width, height)
    wide = max(_LEAST_WIDTH, image_width(pixels.shape[1:], most, height))
    return Room(width - wide - _GAP, height, (wide, height))


def with_picture(table: list[Text], shown: Shown, row: int | None, divided: Room) -> list[Text]:
    """The table's lines with the picture of a row, of the sample's number, beside or below them.

    Args:
        row: None where no row is listed.
    """
    from mltui.plots.images import one_image

    sample, scored = shown.sample, scored_sample(shown)
    if divided.picture is None or sample is None or sample.image is None or scored is None:
        return table
    wide, tall = divided.picture
    rows = sample.parts[scored[0]]
    if row is None or rows.pixels is None:
        drawn = [Text(" " * wide) for _ in range(tall)]
    else:
        ends = [number(end, ascii=shown.look.ascii) for end in sample.scale]
        code = int(rows.target[row]) if sample.classes else 0
        told = f"{ends[0]} to {ends[1]}"
        drawn = one_image(
            rows.pixels[row], wide, tall, shown.look, code=code, title=sample.image.label, told=told
        )  # fmt: skip
    if divided.below:
        return [*table, *drawn]
    return [Text.assemble(line, " " * _GAP, beside) for line, beside in zip(table, drawn, strict=True)]
