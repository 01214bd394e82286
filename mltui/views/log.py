"""The log: what the run reported in words, and the end of what its worker wrote."""

from __future__ import annotations

import textwrap

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.style import Style
from rich.text import Text

from mltui.plots import members, steered
from mltui.plots.look import Look
from mltui.plots.words import ROWS, clean, count, place
from mltui.record.state import BROKEN
from mltui.views.base import Key, View
from mltui.views.numbers_of import Numbers, Table
from mltui.views.scrolling import FAR
from mltui.views.shown import Shown

_ROLES = {"failure": "bad", "warning": "accent", "fact": "label", "worker": "dim"}
_MARKS = {"failure": "! ", "warning": "! ", "fact": "", "worker": "  "}


class LogView(View):
    """Warnings, events and the end of the worker's log; the newest at the bottom, where it stays unless scrolled."""

    name = "log"
    title = "Log"
    pace = 0.5
    help = (
        "Shows what the run said in words: when it began and on what, values changed on the way, warnings, how it "
        "ended, and the last lines its worker wrote.\n\n"
        "A line marked ! wants your attention: a warning says what the run did about it, a failure says why it ended "
        "and in which file to look.\n\n"
        "Try next: scroll with the arrows, page up and down or the mouse wheel; mark text with the mouse to copy it."
    )
    keys = (
        Key("up,k", "back", 1, "Scroll up"),
        Key("down,j", "back", -1, "Scroll down"),
        Key("pageup", "page", 1, "Page up"),
        Key("pagedown", "page", -1, "Page down"),
        Key("home", "back", FAR, "First line"),
        Key("end", "back", -FAR, "Last line"),
    )
    wheel = ("back", -3)
    selectable = True

    def __init__(self) -> None:
        self._back = 0

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether anything was said."""
        return bool(shown.state.started or shown.state.message or shown.state.warnings or shown.log_lines)

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """How many warnings there are, or that the run failed."""
        if shown.state.phase in BROKEN:
            return "the run failed" if shown.state.phase == "failed" else "the run was interrupted"
        warnings = len(shown.state.warnings)
        return count(warnings, "warning") if warnings else ""

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """Which key brings a run."""
        return "Press r to run: what the run reports will stand here."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """Everything said."""
        state = shown.state
        return (
            state.started, state.warnings, state.changes, state.metrics, state.openings, state.message, state.refused,
            state.kept, shown.log_lines,
        )  # fmt: skip

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The rows in sight, `self._back` rows before the end or as many as there are."""
        rows = _rows(shown, width)
        hidden = max(0, len(rows) - height)
        first = hidden - min(self._back, hidden)
        seen = rows[first : first + height]
        return seen + [Text(" " * width, end="")] * (height - len(seen))

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """What was said, line by line."""
        said = lines(shown)
        return Numbers(tables=(Table("log", {"kind": [kind for kind, _ in said], "line": [line for _, line in said]}),))

    def back(self, by: int, shown: Shown, width: int, height: int) -> None:
        """Scroll towards the beginning, or by a negative number towards the end."""
        hidden = max(0, len(_rows(shown, width)) - height)
        self._back = max(0, min(min(self._back, hidden) + by, hidden))

    def page(self, by: int, shown: Shown, width: int, height: int) -> None:
        """Scroll by what fits the pane."""
        self.back(by * max(1, height - 1), shown, width, height)


def lines(shown: Shown) -> list[tuple[str, str]]:
    """What there is to say, in the order it happened, as (kind, line): failure, warning, fact or worker."""
    state = shown.state
    said = [("fact", _beginning(shown))] if state.started else []
    said += [("fact", f"at {steered.where(state, change)}: {steered.said(change)}") for change in state.changes]
    said += [("warning", warning) for warning in state.warnings]
    if state.metrics:
        said.append(("fact", f"evaluated: {', '.join(state.metrics)}"))
    if state.openings:
        said.append(("warning", f"the sealed test part was opened {_times(state.openings)}"))
    if shown.log_lines:
        said += [("fact", "the worker's log ends with"), *(("worker", line) for line in shown.log_lines)]
    said += _ending(shown)
    return said


def _beginning(shown: Shown) -> str:
    started = shown.state.started
    parts = started.get("parts") or {}
    folds = members.asked(shown.state) if members.of(shown.state) == "fold" else ""
    # each row of their train is validation of one
    sizes = {part: size for part, size in parts.items() if isinstance(size, int) and not (folds and not size)}
    named = {"train": f"in {folds}"} if folds else {}
    rows = ", ".join(f"{named.get(part, part)} {size:,}" for part, size in sizes.items())
    words = f"{started.get('model_title') or started.get('model', 'a model')} on {started.get('dataset', 'the data')}"
    return f"run {shown.state.run}: {words}" + (f" (rows: {rows})" if rows else "")


def _ending(shown: Shown) -> list[tuple[str, str]]:
    state = shown.state
    if state.phase in BROKEN:
        where = [("failure", f"see {state.log}")] if state.log else []
        return [("failure", state.message or "The run failed."), *where]
    if state.ended:
        refused = [("failure", f"it could not be resumed: {state.refused}")] if state.refused else []
        return [("fact", f"{state.phase} {_reached(shown)}"), *refused]
    return [("fact", "paused: r goes on, s takes one step")] if state.phase == "paused" else []


def _reached(shown: Shown) -> str:
    """How far training came, and which model was kept of it."""
    state, name = shown.state, _axis(shown)
    if name == ROWS:  # one fit, and nothing to choose from
        return f"after it was fitted on {place(name, state.step)}"
    if len(state.members) > 1:
        cut = "" if state.phase == "finished" else f" in {members.last(state)}"
        kept = f", {place(name, state.kept)} kept on average" if state.kept is not None else ""
        return f"at {place(name, state.step)}{cut}{kept}"
    kept = f", the model of {place(name, state.kept)} kept" if state.kept is not None else ""
    return f"at {place(name, state.step)}{kept}"


def _axis(shown: Shown) -> str:
    return str(shown.state.started.get("axis") or "step")


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _rows(shown: Shown, width: int) -> list[Text]:
    return [row for kind, line in lines(shown) for row in _wrapped(kind, line, width, shown.look)]


def _wrapped(kind: str, line: str, width: int, look: Look) -> list[Text]:
    """A line in as many rows as it takes; what came from data is shown literally."""
    mark = _MARKS[kind][:width]
    room = max(1, width - len(mark))
    line = clean(line, ascii=look.ascii)
    pieces = (textwrap.wrap(line, room) if cell_len(line) == len(line) else chop_cells(line, room)) or [""]
    style = look.style(_ROLES[kind]) + Style(bold=kind == "failure" or None)
    leads = [mark, *(" " * len(mark) for _ in pieces[1:])]
    return [
        Text(set_cell_size(lead + piece, width), style=style, end="") for lead, piece in zip(leads, pieces, strict=True)
    ]
