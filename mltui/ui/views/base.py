"""The view: a pane that keeps the rows of its picture and sends only those that changed to the terminal."""

from __future__ import annotations

import asyncio
import os
import textwrap
import traceback
from collections.abc import Sequence
from time import monotonic, thread_time
from typing import Any, ClassVar

from rich.segment import Segment
from rich.text import Text
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from mltui.plots.look import Look
from mltui.plots.words import clean
from mltui.ui.shown import Shown
from mltui.ui.signs import said
from mltui.ui.views.difference import changed_span

SLOW = 0.02  # seconds; a picture that took longer is drawn in a thread the next time
MANY = 50_000  # scored rows from which a picture is drawn in a thread from the first time on
SHARE = 0.025  # of a core that one view's drawing may take


class View(Widget, can_focus=True):
    """One aspect of a run.

    A subclass says when it is offered, what its picture needs and how it is drawn; everything about when is here. The
    class methods are pure functions of the Shown value.

    Attributes:
        name: the tab's id, also the widget's default id.
        title: what stands in the tab and in the border. tab: a shorter one for the tab, where there is one.
        help: what it shows, how to read it, what to try next.
        pace: seconds between two pictures of a moving run. What a key changes is drawn at once.
        takes_keys: whether it has keys of its own, such as arrows that scroll, and so has the focus while in front.
        shown: what is looked at; bound to the screen's.
    """

    DEFAULT_CSS = """
    View {
        border: round $foreground 30%;
        border-title-color: $foreground;
        border-title-style: none;
        &:focus { border: round $accent; border-title-color: $accent; }
        &.-ascii { border: ascii $foreground 30%; }
        &.-ascii:focus { border: ascii $accent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    name: str = ""
    title: ClassVar[str] = ""
    tab: ClassVar[str] = ""
    help: ClassVar[str] = ""
    pace: ClassVar[float] = 0.25
    takes_keys: ClassVar[bool] = False

    shown: reactive[Shown] = reactive(Shown, repaint=False, init=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id or self.name, classes=classes)
        self._rows: list[Text] = []
        self._strips: list[Strip] = []
        self._drawn: object = None
        self._hand: object = None
        self._due = 0.0
        self._cost = 0.0
        self._paid = False
        self._showing = False
        self._waiting: Timer | None = None
        self._drawing = False

    # What a view says of itself

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether this run has this view."""
        return True

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the numbers for a picture are there."""
        return True

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The most important number, as it stands after the title; empty where there is none."""
        return ""

    @classmethod
    def heading(cls, shown: Shown) -> str:
        """What stands in the border instead of the title, for a view whose title depends on what it shows."""
        return cls.title

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """One line: what will appear here, and which key makes it so."""
        return "Press r to run."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """What training changes in the picture; compared by identity, plain values also by equality."""
        return (shown,)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """What a person changes in the picture, and what comes at most a few times a run: drawn at once."""
        return (shown.look, shown.state.run, shown.state.phase, shown.awaited)

    def draw(self, shown: Shown, width: int, height: int) -> Sequence[Text]:
        """The picture: `height` rows of `width` cells. It may run in a thread and may look at nothing but `shown`."""
        raise NotImplementedError

    # When it is drawn

    def watch_shown(self) -> None:
        """Look whether what is seen here changed."""
        self._consider()

    def on_show(self) -> None:
        """Catch up with what happened while the pane was hidden."""
        self._showing = True
        self._consider()

    def on_hide(self) -> None:
        """Draw no more until the pane is seen again."""
        self._showing = False

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._consider()

    def _key(self) -> tuple[object, ...]:
        return (self.inputs(self.shown), self._hand_key())

    def _hand_key(self) -> tuple[object, ...]:
        return (self.size, self.ready(self.shown), self.by_hand(self.shown))

    def _seen(self) -> bool:
        return self._showing and self.is_attached and bool(self.size) and _uncovered(self.screen)

    def _consider(self) -> None:
        """Draw if what is seen is out of date: at once where a hand moved something, else at the view's pace."""
        if self._drawing or not self._seen():
            return
        key = self._key()
        if _same(key, self._drawn):
            return
        hand = self._hand_key()
        wait = self._due - monotonic()
        if _same(hand, self._hand) and wait > 0:
            if self._waiting is None:
                self._waiting = self.set_timer(wait, self._waited)
            return
        self._begin(key, hand)

    def _waited(self) -> None:
        self._waiting = None
        self._consider()

    def _begin(self, key: object, hand: object) -> None:
        self._drawn, self._hand = key, hand
        if self._cost > SLOW or _rows_scored(self.shown) > MANY:
            self._drawing = True
            self.run_worker(self._draw_aside(self.shown, self.size))
        else:
            self._put(*self._timed(self.shown, self.size))

    async def _draw_aside(self, shown: Shown, size: Size) -> None:
        try:
            rows, cost = await asyncio.to_thread(self._timed, shown, size)
            if size == self.size:
                self._put(rows, cost)
        finally:
            self._drawing = False
        self._consider()

    def _timed(self, shown: Shown, size: Size) -> tuple[list[Text], float]:
        """The rows and what they cost, in seconds of work: what others take of a busy machine does not count.

        Neither does the first picture: it pays for imports, and the second must not wait for that.
        """
        began = thread_time()
        rows = self.picture(shown, *size)
        cost = thread_time() - began if self._paid else 0.0
        self._paid = self._paid or self.ready(shown)
        return rows, cost

    def picture(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The rows as they are seen: the picture, or the line that says how to get one."""
        if not self.ready(shown):
            return _centred("The run is starting." if shown.awaited else self.empty(shown), width, height, shown.look)
        try:
            return list(self.draw(shown, width, height))
        except Exception:  # a damaged run folder must not end the lab
            os.write(2, traceback.format_exc().encode(errors="replace"))  # lab.log, while the lab is on the screen
            return _centred("This picture cannot be drawn; lab.log says why.", width, height, shown.look)

    def _put(self, rows: list[Text], cost: float) -> None:
        """Take a picture's rows, and ask the terminal to repaint those that differ."""
        self.set_class(self.shown.look.ascii, "-ascii")
        old, before = self._rows, self._strips
        whole = len(old) != len(rows) or any(strip.cell_length != self.size.width for strip in before[:1])
        changed = [y for y, row in enumerate(rows) if whole or not _alike(row, old[y])]
        strips = [Strip.blank(0)] * len(rows) if whole else list(before)
        for y in changed:
            strips[y] = self._strip(rows[y])
        self._rows, self._strips = rows, strips
        if whole:
            self.refresh()
        else:
            spans = ((y, *changed_span(before[y], strips[y])) for y in changed)
            regions = [Region(start, y, end - start, 1) for y, start, end in spans if start < end]
            if regions:
                self.refresh(*regions)
        self._name_border()
        self._cost = cost
        self._due = monotonic() + max(self.pace, cost / SHARE)

    def _strip(self, row: Text) -> Strip:
        """The row as Textual holds it; rich leaves a text's own style out where it has no spans."""
        console = self.app.console
        own = console.get_style(row.style) if row.style else None
        segments = Segment.apply_style(row.render(console, end=""), own)
        return Strip(segments).adjust_cell_length(self.size.width)

    def _name_border(self) -> None:
        """Write the border's title. The public setter would repaint the whole pane for it."""
        headline = self.headline(self.shown) if self.ready(self.shown) else ""
        ascii = self.shown.look.ascii
        words = clean(said(f"{self.heading(self.shown)}  {headline}".strip(), ascii), ascii=ascii)
        title = Content(words)
        if self._border_title is None or self._border_title.plain != words:
            self._border_title: Content | None = title
            self.refresh(Region(0, -1, self.size.width, 1))

    @property
    def text(self) -> str:
        """The picture as plain text, for copying and for screen readers."""
        return "\n".join(row.plain for row in self._rows)

    def redraw(self) -> None:
        """Draw at once, whatever changed or did not."""
        self._drawn = self._hand = None
        self._consider()

    def render_line(self, y: int) -> Strip:
        """One row of the kept picture in the widget's own colours."""
        style = self.visual_style.rich_style
        if y >= len(self._strips):
            return Strip.blank(self.size.width, style)
        return self._strips[y].apply_style(style)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The pane's rows; being asked for them means being seen, so it catches up where it is behind."""
        if not self._drawing and not _same(self._key(), self._drawn):
            self.call_later(self._consider)
        return super().render_lines(crop)


def _rows_scored(shown: Shown) -> int:
    return sum(len(scores.target) for scores in shown.snapshot.scores.values()) if shown.snapshot else 0


def _uncovered(screen: Screen[Any]) -> bool:
    """Whether no other screen hides this one; `is_current` calls also the covered one below an opaque screen so."""
    for above in reversed(screen.app.screen_stack):
        if above is screen:
            return True
        if above.styles.background.a == 1:
            return False
    return False


def _same(one: Any, other: Any) -> bool:
    """Whether two keys are one: the same objects, or equal plain values, in equal tuples."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, str | int | float | Look) and bool(one == other)


def _alike(one: Text, other: Text) -> bool:
    return one == other and one.style == other.style


def _centred(line: str, width: int, height: int, look: Look) -> list[Text]:
    """One dim line in the middle, wrapped where the pane is narrow."""
    lines = textwrap.wrap(line, max(1, width - 2))[:height] if height else []
    above = (height - len(lines)) // 2
    rows = [""] * above + [words.center(width)[:width] for words in lines]
    rows += [""] * (height - len(rows))
    return [Text(words.ljust(width), style=look.style("dim"), end="") for words in rows]
