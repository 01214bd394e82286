"""The data in full: what they are, every column with its range, the classes, and what is odd about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from mltui.plots.words import clean, count, number, size
from mltui.ui.signs import said


class DataScreen(ModalScreen[None]):
    """One scroll through a dataset's description."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,d,q,enter", "dismiss", "Back", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, description: Mapping[str, Any]) -> None:
        super().__init__()
        self._description = description

    def compose(self) -> ComposeResult:
        """The words, then the table of columns."""
        with Vertical(classes="sheet tall wide") as box:
            title = self._description.get("title") or self._description.get("name") or "Data"
            box.border_title = Content(clean(title))
            with VerticalScroll(id="data-scroll", can_focus=False):
                yield Static(Text("\n").join(words(self._description)))
                yield Static(Text("\n").join(columns(self._description)), id="data-columns")
            yield Static(said("↑↓ scroll   esc back", self.app.has_class("-ascii")), classes="keys", markup=False)

    def action_scroll(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.query_one("#data-scroll", VerticalScroll).scroll_relative(y=lines, animate=False)


def words(description: Mapping[str, Any]) -> Iterator[Text]:
    """About, source, files, rows, classes and problems, a line each."""
    for name in ("about", "source"):
        if description.get(name):
            yield Text(clean(description[name]), "" if name == "about" else "dim")
    for file in description.get("files", ()):
        yield Text(f"{clean(file['path'])}  {size(file.get('bytes') or 0)}", "dim")
    yield Text("")
    features = count(len(description.get("features", ())), "feature")
    yield Text(f"{count(description.get('rows', 0), 'row')}, {features}, {description.get('task') or 'no target yet'}")
    for entry in description.get("classes", ()):
        weight = f"   weight {number(entry['weight'])}" if description.get("weight") else ""
        yield Text(f"  {clean(entry['label'])}   {count(entry['rows'], 'row')}{weight}")
    for problem in description.get("problems", ()):
        yield Text(clean(problem), "yellow")
    yield Text("")


def columns(description: Mapping[str, Any]) -> Iterator[Text]:
    """The columns as a table: role, kind, range, mean, spread, missing."""
    rows = [_row(column) for column in description.get("columns", ())]
    if not rows:
        return
    head = ("column", "role", "kind", "low", "high", "mean", "spread", "missing")
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    yield Text(_aligned(head, widths), "dim", no_wrap=True)
    for row in rows:
        yield Text(_aligned(row, widths), no_wrap=True)


def _row(column: Mapping[str, Any]) -> tuple[str, ...]:
    name = clean(column["name"]) + (f" [{clean(column['unit'])}]" if column.get("unit") else "")
    numbers = tuple(
        number(column.get(key)) if column.get(key) is not None else "" for key in ("low", "high", "mean", "std")
    )
    categories = column.get("categories") or ()
    if categories:
        numbers = (clean(f"{len(categories)} values"), "", "", "")
    missing = column.get("missing") or 0
    return (
        name[:28],
        str(column.get("role", "")),
        str(column.get("kind", "")),
        *numbers,
        f"{missing:,}" if missing else "",
    )


def _aligned(cells: tuple[str, ...], widths: list[int]) -> str:
    left = "  ".join(f"{cell:<{width}}" for cell, width in zip(cells[:3], widths[:3], strict=True))
    right = "  ".join(f"{cell:>{width}}" for cell, width in zip(cells[3:], widths[3:], strict=True))
    return f"{left}  {right}"
