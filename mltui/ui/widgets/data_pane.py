"""The data pane: which data, their settings, what is in them, and a picture of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from mltui.core.errors import InputError
from mltui.plots.look import Look
from mltui.plots.words import clean, count, number
from mltui.ui.signs import said
from mltui.ui.widgets.row_list import RowList

_NARROW = 30
"""So many cells a line of the pane surely has."""
_FEW, _SOME, _ALL = 4, 7, 100
"""Lines for problems: where the data's picture shall keep some, where there is none, where there is room for all."""
_TALL = 40


class Facts(Widget):
    """Rows, features, classes and problems of the data, in a few lines.

    Attributes:
        description: what the data are, as `data.describe` tells it; None while that is not known, empty where there
            is nothing to describe.
        trouble: why they cannot be read, one sentence.
    """

    DEFAULT_CSS = """
    Facts { height: auto; padding: 0 1; }
    Facts > .facts--dim { color: $foreground 70%; }
    Facts > .facts--bad { color: $error; }
    Facts > .facts--warn { color: $warning; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"facts--dim", "facts--bad", "facts--warn"}

    description: reactive[Mapping[str, Any] | None] = reactive(None, layout=True)
    trouble: reactive[InputError | None] = reactive(None, layout=True)
    look: reactive[Look] = reactive(Look)

    def render(self) -> Text:
        """The lines."""
        if self.trouble is not None:
            return Text(said(f"▲ {clean(self.trouble.sentence)}", self.look.ascii), self._style("facts--bad"))
        if not self.description:
            waiting = "looking at the data" if self.description is None else "no file is named yet"
            return Text(waiting, self._style("facts--dim"))
        lines = [Text(line, self._style("facts--dim")) for line in summary(self.description)]
        for index, words in enumerate(classes(self.description)):
            mark = self.look.mark(index, len(self.description.get("classes", ())))
            line = Text(f"{mark} ", self.look.style(f"class{index}"))
            lines.append(line.append(words, self._style("facts--dim")))
        room = _ALL if self.app.size.height >= _TALL else _FEW if self.description.get("preview") else _SOME
        lines += [
            Text(said(f"▲ {problem}", self.look.ascii), self._style("facts--warn"))
            for problem in told(self.description.get("problems", ()), room)
        ]
        return Text("\n").join([Text(said(line.plain, True)) if self.look.ascii else line for line in lines])

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)


def summary(description: Mapping[str, Any]) -> list[str]:
    """``500 rows · 2 features``, and what is learnt of what."""
    features = len(description.get("features", ()))
    words = f"{count(description.get('rows', 0), 'row')} · {count(features, 'feature')}"
    target = description.get("target")
    task = description.get("task")
    of = "" if description.get("samples") else f" of {clean(target)}"  # samples are the classes: no column is
    return [words, f"{task}{of}" if task and target else "no target chosen"]


def classes(description: Mapping[str, Any], at_most: int = 3) -> list[str]:
    """The classes with their counts, and the sums of weights where there are any; many are cut short."""
    found = list(description.get("classes", ()))
    words = []
    for entry in found[:at_most]:
        weight = f", weight {number(entry['weight'])}" if description.get("weight") else ""
        words.append(f"{clean(entry['label'])}  {entry['rows']:,}{weight}")
    if len(found) > at_most:
        words[-1] += f"  and {len(found) - at_most} more"
    return words


def told(problems: Sequence[str], lines: int) -> list[str]:
    """As many problems as so many lines of a narrow pane hold, the first perhaps cut short; then where the rest is."""
    shown: list[str] = []
    for place, problem in enumerate(problems):
        left = len(problems) - place
        room = lines - (left > 1)
        sentence = clean(problem)
        needed = -(-len(sentence) // _NARROW)
        if needed > room and shown:
            return [*shown, f"{left} more: d, then 6"]
        shown.append(sentence if needed <= room else sentence[: _NARROW * room - 1].rstrip() + "…")
        lines -= min(needed, room)
    return shown


class Preview(Widget):
    """The data as points.

    Attributes:
        description: with the points to draw. look: characters and colours.
    """

    DEFAULT_CSS = "Preview { height: 1fr; min-height: 4; max-height: 18; margin: 0 1; }"

    description: reactive[Mapping[str, Any] | None] = reactive(None)
    look: reactive[Look] = reactive(Look)

    _strips: tuple[object, list[Strip]] = ((), [])

    def render_line(self, y: int) -> Strip:
        """One row of the picture, drawn again when data, size or look changed."""
        key = (id(self.description), self.size, self.look)
        if self._strips[0] != key:
            self._strips = (key, self._draw())
        style = self.visual_style.rich_style
        strips = self._strips[1]
        return strips[y].apply_style(style) if y < len(strips) else Strip.blank(self.size.width, style)

    def _draw(self) -> list[Strip]:
        width, height = self.size
        if self.description is None or not self.description.get("preview") or width < 8 or height < 3:
            return []
        from mltui.plots.preview import preview

        console = self.app.console
        return [
            Strip(row.render(console, end="")).adjust_cell_length(width)
            for row in preview(self.description, width, height, self.look)
        ]


class Columns(Widget):
    """Every column with its range, as far as there is room; the data screen has them all.

    Attributes:
        description: as `Facts`.
    """

    DEFAULT_CSS = """
    Columns { height: auto; max-height: 100%; margin: 1 1 0 1; }
    Columns > .columns--dim { color: $foreground 70%; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"columns--dim"}

    description: reactive[Mapping[str, Any] | None] = reactive(None, layout=True)

    def render(self) -> Text:
        """Name, what it is, lowest and highest."""
        found = (self.description or {}).get("columns", ())
        dim = self.get_component_rich_style("columns--dim")
        width = max((len(clean(column["name"])) for column in found), default=0)
        lines = []
        for column in found:
            line = Text(f"{clean(column['name'])[:20]:<{min(width, 20)}}", no_wrap=True)
            role = "" if column.get("role") == "feature" else f"  {column.get('role', '')}"
            lines.append(line.append(f"  {_range(column)}{role}", dim))
        return Text("\n").join(lines)


def _range(column: Mapping[str, Any]) -> str:
    if column.get("categories"):
        return ", ".join(clean(name) for name in column["categories"][:4])
    if column.get("low") is None:
        return str(column.get("kind", ""))
    return f"{number(column['low'])} to {number(column['high'])}"


class DataPane(Vertical):
    """The pane: rows of the form, facts, picture.

    Attributes:
        description, trouble, look: as `Facts`.
    """

    DEFAULT_CSS = """
    DataPane > RowList { max-height: 60%; }
    DataPane > Columns { display: none; }
    """

    description: reactive[Mapping[str, Any] | None] = reactive(None, init=False, repaint=False)
    trouble: reactive[InputError | None] = reactive(None, init=False, repaint=False)
    look: reactive[Look] = reactive(Look, init=False)

    def compose(self) -> ComposeResult:
        """Rows, facts, picture."""
        yield RowList(id="data-rows")
        yield Facts().data_bind(DataPane.description, DataPane.trouble, DataPane.look)
        yield Preview().data_bind(DataPane.description, DataPane.look)
        yield Columns().data_bind(DataPane.description)

    def on_mount(self) -> None:
        """Name the pane."""
        self.watch_description()

    def watch_description(self) -> None:
        """Say the most important number in the border."""
        rows = self.description.get("rows") if self.description else None
        self.border_title = f"Data  {count(rows, 'row')}" if rows is not None else "Data"
