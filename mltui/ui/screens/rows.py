"""The form's rows: going from one to the next, the lists they open, and choosing files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.data.catalogue import CATALOGUE
from mltui.data.pipeline import SCALES
from mltui.models.catalogue import CARDS
from mltui.ui.fields import OWN
from mltui.ui.messages import ListWanted, RowLeft
from mltui.ui.screens.choose import Choice, ChooseOne, ChooseSeveral
from mltui.ui.screens.describing import Describing
from mltui.ui.screens.pick import PickFiles
from mltui.ui.widgets.field_row import FieldRow
from mltui.ui.widgets.tabs import SETUP

_SEVERAL = ("data.features", "data.exclude", "data.spectators")


class Rows(Describing):
    """What a row asks for."""

    # Going through them

    def on_row_left(self, message: RowLeft) -> None:
        """Go to the neighbouring row, or out of the form at its end."""
        if message.direction <= 0:
            self.set_focus(None)
        elif self.mode == "tabs":
            self.set_focus(next(iter(self.setup.rows), None))
        else:
            self.focus_next("Pane")

    def action_next_row(self) -> None:
        """Into the form at its first row; on to the next where a key came faster than the focus."""
        if SETUP not in self.in_sight or not self.setup.rows:
            return
        rows = self.setup.rows
        here = rows.index(self.focused) if isinstance(self.focused, FieldRow) and self.focused in rows else -1
        self.set_focus(rows[min(here + 1, len(rows) - 1)])

    def on_list_wanted(self, message: ListWanted) -> None:
        """Open what a row can be set to."""
        key = message.key
        row = self.sheet.field(key)
        if row is None:
            return
        if key == "data.files":
            self.app.push_screen(PickFiles(self.session, self._folder_of_files()), self._picked)
            return
        choices = self._choices(key)
        chosen = self.sheet.value(key)
        if key in _SEVERAL or (row.declared.kind == "columns" and isinstance(chosen, tuple)):
            current = tuple(map(str, chosen)) if isinstance(chosen, tuple) else ()
            listed = {choice.value for choice in choices}
            others = tuple(name for name in current if name not in listed)  # globs and expressions stay

            def take(marked: tuple[str, ...] | None) -> None:
                self._chosen(key, None if marked is None else _as(row.declared, (*marked, *others)))

            self.app.push_screen(ChooseSeveral(row.label, [c for c in choices if c.value], current), take)
        else:
            guessed = (self.description or {}).get("target") if key == "data.target" else None
            several = chosen if isinstance(chosen, tuple) else (chosen,)
            current_one = str((several[0] if several else None) or guessed or "")
            self.app.push_screen(ChooseOne(row.label, choices, current_one), lambda v: self._chosen(key, v))

    def _folder_of_files(self) -> str:
        """Where to begin to look for files: where the last ones are, else where the experiment is."""
        files = self.sheet.value("data.files")
        first = str(files[0]) if isinstance(files, tuple) and files else ""
        local = first and "://" not in first
        folder = Path(self.session.folder, os.path.expanduser(first)).parent if local else None
        return os.path.abspath(folder or self.session.folder)

    def _picked(self, paths: tuple[str, ...] | None) -> None:
        """Take files, by their names where they lie beside the experiment, and show what is in them."""
        if not paths:
            return
        folder = self.session.folder
        names = tuple(str(Path(p).relative_to(folder)) if Path(p).is_relative_to(folder) else p for p in paths)
        before = self.sheet
        self._chosen("data.files", names)
        self._show_data = self.sheet is not before

    def _chosen(self, key: str, value: Value) -> None:
        if value is None:
            return
        self.edit(self.sheet.put(key, value if value != "" else None))
        if value == OWN and not self.sheet.has_files:  # the next key finds files
            self.setup.focus_row("data.files")

    def _choices(self, key: str) -> list[Choice]:
        if key == "data.dataset":
            known = [Choice(name, card.title, card.about) for name, card in CATALOGUE.items()]
            own = "Text tables, Parquet, ROOT, HDF5 or NumPy files: enter at files looks for them."
            return [Choice(OWN, "any table", own), *known]
        if key == "model.name":
            return [Choice(name, card.title, card.about, self._barred(name)) for name, card in CARDS.items()]
        row = self.sheet.field(key)
        if row is not None and row.declared.choices:
            words = SCALES if key == "preprocess.scale" else {}
            return [Choice(choice, words.get(choice, "")) for choice in row.declared.choices]
        found: Mapping[str, Any] = self.description or {}
        if key == "data.tree":
            return [Choice("", "the only one"), *(Choice(str(t)) for t in found.get("format", {}).get("tables", ()))]
        if key == "data.positive":
            return [Choice("", "the larger label"), *(Choice(str(c["label"])) for c in found.get("classes", ()))]
        columns = found.get("columns", ())
        if key == "data.features":
            columns = [column for column in columns if column.get("role") not in ("target", "weight")]
        none = [Choice("", "none")] if row is not None and row.declared.optional else []
        return none + [Choice(str(column["name"]), str(column.get("kind", ""))) for column in columns]

    def _barred(self, model: str) -> str:
        task, tasks = self.sheet.task or (self.description or {}).get("task"), CARDS[model].tasks
        if task and task not in tasks:
            return f"only for {' and '.join(tasks)}"
        if len((self.description or {}).get("classes", ())) > 2 and not CARDS[model].many_classes:
            return "for two classes only"
        return "" if CARDS[model].several or self.sheet.targets < 2 else "for one target only"


def _as(declared: Hyperparameter, marked: tuple[str, ...]) -> Value:
    """What is marked as a value of the setting; of one column its name, and "" for none."""
    return ("" if not marked else declared.check(marked)) if declared.kind == "columns" else marked
