"""A cut on the score, wherever it is put: efficiencies, purity and significance as curves, with the best cut marked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from mltui.core.table import Floats
from mltui.evaluation.cuts import FEWEST, Best, Cuts
from mltui.evaluation.significance import Formula
from mltui.plots import words
from mltui.plots.axes import Axis, Frame, framed, linear, ticks_for
from mltui.plots.canvas import Stroke, draw, whiskers
from mltui.plots.grid import Grid, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import Look
from mltui.plots.sentences import wrapped

SIGNS: dict[Formula, tuple[str, str]] = {
    "asimov": ("Z_A", "Z_A"),
    "s_over_sqrt_b": ("S/√B", "S/sqrt(B)"),
    "s_over_sqrt_sb": ("S/√(S+B)", "S/sqrt(S+B)"),
}
"""What each significance is called, and what stands for that in ASCII."""
_LINES = (("class1", "*"), ("class0", "o"), ("dim", "."))
_DASH = (2, 3)
_NOTED = 15
"""From this height on there is room for sentences under the picture."""


def cut_curves(
    found: Cuts | None,
    width: int,
    height: int,
    look: Look,
    *,
    threshold: float,
    formula: Formula | None = None,
    uncertainty: float = 0.0,
    here: Cuts | None = None,
    part: str = "",
    classes: tuple[str, str] = ("background", "signal"),
) -> list[Text]:
    """Draw what a cut leaves over where it is put: shares on the left axis, the significance on the right one.

    Args:
        found: what is above each cut; None where there is nothing.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        threshold: marked by a vertical line; the legend's values are those there.
        formula: which significance is drawn beside the efficiencies; None: none.
        uncertainty: of the background, relative.
        here: the one cut at the threshold; None: the nearest of those looked at.
        part: whose rows these are.
        classes: what background and signal are called.
    """
    if found is None:
        return message("no scores of both classes to cut on yet", width, height, look)
    values, errors = found.significance(formula, uncertainty) if formula else (None, None)
    best = found.best(formula, uncertainty) if formula else None
    notes = list(_notes(best, found, formula, uncertainty, classes, look)) if formula else [_told(part)]
    below = [row for note in notes if note for row in wrapped(note, width, look, role="dim")]
    below = below[: max(0, height - _NOTED)]
    grid = Grid(width, height - len(below), look)
    entries = list(_entries(here or _nearest(found, threshold), formula, uncertainty, classes, look))
    if best is not None:
        entries.append(Entry("best cut", look.sign("▲", "^"), words.threshold(best.threshold), "accent", "best"))
    top = legend(grid, entries, rows=1 + (height >= 9) + (height >= 24)) if height >= 7 else 0
    x = _across(found, 6 if width >= 60 else 3)
    y = linear(0, 1, ticks_for(grid.height - top - 2))
    right = None if values is None or errors is None else _upright(found, values, errors, best, grid.height - top - 2)
    frame = framed(grid, x, y, top=top, x_label="cut on the score", x_short="cut", right=right)
    draw(grid, frame, [*_shares(found, frame, formula), *_significances(found, frame, values)])
    if values is not None and errors is not None:
        _bars(grid, frame, found, values, errors)
    _marks(grid, frame, threshold, best)
    return [*grid.rows(), *(_padded(row, width) for row in below)]


def _padded(line: Text, width: int) -> Text:
    line.pad_right(max(0, width - line.cell_len))
    line.end = ""
    return line


def _told(part: str) -> str:
    return f"of the {part} rows" if part else ""


def _nearest(found: Cuts, threshold: float) -> Cuts:
    place = found.at(threshold)
    if place is None:
        return found.of_sums(0.0, 0.0, 0.0, 0.0)
    s, b = found.signal, found.background
    sums = (s.sums, s.errors, b.sums, b.errors)
    return found.of_sums(*(float(column[place]) for column in sums))


def _across(found: Cuts, at_most: int) -> Axis:
    """From 0 to 1, where scores are probabilities that reach so far; else as far as they reach."""
    high, low = float(found.scores[0]), float(found.scores[-1])
    if low >= 0 and high <= 1:
        return linear(0, 1 if high > 0.5 else high, at_most, snap=high <= 0.5)
    return linear(low, high, at_most, snap=False)


def _sound(found: Cuts) -> NDArray[np.bool_]:
    """Which cuts enough events stand behind."""
    return np.minimum(found.signal.effective, found.background.effective) >= FEWEST


def _upright(found: Cuts, values: Floats, errors: Floats, best: Best | None, height: int) -> Axis:
    """The axis of the significance: as far as what is known of it reaches."""
    tops = (values + errors)[_sound(found) & np.isfinite(values)]
    high = float(tops.max()) if len(tops) else (best.value if best else 1.0)
    return linear(0, high if high > 0 else 1.0, ticks_for(height))


def _shares(found: Cuts, frame: Frame, formula: Formula | None) -> Iterator[Stroke]:
    """Of signal and of background the efficiency, and the purity, from the loosest cut to the strictest."""
    xs = frame.x.place(np.append(found.thresholds[::-1], found.scores[0]))
    s, b = found.signal, found.background
    counts = (s.sums + b.sums) ** 2 >= FEWEST * (s.errors**2 + b.errors**2)
    lines = s.efficiency[0], b.efficiency[0], np.where(counts, found.purity[0], np.nan)
    dashes = ((4, 2), (2, 2), (1, 2)) if formula else (None, (4, 2), (1, 2))
    for (role, sign), values, dash in zip(_LINES, lines, dashes, strict=True):
        last = np.nan if role == "dim" else 0.0
        yield Stroke(xs, frame.y.place(np.append(values[::-1], last)), role, dash, sign)


def _significances(found: Cuts, frame: Frame, values: Floats | None) -> Iterator[Stroke]:
    """Dotted where too few events stand behind it; what reaches beyond the axis is left out."""
    if values is None or frame.right is None:
        return
    xs, places = frame.x.place(found.thresholds[::-1]), frame.right.place(values[::-1])
    places = np.where((places >= 0) & (places <= 1), places, np.nan)
    sound = _sound(found)[::-1]
    yield Stroke(xs[~sound], places[~sound], "dim", (1, 2), ":")
    yield Stroke(xs[sound], places[sound], "strong", None, "#")


def _bars(grid: Grid, frame: Frame, found: Cuts, values: Floats, errors: Floats) -> None:
    """The errors of the significance at every fourth column."""
    assert frame.right is not None
    columns = np.floor(frame.x.place(found.thresholds) * frame.width / 4)
    known = _sound(found) & np.isfinite(errors)
    _, first = np.unique(np.where(known, columns, -1), return_index=True)
    chosen = first[known[first]]
    lows, highs = (np.clip(frame.right.place(values + s * errors)[chosen], 0, 1) for s in (-1, 1))
    whiskers(grid, frame, frame.x.place(found.thresholds)[chosen], lows, highs, "label")


def _marks(grid: Grid, frame: Frame, threshold: float, best: Best | None) -> None:
    column = frame.column(threshold)
    for row in range(frame.top, frame.top + frame.height):
        if column is not None:
            grid.put(row, column, grid.look.sign("┃", "|"), "accent")
    if best is None or (column := frame.column(best.threshold)) is None:
        return
    grid.put(min(frame.top + frame.height, grid.height - 1), column, grid.look.sign("▲", "^"), "accent")
    place = frame.right.cell(best.value, frame.height) if frame.right else None
    if place is not None:
        grid.put(frame.top + frame.height - 1 - place, column, grid.look.sign("◆", "@"), "accent")


def _entries(
    here: Cuts, formula: Formula | None, uncertainty: float, classes: tuple[str, str], look: Look
) -> Iterator[Entry]:
    """The lines with what they come to at the threshold."""
    if formula:
        told = _pair(here.significance(formula, uncertainty), look)
        yield Entry(look.sign(*SIGNS[formula]), look.sign("━━", "##"), told, "strong")
    names = [words.clean(name, ascii=look.ascii, limit=16) for name in classes]
    dashed = formula is not None
    samples = (
        look.sign("╍╍" if dashed else "━━", "**"),
        look.sign("┄┄" if dashed else "╍╍", "oo"),
        look.sign("··", ".."),
    )
    sides = (f"{names[1]} kept", here.signal.efficiency), (f"{names[0]} kept", here.background.efficiency)
    briefs = look.sign("ε_S", "eps_S"), look.sign("ε_B", "eps_B"), ""
    for (name, columns), sample, (role, _), brief in zip(
        (*sides, ("purity", here.purity)), samples, _LINES, briefs, strict=True
    ):
        yield Entry(name, sample, _pair(columns, look), role, brief)


def _pair(measured: tuple[Floats, Floats], look: Look) -> str:
    """The first of some values with its error."""
    value, error = (float(column[0]) for column in measured)
    said, spread = words.measured(value, error, ascii=look.ascii)
    return f"{said}{look.sign('±', '+-')}{spread}" if spread else said


def _behind(best: Best, classes: tuple[str, str]) -> str:
    """``10 effective events of background``: of the class that has fewer."""
    fewer = classes[int(best.signal_effective < best.background_effective)]
    count = words.number(best.least_effective, 2)
    return f"{count} effective event{'' if count == '1' else 's'} of {words.clean(fewer, limit=24)}"


def _notes(
    best: Best | None, found: Cuts, formula: Formula, uncertainty: float, classes: tuple[str, str], look: Look
) -> Iterator[str]:
    """What the best cut is worth, what stands behind it, and what seems better but is not."""
    name, spaced = look.sign(*SIGNS[formula]), look.sign(" ± ", " +- ")
    if best is None:
        yield f"{name} is defined at no cut: there is no positive background above any"
        return
    value, error = words.measured(best.value, best.error, ascii=look.ascii)
    known = f" known to {words.percent(uncertainty)}" if uncertainty and formula == "asimov" else ""
    events = f"S {words.amount(best.signal)}, B {words.amount(best.background)}{known}"
    where = words.threshold(best.threshold)
    said = f"best cut {where}: {name} {value}{spaced if error else ''}{error} ({events})"
    if not best.trusted:
        yield f"{said}; only {_behind(best, classes)} stand behind it: it may be chance"
    else:
        yield f"{said}; {_behind(best, classes)} stand behind it; z goes there"
    if best.tempting is not None:
        higher, other = words.number(best.tempting.value), _behind(best.tempting, classes)
        yield f"at {words.threshold(best.tempting.threshold)} it seems {higher}, but only {other} stand behind that"
    if found.left_out:
        lost = ", ".join(words.clean(name, ascii=look.ascii) for name in found.left_out)
        yield f"without {lost}, of which these rows say nothing"
