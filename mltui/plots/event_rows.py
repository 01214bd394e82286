"""The table of events: a row each, aligned by column, the first columns in place while the others go sideways."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from rich.text import Text

from mltui.core.table import Floats, Integers
from mltui.evaluation.event_table import EventColumn, Extent
from mltui.plots import words
from mltui.plots.grid import Grid, cells, cut, squeezed
from mltui.plots.look import CLASSES, Look, Role

_GAP = 2
_MARKS = 4
"""The cells before the first column: the cursor, and the letter of an event that is pinned."""
_WIDEST = 16
"""Longer labels are squeezed."""
_MOST_DECIMALS = 6
_SCORE = len("1.2e-5")
_FREE = len("-0.00123")
_POWER = len("-1.23e-10")
_HUGE = 1e7
_TRACK = 12
_STILL = frozenset({"true", "said", "score", "predicted", "residual"})
_LEVELS = "▁▂▃▄▅▆▇█", "_.-=^"


@dataclass(frozen=True, eq=False)
class EventRows:
    """What the table holds.

    Attributes:
        columns: for every row of the sample.
        rows: those that are listed, in order, by their numbers.
        letters: of rows that are pinned.
        tracks: of pinned rows, the scores at the kept snapshots, each shape (snapshots,).
        bounded: whether those lie between 0 and 1.
        sorted_by: the name of a column, or nothing. falling: from its largest value on.
    """

    columns: Sequence[EventColumn]
    rows: Integers
    letters: Mapping[int, str] = field(default_factory=dict)
    tracks: Mapping[int, Floats] = field(default_factory=dict)
    bounded: bool = True
    sorted_by: str = ""
    falling: bool = False

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class _Cells:
    """How a column is written.

    Attributes:
        decimals: of numbers; None: as a mantissa and a power.
        free: whether each number has the digits that it deserves by itself.
        score: whether it is written as scores are, which does not change as they spread in training.
    """

    column: EventColumn
    title: str
    width: int
    decimals: int | None = 0
    labels: tuple[str, ...] = ()
    free: bool = False
    score: bool = False

    def text(self, row: int, look: Look) -> str:
        value = self.column.values[row]
        if self.column.labels:
            return self.labels[int(value)] if value >= 0 else look.sign(words.NOTHING, "-")
        if self.score:
            return words.metric("score", value.item(), ascii=look.ascii)
        if self.free:
            return words.number(value.item(), ascii=look.ascii)
        return _number(value.item(), self.decimals, look)


def event_rows(
    found: EventRows,
    width: int,
    height: int,
    look: Look,
    *,
    told: str = "",
    first: int = 0,
    chosen: int = 0,
    across: int = 0,
) -> list[Text]:
    """Draw what is listed in a line, the heads, then a row for each event, and what is not in sight.

    Args:
        found: the events.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        told: what the rows are.
        first: how many rows are scrolled past. chosen: the place of the row under the cursor.
        across: how many of the columns that go sideways are scrolled past.
    """
    grid = Grid(width, height, look)
    still, moving = _written(found, look)
    track = _track_width(found, width)
    across = min(across, max(0, len(moving) - 1))
    shown = _fitting(moving[across:], width - _taken(still) - (track + _GAP if track else 0))
    grid.put(0, 0, cut(words.clean(told, ascii=look.ascii), width, look), "label")
    rows = found.rows[first : first + rows_in_sight(height)].tolist()
    column = _MARKS
    for one in still:
        _put_column(grid, one, rows, column, found)
        column += one.width + _GAP
    if track:
        _put_tracks(grid, found, rows, column, track)
        column += track + _GAP
    for one in shown:
        _put_column(grid, one, rows, column, found)
        column += one.width + _GAP
    _put_marks(grid, found, rows, chosen - first)
    if height > 2:
        left = len(found) - first - len(rows), len(moving) - across - len(shown)
        grid.put(height - 1, 0, cut(_note(left, across, look), width, look), "dim")
    return grid.rows()


def rows_in_sight(height: int) -> int:
    """How many events find room: one line says what they are, one has the heads, the last what is not in sight."""
    return max(0, height - 3)


def furthest_across(found: EventRows, width: int, look: Look) -> int:
    """How many columns can be scrolled past until the last one is seen whole."""
    still, moving = _written(found, look)
    track = _track_width(found, width)
    room = width - _taken(still) - (track + _GAP if track else 0)
    fitting = len(_fitting(moving[::-1], room))
    return max(0, len(moving) - max(fitting, 1))


def across_to(found: EventRows, name: str, across: int, width: int, look: Look) -> int:
    """How many columns to scroll past so that the column of this name is seen, as near as it goes to `across`."""
    still, moving = _written(found, look)
    names = [one.column.name for one in moving]
    if name not in names:
        return across
    track = _track_width(found, width)
    room = width - _taken(still) - (track + _GAP if track else 0)
    place = names.index(name)
    fitting = len(_fitting(moving[: place + 1][::-1], room))
    return min(max(across, place + 1 - fitting), place)


def _written(found: EventRows, look: Look) -> tuple[list[_Cells], list[_Cells]]:
    """The columns that stay in place, and those that go sideways; a file that all rows share says nothing."""
    columns = [column for column in found.columns if column.name != "file" or len(np.unique(column.values)) > 1]
    written = [_cells(column, found, look) for column in columns]
    still = [one for one in written if one.column.name in _STILL and not one.column.variable]
    return still, [one for one in written if one not in still]


def _cells(column: EventColumn, found: EventRows, look: Look) -> _Cells:
    title = words.clean(column.title, ascii=look.ascii, limit=40)
    if found.sorted_by == column.name:
        title += look.sign("▾", "v") if found.falling else look.sign("▴", "^")
    if column.labels:
        whole = [label.rpartition("/")[2] if column.name == "file" else label for label in column.labels]
        labels = tuple(squeezed(words.clean(label, ascii=look.ascii), _WIDEST, look) for label in whole)
        return _Cells(column, title, max(map(cells, (title, *labels))), labels=labels)
    if found.bounded and column.name.startswith("score") and not column.variable:
        return _Cells(column, title, max(cells(title), _SCORE), score=True)
    if _many_sizes(column.extent):
        return _Cells(column, title, max(cells(title), _FREE), free=True)
    decimals, widest = _format(column.extent, look)
    return _Cells(column, title, max(cells(title), widest), decimals)


def _many_sizes(extent: Extent) -> bool:
    """Whether decimals for the large numbers of a column would leave nothing of many others, as of event weights."""
    return not extent.whole and 0 < extent.small < extent.large / 100 and extent.large < _HUGE


def _format(extent: Extent, look: Look) -> tuple[int | None, int]:
    """With how many decimals a column is written, so that its spread has three digits; and how wide that is."""
    if not extent.count:
        return 0, 1
    ends = extent.low, extent.high
    if extent.whole:
        return 0, max(cells(_number(end, 0, look)) for end in ends)
    size = max(map(abs, ends))
    spread = extent.middle or size
    decimals = max(0, 2 - math.floor(math.log10(spread))) if 0 < spread < math.inf else _MOST_DECIMALS + 1
    if decimals > _MOST_DECIMALS or size >= _HUGE:
        return None, _POWER
    return decimals, max(cells(_number(end, decimals, look)) for end in ends)


def _number(value: float | int, decimals: int | None, look: Look) -> str:
    if not math.isfinite(value):
        return look.sign(words.NOTHING, "-")
    if decimals is None:
        return words.exponent(value, 2)
    text = f"{value:.{decimals}f}" if isinstance(value, float) else str(int(value))
    return text.removeprefix("-") if not float(text) else text


def _taken(columns: Sequence[_Cells]) -> int:
    return _MARKS + sum(one.width + _GAP for one in columns)


def _fitting(columns: Sequence[_Cells], room: int) -> list[_Cells]:
    """Those from the first on that are seen whole; of one that alone is too wide its beginning."""
    shown: list[_Cells] = []
    for one in columns:
        room -= one.width
        if room < 0 and shown:
            break
        shown.append(one)
        room -= _GAP
    return shown


def _put_column(grid: Grid, one: _Cells, rows: Sequence[int], start: int, found: EventRows) -> None:
    left = bool(one.column.labels)
    sorts = found.sorted_by == one.column.name
    grid.put(1, start if left else start + one.width - cells(one.title), one.title, "accent" if sorts else "dim")
    for place, row in enumerate(rows):
        text = one.text(row, grid.look)
        indent = 0 if left else one.width - cells(text)
        if 2 + place < grid.height - 1:
            grid.put(2 + place, start + indent, text, _role(one.column, row))


def _role(column: EventColumn, row: int) -> Role:
    """Classes have their colours, what the model says of a row stands out."""
    if column.name in ("true", "said") and column.labels:
        return f"class{int(column.values[row]) % CLASSES}"
    return "strong" if column.name in ("score", "predicted", "residual") and not column.variable else "label"


def _put_marks(grid: Grid, found: EventRows, rows: Sequence[int], chosen: int) -> None:
    for place, row in enumerate(rows):
        if 2 + place < grid.height - 1:
            grid.put(2 + place, 0, grid.look.sign("▸", ">") if place == chosen else " ", "accent")
            grid.put(2 + place, 2, found.letters.get(row, ""), "accent")


def _track_width(found: EventRows, width: int) -> int:
    """The cells of the little curves; none where no listed row is followed, or there is no room."""
    listed = np.intersect1d(found.rows, list(found.tracks)).tolist() if found.tracks else []
    longest = max((len(found.tracks[row]) for row in listed), default=0)
    return max(min(longest, _TRACK, width // 6), len("kept")) if longest else 0


def _put_tracks(grid: Grid, found: EventRows, rows: Sequence[int], start: int, width: int) -> None:
    grid.put(1, start, "over time" if width > 8 else "kept", "dim")
    for place, row in enumerate(rows):
        if row in found.tracks and 2 + place < grid.height - 1:
            grid.put(2 + place, start, track(found.tracks[row], width, grid.look, bounded=found.bounded), "validation")


def track(scores: Floats, width: int, look: Look, *, bounded: bool = True) -> str:
    """The scores of one event at the kept snapshots as a curve of one row; what is not known is a gap.

    Args:
        scores: shape (snapshots,).
        width: cells at most; of more snapshots every few are shown, the last one always.
        look: what the terminal can show.
        bounded: whether the lowest sign is 0 and the highest 1; else they are the least and the largest of the scores.
    """
    if not len(scores) or width < 1:
        return ""
    places = np.unique(np.linspace(0, len(scores) - 1, min(width, len(scores))).round().astype(np.int64))
    known = scores[np.isfinite(scores)]
    low, high = (0.0, 1.0) if bounded or not len(known) else (float(known.min()), float(known.max()))
    signs = _LEVELS[look.ascii]
    drawn = ""
    for value in scores[places].tolist():
        share = (value / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.5
        level = min(max(int(share * len(signs)), 0), len(signs) - 1) if math.isfinite(share) else -1
        drawn += signs[level] if level >= 0 else " "
    return drawn


def _note(left: tuple[int, int], across: int, look: Look) -> str:
    """What is not in sight."""
    rows, columns = left
    notes = [f"{rows:,} more {look.sign('↓', 'down')}"] if rows > 0 else []
    if across:
        notes.append(f"{look.sign('←', '<')} {words.count(across, 'column')}")
    if columns > 0:
        notes.append(f"{words.count(columns, 'more column', 'more columns')} {look.sign('→', '>')}")
    return "   ".join(notes)
