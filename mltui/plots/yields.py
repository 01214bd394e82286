"""The yields: how many events each process stands for, and how many of them lie above the threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from mltui.evaluation.significance import FORMULAS, Formula, significance
from mltui.plots import words
from mltui.plots.cuts import SIGNS
from mltui.plots.grid import Grid, cells, message
from mltui.plots.look import CLASSES, Look
from mltui.plots.sentences import Fact, flowing, wrapped
from mltui.plots.table import Column, put_table

_NOTED = 6
"""The scales of so many processes are named one by one."""


def yields(
    found: Mapping[str, Any],
    width: int,
    height: int,
    look: Look,
    *,
    classes: Sequence[str] = (),
    part: str = "validation",
    note: str = "",
    luminosity: float | None = None,
    uncertainty: float = 0.0,
) -> list[Text]:
    """Draw the yields, a row a process, under them what signal and background come to, and whence the numbers are.

    Args:
        found: as `evaluation.yields` documents them.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        classes: the labels, in whose colours the processes are.
        part: whose rows tell how many events are selected.
        note: what else there is to know of these rows.
        luminosity: in 1/fb, where the weights are expected events.
        uncertainty: of the background, relative; the significance counts it.
    """
    processes = list(found.get("processes") or ())
    if not processes:
        return message("no yields: the data have no classes", width, height, look)
    grid = Grid(width, height, look)
    below = _sums(found, width, look, uncertainty) if height > 3 else []
    notes = _notes(processes, width, look, part, note, luminosity, uncertainty)
    room = max(1, height - 1 - len(below))
    shown = len(processes) if len(processes) <= room else max(room - 1, 0)
    row = put_table(grid, _columns(processes, classes, found.get("threshold"), look), rows=shown)
    if shown < len(processes):
        grid.put(row, 0, f"{len(processes) - shown} more in a taller pane", "dim")
        row += 1
    gap = int(height - row - len(below) - len(notes) >= 2)
    row += gap
    rows = grid.rows()
    for line in (*below, *[Text("")] * gap, *notes):
        if row < height:
            rows[row] = _padded(line, width)
            row += 1
    return rows


def _padded(line: Text, width: int) -> Text:
    line.pad_right(max(0, width - line.cell_len))
    line.end = ""
    return line


def _columns(
    processes: Sequence[Mapping[str, Any]], classes: Sequence[str], threshold: Any, look: Look
) -> list[Column]:
    names = [words.clean(one.get("name") or "all", ascii=look.ascii, limit=60) for one in processes]
    labels = [words.clean(one.get("label") or "", ascii=look.ascii, limit=40) for one in processes]
    own = {label: f"class{code % CLASSES}" for code, label in enumerate(classes)}
    roles = tuple(own.get(str(one.get("label")), "label") for one in processes)
    columns = [Column("process", tuple(names), roles=roles, left=True)]
    if names != labels and any(labels):
        columns.append(Column("class", tuple(labels), keep=3, left=True))
    columns += [
        Column("rows", tuple(_count(one.get("rows")) for one in processes), keep=4),
        Column(
            "effective",
            tuple(words.amount(one.get("effective"), ascii=look.ascii) for one in processes),
            keep=1,
            short="eff.",
        ),
        Column("all events", _measured(processes, "expected", "error", look), keep=6),
    ]
    if any(one.get("selected") is not None for one in processes):
        above = "above" if threshold is None else f"above {threshold:.2f}"
        kept = tuple(_kept(one, look) for one in processes)
        columns += [
            Column("rows above", tuple(_count(one.get("selected_rows")) for one in processes), keep=0),
            Column(above, _measured(processes, "selected", "selected_error", look), "strong", keep=9),
            Column("kept", kept, keep=5),
        ]
    return columns


def _measured(processes: Sequence[Mapping[str, Any]], value: str, error: str, look: Look) -> tuple[str, ...]:
    """Values with their errors, the signs between them under each other."""
    pairs = [words.measured(one.get(value), one.get(error), ascii=look.ascii) for one in processes]
    left, right = (max(cells(pair[side]) for pair in pairs) for side in (0, 1))
    if not right:
        return tuple(value for value, _ in pairs)
    sign = look.sign("±", "+-")
    blank = " " * (right + len(sign) + 2)
    return tuple(
        f"{value:>{left}} {sign} {error:>{right}}" if error else f"{value:>{left}}{blank}" for value, error in pairs
    )


def _kept(one: Mapping[str, Any], look: Look) -> str:
    """The share of the process that lies above the threshold."""
    selected, expected = one.get("selected"), one.get("expected")
    share = None
    if isinstance(selected, int | float) and isinstance(expected, int | float) and expected != 0:
        share = selected / expected
    return words.percent(share if share is not None and 0 <= share <= 1 else None, ascii=look.ascii)


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else ""


def _sums(found: Mapping[str, Any], width: int, look: Look, uncertainty: float) -> list[Text]:
    """What is above the threshold, of the signal and of the background, and how it stands out."""
    if found.get("signal") is None:
        return []
    signal, background = (_with_error(found, side, look) for side in ("signal", "background"))
    whole = found.get("no_cut") or {}
    facts: list[Fact] = [("signal S", signal, "strong"), ("background B", background, "strong")]
    names = {formula: look.sign(*SIGNS[formula]) for formula in FORMULAS}
    facts += [(name, _significance(found, of, uncertainty, look), "strong") for of, name in names.items()]
    facts += [(f"{names[of]} with no cut", _significance(whole, of, uncertainty, look), "") for of in FORMULAS[:2]]
    return flowing(facts, width, look)


def _significance(found: Mapping[str, Any], formula: Formula, uncertainty: float, look: Look) -> str:
    sums = [found.get(side) for side in ("signal", "background")]
    known = [float(value) for value in sums if isinstance(value, int | float)]
    value = float(significance(known[0], known[1], formula, uncertainty)) if len(known) == 2 else None
    return words.number(value, ascii=look.ascii)


def _with_error(found: Mapping[str, Any], side: str, look: Look) -> str:
    value, error = words.measured(found.get(side), found.get(f"{side}_error"), ascii=look.ascii)
    return f"{value} {look.sign('±', '+-')} {error}" if error else value


def _notes(
    processes: Sequence[Mapping[str, Any]],
    width: int,
    look: Look,
    part: str,
    note: str,
    luminosity: float | None,
    uncertainty: float,
) -> list[Text]:
    """Which rows these are, how they are scaled, and what an event is here."""
    lines = [f"{part}, {_scaling(processes, look)}"]
    if note:
        lines.append(note)
    if uncertainty:
        lines.append(f"Z_A counts an uncertainty of the background of {words.percent(uncertainty)}")
    if luminosity is not None:
        lines.append(f"events expected at {words.number(luminosity)} {look.sign('fb⁻¹', '/fb')}")
    lost = [words.clean(one.get("name") or "", ascii=look.ascii) for one in processes if _silent(one)]
    if lost:
        lines.append(f"the {part} rows say nothing of {', '.join(lost)}: no rows, or weights that cancel")
    return [row for line in lines for row in wrapped(line, width, look, role="dim")]


def _silent(one: Mapping[str, Any]) -> bool:
    return one.get("scale") is None and bool(one.get("expected") or one.get("rows"))


def _scaling(processes: Sequence[Mapping[str, Any]], look: Look) -> str:
    """``each process scaled to all rows: ttbar ×5.0, H125 ×4.9``."""
    times = look.sign("×", "x")
    scales = [(one, one["scale"]) for one in processes if isinstance(one.get("scale"), int | float)]
    if not scales:
        return "not scaled"
    said = [words.fixed(scale, 2) if scale < 100 else words.number(scale) for _, scale in scales]
    if len(set(said)) == 1:
        return "all of the rows" if scales[0][1] == 1 else f"each process scaled to all rows: {times}{said[0]}"
    if len(scales) > _NOTED:
        numbers = [scale for _, scale in scales]
        ends = words.number(min(numbers)), words.number(max(numbers))
        return f"each process scaled to all rows: by {ends[0]} to {ends[1]}"
    names = (words.clean(one.get("name") or "all", ascii=look.ascii, limit=24) for one, _ in scales)
    return "each process scaled to all rows: " + ", ".join(
        f"{name} {times}{scale}" for name, scale in zip(names, said, strict=True)
    )
