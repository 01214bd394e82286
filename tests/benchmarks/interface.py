"""Measures the interface in a real pty while a run trains: keys, first paint, share of a core, bytes on the wire."""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pyte

MINIMAL = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    def compose(self):
        yield Static("hello")
Minimal().run()
"""
EXPERIMENT = """
format = 1
name = "interface benchmark"
[data]
dataset = "circles"
options = { samples = 2000, noise = 0.1 }
[model]
name = "mlp"
hidden_layers = [32, 32]
[training]
epochs = 1000000
batch_size = 32
"""
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
TARGETS = {"key": 0.050, "paint": 1.5, "cpu": 0.10}


class Terminal:
    """A program in a pty of its own, and the screen as a person would see it."""

    def __init__(self, command: list[str], size: tuple[int, int], home: Path) -> None:
        columns, lines = size
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.received = 0
        self.unseen = bytearray()
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        environment = {
            **os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "MLTUI_HOME": str(home),
            "LINES": str(lines), "COLUMNS": str(columns),
        }  # fmt: skip
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=home, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.master = master

    def read(self, seconds: float) -> float | None:
        """Take what comes within some seconds; the time of its arrival, or None where nothing came."""
        ready, _, _ = select.select([self.master], [], [], max(0.0, seconds))
        if not ready:
            return None
        arrived = time.perf_counter()
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return None
        self.received += len(data)
        self.unseen += data
        return arrived

    def press(self, keys: str) -> float:
        """Type, and say when."""
        os.write(self.master, keys.encode())
        return time.perf_counter()

    def text(self) -> str:
        """The screen as text."""
        self.stream.feed(bytes(self.unseen))
        self.unseen.clear()
        return "\n".join(self.screen.display)

    def until(self, true: Callable[[str], bool], what: str, seconds: float = 30.0) -> float:
        """Read until the screen shows something; when that arrived.

        Raises:
            TimeoutError: with the screen as it stands.
        """
        end = time.perf_counter() + seconds
        arrived: float | None = time.perf_counter()
        while not true(self.text()):
            arrived = self.read(0.2) or arrived
            if time.perf_counter() > end or self.process.poll() is not None:
                raise TimeoutError(f"no {what} within {seconds} s; the screen:\n{self.text()}")
        assert arrived is not None
        return arrived

    def effect(self, words: str, pressed: float, seconds: float = 20.0) -> float:
        """Seconds from a key to the arrival of the words it brings about.

        They are looked for in the bytes themselves: keeping a screen would take the time that is measured.

        Raises:
            TimeoutError: with the screen as it stands.
        """
        start = len(self.unseen)
        while time.perf_counter() < pressed + seconds:
            arrived = self.read(0.2)
            if arrived and words.encode() in ESCAPES.sub(b"\0", bytes(self.unseen[start:])):
                return arrived - pressed
        raise TimeoutError(f"no {words} within {seconds} s; the screen:\n{self.text()}")

    def settle(self, seconds: float) -> None:
        """Read for some seconds, whatever comes."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def close(self) -> None:
        """End the program, and wait until it is gone."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self.master)


@contextmanager
def busy() -> Iterator[None]:
    """Keep a further core busy, as a neighbour on a shared machine does."""
    burner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        burner.kill()
        burner.wait()


@contextmanager
def lab(size: tuple[int, int], home: Path) -> Iterator[Terminal]:
    """The lab on the benchmark's experiment, training; its run is stopped at the end."""
    file = home / "benchmark.toml"
    file.write_text(EXPERIMENT)
    terminal = Terminal([_installed("mltui"), str(file)], size, home)
    try:
        terminal.until(lambda text: "circles" in text, "lab")
        terminal.settle(1.0)
        terminal.press("r")
        terminal.until(lambda text: "training" in text, "training")
        terminal.settle(3.0)
        yield terminal
    finally:
        terminal.close()
        _stop_runs(home)


def measure_keys(home: Path, presses: int) -> dict[str, list[float]]:
    """Seconds from a key to its effect on the wire: the threshold in its pane at 160x45, tabs at 80x24."""
    found: dict[str, list[float]] = {}
    with lab((160, 45), home) as terminal:
        found["threshold"] = list(_threshold(terminal, presses))
    with lab((80, 24), home) as terminal:
        found["tab"] = list(_tabs(terminal, presses))
    return found


def _threshold(terminal: Terminal, presses: int) -> Iterator[float]:
    value = 50
    for count in range(presses):
        up = (count // 8) % 2 == 0
        value += 5 if up else -5
        terminal.text()
        yield terminal.effect(f"t {value / 100:.2f}", terminal.press("]" if up else "["))
        terminal.settle(0.23)


def _tabs(terminal: Terminal, presses: int) -> Iterator[float]:
    titles = {"2": "Loss", "4": "ROC", "6": "Matrix", "5": "Scores"}
    for count in range(presses):
        key = list(titles)[count % len(titles)]
        terminal.text()
        yield terminal.effect(f" {titles[key]} ", terminal.press(key))
        terminal.settle(0.23)


def measure_load(home: Path, seconds: float) -> dict[str, float]:
    """The lab process's share of a core, and bytes a second to the terminal, while it only watches at 160x45."""
    with lab((160, 45), home) as terminal:
        process = psutil.Process(terminal.process.pid)
        before, received, began = process.cpu_times(), terminal.received, time.perf_counter()
        terminal.settle(seconds)
        after, passed = process.cpu_times(), time.perf_counter() - began
        used = after.user + after.system - before.user - before.system
        return {"cpu": used / passed, "bytes": (terminal.received - received) / passed}


def measure_paint(home: Path, runs: int) -> dict[str, list[float]]:
    """Seconds from start to the first words on the screen, the lab and a minimal Textual app in turn.

    And how long until the lab's form stands, which is when its keys mean something.
    """
    minimal = home / "minimal.py"
    minimal.write_text(MINIMAL)
    found: dict[str, list[float]] = {"minimal": [], "lab": [], "form": []}
    for _ in range(runs):
        for name, command in (("minimal", [sys.executable, str(minimal)]), ("lab", [_installed("mltui")])):
            terminal = Terminal(command, (120, 36), home)
            try:
                arrived = terminal.until(lambda text: bool(text.strip()), "first paint")
                found[name].append(arrived - terminal.began)
                if name == "lab":
                    found["form"].append(terminal.until(lambda text: "dataset" in text, "form") - terminal.began)
                terminal.settle(0.5)
            finally:
                terminal.close()
    return found


def _installed(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name) or name


def _stop_runs(home: Path) -> None:
    """Quitting the lab leaves its run alive, so end it; a worker that does not listen is killed."""
    environment = {**os.environ, "MLTUI_HOME": str(home)}
    subprocess.run([_installed("mltui"), "runs", "stop", "latest"], env=environment, capture_output=True, check=False)
    end = time.monotonic() + 10
    while (workers := _workers(home)) and time.monotonic() < end:
        time.sleep(0.1)
    for worker in workers:
        worker.kill()


def _workers(home: Path) -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["cmdline"]) if str(home) in " ".join(p.info["cmdline"] or [])]


def main() -> int:
    """Measure everything and print a table; the exit code says whether every target was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=48)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=12.0)
    args = parser.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mltui-benchmark-")))
        paint = measure_paint(home, args.runs)
        stack.enter_context(busy())
        keys = measure_keys(home, args.presses)
        load = measure_load(home, args.seconds)
    return _report(keys, paint, load)


def _report(keys: dict[str, list[float]], paint: dict[str, list[float]], load: dict[str, float]) -> int:
    median = {name: statistics.median(times) for name, times in keys.items()}
    painted = {name: statistics.median(times) for name, times in paint.items()}
    ratio = painted["lab"] / painted["minimal"]
    rows = [
        *((f"key to effect, {n}, median", f"{1000 * median[n]:.0f} ms", "50 ms") for n in keys),
        *((f"key to effect, {n}, 95 %", f"{1000 * sorted(t)[int(0.95 * len(t))]:.0f} ms", "") for n, t in keys.items()),
        ("first paint, minimal Textual app", f"{painted['minimal']:.2f} s", ""),
        ("first paint, lab", f"{painted['lab']:.2f} s ({ratio:.2f} x)", "1.5 x"),
        ("the form stands, lab", f"{painted['form']:.2f} s", ""),
        ("interface's share of a core, 160x45", f"{100 * load['cpu']:.1f} %", "10 %"),
        ("to the terminal, 160x45", f"{load['bytes'] / 1000:.1f} kB/s", ""),
    ]
    print(f"{'measured':44}{'found':>18}{'at most':>12}")
    for name, value, target in rows:
        print(f"{name:44}{value:>18}{target:>12}")
    met = max(median.values()) <= TARGETS["key"] and ratio <= TARGETS["paint"] and load["cpu"] <= TARGETS["cpu"]
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
