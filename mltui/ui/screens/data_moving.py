"""What of the data is looked at in the browser: the cursor, scrolling, the filter, the order, by key and by mouse."""

from __future__ import annotations

from textual import events

from mltui.ui.screens import data_panes as panes
from mltui.ui.screens.data_asking import LISTS
from mltui.ui.screens.data_choosing import Choosing
from mltui.ui.screens.data_panes import View
from mltui.ui.screens.state import LabState
from mltui.ui.widgets.picture import Picture


class Moving(Choosing):
    """Going through the columns, and how they are shown."""

    def __init__(self, lab: LabState) -> None:
        super().__init__(lab)
        self._typing = False

    @property
    def view(self) -> View:
        """What drawings are made from."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        """While a filter is typed, every character belongs to it."""
        if not self._typing:
            return
        if event.key in ("enter", "escape"):
            self._typing = False
            self.browsed.filter(self.browsed.wanted if event.key == "enter" else "")
        elif event.key == "backspace":
            self.browsed.filter(self.browsed.wanted[:-1])
        elif event.key == "ctrl+u":
            self.browsed.filter("")
        elif event.is_printable and event.character:
            self.browsed.filter(self.browsed.wanted + event.character)
        else:
            return
        event.stop()
        event.prevent_default()
        self._wake()
        self.draw()

    def on_paste(self, event: events.Paste) -> None:
        """A text is pasted into the filter."""
        if self._typing:
            self.browsed.filter(self.browsed.wanted + " ".join(event.text.split()))
            self.draw()

    def action_back(self) -> None:
        """Take the filter away, else leave."""
        if self.browsed.wanted and self.tab in LISTS:
            self.browsed.filter("")
            self.draw()
        else:
            self.dismiss()

    def action_move(self, rows: int, page: bool = False) -> None:
        """Move the cursor in the lists, scroll elsewhere; a page is what is in sight."""
        lists = self.tab in LISTS
        height = self.query_one("#data-list" if lists else "#data-whole").size.height
        step = rows * max(height - 2, 1) if page else rows
        if lists:
            self.browsed.move(self.tab, self._ranking(), step)
        else:
            most = panes.most_rows(self.view, self.tab, self.query_one("#data-whole").size)
            self.browsed.shift(self.tab, step, 0, most)
        self._wake()
        self.draw()

    def action_across(self, step: int) -> None:
        """Scroll to the left or to the right."""
        most = panes.most_rows(self.view, self.tab, self.query_one("#data-whole").size)
        self.browsed.shift(self.tab, 0, step, most)
        self.draw()

    def action_filter(self) -> None:
        """Type what the names must hold."""
        self._typing = True
        self.draw()

    def action_order(self) -> None:
        """The list in the next order: of the file, by separation, by name, by what is missing."""
        self.browsed.reorder(self._ranking())
        self._wake()
        self.draw()

    def action_log(self) -> None:
        """The histogram on a logarithmic axis, and back."""
        self.browsed.log = not self.browsed.log
        self.draw()

    def action_classes(self) -> None:
        """The matrices of the next classes."""
        self.browsed.turn += 1
        self.draw()

    def action_brief(self) -> None:
        """The matrices without their numbers, so that more is in sight, and back."""
        self.browsed.brief = not self.browsed.brief
        self.draw()

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """A line of the list was clicked."""
        left = self.query_one("#data-list", Picture)
        if self.tab in LISTS and event.widget is left:
            offset = event.get_content_offset(left)
            if offset is not None and offset.y > 0:
                self.browsed.go(self.tab, self._ranking(), offset.y - 1)
                self._wake()
                self.draw()

    def on_mouse_scroll_down(self) -> None:
        """Three lines down."""
        self.action_move(3)

    def on_mouse_scroll_up(self) -> None:
        """Three lines up."""
        self.action_move(-3)
