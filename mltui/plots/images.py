"""Images and signals by class: the mean of each class, and below it some of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from mltui.core.table import Floats, Integers
from mltui.plots import heat, words
from mltui.plots.axes import Frame, linear
from mltui.plots.canvas import Stroke, draw
from mltui.plots.grid import Grid, cells, cut, message
from mltui.plots.look import CLASSES, Look, Role

_GAP = 1
_LEAST = 8
"""A class gets at least so many cells; of more classes than find room the first are shown."""
_LARGEST = 3
"""So many cells at most are one pixel wide."""
_GAMMA = 0.5
"""Dark pixels of images are lifted by this power, as the ground is dark too."""
_ROUNDING = 1e-9  # a whole number of rows that came out a little less
_STRETCH = 1000.0
"""A logarithmic scale spans so many to one."""


def class_images(
    found: Mapping[str, Any],
    width: int,
    height: int,
    look: Look,
    *,
    classes: Sequence[str] = (),
    log: bool = False,
) -> list[Text]:
    """Draw what the rows of each class look like, the classes beside each other, signals under each other.

    Args:
        found: means of shape (classes, height, width) and examples of shape (classes, images, height, width), each as
            shares 0 to 1 from the lowest to the highest value of their kind; of signals without the height.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        classes: the labels; none where there is no target.
        log: a logarithmic scale of images.
    """
    means, examples = (_array(found.get(name)) for name in ("means", "examples"))
    if means.ndim not in (2, 3) or examples.ndim != means.ndim + 1 or not means.size:
        return message("no image to draw", width, height, look)
    labels = [words.clean(label, ascii=look.ascii, limit=24) for label in classes]
    labels = labels if len(labels) == len(means) else [""] * len(means)
    if means.ndim == 2:
        return _signals(examples, labels, Grid(width, height, look))
    if log:
        means, examples = (np.log1p(_STRETCH * values) / np.log1p(_STRETCH) for values in (means, examples))
    else:
        means, examples = means**_GAMMA, examples**_GAMMA
    return _images(means, examples, labels, Grid(width, height, look))


def one_image(
    pixels: NDArray[np.uint8], width: int, height: int, look: Look, *, code: int = 0, title: str = "", told: str = ""
) -> list[Text]:
    """Draw one image as large as it finds room, or one signal as a line, under its title and over what is told of it.

    Args:
        pixels: shape (height, width), or (length,) of a signal, from 0 to 255.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        code: the class whose colour it has.
    """
    grid = Grid(width, height, look)
    shares = pixels.astype(np.float64) / 255
    grid.put(0, 0, cut(words.clean(title, ascii=look.ascii), width, look), "label")
    tall, wide = (height - 2, width) if shares.ndim == 1 else _shape(shares.shape, width, height - 2)
    if shares.ndim == 1:
        _line(grid, shares, 1, tall, f"class{code % CLASSES}")
    else:
        _image(grid, 1, 0, _resampled(shares**_GAMMA, 2 * tall, wide), code)
    grid.put(1 + tall, 0, cut(words.clean(told, ascii=look.ascii), width, look), "dim")
    return grid.rows()


def image_width(sides: tuple[int, ...], width: int, height: int) -> int:
    """How many of these cells `one_image` uses for an image of so many pixels a side."""
    return _shape(sides, width, height - 2)[1]


def _shape(sides: tuple[int, ...], width: int, height: float) -> tuple[int, int]:
    """The rows and columns of cells of an image that finds room in others; a cell is twice as high as wide."""
    tall, wide = sides
    scale = max(0.0, min(width / wide, 2 * height / tall, _LARGEST))
    return max(1, int(tall * scale / 2 + _ROUNDING)), max(1, min(width, round(wide * scale)))


def _array(values: Any) -> Floats:
    try:
        return np.array(values if values is not None else [], np.float64)
    except (TypeError, ValueError):
        return np.zeros(0)


def _images(means: Floats, examples: Floats, labels: list[str], grid: Grid) -> list[Text]:
    count = max(1, min(len(means), (grid.width + _GAP) // (_LEAST + _GAP)))
    room = (grid.width - _GAP * (count - 1)) // count
    tall, wide = means.shape[1:]
    head = 1 if any(labels) or len(means) > 1 else 0
    for rows in (3, 2, 1):  # the mean and examples where they find room at a cell a pixel, else the mean as it fits
        high = (grid.height - head - _GAP * (rows - 1)) / rows
        if min(room / wide, 2 * high / tall) >= 1:
            break
    shape = _shape((tall, wide), room, high)
    for place in range(count):
        left = place * (room + _GAP)
        code = f"class{place % CLASSES}"
        if head:
            _name(grid, left, room, labels[place], code, len(means) - count if place == count - 1 else 0)
        top = head
        for number, image in enumerate((means[place], *examples[place])):
            if top + shape[0] > grid.height or (number and not np.isfinite(image).any()):
                break
            _image(grid, top, left, _resampled(image, 2 * shape[0], shape[1]), place)
            top += shape[0] + _GAP
    return grid.rows()


def _name(grid: Grid, left: int, room: int, label: str, role: str, more: int) -> None:
    beyond = f" +{more}" if more else ""
    text = cut(label or "mean", max(1, room - len(beyond)), grid.look)
    grid.put(0, left, text, role if label else "label")
    grid.put(0, left + cells(text), beyond, "dim")


def _image(grid: Grid, top: int, left: int, shares: Floats, code: int) -> None:
    """Two rows of shares a row of cells, in the class's colour; without full colour denser signs are higher."""
    look = grid.look
    levels = heat.levels(shares, 0.0, 1.0)
    if look.ascii or look.colours != "full":
        role = f"class{code % CLASSES}"
        for row, values in enumerate(heat.levels((shares[0::2] + shares[1::2]) / 2, 0.0, 1.0).tolist()):
            for column, level in enumerate(values):
                grid.put(top + row, left + column, heat.ramp(level, look), role)
        return
    for row, (upper, lower) in enumerate(zip(levels[0::2].tolist(), levels[1::2].tolist(), strict=True)):
        for column, (above, below) in enumerate(zip(upper, lower, strict=True)):
            grid.put(top + row, left + column, "▀", heat.tinted(above, below, code % CLASSES, look))


def _resampled(image: Floats, rows: int, columns: int) -> Floats:
    """So many rows and columns: means of what is made smaller, the nearest of what is made larger."""
    return _along(_along(image, rows, 0), columns, 1)


def _along(values: Floats, count: int, axis: int) -> Floats:
    length = values.shape[axis]
    starts: Integers = np.arange(count) * length // count
    if count >= length:
        return np.take(values, starts, axis=axis)
    sizes = np.diff(np.append(starts, length))
    return np.asarray(np.add.reduceat(values, starts, axis=axis) / (sizes[:, None] if axis == 0 else sizes))


def _signals(examples: Floats, labels: list[str], grid: Grid) -> list[Text]:
    """A strip for each class: its first rows, each a line over the whole width."""
    count = max(1, min(len(examples), grid.height // 3))
    each = grid.height // count
    for place in range(count):
        top, role = place * each, f"class{place % CLASSES}"
        beyond = f" +{len(examples) - count}" if place == count - 1 and len(examples) > count else ""
        label = cut(labels[place] or "rows", grid.width - len(beyond), grid.look)
        grid.put(top, 0, label, role)
        grid.put(top, cells(label), beyond, "dim")
        lines = [row for row in examples[place] if np.isfinite(row).any()]
        strips = max(1, min(len(lines), (each - 1) // 4))
        tall = (each - 1) // strips
        for number, row in enumerate(lines[:strips]):
            _line(grid, np.clip(row, 0, 1), top + 1 + number * tall, tall, role)
    return grid.rows()


def _line(grid: Grid, shares: Floats, top: int, tall: int, role: Role) -> None:
    """A signal over the whole width of some rows."""
    unit = linear(0.0, 1.0, 2, snap=False)
    places = (np.arange(len(shares)) + 0.5) / len(shares)
    draw(grid, Frame(unit, unit, top, 0, grid.width, max(1, tall)), [Stroke(places, shares, role)])
