"""The palette: every command by its name, and every dataset, model, view and theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from mltui.data.catalogue import CATALOGUE
from mltui.models.catalogue import CARDS
from mltui.ui.commands import COMMANDS
from mltui.ui.keymap import shown
from mltui.ui.screens.lab import Lab
from mltui.ui.screens.viewing import BY_NAME

Entry = tuple[str, str, Callable[[], Any]]


class LabCommands(Provider):
    """What the palette offers on the lab's screen."""

    def _entries(self) -> Iterator[Entry]:
        if isinstance(self.screen, Lab):
            yield from self._commands(self.screen)
            yield from self._contents(self.screen)
        for theme in ("mltui-dark", "mltui-light", "ansi-dark", "ansi-light"):
            yield (
                f"theme: {theme}",
                "Colours for this session; theme in config.toml keeps them.",
                partial(self._theme, theme),
            )
        keymap = self.screen.now.keymap if isinstance(self.screen, Lab) else {}
        yield f"quit  ({shown('quit', keymap)})", "Leave; what trains goes on.", partial(self.app.run_action, "quit")

    @staticmethod
    def _commands(lab: Lab) -> Iterator[Entry]:
        """What can be done now, and the views."""
        for command in COMMANDS:
            if command.when(lab.now):
                key = shown(command.action, lab.now.keymap)
                key = f"  ({key})" if key else ""
                title = command.title or command.words(lab.now)
                yield f"{title}{key}", command.help, partial(lab.run_action, command.action)
        for name in lab.places:
            title = BY_NAME[name].title if name in BY_NAME else "Setup"
            yield f"view: {title}", "Bring it to the front.", partial(lab.bring, name)

    def _contents(self, lab: Lab) -> Iterator[Entry]:
        """What the form can hold, and its rows."""
        for name, dataset in CATALOGUE.items():
            yield f"dataset: {name}", dataset.title, partial(self._put, lab, "data.dataset", name)
        for name in lab.sheet.models():
            yield f"model: {name}", CARDS[name].title, partial(self._put, lab, "model.name", name)
        for row in lab.sheet.fields:
            yield f"setting: {row.label}", row.declared.help, partial(lab.go_to_row, row.key)

    @staticmethod
    def _put(lab: Lab, key: str, value: str) -> None:
        lab.edit(lab.sheet.put(key, value))

    def _theme(self, name: str) -> None:
        self.app.theme = name

    async def discover(self) -> Hits:
        """Everything, before a letter is typed."""
        for title, help, act in self._entries():
            yield DiscoveryHit(title, act, help=help)

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for title, help, act in self._entries():
            score = matcher.match(title)  # a sentence holds the letters of nearly anything: there, whole words count
            if not score and query.lower() in help.lower():
                score = 0.2
            if score > 0:
                yield Hit(score, matcher.highlight(title), act, help=help)
