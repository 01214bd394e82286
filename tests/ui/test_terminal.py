"""The terminal around the lab: who is let in, what may write to it, and how it is left."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from mltui.core.errors import InputError
from mltui.ui import terminal
from mltui.ui.themes import theme_name

HEAVY = ("torch", "sklearn", "scipy", "polars", "uproot", "awkward", "skops", "plotext", "pandas", "mltui.training")


class Pty:
    """The lab in a pseudo-terminal of its own."""

    def __init__(self, home: Path, words: str = "None, None", size: tuple[int, int] = (80, 24), **environ: str) -> None:
        self.near, self.far = pty.openpty()
        fcntl.ioctl(self.far, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(self.far)
        self.said = b""
        code = (
            "import os, sys\nfrom mltui.core.errors import InputError\nfrom mltui.ui.app import run_app\n"
            f"{environ.pop('FIRST', '')}\n"
            f"try:\n    sys.exit(run_app({words}))\nexcept InputError as error:\n    print(error)\n    sys.exit(2)\n"
        )
        self.child = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=self.far,
            stdout=self.far,
            stderr=self.far,
            cwd=home,
            env={**os.environ, "TERM": "xterm-256color", "MLTUI_HOME": str(home), **environ},
            start_new_session=True,
        )

    def read(self, seconds: float) -> None:
        ready, _, _ = select.select([self.near], [], [], seconds)
        if ready:
            try:
                self.said += os.read(self.near, 1 << 16)
            except OSError:  # the other side is closed
                time.sleep(seconds)

    def until(self, words: str, seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while words.encode() not in self.said:
            assert time.monotonic() < end, f"{words!r} never came: {self.said[-2000:]!r}"
            self.read(0.05)

    def press(self, keys: bytes) -> None:
        os.write(self.near, keys)

    def ended(self, seconds: float = 60.0) -> int:
        end = time.monotonic() + seconds
        while self.child.poll() is None:
            assert time.monotonic() < end, f"it does not end: {self.said[-2000:]!r}"
            self.read(0.05)
        self.read(0.1)
        return self.child.returncode

    @property
    def restored(self) -> bool:
        return termios.tcgetattr(self.far) == self.before and self.said.rfind(b"\x1b[?1049l") > self.said.rfind(
            b"\x1b[?1049h"
        )

    def close(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        for fd in (self.near, self.far):
            os.close(fd)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("mltui.ui.application", (*HEAVY, "numpy")), ("mltui.ui.palette", HEAVY)],
    ids=["before the first paint", "with the whole lab open"],
)
def test_nothing_heavy_is_imported(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([m for m in sys.argv[1:] if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code, *heavy], check=True, capture_output=True, text=True, timeout=60)
    assert said.stdout.strip() == "[]"


def test_it_opens_and_leaves_the_terminal_as_it_was_and_what_others_print_lands_in_the_log(place: Path) -> None:
    noise = "import threading\nthreading.Timer(1.0, lambda: os.write(2, b'native noise on fd 2')).start()"
    lab = Pty(place, FIRST=noise)
    try:
        lab.until("dataset")
        log = place / "lab.log"
        end = time.monotonic() + 60
        while b"native noise" not in (log.read_bytes() if log.exists() else b""):
            assert time.monotonic() < end
            lab.read(0.05)
        lab.press(b"\x11")
        assert lab.ended() == 0
        assert lab.restored
        assert b"native noise" not in lab.said
    finally:
        lab.close()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_closes_the_lab_cleanly(place: Path, number: signal.Signals) -> None:
    lab = Pty(place)
    try:
        lab.until("dataset")
        lab.child.send_signal(number)
        assert lab.ended() == 0
        assert lab.restored
    finally:
        lab.close()


def test_a_lab_that_was_stopped_by_force_goes_on_and_can_be_left(place: Path) -> None:
    lab = Pty(place)
    try:
        lab.until("dataset")
        for times in range(2, 7):
            lab.child.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, lab.child.pid, os.WSTOPPED | os.WNOWAIT)
            lab.child.send_signal(signal.SIGCONT)
            end = time.monotonic() + 30
            while lab.said.count(b"\x1b[?1049h") < times:
                assert time.monotonic() < end
                lab.read(0.05)
        lab.press(b"\x11")
        assert lab.ended(20) == 0
        assert lab.restored
    finally:
        lab.close()


def test_a_terminal_that_is_gone_without_a_signal_ends_the_lab(place: Path) -> None:
    lab = Pty(place)
    try:
        lab.until("dataset")
        os.close(lab.near)
        os.close(lab.far)
        assert lab.child.wait(60) == 0
        log = place / "lab.log"
        assert not log.exists() or "Traceback" not in log.read_text()
    finally:
        lab.near, lab.far = os.open(os.devnull, os.O_RDONLY), os.open(os.devnull, os.O_RDONLY)
        lab.close()


def test_a_mistake_of_ours_restores_the_terminal_and_names_the_log(place: Path) -> None:
    broken = (
        "from mltui.ui.screens.lab import Lab\n"
        "def fail(self): raise RuntimeError('made to fail')\n"
        "Lab.action_help = fail"
    )
    lab = Pty(place, FIRST=broken)
    try:
        lab.until("dataset")
        lab.press(b"?")
        assert lab.ended() == 1
        assert lab.restored
        after = lab.said[lab.said.rfind(b"\x1b[?1049l") :]
        assert b"lab.log" in after
        assert b"Traceback" not in after
        assert "made to fail" in (place / "lab.log").read_text()
    finally:
        lab.close()


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_place_its_cursor_is_refused_in_one_sentence(place: Path, term: str) -> None:
    lab = Pty(place, TERM=term)
    try:
        assert lab.ended() == 2
        assert lab.said.count(b"\n") == 1
        assert b"mltui run" in lab.said
        assert b"\x1b" not in lab.said
    finally:
        lab.close()


@pytest.mark.parametrize("line", ['theme = "drak"', '[keys]\nrnu = "g"'])
def test_a_config_that_names_what_does_not_exist_is_refused_before_the_screen_is_taken(place: Path, line: str) -> None:
    (place / "config.toml").write_text(line)
    lab = Pty(place)
    try:
        assert lab.ended() == 2
        assert lab.said.count(b"\n") == 1
        assert b"did you mean" in lab.said
        assert b"\x1b" not in lab.said
    finally:
        lab.close()


def test_no_terminal_is_refused(place: Path) -> None:
    code = "from mltui.ui.terminal import refusal; print(refusal())"
    said = subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=60
    )
    assert "needs a terminal" in said.stdout


def test_ten_lines_of_forty_get_a_polite_word(place: Path) -> None:
    lab = Pty(place, size=(40, 10))
    try:
        lab.until("at least 60")
        lab.press(b"\x11")
        assert lab.ended() == 0
    finally:
        lab.close()


def test_what_a_terminal_shows_is_told_by_its_environment() -> None:
    assert terminal.colours({"TERM": "xterm-256color"}) == "full"
    assert terminal.colours({"TERM": "screen"}) == "16"
    assert terminal.colours({"TERM": "screen", "COLORTERM": "truecolor"}) == "full"
    assert terminal.colours({"TERM": "xterm-256color", "NO_COLOR": "1"}) == "none"
    assert terminal.colours({"TERM": "xterm-256color", "NO_COLOR": ""}) == "full"


def test_the_theme_follows_the_wish_and_the_terminal() -> None:
    known = ["mltui-dark", "mltui-light", "nord"]
    assert theme_name("light", "full", known) == "mltui-light"
    assert theme_name("dark", "16", known) == "ansi-dark"
    assert theme_name("nord", "full", known) == "nord"
    with pytest.raises(InputError, match="there is no theme 'nrod'; did you mean nord"):
        theme_name("nrod", "full", known)


def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "LOG_LIMIT", 10)
    log = tmp_path / "lab.log"
    log.write_text("older than the limit allows\n")
    with terminal.guarded(log):
        os.write(1, b"new\n")
    assert log.read_text() == "new\n"
    assert "older" in (tmp_path / "lab.log.1").read_text()
