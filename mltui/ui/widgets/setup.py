"""The setup: data pane, model's form and the line that teaches, from the declarations to the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.events import DescendantBlur, DescendantFocus
from textual.reactive import reactive
from textual.widgets import Static

from mltui.core.errors import InputError
from mltui.models.catalogue import CARDS
from mltui.plots.look import Look
from mltui.plots.words import clean
from mltui.ui.sheet import Sheet
from mltui.ui.signs import said
from mltui.ui.widgets.data_pane import DataPane
from mltui.ui.widgets.field_row import FieldRow
from mltui.ui.widgets.row_list import RowList

SIGHT_SECONDS, SIGHT_TRIES = 0.05, 8
_HINT = "Arrows walk through the settings and change them; r runs."


class FormPane(Vertical):
    """The model with its settings, and at the bottom what the row in focus is about."""

    def compose(self) -> ComposeResult:
        """The rows and the teaching line."""
        yield RowList(id="form-rows")
        yield Static(_HINT, id="teaching", markup=False)


class Setup(Container):
    """Everything that makes the experiment.

    Attributes:
        sheet: what the form holds.
        experts: whether the expert rows are shown.
        description, trouble: of the data, see `Facts`.
        look: characters and colours.
    """

    DEFAULT_CSS = """
    Setup { layout: vertical; }
    Setup > * { border: round $foreground 30%; border-title-color: $foreground; }
    Setup > .-active { border: round $accent; border-title-color: $accent; }
    Setup.-wide { layout: horizontal; }
    Setup.-wide > DataPane { width: 45%; height: 1fr; }
    Setup > DataPane { height: 1fr; }
    Setup > FormPane { height: auto; max-height: 62%; }
    Setup.-wide > FormPane { width: 1fr; height: 1fr; max-height: 100%; }
    Setup > .-active > RowList { padding-bottom: 0; }
    FormPane > RowList { height: auto; max-height: 100%; }
    Setup.-wide > FormPane > RowList { height: 1fr; }
    FormPane > #teaching.-bad { color: $error; }
    FormPane > #teaching { dock: bottom; height: 2; padding: 0 1; color: $foreground 75%; }
    """

    sheet: reactive[Sheet | None] = reactive(None, init=False, repaint=False)
    experts: reactive[bool] = reactive(False, init=False, repaint=False)
    description: reactive[Mapping[str, Any] | None] = reactive(None, init=False, repaint=False)
    trouble: reactive[InputError | None] = reactive(None, init=False, repaint=False)
    look: reactive[Look] = reactive(Look, init=False)
    _wanted = ""

    def compose(self) -> ComposeResult:
        """Data on one side, model on the other; under each other where it is narrow."""
        yield DataPane().data_bind(Setup.description, Setup.trouble, Setup.look)
        yield FormPane()

    async def on_mount(self) -> None:
        """Fill the form before it is first seen."""
        await self.refill()

    @on(DescendantFocus)
    @on(DescendantBlur)
    def _mark(self) -> None:
        """Mark the pane with the focus; :focus-within would restyle every row of it at every step from row to row."""
        focused = self.screen.focused
        for pane in self.children:
            pane.set_class(focused is not None and pane in focused.ancestors, "-active")

    async def watch_sheet(self) -> None:
        """Show what the form holds."""
        await self.refill()

    async def watch_experts(self) -> None:
        """Show or hide the expert rows."""
        await self.refill()

    async def watch_description(self) -> None:
        """The columns are known now: their rows can list them."""
        await self.refill()

    async def watch_trouble(self) -> None:
        """What is wrong with the data stands at its row."""
        await self.refill()

    async def refill(self) -> None:
        """Bring every row to what the sheet says."""
        sheet = self.sheet
        if sheet is None or not self.is_mounted:
            return
        fields = [f for f in sheet.fields if self.experts or not f.expert]
        listed = bool(self.description and self.description.get("columns"))
        await self.query_one("#data-rows", RowList).show([f for f in fields if f.section == "data"], sheet, listed)
        await self.query_one("#form-rows", RowList).show([f for f in fields if f.section != "data"], sheet, listed)
        row = self.row(self.trouble.key) if self.trouble is not None and self.trouble.key else None
        if row is not None and self.trouble is not None:
            row.error = row.error or self.trouble.sentence
        if self._wanted:
            self.focus_row(self._wanted)
        focused = self.screen.focused
        self.teach(focused if isinstance(focused, FieldRow) else None)
        card = CARDS.get(sheet.model)
        self.query_one(FormPane).border_title = f"Model  {card.title}" if card else "Model"

    def teach(self, row: FieldRow | None) -> None:
        """Show what the row in focus does, or in full what is wrong with it; without a row, how to begin."""
        words = _HINT if row is None else clean(row.error) or row.declared.help
        teaching = self.query_one("#teaching", Static)
        teaching.set_class(row is not None and bool(row.error), "-bad")
        teaching.update(Text(said(words, self.look.ascii)), layout=False)  # its two lines are there anyhow

    @property
    def rows(self) -> list[FieldRow]:
        """Every row in the order of sight."""
        return list(self.query(FieldRow))

    def focus_row(self, key: str) -> None:
        """Focus the row that writes a key, or as soon as it is shown."""
        row = self.row(key)
        self._wanted = key if row is None else ""
        if row is not None:
            self.screen.set_focus(row)
            self._bring_into_sight(row, SIGHT_TRIES)

    def _bring_into_sight(self, row: FieldRow, tries: int) -> None:
        """Scroll to a row with the focus, again while rows that just came move it."""
        rows = row.parent
        if not tries or self.screen.focused is not row or not isinstance(rows, RowList):
            return
        row.scroll_visible(animate=False)
        self.set_timer(SIGHT_SECONDS, lambda: self._bring_into_sight(row, tries - 1))

    def row(self, key: str) -> FieldRow | None:
        """The row that writes a key, if it is shown."""
        return next((row for row in self.rows if row.field.key == key), None)
