"""The events: the rows behind a number, one by one, with what the model says of each and its variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text

from mltui.plots.words import place
from mltui.views import event_listing as listing
from mltui.views.base import Change, Key, View
from mltui.views.derived import looked_back
from mltui.views.event_picture import room, with_picture
from mltui.views.numbers_of import Numbers, Table, Value
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.plots.event_rows import EventRows

FAR = 1_000_000_000


class EventsView(View):
    """A table of the sample's rows that scrolls down and sideways; some may be pinned."""

    name = "events"
    title = "Events"
    pace = 0.5
    forms = listing.FORMS
    help = (
        "Shows single rows of the validation: what each is and what the model says of it, its loss (-log of the score "
        "that its true class got) or residual, its weight, the file and entry it came from, and its variables as the "
        "data have them, before any preprocessing. f goes through which rows: the worst mistakes; those of a cell of "
        "the matrix or of a bin of the scores, which you mark there with the arrows and open with enter; "
        "those the model doubts most; the pinned ones. Of large data a fixed sample is listed, which never holds a "
        "row of the sealed test part. Of images and signals the one under the cursor is drawn, on one scale for all "
        "of them, whose ends stand below it; the few values beyond are cut.\n\n"
        "Look at the worst mistakes one by one. A wrong label, a value such as -999, a class that looks like another "
        "in just these variables: each asks for another cure. A few rows of huge weight among them may be all that "
        "your loss is about.\n\n"
        "The arrows go from row to row, < and > choose the column to sort by, - turns the order around, h and l move "
        "the variables sideways. Space pins the row: its letter stands in Scores and in the surface, and follows the "
        "row as you go through time with , and . or while the model trains; the small curve is its score at each kept "
        "step, from 0 at the bottom to 1.\n\n"
        "Try next: pin the three worst mistakes, go back to the beginning with , and see when the model lost them."
    )
    keys: ClassVar[tuple[Key, ...]] = (
        Key("down,j", "move", 1, "The next event"),
        Key("up,k", "move", -1, "The event before"),
        Key("pagedown", "page", 1, "Page down"),
        Key("pageup", "page", -1, "Page up"),
        Key("home", "move", -FAR, "The first event"),
        Key("end", "move", FAR, "The last event"),
        Key("space", "pin", 0, "Pin the event, or let it go"),
        Key("greater_than_sign", "sort", 1, "Sort by the next column"),
        Key("less_than_sign", "sort", -1, "Sort by the column before"),
        Key("minus", "turn", 0, "Turn the order around"),
        Key("l,shift+right", "across", 1, "Later columns"),
        Key("h,shift+left", "across", -1, "Earlier columns"),
    )
    wheel = ("move", 3)

    def __init__(self) -> None:
        self._chosen = self._first = self._across = 0
        self._sorted_by, self._falling = "", False
        self._row: int | None = None  # that a person went to

    # What it says of itself

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether the run learns something that a row can be wrong in."""
        return shown.task in ("classification", "regression")

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the rows and what the model says of them are there."""
        return shown.sample is not None and listing.scored_sample(shown) is not None

    @classmethod
    def forms_of(cls, shown: Shown) -> tuple[str, ...]:
        """A regression has no cells, and its scores no bins."""
        return listing.forms_of(shown)

    @classmethod
    def heading(cls, shown: Shown) -> str:
        """Which rows."""
        said = {"mistakes": "worst mistakes", "doubtful": "most doubtful", "pinned": "pinned"}
        form = listing.form_of(shown)
        if form == "mistakes" and shown.task == "regression":
            return f"{cls.title}, largest residuals"
        return f"{cls.title}, {said.get(form) or listing.marked_in(shown) or f'no {form} marked'}"

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """How many, and when, where that is not now."""
        at = f"  at {place(listing.axis_of(shown), shown.cursor)}" if shown.cursor is not None else ""
        return f"{len(listing.rows_of(shown)):,}{at}"

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if not shown.state.started:
            return "Press r to run: the rows that the model is most wrong about will stand here, one by one."
        if shown.part == "test":
            return "No single event of the test part is kept."
        if shown.sample is None:
            return "This run has kept no rows; runs from now on do."
        if shown.state.phase in ("training", "paused") and shown.state.member:
            return "The rows that are kept are those of the first model; they are scored again at the end."
        return "The events come with the first picture of the model."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """The rows, their scores and tracks, by identity."""
        return (shown.sample, tuple(shown.sampled.values()), shown.tracks, shown.classes)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The moment, the target, the threshold, and what is marked and pinned."""
        return (*super().by_hand(shown), *looked_back(shown), shown.of_target, shown.threshold, shown.picked)

    @classmethod
    def hints(cls, shown: Shown) -> tuple[tuple[str, str], ...]:
        """The keys that one needs first."""
        return (("space", "pin"), ("f", "which"), ("< >", "sort"), ("h l", "columns")) if cls.ready(shown) else ()

    # The picture

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The rows around the cursor, and what the one under it looks like."""
        from mltui.plots.event_rows import event_rows

        found, divided = self._listed(shown), room(shown, width, height)
        self._keep_in_sight(found, divided.height)
        table = event_rows(
            found, divided.width, divided.height, shown.look,
            told=listing.told_of(shown, len(found), found.sorted_by),
            first=self._first, chosen=self._chosen, across=self._across,
        )  # fmt: skip
        return with_picture(table, shown, int(found.rows[self._chosen]) if len(found) else None, divided)

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """The rows that are listed, and of the pinned ones the score at each kept step."""
        scored = listing.scored_sample(shown)
        if shown.sample is None or scored is None:
            return Numbers()
        part, _ = scored
        rows = listing.rows_of(shown)
        columns = {column.name: [column.text(row) for row in rows.tolist()] for column in listing.columns_of(shown)}
        letters = listing.letters_of(shown, part)
        known = shown.sample.parts[part]
        values: dict[str, Value] = {"form": listing.form_of(shown), "part": part, "listed": len(rows)}
        values |= {"sampled": len(known), "rows": known.whole}
        table = Table("events", {"pinned": [letters.get(row, "") for row in rows.tolist()], **columns})
        return Numbers(values, (table, *listing.followed_of(shown)))

    def _listed(self, shown: Shown) -> EventRows:
        from mltui.evaluation.picking import ordered
        from mltui.plots.event_rows import EventRows

        columns, rows = listing.columns_of(shown), listing.rows_of(shown)
        sorted_by = next((column for column in columns if column.name == self._sorted_by), None)
        if sorted_by is not None:
            rows = ordered(rows, sorted_by.values, falling=self._falling)
        elif self._falling:
            rows = rows[::-1]
        part = (listing.scored_sample(shown) or ("", None))[0]
        letters = listing.letters_of(shown, part)
        return EventRows(
            columns, rows, letters, listing.tracks_of(shown, letters),
            bounded=shown.task == "classification",
            sorted_by=self._sorted_by if sorted_by is not None else "", falling=self._falling,
        )  # fmt: skip

    def _keep_in_sight(self, found: EventRows, height: int) -> None:
        """Keep the cursor on the row that a person went to, wherever that stands by now, and scroll to it."""
        from mltui.plots.event_rows import rows_in_sight

        rows = found.rows.tolist()
        self._chosen = rows.index(self._row) if self._row in rows else self._chosen
        room = max(1, rows_in_sight(height))
        self._chosen = max(0, min(self._chosen, len(found) - 1))
        self._first = max(self._chosen - room + 1, min(self._first, self._chosen), 0)
        self._first = min(self._first, max(0, len(found) - room))

    # Keys

    def move(self, by: int, shown: Shown, width: int, height: int) -> None:
        """To another row, by so many places down."""
        if self.ready(shown):
            found, height = self._listed(shown), room(shown, width, height).height
            self._keep_in_sight(found, height)
            self._row, self._chosen = None, self._chosen + by
            self._keep_in_sight(found, height)
            self._row = int(found.rows[self._chosen]) if len(found) else None

    def page(self, by: int, shown: Shown, width: int, height: int) -> None:
        """By about what fits the pane."""
        self.move(by * max(1, room(shown, width, height).height - 4), shown, width, height)

    def pin(self, _by: int, shown: Shown, width: int, height: int) -> Change | None:
        """Pin the row under the cursor, or let it go."""
        scored = listing.scored_sample(shown)
        if shown.sample is None or scored is None:
            return None
        found = self._listed(shown)
        self._keep_in_sight(found, room(shown, width, height).height)
        if not len(found):
            return None
        at = shown.sample.place(scored[0], int(found.rows[self._chosen]))
        return Change(picked=shown.picked.turned(at))

    def sort(self, by: int, shown: Shown, width: int, height: int) -> None:
        """By another column, from its largest value on; before the first one as the rows came."""
        from mltui.plots.event_rows import across_to

        if self.ready(shown):
            names = ["", *(column.name for column in listing.columns_of(shown))]
            here = names.index(self._sorted_by) if self._sorted_by in names else 0
            self._sorted_by = names[(here + by) % len(names)]
            self._falling = bool(self._sorted_by)
            self._row, self._chosen = None, 0
            width = room(shown, width, height).width
            self._across = across_to(self._listed(shown), self._sorted_by, self._across, width, shown.look)

    def turn(self, _by: int, _shown: Shown, _width: int, _height: int) -> None:
        """The other end first."""
        self._falling = not self._falling
        self._row, self._chosen = None, 0

    def across(self, by: int, shown: Shown, width: int, height: int) -> None:
        """Scroll past so many columns."""
        from mltui.plots.event_rows import furthest_across

        width = room(shown, width, height).width
        far = furthest_across(self._listed(shown), width, shown.look) if self.ready(shown) else 0
        self._across = max(0, min(min(self._across, far) + by, far))
