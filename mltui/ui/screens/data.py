"""The data browser: columns with their histograms, ranking, correlations, pairs, rows, and how all was read."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.theme import Theme
from textual.widgets import Static

from mltui.ui.messages import Asked, TabChosen
from mltui.ui.screens import data_panes as panes
from mltui.ui.screens.data_asking import DESCRIBED_SECONDS, LISTS
from mltui.ui.screens.data_help import HELP, KEYS, hints, message, title
from mltui.ui.screens.data_moving import Moving
from mltui.ui.screens.help import Help
from mltui.ui.signs import said
from mltui.ui.widgets.hints import Hint, Hints
from mltui.ui.widgets.picture import Picture
from mltui.ui.widgets.tabs import Tabs

TITLES = {
    "columns": "Columns",
    "ranking": "Ranking",
    "correlations": "Correlations",
    "pairs": "Pairs",
    "rows": "Rows",
    "reading": "Reading",
}
_LAST = (Hint("?", "help", "help"), Hint("esc", "back", "back"))


class DataScreen(Moving):
    """What the data hold, and choosing among the columns.

    It shows the lab's state and edits the lab's form by messages; it holds only what is looked at, and how.
    """

    AUTO_FOCUS = ""
    CSS = """
    DataScreen { background: $background; layout: vertical; }
    #data-title { height: 1; background: $panel; }
    #data-body { height: 1fr; }
    #data-list, #data-detail, #data-whole {
        border: round $foreground 30%; border-title-color: $foreground; padding: 0 1;
    }
    #data-list { width: 45%; max-width: 74; border: round $accent; border-title-color: $accent; }
    #data-detail { width: 1fr; }
    #data-facts { height: 5; }
    DataScreen.-tall #data-facts { height: 8; margin-top: 1; }
    DataScreen.-taller #data-facts { height: 12; }
    #data-message { height: auto; min-height: 1; max-height: 2; padding: 0 1; color: $foreground 70%; }
    #data-message.-bad { color: $error; }
    #data-message.-warn { color: $warning; }
    DataScreen.-plain #data-detail, DataScreen.-plain #data-whole { border: ascii $foreground 30%; }
    DataScreen.-plain #data-list { border: ascii $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,d,q", "back", "Back", show=False),
        *(Binding(str(n), f"show('{name}')", show=False) for n, name in enumerate(TITLES, 1)),
        Binding("tab,right_square_bracket", "turn(1)", show=False),
        Binding("shift+tab,left_square_bracket", "turn(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "move(1, True)", show=False),
        Binding("pageup", "move(-1, True)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
        Binding("left", "across(-1)", show=False),
        Binding("right", "across(1)", show=False),
        Binding("space", "tick", show=False),
        Binding("t", "take('target')", show=False),
        Binding("T", "take('target', True)", show=False),
        Binding("w", "take('weight')", show=False),
        Binding("k", "kind", show=False),
        Binding("p", "pair", show=False),
        Binding("slash", "filter", show=False),
        Binding("s", "order", show=False),
        Binding("l", "log", show=False),
        Binding("c", "classes", show=False),
        Binding("z", "brief", show=False),
        Binding("u", "undo", show=False),
        Binding("g", "guesses", show=False),
        Binding("question_mark", "help", show=False),
    ]

    _come_in = False

    def compose(self) -> ComposeResult:
        """Title, tabs, the list beside what is known of a column or one pane for all, what is going on, keys."""
        yield Static("", id="data-title", markup=False)
        tabs = Tabs(TITLES, always=(), id="data-tabs")
        tabs.offered = tuple(TITLES)
        yield tabs
        with Horizontal(id="data-body"):
            yield Picture(id="data-list")
            with Vertical(id="data-detail"):
                yield Picture(id="data-histogram")
                yield Picture(id="data-facts")
            yield Picture(id="data-whole")
        yield Static("", id="data-message", markup=False)
        yield Hints(id="data-hints")

    # Following the lab

    def on_mount(self) -> None:
        """Follow the lab's data, and begin to ask."""
        self.set_class(self.look.ascii, "-plain")
        self.explored.look_at(self.data)
        self.browsed.note_guesses(self.data.get("kinds") or {})
        self.app.theme_changed_signal.subscribe(self, self._recolour)
        self.watch(self._lab, "description", self._described, init=False)
        self.watch(self._lab, "trouble", self._troubled, init=False)
        self.watch(self._lab, "sheet", self._edited, init=False)
        self.query_one(Hints).last = _LAST
        self.watch_tab()
        self.explore()

    def _described(self) -> None:
        self._redescribing = False
        if self._lab.description:
            self.browsed.take(self._lab.description)
            self.browsed.note_guesses(self.data.get("kinds") or {})
        self.explored.again()
        self._wake()
        self.draw()

    def _edited(self) -> None:
        before = self.explored.data
        if self.explored.look_at(self.data):
            if any(before.get(key) != self.data.get(key) for key in ("dataset", "options", "files", "samples", "tree")):
                self.explored.forget()
            self._redescribing = True
            self._wake(DESCRIBED_SECONDS)
            self.draw()

    def _troubled(self) -> None:
        self._redescribing = self._redescribing and self._lab.trouble is None
        self.draw()

    def _recolour(self, theme: Theme) -> None:
        self.call_after_refresh(self.draw)

    def on_resize(self, event: events.Resize) -> None:
        """More room for facts on a taller terminal."""
        self.set_class(event.size.height >= 32, "-tall")
        self.set_class(event.size.height >= 46, "-taller")
        self.call_after_refresh(self.draw)

    @property
    def _guesses(self) -> bool:
        return bool(self.browsed.description.get("suggested"))

    # Drawing

    def watch_tab(self) -> None:
        """Another tab is in front."""
        if not self.is_attached:
            return
        self.query_one(Tabs).in_sight = frozenset({self.tab})
        lists = self.tab in LISTS
        for name, display in (("#data-list", lists), ("#data-detail", lists), ("#data-whole", not lists)):
            self.query_one(name).display = display
        self._come_in = lists
        self._wake(0.0)
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Bring everything in sight up to date; what did not change is not drawn again."""
        if not self.composed:
            return
        view = self.view
        accent = self.query_one(Hints).get_component_rich_style("hints--key")
        self.query_one("#data-title", Static).update(title(view, accent, self.size.width))
        if self.tab in LISTS:
            self._draw_lists(view)
        else:
            whole = self.query_one("#data-whole", Picture)
            whole.border_title, whole.drawing = TITLES[self.tab], panes.whole(view, self.tab, self._pairs())
        self._tell(view)

    def _draw_lists(self, view: panes.View) -> None:
        left = self.query_one("#data-list", Picture)
        if self._come_in and self.browsed.names(self.tab, self._ranking()):
            self._come_in = False  # later a column may leave the ranking under the cursor, to be taken in again
            if self.browsed.settle(self.tab, self._ranking()):
                self._wake()
        self.browsed.scroll(self.tab, self._ranking(), left.size.height - 1)
        left.border_title, left.drawing = panes.listing(view, self.tab, self._ranking(), typing=self._typing)
        self.query_one("#data-histogram", Picture).drawing = panes.histogram(view)
        self.query_one("#data-facts", Picture).drawing = panes.facts(view, self._ranking())
        self.query_one("#data-detail").border_title = panes.detail_title(view)

    def _tell(self, view: panes.View) -> None:
        trouble = self._lab.trouble or self._lab.sheet.problem
        words, role = message(view, trouble, self.tab, again=self._redescribing)
        line = self.query_one("#data-message", Static)
        line.set_class(role == "bad", "-bad")
        line.set_class(role == "warn", "-warn")
        text = Text(said(words, self.look.ascii), overflow="ellipsis")
        text.no_wrap = role != "bad"
        line.update(text)
        self.query_one(Hints).hints = hints(
            self.tab, typing=self._typing, many=panes.many_classes(view), guesses=self._guesses
        )

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Columns are chosen where they are listed."""
        if action in ("tick", "take", "kind", "pair", "filter", "order", "log"):
            return self.tab in LISTS
        matrices = self.tab == "correlations"
        return {"classes": matrices, "brief": matrices, "guesses": self._guesses}.get(action, True)

    def action_show(self, name: str) -> None:
        """Bring a tab to the front."""
        self.tab = name

    def action_turn(self, step: int) -> None:
        """The next tab, or the one before."""
        names = list(TITLES)
        self.tab = names[(names.index(self.tab) + step) % len(names)]

    @property
    def view(self) -> panes.View:
        """What drawings are made from."""
        cursor = self.query_one("#data-list", Picture).get_component_rich_style("picture--cursor")
        trouble = self._lab.trouble.sentence if self._lab.trouble is not None else ""
        return panes.View(self.browsed, self.explored, self.data, self.look, self._asking, cursor, trouble)

    def action_help(self) -> None:
        """How to read what is in front of the eye."""
        self.app.push_screen(Help(f"Data: {TITLES[self.tab]}", HELP[self.tab], {}, KEYS))

    async def on_asked(self, message: Asked) -> None:
        """A key was clicked."""
        await self.run_action(message.action)

    def on_tab_chosen(self, message: TabChosen) -> None:
        """A tab was clicked."""
        self.tab = message.name
