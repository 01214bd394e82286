"""The experiment, or the run in view, as a plain Python script: to read, to copy, and to write to a file."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.plots.look import Look
from mltui.plots.words import clean
from mltui.ui.files import write_new
from mltui.ui.session import Session
from mltui.ui.signs import said

_WRITING = "The data are looked at, and the script is written."


class Code(ModalScreen[None]):
    """Has the script written, and shows it."""

    DEFAULT_CSS = """
    Code .sheet { width: 106; }
    Code #code-scroll { height: 1fr; }
    Code #code-text { width: 100%; height: auto; }
    Code #code-said { height: auto; max-height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,c,q", "dismiss", "Back", show=False),
        Binding("w", "write", "Write", show=False),
        Binding("y", "copy", "Copy", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(15)", show=False),
        Binding("pageup", "scroll(-15)", show=False),
        Binding("home", "scroll(-100000)", show=False),
        Binding("end", "scroll(100000)", show=False),
    ]

    def __init__(self, session: Session, experiment: Experiment | None, look: Look) -> None:
        """The code of an experiment; without one, of the run in view."""
        super().__init__()
        self._session, self._experiment, self._look = session, experiment, look
        run = session.run if experiment is None else None
        self._stem = f"run-{run.id}" if run is not None else "experiment"
        self._title = f"Code of run {run.id}" if run is not None else "Code of the setup"
        self._code = ""

    def compose(self) -> ComposeResult:
        """The script, what is said, and the keys."""
        with Vertical(classes="sheet tall") as box:
            box.border_title = self._title
            with VerticalScroll(id="code-scroll", can_focus=False):
                yield Static(_WRITING, id="code-text", markup=False)
            yield Static("", id="code-said", markup=False)
            yield Static("", id="code-keys", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Have it written."""
        self._show_keys()
        self._write()

    @work(group="code")
    async def _write(self) -> None:
        text = self.query_one("#code-text", Static)
        try:
            self._code = await self._session.code(self._experiment)
        except InputError as error:
            text.update(Text(clean(error.sentence), self._look.style("bad")))
            return
        text.update(_marked(self._code))
        self._show_keys()

    def _show_keys(self) -> None:
        keys = "w write   y copy   ↑↓ scroll   esc back" if self._code else "esc back"
        self.query_one("#code-keys", Static).update(said(keys, self._look.ascii))

    def action_write(self) -> None:
        """Write it to a file where mltui was started, never over one."""
        if path := self._written():
            self._say(f"Wrote {path}; python {path.rpartition('/')[2]} trains it without mltui.")

    def action_copy(self) -> None:
        """Copy it to the clipboard and to a file."""
        if path := self._written():
            self.app.copy_to_clipboard(self._code)
            self._say(f"Copied, and wrote {path}.")

    def _written(self) -> str:
        """The file it was written to; empty where there is nothing to write, or it cannot be."""
        if not self._code:
            return ""
        try:
            return str(write_new(self._session.started_in, self._stem, ".py", self._code))
        except InputError as error:
            self._say(error.sentence)
            return ""

    def _say(self, sentence: str) -> None:
        self.query_one("#code-said", Static).update(clean(sentence))

    def action_scroll(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.query_one("#code-scroll", VerticalScroll).scroll_relative(y=lines, animate=False)


def _marked(code: str) -> Text:
    """The script with its parts' titles set off and its comments dim."""
    lines = []
    for line in code.splitlines():
        bare = line.strip()
        title = bare.startswith("# ") and bare.endswith("---")
        style = "bold" if title else "dim" if bare.startswith("#") else ""
        lines.append(Text(line, style))
    return Text("\n").join(lines)
