"""The ROC curve in its forms: efficiencies against each other, background rejection, precision against recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.text import Text

from mltui.core.table import Floats
from mltui.evaluation.curves import Curve, Form
from mltui.evaluation.rates import Rate
from mltui.plots import words
from mltui.plots.axes import Axis, Frame, axis, framed, linear, ticks_for
from mltui.plots.canvas import DOTS_X, Stroke, draw, whiskers
from mltui.plots.grid import Grid, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import CLASSES, Look, Role
from mltui.plots.sentences import Fact, flowing

_FEW, _WIDE, _HIGH = 3, 60, 16
"""More curves than so many are told apart only in a picture of this size."""
_NOTED = (60, 14)
"""In a picture of this size there is a line under it."""
_SIGNS = {"train": "*", "validation": "o", "test": "+", "previous_train": ".", "previous_validation": ","}
_BAND: Role = "member"
_APART = 4
"""So many columns of dots from one line of a band to the next."""
_RARE, _FIRST = 0.2, 0.05
"""Where no precision reaches this, as of a rare signal, its axis is logarithmic; the first few rows, up to this
recall, do not count."""


@dataclass(frozen=True)
class _Words:
    """What a form's axes are called, each with a short name."""

    x: tuple[str, str]
    y: tuple[str, str]


_WORDS: Mapping[Form, _Words] = {
    "roc": _Words(("background efficiency ε_B", "ε_B"), ("signal efficiency ε_S", "ε_S")),
    "rejection": _Words(("signal efficiency ε_S", "ε_S"), ("background rejection 1−ε_B", "1−ε_B")),
    "inverse": _Words(("signal efficiency ε_S", "ε_S"), ("background rejection 1/ε_B", "1/ε_B")),
    "precision": _Words(("recall ε_S", "recall"), ("precision (purity)", "precision")),
}


@dataclass(frozen=True, eq=False)
class Line:
    """One curve of the picture.

    Attributes:
        label: its name in the legend.
        curve: what is drawn.
        role: how; a part's, a class's, or that of a run before.
        area: its number in the legend: the area under the ROC curve, for precision the average precision.
        at: the point of the threshold, in the form's coordinates; None where it is not marked.
    """

    label: str
    curve: Curve
    role: Role
    area: float | None
    at: tuple[float, float] | None = None


@dataclass(frozen=True)
class Chosen:
    """A background efficiency that is asked for: the signal efficiency there, and its place in the form."""

    background: float
    efficiency: Rate
    at: tuple[float, float]


@dataclass(frozen=True)
class Band:
    """What spreads around the first curve, and what it is called."""

    curve: Curve
    name: str


def axes(form: Form) -> tuple[str, str]:
    """What a form's axes are called."""
    return _WORDS[form].x[0], _WORDS[form].y[0]


def class_role(code: int) -> Role:
    """The role of a class's curve."""
    return f"class{code % CLASSES}"


def roc_curve(
    lines: Sequence[Line],
    width: int,
    height: int,
    look: Look,
    *,
    form: Form = "roc",
    chance: tuple[Floats, Floats] | None = None,
    band: Band | None = None,
    chosen: Sequence[Chosen] = (),
    threshold: float | None = None,
    partial: float | None = None,
) -> list[Text]:
    """Draw curves of one form over the dim one of pure chance, with the area of each in the legend.

    Args:
        lines: the curve to judge by first, those of runs before last.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        form: which.
        chance: x and y of scores that know nothing.
        band: one standard deviation around the first curve.
        chosen: places to mark on the first curve, told under the picture where there is room.
        threshold: the score whose points the lines have.
        partial: the standardised area up to the background efficiency of the threshold.
    """
    drawn = [line for line in lines if len(line.curve.x)]
    if not drawn:
        return message("a ROC curve needs rows of both classes", width, height, look)
    many = len(drawn) > _FEW and (width < _WIDE or height < _HIGH) and drawn[0].role.startswith("class")
    note = [] if many else _note(chosen, threshold, partial, width, height, look)
    grid = Grid(width, height - len(note), look)
    entries = _of_many(drawn, form, look) if many else _entries(drawn, form, threshold, band, look)
    title, brief = (_said(name, look) for name in _WORDS[form].y)
    rows = 1 + (height >= 13) + (height >= 24)
    heads = (brief, "") if many else (title, brief)
    top = legend(grid, entries, title=heads[0], short_title=heads[1], rows=rows) if height >= 7 else 0
    frame = _frame(grid, top, form, drawn)
    strokes = [] if chance is None else [_placed(frame, *chance, "dim", (1, 3), ".")]
    strokes += [_stroke(line, frame, look, len(drawn), dim=many) for line in drawn[::-1]]
    strokes += [_mean(drawn, frame)] if many else []
    draw(grid, frame, strokes)
    if band is not None and not many:
        _shade(grid, frame, band.curve)
    for place in () if many else chosen:
        _mark(grid, frame, place.at, look.sign("┼", "+"), "strong")
    for line in drawn:
        _mark(grid, frame, line.at, look.sign("◆", "#"), "accent")
    return [*grid.rows(), *note]


def _said(name: str, look: Look) -> str:
    return name.replace("ε_", "eps_").replace("−", "-") if look.ascii else name


def _frame(grid: Grid, top: int, form: Form, drawn: Sequence[Line]) -> Frame:
    room = ticks_for(grid.height - top - 2)
    long, short = (_said(name, grid.look) for name in _WORDS[form].x)
    x = linear(0, 1, 6 if grid.width >= 110 else 3)
    return framed(grid, x, _upright(form, drawn, room), top=top, x_label=long, x_short=short)


def _upright(form: Form, drawn: Sequence[Line], ticks: int) -> Axis:
    if form == "inverse":
        return axis(np.concatenate([np.ones(1), *(line.curve.y for line in drawn)]), ticks, log=True)
    settled = [line.curve.y[line.curve.x >= _FIRST] for line in drawn]
    if form == "precision" and np.max(settled[0], initial=0.0) < _RARE:
        values = np.concatenate([np.ones(1), *settled])
        return axis(values[values <= 1], ticks, log=True)
    return linear(0, 1, ticks)


def _placed(frame: Frame, x: Floats, y: Floats, role: Role, dash: tuple[int, int] | None, sign: str) -> Stroke:
    return Stroke(frame.x.place(x), frame.y.place(y), role, dash, sign)


def _stroke(line: Line, frame: Frame, look: Look, count: int, *, dim: bool) -> Stroke:
    """The curve thinned to the dots it passes, coarser where many curves share the canvas."""
    role = "dim" if dim else line.role
    number = line.role.removeprefix("class")
    sign = _SIGNS.get(line.role) or (look.mark(int(number), CLASSES) if number.isdigit() else ".")
    stroke = _placed(frame, line.curve.x, line.curve.y, role, look.dash(role), sign)
    fineness = 2 * min(1.0, 3 / count)
    dots = np.stack([np.round(stroke.xs * frame.width * fineness), np.round(stroke.ys * frame.height * 2 * fineness)])
    moved = np.ones(len(stroke.xs), bool)
    moved[1:-1] = (np.diff(dots[:, :-1]) != 0).any(axis=0)
    return Stroke(stroke.xs[moved], stroke.ys[moved], role, stroke.dash, stroke.sign)


def _mean(drawn: Sequence[Line], frame: Frame) -> Stroke:
    """The mean of many classes' curves."""
    x = np.linspace(0.0, 1.0, 201)
    ys = [np.interp(x, np.maximum.accumulate(line.curve.x), line.curve.y) for line in drawn]
    return _placed(frame, x, np.mean(ys, axis=0), "strong", None, "*")


def _shade(grid: Grid, frame: Frame, band: Curve) -> None:
    """Upright lines from the band's lower end to its upper one, apart so that the curve is seen between them."""
    known = np.isfinite(band.low)
    if not known.any():
        return
    xs = (np.arange(0, frame.width * DOTS_X, _APART) + 0.5) / (frame.width * DOTS_X)
    along = np.maximum.accumulate(frame.x.place(band.x[known]))
    ends = (np.nan_to_num(frame.y.place(end[known]), nan=0.0, posinf=1.0) for end in (band.low, band.high))
    low, high = (np.interp(xs, along, np.clip(end, 0.0, 1.0)) for end in ends)
    inside = (xs >= along[0]) & (xs <= along[-1])
    whiskers(grid, frame, xs[inside], low[inside], high[inside], _BAND)


def _mark(grid: Grid, frame: Frame, at: tuple[float, float] | None, sign: str, role: Role) -> None:
    if at is None:
        return
    column = frame.column(min(max(at[0], frame.x.low), frame.x.high))
    row = frame.row(min(max(at[1], frame.y.low), frame.y.high))
    if column is not None and row is not None:
        grid.put(row, column, sign, role)


def _entries(drawn: Sequence[Line], form: Form, threshold: float | None, band: Band | None, look: Look) -> list[Entry]:
    names = [words.clean(line.label, ascii=look.ascii) for line in drawn]
    short = ["valid." if name == "validation" else name for name in words.brief(names)]
    entries = [
        Entry(name, look.sample(line.role), words.metric("auc", line.area, ascii=look.ascii), line.role, brief)
        for name, brief, line in zip(names, short, drawn, strict=True)
    ]
    if band is not None and not look.ascii:
        entries.append(Entry(f"±1σ {band.name}".rstrip(), "⡇⡇", role=_BAND, short="±1σ"))
    points = [line.at for line in drawn if line.at is not None]
    if points and threshold is not None:
        x, y = points[0]
        told = words.number(y) if form == "inverse" else words.fixed(y)
        names_of = [_said(axis[1], look) for axis in (_WORDS[form].y, _WORDS[form].x)]
        value = f"{names_of[0]} {told} at {names_of[1]} {words.fixed(x)}"
        entries.append(Entry(f"t {words.threshold(threshold)}", look.sign("◆", "#"), value, "accent"))
    return entries


def _of_many(drawn: Sequence[Line], form: Form, look: Look) -> list[Entry]:
    """Many classes in little room: the mean of their areas, and the lowest with its name."""
    areas = [float(line.area or 0.0) for line in drawn]
    lowest = int(np.argmin(areas))
    name = words.clean(drawn[lowest].label, ascii=look.ascii, limit=24)
    return [
        Entry("mean", look.sample("train"), words.fixed(sum(areas) / len(areas)), "strong"),
        Entry(f"lowest: {name}", value=words.fixed(areas[lowest])),
    ]


def _note(
    chosen: Sequence[Chosen], threshold: float | None, partial: float | None, width: int, height: int, look: Look
) -> list[Text]:
    """The efficiencies at the chosen backgrounds, and the area up to the threshold's, as far as there is room."""
    if not chosen or width < _NOTED[0] or height < _NOTED[1]:
        return []
    facts: list[Fact] = []
    for place in chosen:
        value, error = words.measured(place.efficiency.value, place.efficiency.error, ascii=look.ascii)
        said = f"{value} {look.sign('±', '+-')} {error}" if error else value
        facts.append((_said(f"ε_S @{place.background:g}", look), said, "strong"))
    if partial is not None and threshold is not None:
        facts.append(("auc up to t", words.fixed(partial), "strong"))
    lines = flowing(facts, width, look)[: 1 + (height >= 24)]
    for line in lines:
        line.truncate(width, pad=True)
        line.end = ""
    return lines
