"""Choosing files: a folder's entries, filtered by what is typed, listed by the worker and never by the lab."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mltui.core.errors import InputError
from mltui.plots.words import clean, size
from mltui.ui.screens.modal import Modal
from mltui.ui.session import Session
from mltui.ui.signs import said

AT_MOST = 500
TYPING_SECONDS = 0.15
_UP = ".."


class PickFiles(Modal[tuple[str, ...] | None]):
    """One folder at a time; hands back the paths of the files that are taken, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("left", "up", "The folder above", show=False, priority=True),
        Binding("right", "into", "Into the folder", show=False, priority=True),
        Binding("space", "mark", "Mark", show=False, priority=True),
    ]

    def __init__(self, session: Session, folder: str, title: str = "Files") -> None:
        super().__init__()
        self._title = title
        self._session = session
        self._folder = folder
        self._pattern = ""
        self._entries: Sequence[Mapping[str, Any]] = ()
        self._marked: dict[str, None] = {}
        self._come_from = ""

    def compose(self) -> ComposeResult:
        """Where one is, what is there, and what can be done."""
        with Vertical(classes="sheet tall") as box:
            box.border_title = self._title
            yield Static("", id="pick-folder", markup=False)
            yield OptionList(id="pick-entries", markup=False)
            yield Static("", id="pick-message", markup=False)
            yield Static("", id="pick-keys", classes="keys", markup=False)

    def on_mount(self) -> None:
        """List the folder."""
        self._tell()
        self.look()

    @work(exclusive=True, group="browse")
    async def look(self, after: float = 0.0) -> None:
        """Ask what is in the folder; what was there stays in sight until the answer comes."""
        await asyncio.sleep(after)
        self._say(f"looking into {clean(self._folder)}")
        try:
            found = await self._session.ask("browse", folder=self._folder, pattern=self._pattern, at_most=AT_MOST)
        except InputError as error:
            self._entries = ()
            self._fill()
            self._say(error.sentence)
            return
        self._folder = str(found["folder"])
        total = int(found["total"])
        together = ({"name": self._pattern, "all": total},) if "*" in self._pattern and total > 1 else ()
        self._entries = (*together, *found["entries"])
        self._fill()
        self._say(self._summary(total, len(found["entries"])))

    def _summary(self, total: int, shown: int) -> str:
        if not total:
            return f"nothing here is named like {clean(self._pattern)}" if self._pattern else "this folder is empty"
        if shown < total:
            return f"{shown:,} of {total:,} entries; type a part of a name, or run* to take all such"
        if self._marked:
            return f"{len(self._marked)} marked"
        return ""

    def _fill(self) -> None:
        options = self.query_one(OptionList)
        names = [_UP, *(str(entry["name"]) for entry in self._entries)]
        width = max(20, self.query_one(".sheet").size.width - 18)
        options.clear_options()
        options.add_option(Option(Text(f"  {_UP}  the folder above", "dim"), id=_UP))
        options.add_options([Option(self._line(entry, width)) for entry in self._entries])
        options.highlighted = names.index(self._come_from) if self._come_from in names else self._first()
        self._come_from = ""
        self._tell()

    def _first(self) -> int:
        """The line to begin at: the first folder or, without one, the first file that holds a table by its name."""
        lines = enumerate(self._entries, start=1)
        return next((line for line, entry in lines if _is_likely(entry)), min(len(self._entries), 1))

    def _line(self, entry: Mapping[str, Any], width: int) -> Text:
        name = clean(str(entry["name"]))
        folder = bool(entry.get("folder"))
        mark = self._said("▪ ") if self._path(entry) in self._marked else "  "
        shown = name if len(name) <= width else name[: width - 1] + self._said("…")
        line = Text(f"{mark}{shown}{'/' if folder else ''}", "bold" if folder else "", no_wrap=True)
        if folder:
            return line
        if entry.get("all"):
            return line.append(f"   all {entry['all']:,} of them", "dim")
        if not entry.get("readable", True):
            line.stylize("dim")
        line.append(" " * max(1, width + 3 - len(shown)))
        return line.append(size(entry.get("bytes") or 0), "dim")

    # What is under the cursor

    @property
    def _entry(self) -> Mapping[str, Any] | None:
        """None at the folder above."""
        here = self.query_one(OptionList).highlighted
        return self._entries[here - 1] if here and here <= len(self._entries) else None

    def _path(self, entry: Mapping[str, Any]) -> str:
        return os.path.join(self._folder, str(entry["name"]))

    def on_option_list_option_highlighted(self) -> None:
        """Other keys work at another entry."""
        self._tell()

    def _tell(self) -> None:
        filtered = f"   named like {clean(self._pattern)}" if self._pattern else ""
        self.query_one("#pick-folder", Static).update(Text(f"{clean(self._folder)}{filtered}", "dim"))
        entry = self._entry
        take = f"↵ take {len(self._marked)} marked" if self._marked else "↵ take"
        deed = "↵ open" if entry is None or entry.get("folder") else f"{take}   space mark"
        keys = f"{deed}   ← above   letters filter   esc back"
        self.query_one("#pick-keys", Static).update(self._said(keys))

    def _say(self, words: str) -> None:
        self.query_one("#pick-message", Static).update(Text(words, "dim"))

    def _said(self, words: str) -> str:
        return said(words, self.app.has_class("-ascii"))

    # Keys

    def on_key(self, event: events.Key) -> None:
        """A letter narrows the list down, backspace widens it."""
        if event.key == "backspace":
            self._filter(self._pattern[:-1])
        elif event.is_printable and event.character and event.character.strip():
            self._filter(self._pattern + event.character)
        else:
            return
        event.stop()

    def _filter(self, pattern: str) -> None:
        if pattern != self._pattern:
            self._pattern = pattern
            self._tell()
            self.look(TYPING_SECONDS)

    def action_back(self) -> None:
        """Drop the filter, or leave."""
        if self._pattern:
            self._filter("")
        else:
            self.dismiss(None)

    def action_up(self) -> None:
        """Go to the folder above."""
        above, self._come_from = os.path.split(self._folder.rstrip(os.sep))
        if above and above != self._folder:
            self._go(above)

    def action_into(self) -> None:
        """Go into the folder under the cursor."""
        entry = self._entry
        if entry is not None and entry.get("folder"):
            self._go(self._path(entry))

    def _go(self, folder: str) -> None:
        self._folder, self._pattern = folder, ""
        self._tell()
        self.look()

    def action_mark(self) -> None:
        """Mark a file, or take its mark away, and go on to the next."""
        entry = self._entry
        options = self.query_one(OptionList)
        here = options.highlighted
        if entry is None or entry.get("folder") or here is None:
            return
        path = self._path(entry)
        if path in self._marked:
            del self._marked[path]
        else:
            self._marked[path] = None
        options.replace_option_prompt_at_index(here, self._line(entry, max(20, options.size.width - 16)))
        options.action_cursor_down()
        self._say(f"{len(self._marked)} marked" if self._marked else "")
        self._tell()

    def on_option_list_option_selected(self) -> None:
        """Take the marked files, or the one under the cursor; open a folder."""
        entry = self._entry
        if entry is None:
            self.action_up()
        elif entry.get("folder"):
            self.action_into()
        else:
            self.dismiss(tuple(self._marked) or (self._path(entry),))


def _is_likely(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is a folder, or a file of rows; an experiment is none."""
    return bool(entry.get("readable", True)) and not str(entry["name"]).lower().endswith(".toml")
