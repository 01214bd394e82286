"""The installed `mltui` in a real pseudo-terminal, as a newcomer drives it: from launch to a trained model to quit."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest

MLTUI = Path(sys.executable).with_name("mltui")
ALTERNATE, CURSOR = 1049, 25


class Screen(pyte.Screen):
    """A terminal that also remembers whether the alternate screen is on and the cursor shown."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self.alternate = False
        self.cursor_shown = True

    def set_mode(self, *modes: int, **kwargs: bool) -> None:
        super().set_mode(*modes, **kwargs)
        self._remember(modes, on=True, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: bool) -> None:
        super().reset_mode(*modes, **kwargs)
        self._remember(modes, on=False, **kwargs)

    def _remember(self, modes: tuple[int, ...], *, on: bool, private: bool = False) -> None:
        if private and ALTERNATE in modes:
            self.alternate = on
        if private and CURSOR in modes:
            self.cursor_shown = on

    def report_device_status(self, mode: int, **kwargs: bool) -> None:
        """Answers nothing, as a simple terminal."""

    @property
    def text(self) -> str:
        return "\n".join(self.display)


class Terminal:
    """The two ends of a pseudo-terminal with a program on it."""

    def __init__(self, words: list[str], columns: int, rows: int, env: dict[str, str]) -> None:
        self.ours, self.theirs = pty.openpty()
        termios.tcsetwinsize(self.theirs, (rows, columns))
        self.before = termios.tcgetattr(self.theirs)
        self.screen = Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.process = subprocess.Popen(
            words,
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **env},
        )

    def read(self, seconds: float = 0.05) -> None:
        """Take in what the program has written."""
        while select.select([self.ours], [], [], seconds)[0]:
            piece = os.read(self.ours, 1 << 16)
            self.written += piece
            self.stream.feed(piece)
            seconds = 0

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = 120) -> None:
        """Watch until a condition holds."""
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, f"waited in vain for {what}; the screen:\n{self.screen.text}"
            self.read()

    def shows(self, *words: str, seconds: float = 120) -> None:
        """Watch until all these words are on the screen."""
        self.wait(lambda: all(word in self.screen.text for word in words), " and ".join(words), seconds)

    def press(self, keys: str) -> None:
        os.write(self.ours, keys.encode())

    def ended(self, seconds: float = 60) -> int:
        """Watch until the program has ended; its exit code."""
        self.wait(lambda: self.process.poll() is not None, "the end", seconds)
        self.read()
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


@contextmanager
def opened(*words: object, columns: int = 80, rows: int = 24, **env: str) -> Iterator[Terminal]:
    terminal = Terminal([str(MLTUI), *map(str, words)], columns, rows, env)
    try:
        yield terminal
    finally:
        terminal.close()


def restored(terminal: Terminal) -> None:
    """The terminal is as it was before."""
    assert termios.tcgetattr(terminal.theirs) == terminal.before
    assert not terminal.screen.alternate
    assert terminal.screen.cursor_shown
    assert b"Traceback" not in terminal.written


QUIT = "\x11"


def test_a_newcomer_trains_by_one_key_looks_at_every_pane_and_leaves(mltui_home: Path) -> None:
    with opened() as terminal:
        terminal.shows("r run", "Setup", "circles")
        assert terminal.screen.alternate
        terminal.press("r")
        terminal.shows("training", "auc")
        titles = ("Data", "Loss", "Surface", "ROC", "Scores", "Matrix", "Network")
        for key, title in zip("1234567", titles, strict=True):  # the places of later ones follow what the run has
            terminal.press(key)
            terminal.shows(f"╭─ {title}")
        terminal.press("2x")
        terminal.shows("stopped", "▲ kept ")
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)
    assert len(list(mltui_home.glob("runs/*/1/predictions.npz"))) == 1
    with opened("attach", "latest", columns=120, rows=36) as terminal:
        terminal.shows("stopped", "Loss", "circles")
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)


def test_a_run_outlives_the_lab_and_is_attached_to_again(tmp_path: Path) -> None:
    experiment = tmp_path / "long.toml"
    experiment.write_text('[data]\ndataset = "moons"\n[model]\nname = "mlp"\n[training]\nepochs = 1000000\n')
    with opened(experiment) as terminal:
        terminal.shows("r run", "moons")
        terminal.press("r")
        terminal.shows("training", "r pause")
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)
        assert b"run 1 trains on: mltui attach 1" in terminal.written
    with opened("attach", "1") as terminal:
        terminal.shows("training", "moons")
        terminal.press("x")
        terminal.shows("stopped")
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)


def test_a_lab_that_was_stopped_and_went_on_leaves_the_terminal_as_it_was() -> None:
    with opened() as terminal:
        terminal.shows("r run")
        terminal.process.send_signal(signal.SIGSTOP)
        terminal.wait(lambda: _stopped(terminal.process.pid), "the stop")
        terminal.process.send_signal(signal.SIGCONT)
        terminal.press("2")
        terminal.shows("╭─ Curve")

        def asked_to_leave() -> bool:  # what is typed while it takes the terminal back may be dropped
            terminal.press(QUIT)
            time.sleep(0.2)
            return terminal.process.poll() is not None

        terminal.wait(asked_to_leave, "the end")
        assert terminal.ended() == 0
        restored(terminal)


def _stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize(("columns", "rows"), [(40, 10), (20, 4), (200, 60)])
def test_any_size_of_terminal_can_be_left_again(columns: int, rows: int) -> None:
    with opened(columns=columns, rows=rows) as terminal:
        terminal.wait(lambda: terminal.screen.alternate and bool(terminal.screen.text.strip()), "a first picture")
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)


@pytest.mark.parametrize(
    "opening",
    [
        {"\x1b[B": "↵ list", "\r": "Exclusive or"},
        {"R": "↵ open"},
    ],
    ids=["choice", "runs"],
)
def test_a_key_that_repeats_leaves_what_is_open_once(opening: dict[str, str], mltui_home: Path) -> None:
    with opened() as terminal:
        terminal.shows("r run")
        terminal.press("r")
        terminal.shows("training")
        terminal.press("1x")
        terminal.shows("stopped", "╭─ Data")
        for key, seen in opening.items():
            terminal.press(key)
            terminal.shows(seen, seconds=30)
        terminal.press("\r\r\r")

        def back() -> bool:
            for key in ("\x1b", "2"):  # what follows an escape at once is another key
                terminal.press(key)
                time.sleep(0.2)
                terminal.read()
            return "╭─ Loss" in terminal.screen.text

        terminal.wait(back, "the lab", 20)
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)


def test_a_lost_terminal_ends_the_lab(mltui_home: Path) -> None:
    terminal = Terminal([str(MLTUI)], 80, 24, {})
    terminal.shows("r run")
    os.close(terminal.ours)
    os.close(terminal.theirs)
    terminal.process.send_signal(1)  # as the system does when the line drops
    terminal.process.wait(timeout=60)


def test_python_dash_m_is_the_same_door() -> None:
    commands = [[sys.executable, "-m", "mltui", "--version"], [str(MLTUI), "--version"]]
    said = [subprocess.run(command, capture_output=True, check=True).stdout for command in commands]
    assert said[0] == said[1]
