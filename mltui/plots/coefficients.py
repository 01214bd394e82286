"""The coefficients of a linear model as bars from zero, the largest first, with their errors."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from mltui.core.found import Coefficients
from mltui.core.table import Floats, Integers
from mltui.plots import words
from mltui.plots.grid import Grid, cut, message
from mltui.plots.look import CLASSES, Look
from mltui.plots.named_bars import Bars, Words

_NOTED = 8
"""Rows from which the last ones are kept for notes."""
_ERRORS = {
    "least_squares": "errors: from the residuals, s²(XᵀX)⁻¹; true where the model is",
    "likelihood": "errors: from the curvature of the likelihood",
    "penalised": "errors: from the curvature of the likelihood with its penalty",
    "none": "no errors: this fit has no formula for them, or is too large",
    "gradient": "no errors: a fit by gradient has none",
    "scaled": "no errors: a fit by gradient has none; in units of the target's spread",
}
_PLAIN = {"s²(XᵀX)⁻¹": "s^2 (X'X)^-1"}


def coefficients(
    found: Coefficients, row: int, width: int, height: int, look: Look, *, classes: int = 0, first: int = 0
) -> list[Text]:
    """Draw the coefficients of one row, a bar each from zero to the left or the right, the error a span about its end.

    Beside them stand the number, how many errors it is from zero, and what it is for one unit of the data, as far as
    there is room; below the intercept, and where the errors come from.

    Args:
        found: what to draw.
        row: whose sum it is.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        classes: how many classes there are; 0 for values.
        first: how many terms are scrolled past.
    """
    if not found.rows or not found.names:
        return message("no coefficients", width, height, look)
    grid = Grid(width, height, look)
    row = row if row < len(found.rows) else 0
    notes = _notes(found, row, look)
    noted = min(len(notes), max(0, height - _NOTED + 1))
    _bars(found, row, look, classes).put(grid, height - noted, first)
    for place, note in enumerate(notes[:noted], start=height - noted):
        grid.put(place, 0, cut(note, width, look), "dim")
    return grid.rows()


def scrolls(found: Coefficients, height: int) -> int:
    """How far the terms can be scrolled: the largest `first` that changes the picture."""
    noted = min(len(_notes(found, 0, Look())), max(0, height - _NOTED + 1))
    return max(0, len(found.names) - max(height - noted - 1, 1))


def order(values: Floats) -> Integers:
    """The places of values from the largest to the smallest, whatever their signs; what is no number comes last."""
    sizes = np.where(np.isfinite(values), np.abs(values), -1)
    return np.argsort(-sizes, kind="stable")


def _bars(found: Coefficients, row: int, look: Look, classes: int) -> Bars:
    places = order(found.values[row])
    values, errors = found.values[row][places], found.errors[row][places]
    names = tuple(words.clean(found.names[place], ascii=look.ascii, limit=80) for place in places)
    columns = [Words("coefficient", _numbers(values, errors, look), 3, "coef.")]
    if np.isfinite(errors).any():
        columns.append(Words(look.sign("|z|", "|z|"), _significances(values, errors, look), 1))
    scale, units = found.scale[places], [found.units[place] for place in places]
    if (np.isfinite(scale) & (scale != 1)).any():
        columns.append(Words("per unit", _per_unit(values, scale, units, look), 2))
    return Bars(
        "input", names, values, errors, tuple(columns), sides=_sides(found, row, look, classes),
        roles=_roles(found, row, classes),
    )  # fmt: skip


def _numbers(values: Floats, errors: Floats, look: Look) -> tuple[str, ...]:
    pairs = [words.measured(float(v), float(e), ascii=look.ascii) for v, e in zip(values, errors, strict=True)]
    wide = max((len(error) for _, error in pairs), default=0)
    sign = look.sign("±", "+-")
    return tuple(f"{value} {sign} {error:<{wide}}" if error else value for value, error in pairs)


def _significances(values: Floats, errors: Floats, look: Look) -> tuple[str, ...]:
    with np.errstate(all="ignore"):
        ratios = np.abs(values) / errors
    return tuple(words.fixed(float(ratio), 1, ascii=look.ascii) for ratio in ratios)


def _per_unit(values: Floats, scale: Floats, units: list[str], look: Look) -> tuple[str, ...]:
    """The coefficient of one unit of the data, in place of one of what the model sees."""
    with np.errstate(all="ignore"):
        each = values / scale
    said = []
    for value, unit in zip(each, units, strict=True):
        number = words.number(float(value), ascii=look.ascii)
        known = f"/{words.clean(unit, ascii=look.ascii, limit=10)}" if unit and np.isfinite(value) else ""
        said.append(f"{number}{known}")
    return tuple(said)


def _sides(found: Coefficients, row: int, look: Look, classes: int) -> tuple[str, str]:
    if not classes:
        return "lowers", "raises"
    name = words.clean(found.rows[row], ascii=look.ascii, limit=60)
    if " | " in name:
        one, _, other = name.partition(" | ")
        return other, one
    return f"against {name}", f"for {name}"


def _roles(found: Coefficients, row: int, classes: int) -> tuple[str, str]:
    """Of two classes each has its colour; of more the one that is spoken for has."""
    if classes > 2 and len(found.rows) == classes:
        return "label", f"class{row % CLASSES}"
    return "class0", "class1"


def _notes(found: Coefficients, row: int, look: Look) -> list[str]:
    value, error = words.measured(float(found.intercepts[row]), float(found.intercept_errors[row]), ascii=look.ascii)
    sign = look.sign("±", "+-")
    intercept = f"intercept {value}{f' {sign} {error}' if error else ''}"
    left = f", and {words.count(found.left_out, 'smaller one')} left out" if found.left_out else ""
    note = _ERRORS.get(found.source, _ERRORS["none"])
    for fine, plain in _PLAIN.items():
        note = note.replace(fine, plain) if look.ascii else note
    return [f"{intercept}{left}", note]
