"""The views: one by tabs, two under each other, or all that fit in a grid."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import Container
from textual.reactive import reactive

from mltui.ui.commands import Mode
from mltui.ui.widgets.pane import Pane
from mltui.views import View
from mltui.views.shown import Shown

_LARGE = ("curve", "surface", "fit", "predicted", "network", "coefficients", "tree")
_MODEL = ("network", "coefficients", "tree", "importance")
_TABLES = ("yields", "inputs", "variations")
_NEVER_AT_DESK = ("log", "events", "resources")
_WIDE = 180  # columns of a terminal from which the desk has room for what is inside the model
_TALL = 54  # rows of a terminal from which the desk has a third row, for the tables
_FINE = 60  # columns of the desk's grid: halves, thirds, quarters and fifths are whole


class Deck(Container):
    """Places the views by mode and by what is in front.

    Attributes:
        mode: how much room there is.
        front: the view that was asked for last.
        grown: whether it has the whole place.
        offered: the names of the views this run has, in the order of their tabs.
    """

    DEFAULT_CSS = """
    Deck { layout: grid; grid-gutter: 0; }
    """

    mode: reactive[Mode] = reactive("tabs", init=False, repaint=False)
    front: reactive[str] = reactive("curve", init=False, repaint=False)
    grown: reactive[bool] = reactive(False, init=False, repaint=False)
    offered: reactive[tuple[str, ...]] = reactive((), init=False, repaint=False)

    def __init__(self, views: Sequence[Pane], *, id: str | None = None) -> None:
        super().__init__(*sorted(views, key=lambda view: view.name not in _LARGE), id=id)  # a grid fills row by row
        self.views = {str(view.name): view for view in views}

    def on_mount(self) -> None:
        """Place the views before they are first seen."""
        self.place()

    def watch_mode(self) -> None:
        """Place anew."""
        self.place()

    def on_resize(self) -> None:
        """Place anew: a tall terminal has room for more."""
        self.place()

    def watch_front(self) -> None:
        """Place anew."""
        self.place()

    def watch_grown(self) -> None:
        """Place anew."""
        self.place()

    def watch_offered(self) -> None:
        """Place anew."""
        self.place()

    @property
    def in_sight(self) -> tuple[str, ...]:
        """The names of the views that are shown, the large ones first."""
        if not self.offered:
            return ()
        front = self.front if self.front in self.offered else self.offered[0]
        if self.mode in ("tabs", "small") or self.grown:
            return (front,)
        if self.mode == "pair":
            second = front if front != "curve" else next((n for n in self.offered if n in _LARGE[1:]), "numbers")
            return ("curve", second)
        hidden = _NEVER_AT_DESK if self._tall else (*_NEVER_AT_DESK, *_TABLES)
        hidden = hidden if self.app.size.width >= _WIDE else (*hidden, *_MODEL)
        shown = tuple(name for name in self.offered if name not in hidden)
        return shown if front in shown else (front,)

    @property
    def _tall(self) -> bool:
        return self.app.size.height >= _TALL

    def place(self) -> None:
        """Show what is in sight and hide the rest."""
        if not self.is_mounted:
            return
        shown = self.in_sight
        for name, view in self.views.items():
            view.display = name in shown
        desk = len(shown) > 2
        large = [name for name in shown if name in _LARGE] if desk else []
        tables = [name for name in shown if name in _TABLES] if desk else []
        small = [name for name in shown if name not in (*large, *tables)] if desk else []
        self.styles.grid_size_columns = _FINE if desk else 1
        self.styles.grid_size_rows = 3 if tables else 2 if len(shown) > 1 else 1
        self.styles.grid_rows = "4fr 3fr 3fr" if tables else "3fr 2fr" if desk else "1fr"
        for names in (large, small, tables):
            for name in names:
                self.views[name].styles.column_span = _FINE // len(names)
        for name in shown if not desk else ():
            self.views[name].styles.column_span = 1


def offered(views: Sequence[type[View]], shown: Shown) -> tuple[str, ...]:
    """The names of the views a run has."""
    return tuple(str(view.name) for view in views if view.offered(shown))
