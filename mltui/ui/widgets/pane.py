"""The pane of a view: it keeps the rows of its picture and sends only those that changed to the terminal."""

from __future__ import annotations

import asyncio
import os
import traceback
from time import monotonic, thread_time
from typing import Any

from rich.segment import Segment
from rich.text import Text
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.screen import Screen
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from mltui.plots.look import Look
from mltui.plots.words import clean
from mltui.ui.difference import changed_span
from mltui.ui.messages import ViewTurned
from mltui.ui.signs import said
from mltui.views import View
from mltui.views.base import Change, centred
from mltui.views.shown import Shown

SLOW = 0.02  # seconds; a picture that took longer is drawn in a thread the next time
MANY = 50_000  # scored rows from which a picture is drawn in a thread from the first time on
SHARE = 0.025  # of a core that one view's drawing may take


def pane(view: type[View]) -> Pane:
    """A pane of this view, which hears the view's own keys."""
    bindings = [Binding(key.keys, f"press({key.method!r}, {key.by})", key.words, show=False) for key in view.keys]
    kind: type[Pane] = type(f"{view.__name__}Pane", (Pane,), {"BINDINGS": bindings})
    return kind(view())


class Pane(Widget, can_focus=True):
    """Draws a view; everything about when is here.

    Attributes:
        view: what is drawn. Its name is the pane's, and its id.
        shown: what is looked at; bound to the screen's.
    """

    DEFAULT_CSS = """
    Pane {
        border: round $foreground 30%;
        border-title-color: $foreground;
        border-title-style: none;
        &:focus { border: round $accent; border-title-color: $accent; }
        &.-ascii { border: ascii $foreground 30%; }
        &.-ascii:focus { border: ascii $accent; }
    }
    """

    shown: reactive[Shown] = reactive(Shown, repaint=False, init=False)

    def __init__(self, view: View) -> None:
        super().__init__(id=view.name, name=view.name)
        self.view = view
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
        return (self.view.inputs(self.shown), self._hand_key())

    def _hand_key(self) -> tuple[object, ...]:
        return (self.size, self.view.ready(self.shown), self.view.by_hand(self.shown))

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
        self._paid = self._paid or self.view.ready(shown)
        return rows, cost

    def picture(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The rows as they are seen."""
        try:
            return self.view.picture(shown, width, height)
        except Exception:  # a damaged run folder must not end the lab
            os.write(2, traceback.format_exc().encode(errors="replace"))  # lab.log, while the lab is on the screen
            return centred("This picture cannot be drawn; lab.log says why.", width, height, shown.look)

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
        self._due = monotonic() + max(self.view.pace, cost / SHARE)

    def _strip(self, row: Text) -> Strip:
        """The row as Textual holds it; rich leaves a text's own style out where it has no spans."""
        console = self.app.console
        own = console.get_style(row.style) if row.style else None
        segments = Segment.apply_style(row.render(console, end=""), own)
        return Strip(segments).adjust_cell_length(self.size.width)

    def _name_border(self) -> None:
        """Write the border's title. The public setter would repaint the whole pane for it."""
        headline = self.view.headline(self.shown) if self.view.ready(self.shown) else ""
        ascii = self.shown.look.ascii
        words = clean(said(f"{self.view.heading(self.shown)}  {headline}".strip(), ascii), ascii=ascii)
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

    def action_press(self, method: str, by: int) -> None:
        """A key of the view's own."""
        change = getattr(self.view, method)(by, self.shown, *self.size)
        self.redraw()
        if isinstance(change, Change):
            self.post_message(ViewTurned(change))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key of the view's own works now."""
        return action != "press" or self.view.hears(str(parameters[0]), self.shown)

    def on_mouse_scroll_up(self) -> None:
        """The wheel, where the view hears it."""
        self._wheel(-1)

    def on_mouse_scroll_down(self) -> None:
        """The wheel, where the view hears it."""
        self._wheel(1)

    def _wheel(self, way: int) -> None:
        method, by = self.view.wheel
        if method:
            self.action_press(method, way * by)

    # What is seen, and marked with the mouse

    def render_line(self, y: int) -> Strip:
        """One row of the kept picture in the widget's own colours, what is marked in it marked."""
        style = self.visual_style.rich_style
        strip = self._strips[y].apply_style(style) if y < len(self._strips) else Strip.blank(self.size.width, style)
        return self._marked(strip, y).apply_offsets(0, y) if self.view.selectable else strip

    def _marked(self, strip: Strip, y: int) -> Strip:
        span = self.text_selection.get_span(y) if self.text_selection else None
        if span is None:
            return strip
        start, end = span
        end = strip.cell_length if end == -1 else end
        style = self.screen.get_component_rich_style("screen--selection")
        head, marked, tail = (
            strip.divide([start, end, strip.cell_length])
            if start
            else (Strip([]), *strip.divide([end, strip.cell_length]))
        )
        return Strip.join([head, Strip([type(s)(s.text, (s.style or style) + style) for s in marked]), tail])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The marked text, for copying."""
        if not self.view.selectable:
            return super().get_selection(selection)
        return selection.extract("\n".join(row.plain.rstrip() for row in self._rows)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Show what is marked."""
        if self.view.selectable:
            self.refresh()

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
