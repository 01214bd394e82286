"""The inputs: what is done to the variables on their way into the model, and each of them before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from mltui.plots import words
from mltui.plots.bars import blocks
from mltui.plots.grid import Grid, cells, message
from mltui.plots.look import Look, Role
from mltui.plots.table import Column, put_table

_BLOCKS, _FEW_BLOCKS = 12, 8
"""The cells of a histogram, and those where there is little room."""
_NARROW = 60
_NAMED = 2
"""So many labels of a category are named."""
_HEADS = 1
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class _Row:
    """One line of the table: a variable, or an output of one."""

    name: str = ""
    kind: str = ""
    span: str = ""
    mean: str = ""
    missing: str = ""
    before: str = ""
    arrow: str = ""
    into: str = ""
    after: str = ""
    reach: str = ""
    role: Role = "label"


def inputs(found: Mapping[str, Any], width: int, height: int, look: Look, *, first: int = 0) -> list[Text]:
    """Draw the steps in a line, then a row for each variable: what it is, before, and what reaches the model.

    A variable that becomes one input has it in its own row; one that becomes several, as a category does, has a row
    for each under it; inputs that are made of several variables, as by a rotation, stand after all variables.

    Args:
        found: as `data.pipeline` says: rows, steps, variables, outputs, left_out.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        first: how many rows of the table are scrolled past.
    """
    rows = _rows(found, width, look)
    if not rows:
        return message("no variables yet", width, height, look)
    grid = Grid(width, height, look)
    steps = _steps(found, width, look)[: max(1, height - 3)]
    room = _room(found, rows, height - len(steps) - _HEADS)
    row = put_table(grid, _columns(rows, look), top=len(steps), first=first, rows=room)
    drawn = grid.rows()
    for place, line in enumerate(steps[:height]):
        drawn[place] = _padded(line, width)
    note = _note(found, len(rows) - first - room, look)
    if note and row < height:
        drawn[row] = _padded(Text(note[:width], look.style("dim")), width)
    return drawn


def hidden(found: Mapping[str, Any], width: int, height: int, look: Look) -> int:
    """How many rows of the table do not fit, which is how far it can be scrolled."""
    rows = _rows(found, width, look)
    steps = min(len(_steps(found, width, look)), max(1, height - 3))
    return max(0, len(rows) - _room(found, rows, height - steps - _HEADS))


def _room(found: Mapping[str, Any], rows: Sequence[_Row], height: int) -> int:
    """How many rows of the table are seen; the line under them says what is not."""
    noted = len(rows) > height or _left_out(found) > 0
    return max(0, height - noted)


def _left_out(found: Mapping[str, Any]) -> int:
    return _number(found.get("left_out")) + _number(found.get("outputs_left_out"))


def _padded(line: Text, width: int) -> Text:
    line.pad_right(max(0, width - line.cell_len))
    line.end = ""
    return line


def _note(found: Mapping[str, Any], left: int, look: Look) -> str:
    """What is not in sight."""
    more = [f"{left:,} more {look.sign('↓', 'down')}"] if left > 0 else []
    for key, noun in (("left_out", "further variable"), ("outputs_left_out", "further input")):
        if _number(found.get(key)):
            more.append(f"{words.count(_number(found.get(key)), noun)} not listed")
    return "   ".join(more)


# The line of steps


def _steps(found: Mapping[str, Any], width: int, look: Look) -> list[Text]:
    """``9 variables → impute → standard: mean 0, spread 1 → 9 inputs`` in as many lines as it takes."""
    arrow = look.sign("→", "->")
    pieces = list(_pieces(found, look))
    lines = [Text(end="")]
    for number, (head, about, role) in enumerate(pieces):
        piece = Text(f"{arrow} " if number else "", look.style("dim"), end="")
        piece.append(head, look.style(role))
        if piece.cell_len + 1 + cells(about) <= width:
            piece.append(f" {about}" if about else "", look.style("dim"))
        piece.truncate(max(width, 0))
        gap = int(bool(lines[-1].cell_len))
        if gap and lines[-1].cell_len + gap + piece.cell_len > width:
            lines.append(piece)
        else:
            lines[-1].append(" " * gap).append_text(piece)
    return lines


def _pieces(found: Mapping[str, Any], look: Look) -> Iterator[tuple[str, str, Role]]:
    count = len(_entries(found, "variables")) + _number(found.get("left_out"))
    yield words.count(count, "variable"), "", "strong"
    for step in _entries(found, "steps"):
        name = words.clean(step.get("name") or "", ascii=look.ascii, limit=40)
        about = words.clean(step.get("words") or "", ascii=look.ascii, limit=80)
        yield name, f"({about})" if about else "", "accent"
    made = next((step["inputs"] for step in reversed(_entries(found, "steps")) if step.get("inputs")), None)
    made = made if isinstance(made, int) else len(_entries(found, "outputs"))
    yield words.count(made, "input"), "", "strong"


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _entries(found: Mapping[str, Any], key: str) -> list[Entry]:
    return [entry for entry in found.get(key) or () if isinstance(entry, Mapping)]


# The table


def _rows(found: Mapping[str, Any], width: int, look: Look) -> list[_Row]:
    outputs = {str(output.get("name")): output for output in _entries(found, "outputs")}
    variables = _entries(found, "variables")
    feeds: dict[str, int] = {}
    for variable in variables:
        for name in variable.get("outputs") or ():
            feeds[str(name)] = feeds.get(str(name), 0) + 1
    mixed = {name for name, count in feeds.items() if count > 1}
    bins = _BLOCKS if width >= _NARROW else _FEW_BLOCKS
    rows = [row for variable in variables for row in _variable(variable, outputs, mixed, bins, look)]
    named = set(feeds) - mixed
    rest = [output for name, output in outputs.items() if name not in named]
    if rest:
        rows.append(_Row(name="combined" if mixed else "others", role="dim"))
        rows += [_output(output, bins, look) for output in rest]
    return rows


def _variable(variable: Entry, outputs: Mapping[str, Entry], mixed: set[str], bins: int, look: Look) -> Iterator[_Row]:
    names = [str(name) for name in variable.get("outputs") or ()]
    more = _number(variable.get("more"))
    own = [outputs[name] for name in names if name in outputs and name not in mixed]
    row = _before(variable, bins, look)
    arrow = look.sign("→", ">")
    if len(names) + more == 0:
        yield _with(row, arrow, "left out")
    elif mixed.intersection(names):
        yield row
    elif len(own) == 1 and len(names) + more == 1:
        yield _with(row, arrow, **_after(own[0], bins, look))
    else:
        yield _with(row, arrow, words.count(len(names) + more, "input"))
        yield from (_output(output, bins, look) for output in own)
        more += len(names) - len(own)
        if more:
            yield _Row(name=f"  and {more:,} more", role="dim")


def _with(row: _Row, arrow: str, into: str = "", after: str = "", reach: str = "") -> _Row:
    return _Row(
        row.name, row.kind, row.span, row.mean, row.missing, row.before, arrow, into, after, reach, row.role
    )  # fmt: skip


def _before(variable: Entry, bins: int, look: Look) -> _Row:
    lost = _number(variable.get("missing"))
    return _Row(
        name=words.clean(variable.get("label") or variable.get("name") or "", ascii=look.ascii, limit=80),
        kind=words.clean(variable.get("kind") or "", ascii=look.ascii, limit=20),
        span=_span(variable, look),
        mean=_mean(variable, look),
        missing=f"{lost:,}" if lost else "",
        before=blocks(_counts(variable), bins, look),
    )


def _after(output: Entry, bins: int, look: Look) -> dict[str, str]:
    return {
        "into": _mean(output, look),
        "after": blocks(_counts(output), bins, look),
        "reach": _span(output, look),
    }


def _output(output: Entry, bins: int, look: Look) -> _Row:
    name = words.clean(output.get("name") or "", ascii=look.ascii, limit=80)
    return _with(_Row(name=f"  {name}", role="dim"), look.sign("→", ">"), **_after(output, bins, look))


def _counts(entry: Entry) -> list[float]:
    return [float(count) for count in entry.get("counts") or () if isinstance(count, int | float)]


def _mean(entry: Entry, look: Look) -> str:
    mean, deviation = entry.get("mean"), entry.get("deviation")
    if not isinstance(mean, int | float):
        return ""
    spread = words.number(float(f"{deviation:.2g}"), 2, ascii=look.ascii) if _known(deviation) else ""
    shown = words.number(_still(mean, deviation), ascii=look.ascii)
    return f"{shown} {look.sign('±', '+-')} {spread}" if spread else shown


def _still(mean: float, deviation: Any) -> float:
    """The mean, or zero where it is none but for rounding."""
    return 0.0 if _known(deviation) and abs(mean) < 1e-4 * abs(deviation) else mean


def _known(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _span(entry: Entry, look: Look) -> str:
    labels = [words.clean(label, ascii=look.ascii, limit=12) for label in entry.get("labels") or ()]
    if labels:
        return ", ".join(labels[:_NAMED]) + (f" +{len(labels) - _NAMED}" if len(labels) > _NAMED else "")
    low, high = entry.get("low"), entry.get("high")
    if not _known(low) or not _known(high):
        return ""
    dots = look.sign("…", "..")
    return f"{words.number(low, ascii=look.ascii)} {dots} {words.number(high, ascii=look.ascii)}"


def _columns(rows: Sequence[_Row], look: Look) -> list[Column]:
    def column(title: str, key: str, keep: int, role: Role = "label", short: str = "", **more: Any) -> Column:
        return Column(title, tuple(getattr(row, key) for row in rows), role, keep=keep, short=short, **more)

    sign = look.sign("±", "+-")
    names = Column("variable", tuple(row.name for row in rows), roles=tuple(row.role for row in rows), left=True)
    columns = [
        names,
        column("kind", "kind", 3, "dim", left=True),
        column("range", "span", 1),
        column(f"mean {sign} deviation", "mean", 6, short=f"mean {sign}"),
        column("missing", "missing", 4, "bad", short="miss."),
        column("before", "before", 8, "train", left=True),
        column("", "arrow", 7, "accent"),
        column(f"mean {sign} deviation", "into", 5, short=f"mean {sign}"),
        column("range", "reach", 2),
        column("after", "after", 9, "validation", left=True),
    ]
    return [one for one in columns if one is names or any(cells(value) for value in one.values)]
