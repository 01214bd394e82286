"""The Textual application: first paint, then the lab; themes, the palette, and leaving cleanly however it ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.widgets import Static

from mltui.plots.look import Look
from mltui.runs.home import Config
from mltui.ui import terminal
from mltui.ui.keymap import checked
from mltui.ui.terminal import Colours
from mltui.ui.themes import THEMES, theme_name

if TYPE_CHECKING:
    from textual.driver import Driver

    from mltui.core.experiment import Experiment
    from mltui.ui.screens.lab import Lab
    from mltui.ui.session import Session
    from mltui.ui.sheet import Sheet


DRAFT_SECONDS = 2.0
"""How long the lab waits, when it is left, for the draft to be written."""
GONE_SECONDS = 1.0
"""How often it is looked whether the terminal is still there."""


def _palette() -> type[Provider]:
    """The palette's entries, imported when it first opens."""
    from mltui.ui.palette import LabCommands

    return LabCommands


class Application(App[str]):
    """The lab as an application. It returns the line to print after the screen is restored.

    What it is made of is imported after the first paint; keys pressed until then wait for the lab.
    """

    TITLE = "mltui"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Leave; what trains goes on", show=False, priority=True, id="quit"),
    ]
    CSS = """
    #first-name, #first-keys { height: 1; background: $panel; color: $accent; text-style: bold; }
    #first-keys { dock: bottom; }
    .sheet {
        width: 72; max-width: 98%; height: auto; max-height: 100%; border: round $accent; border-title-color: $accent;
        background: $surface; padding: 0 1;
    }
    .sheet.small { width: 60; }
    .sheet.tall { height: 90%; width: 84; }
    .sheet.wide { width: 110; }
    ModalScreen { align: center middle; background: $background 60%; }
    .keys { height: 1; color: $foreground 70%; }
    .sheet OptionList, .sheet SelectionList {
        border: none; background: $surface; height: auto; max-height: 63vh; padding: 0;
    }
    .sheet.tall OptionList { height: 1fr; max-height: 100%; }
    .sheet OptionList:focus { background-tint: $foreground 0%; }
    CommandPalette SearchIcon { display: none; }
    .-ascii CommandPalette #--input, .-ascii CommandPalette CommandList { border: ascii $accent; }
    .sheet #about { height: 5; margin: 1 1 0 1; color: $foreground 80%; }
    * {
        scrollbar-size-vertical: 1; scrollbar-color: $foreground 30%; scrollbar-background: $background;
        scrollbar-color-hover: $accent; scrollbar-color-active: $accent; scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
    }
    .sheet OptionList > .option-list--option-highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
    }
    Toast { max-width: 70; }
    .-ascii Setup > * { border: ascii $foreground 30%; }
    .-ascii Setup > .-active, .-ascii .sheet { border: ascii $accent; }
    """

    def __init__(
        self,
        home: Path,
        config: Config,
        *,
        experiment: Path | None = None,
        attach: str | None = None,
        colours: Colours = "full",
        started_in: Path | None = None,
        session: Session | None = None,
    ) -> None:
        """The lab on an experiment file, on a run, or on the draft.

        Raises:
            InputError: where the experiment cannot be read, or the config names what does not exist.
        """
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_name(config.theme or "dark", colours, self.available_themes)
        self.look = Look(config.ascii, colours, self.current_theme.dark)
        self.set_class(config.ascii, "-ascii")
        self.lab: Lab | None = None
        self._home, self._config = home, config
        self._keymap = checked(config.keys)
        self._here = started_in or Path.cwd()
        self._session = session
        self._attach_ref = attach
        self._file = experiment
        self._given = _read(experiment) if experiment else None

    def compose(self) -> ComposeResult:
        """What is seen first: the two lines that stay where they are."""
        yield Static(" mltui", id="first-name", markup=False)
        yield Static("", id="first-keys", markup=False)

    def on_mount(self) -> None:
        """Open the lab once something is seen, and leave cleanly when told to from outside."""
        if self._keymap:
            self.set_keymap(self._keymap)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            with suppress(RuntimeError, ValueError):  # not in the main thread: a test's own business
                loop.add_signal_handler(number, self.leave)
        if terminal.is_tty(0):
            self.set_interval(GONE_SECONDS, self._leave_where_the_terminal_is_gone)
        self.call_after_refresh(self._open)

    def _leave_where_the_terminal_is_gone(self) -> None:
        if terminal.gone():
            self.leave()

    async def _open(self) -> None:
        from mltui.ui.screens.lab import Lab
        from mltui.ui.session import Session

        folder = self._file.absolute().parent if self._file else self._here
        session = self._session or Session(self._home, folder, self._here, self._config.threads)
        self._session = session
        self.lab = Lab(session, await self._sheet(), self.look, self._attach_ref, self._given, self._keymap)
        await self.push_screen(self.lab)

    async def _sheet(self) -> Sheet:
        from mltui.runs import draft
        from mltui.ui.aside import aside
        from mltui.ui.sheet import Sheet

        if self._given is not None:
            return Sheet.of(self._given[0])
        kept = await aside(draft.load, self._home)
        return (Sheet.restored(kept) if kept else None) or Sheet.welcome()

    def get_driver_class(self) -> type[Driver]:
        """As Textual chooses; of the one that writes to a terminal here, one that can be stopped by force."""
        from textual.drivers.linux_driver import LinuxDriver

        from mltui.ui.driver import SteadyDriver

        chosen = super().get_driver_class()
        return SteadyDriver if chosen is LinuxDriver else chosen

    def action_command_palette(self) -> None:
        """Open the palette, and say what it finds."""
        from textual.command import CommandPalette

        if not any(isinstance(screen, CommandPalette) for screen in self.screen_stack):
            words = "a command, setting, dataset, model, view or theme"
            self.push_screen(CommandPalette(placeholder=words, id="--command-palette"))

    async def action_quit(self) -> None:
        """Leave; the draft is kept, and what trains goes on."""
        if self.lab is not None:
            with suppress(TimeoutError):  # a store that does not answer holds nobody back
                await asyncio.wait_for(self.lab.keep_draft(), DRAFT_SECONDS)
        self.leave()

    def on_notify(self) -> None:
        """What is said takes the place of what was said before, also where keys come in a burst."""
        self.clear_notifications()
        self.screen.query("ToastHolder").remove()  # clearing misses one that is not mounted yet

    def leave(self) -> None:
        """Leave at once, with a word about the run that goes on."""
        run = self.lab.underway if self.lab is not None else None
        self.exit(f"run {run.id} trains on: mltui attach {run.id}" if run is not None else None)

    async def on_unmount(self) -> None:
        """The spare goes with the lab; a run that was just asked for is started before that."""
        if self._session is not None:
            await self._session.close()


def _read(path: Path) -> tuple[Experiment, str]:
    from mltui.runs import experiments

    return experiments.load(path), experiments.read_text(path)
