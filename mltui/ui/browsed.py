"""What of the data's columns is looked at: the list as filtered and ordered, the cursor, the pair plot's columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mltui.ui.choosing import KINDS

ORDERS = ("as in the file", "by separation", "by name", "by what is missing")
Column = Mapping[str, Any]
_FIRST_PAIRS, _MOST_PAIRS = 4, 12
_DRAWN = frozenset({"number", "category", "ordered", "date", "list", "image"})
"""The kinds that have a histogram."""


class Browsed:
    """The state of the browser, headless.

    Attributes:
        description: of the data. chosen: the name of the column under the cursor; empty without columns.
        wanted: what is typed to filter. order: the index of the list's order.
        paired: the columns the user put into the pair plot; empty: the best ones.
        log: whether histograms have a logarithmic axis. turn: by how many classes the matrices are turned.
        brief: whether the matrices are without numbers.
        first: by tab how many rows and columns are scrolled past.
    """

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.chosen = ""
        self.wanted = ""
        self.order = 0
        self.paired: tuple[str, ...] = ()
        self.log = False
        self.turn = 0
        self.brief = False
        self.first: dict[str, tuple[int, int]] = {}
        self._guessed: dict[str, str] = {}
        self._ranked: tuple[str, ...] = ()
        self.take(description)

    def take(self, description: Mapping[str, Any]) -> None:
        """Show another description; the cursor stays on its column where that is still there."""
        self.description = description
        self.columns: tuple[Column, ...] = tuple(description.get("columns") or ())
        self._by_name = {str(column.get("name")): column for column in self.columns}
        self.paired = tuple(name for name in self.paired if name in self._by_name)
        self._list()

    def guessed(self, name: str) -> str:
        """A column's kind as it was guessed, as far as it was seen before it was overruled."""
        return self._guessed.get(name, "")

    def note_guesses(self, overruled: Mapping[str, Any]) -> None:
        """Remember the kinds of the columns that are not overruled."""
        for name, column in self._by_name.items():
            if name not in overruled and column.get("kind") in KINDS:
                self._guessed[name] = str(column.get("kind"))

    # The list

    def _list(self) -> None:
        typed = self.wanted.casefold()
        found = [
            column for column in self.columns if typed in f"{column.get('name')} {column.get('title') or ''}".casefold()
        ]
        if self.order == 1:
            places = {name: place for place, name in enumerate(self._ranked)}
            found.sort(key=lambda column: places.get(str(column.get("name")), len(places)))
        elif self.order == 2:
            found.sort(key=lambda column: str(column.get("name")).casefold())
        elif self.order == 3:
            found.sort(key=lambda column: -(column.get("missing") or 0))
        self.listed: tuple[Column, ...] = tuple(found)
        names = {str(column.get("name")) for column in found}
        if self.chosen not in names:
            self.chosen = str(found[0].get("name")) if found else ""

    @property
    def column(self) -> Column:
        """The column under the cursor."""
        return self._by_name.get(self.chosen, {})

    @property
    def has_features(self) -> bool:
        """Whether there is something to rank."""
        return any(column.get("role") == "feature" for column in self.columns)

    def filter(self, wanted: str) -> None:
        """List only columns whose name or title holds a text, small and capital letters alike."""
        self.wanted = wanted
        self._list()

    def reorder(self, ranking: Sequence[Mapping[str, Any]]) -> None:
        """The next order; by separation only where there is a ranking."""
        self._ranked = tuple(str(entry.get("name")) for entry in ranking)
        self.order = (self.order + 1) % len(ORDERS)
        if self.order == 1 and not ranking:
            self.order = 2
        self._list()

    def names(self, tab: str, ranking: Sequence[Mapping[str, Any]]) -> list[str]:
        """The names in the list of a tab, in order."""
        if tab == "ranking":
            return [str(entry.get("name")) for entry in self.ranked(ranking)]
        return [str(column.get("name")) for column in self.listed]

    def ranked(self, ranking: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The ranking's entries that the filter lets through."""
        typed = self.wanted.casefold()
        return [e for e in ranking if typed in f"{e.get('name')} {e.get('label') or ''}".casefold()]

    # Moving

    def move(self, tab: str, ranking: Sequence[Mapping[str, Any]], step: int) -> None:
        """The cursor up or down, no further than the list goes."""
        names = self.names(tab, ranking)
        if names:
            here = names.index(self.chosen) if self.chosen in names else (-1 if step > 0 else len(names))
            self.chosen = names[min(max(here + step, 0), len(names) - 1)]

    def settle(self, tab: str, ranking: Sequence[Mapping[str, Any]]) -> bool:
        """The cursor to a list's beginning where it is on none of its columns; whether it was moved."""
        names = self.names(tab, ranking)
        moved = bool(names) and self.chosen not in names
        self.chosen = names[0] if moved else self.chosen
        return moved

    def go(self, tab: str, ranking: Sequence[Mapping[str, Any]], row: int) -> None:
        """The cursor to a row in sight."""
        names = self.names(tab, ranking)
        row += self.first.get(tab, (0, 0))[0]
        if 0 <= row < len(names):
            self.chosen = names[row]

    def scroll(self, tab: str, ranking: Sequence[Mapping[str, Any]], height: int) -> None:
        """Scroll a list so that the cursor is in sight, and no row is empty that need not be."""
        names = self.names(tab, ranking)
        first = self.first.get(tab, (0, 0))[0]
        here = names.index(self.chosen) if self.chosen in names else first
        height = max(height, 1)
        first = min(max(first, here - height + 1), here, max(len(names) - height, 0))
        self.first[tab] = (max(first, 0), 0)

    def shift(self, tab: str, down: int, right: int, most: tuple[int, int]) -> None:
        """Scroll a pane by rows and columns, at most so far."""
        rows, columns = self.first.get(tab, (0, 0))
        self.first[tab] = (min(max(rows + down, 0), most[0]), min(max(columns + right, 0), most[1]))

    def around(self, tab: str, ranking: Sequence[Mapping[str, Any]], height: int) -> list[str]:
        """The names in sight that have a histogram, the chosen one first; none where that has none."""
        names = self.names(tab, ranking)
        first = self.first.get(tab, (0, 0))[0]
        near = [self.chosen, *(name for name in names[first : first + height] if name != self.chosen)]
        drawn = [name for name in near if self._by_name.get(name, {}).get("kind") in _DRAWN]
        return drawn if drawn[:1] == [self.chosen] else []

    # Pairs

    def pairs(self, ranking: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """The columns of the pair plot: the user's own, else those that tell the classes apart best."""
        if self.paired:
            return self.paired[:_MOST_PAIRS]
        best = [str(entry.get("name")) for entry in ranking]
        plain = [str(column.get("name")) for column in self.columns if column.get("role") == "feature"]
        numbers = [n for n in best or plain if self._by_name.get(n, {}).get("kind", "number") in ("number", "date")]
        return tuple(numbers[:_FIRST_PAIRS])

    def pair(self, ranking: Sequence[Mapping[str, Any]]) -> None:
        """The column under the cursor into the pair plot, or out of it."""
        if not self.chosen:
            return
        if self.chosen in self.paired:
            self.paired = tuple(name for name in self.paired if name != self.chosen)
        else:
            self.paired = (*self.paired, self.chosen)
