"""The experiment, or the run in view, as a plain Python script: to read, to copy, and to write to a file."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer, Vertical
from textual.widgets import Static

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.plots.look import Look
from mltui.plots.words import clean
from mltui.runs.new_files import write_new
from mltui.ui.screens.modal import Modal
from mltui.ui.session import Session
from mltui.ui.signs import said

_WRITING = "The data are looked at, and the script is written."


class Code(Modal[None]):
    """Has the script written, and shows it."""

    DEFAULT_CSS = """
    Code #code-scroll { height: 1fr; scrollbar-size-horizontal: 0; }
    Code #code-text { width: auto; height: auto; }
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
        Binding("right,l", "aside(8)", show=False),
        Binding("left,h", "aside(-8)", show=False),
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
        with Vertical(classes="sheet tall wide") as box:
            box.border_title = self._title
            with ScrollableContainer(id="code-scroll", can_focus=False):
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
        text.update(_marked(self._code, self._look))
        self._show_keys()

    def _show_keys(self) -> None:
        keys = "w write   y copy   ↑↓ ← → scroll   esc back" if self._code else "esc back"
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
        self.query_one("#code-scroll", ScrollableContainer).scroll_relative(y=lines, animate=False)

    def action_aside(self, columns: int) -> None:
        """Scroll to the side by so many columns."""
        self.query_one("#code-scroll", ScrollableContainer).scroll_relative(x=columns, animate=False)


def _marked(code: str, look: Look) -> Text:
    """The script in the colours of the pictures, its parts' titles set off."""
    from rich.style import Style
    from rich.syntax import Syntax, SyntaxTheme

    colours = {("Comment",): "dim", ("Literal", "String"): "good", ("Keyword",): "accent"}

    class Theme(SyntaxTheme):
        def get_style_for_token(self, token_type: tuple[str, ...]) -> Style:
            found = (role for kind, role in colours.items() if tuple(token_type[: len(kind)]) == kind)
            role = next(found, None)
            return Style() if role is None else look.style(role)

        def get_background_style(self) -> Style:
            return Style()

    text = Syntax(code, "python", theme=Theme()).highlight(code)
    text.no_wrap = True
    text.highlight_regex(r"(?m)^# .* -+$", Style(bold=True, dim=False))
    return text
