"""Rows of the form under each other, kept while what they stand for stays, so that focus and place stay too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from mltui.ui.fields import Field
from mltui.ui.sheet import Sheet
from mltui.ui.widgets.field_row import FieldRow

_HEADINGS = {"training": "Training", "split": "Split", "preprocess": "Preprocessing", "experiment": "Experiment"}
_LISTED = frozenset({
    "data.target", "data.weight", "data.training_weight", "data.features", "data.exclude", "data.positive",
    "data.spectators", "data.process", "data.tree", "split.column",
})  # fmt: skip
_ALWAYS_LISTED = frozenset({"data.files"})
"""Rows whose list needs no description of the data."""
_EMPTY = {
    "data.files": "↵ looks for files",
    "data.samples": "label = file, label = file:tree",
    "data.tree": "the only one",
    "data.cut": "every row",
    "data.missing": "none but the usual signs",
    "data.kinds": "as guessed",
    "data.titles": "as in the file",
    "data.header": "as guessed",
    "data.columns": "as in the file",
    "data.separator": "as guessed",
    "data.decimal": "as guessed",
    "data.encoding": "as guessed",
    "data.skip": "as guessed",
    "data.target": "choose",
    "data.features": "every usable column",
    "data.weight": "none",
    "data.exclude": "nothing",
    "data.spectators": "none",
    "data.process": "none",
    "data.rows": "all",
    "data.positive": "the larger label",
    "data.task": "from the target",
    "data.training_weight": "the weight",
    "data.luminosity": "1, where samples have cross-sections",
    "data.variations": "none",
    "split.test_files": "a share of the rows",
    "split.folds": "one model",
    "seeds": "one model",
    "split.fold_by": "by chance",
    "model.hidden_layers": "none: one layer alone",
    "training.threads": "the machine's share",
}


class RowList(VerticalScroll, can_focus=False):
    """The rows of some sections, with a heading over every section that is not the first."""

    DEFAULT_CSS = """
    RowList { height: auto; scrollbar-size-vertical: 1; padding-bottom: 1; }
    RowList > .heading { color: $foreground 60%; height: 1; }
    """

    async def show(self, fields: Sequence[Field], sheet: Sheet, listed: bool) -> None:
        """Show these fields with the sheet's texts and errors; `listed` says that the columns are known."""
        wanted = list(self._wanted(fields, listed))
        ids = [widget.id for widget in wanted]
        if not self.is_attached:
            return
        with self.app.batch_update():
            await self._arrange(wanted, ids)
            by_key = {field.key: field for field in fields}
            for row in self.query(FieldRow):
                row.field = by_key[row.field.key]
                row.listed = row.field.key in _ALWAYS_LISTED or (row.field.key in _LISTED and listed)
                row.value, row.error = sheet.text(row.field.key), sheet.error(row.field.key)

    async def _arrange(self, wanted: list[Widget], ids: Sequence[str | None]) -> None:
        there = {child.id: child for child in self.children}
        if list(there) == list(ids):
            return
        for id, child in there.items():
            if id not in ids:
                await child.remove()
        there = {child.id: child for child in self.children}
        before: Widget | None = None
        for widget in wanted:
            if widget.id in there:
                before = there[widget.id]
                continue
            if not self.is_attached:  # the lab was left meanwhile
                return
            await self.mount(widget, **({"after": before} if before else {"before": 0} if self.children else {}))
            before = widget
        if [child.id for child in self.children] != list(ids):
            self.sort_children(key=lambda child: ids.index(child.id))

    def _wanted(self, fields: Iterable[Field], listed: bool) -> Iterable[Widget]:
        section = ""
        for field in fields:
            if field.section != section and field.section in _HEADINGS:
                yield Static(
                    f" {_HEADINGS[field.section]}", id=f"heading-{field.section}", classes="heading", markup=False
                )
            section = field.section
            empty = _EMPTY.get(field.key, "none" if field.declared.optional else "")
            picks = field.key in _LISTED
            yield FieldRow(field, listed=field.key in _ALWAYS_LISTED or (listed and picks), picks=picks, empty=empty)
