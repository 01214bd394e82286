"""Faults, each brought about for real: whatever happens to the lab, the line, the worker or the disk, nothing is lost.

`python -m pytest -m soak tests/test_faults.py -n 0` runs them all. Those that need root, sshd, tmux, screen or gcc say
so where they lack it.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.record.folder import RunFolder
from mltui.record.predictions import read_predictions
from mltui.record.reader import EventReader
from mltui.record.state import RunState
from mltui.record.status import read_status
from mltui.runs.follow import Follower, read_state
from mltui.runs.store import Store
from tests.test_real_terminal import MLTUI, QUIT, Terminal, opened, restored

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
TIMES = range(int(os.environ.get("FAULT_TIMES", "1")))
EPOCHS = 80
TOY = f"""\
seed = 3
[data]
dataset = "moons"
options = {{ samples = 1500, noise = 0.25 }}
[model]
name = "mlp"
hidden_layers = [16, 16]
dropout = 0.1
[training]
epochs = {EPOCHS}
batch_size = 16
device = "cpu"
threads = 1
"""


@dataclass(frozen=True)
class Outcome:
    """What a run has come to, to be compared bit for bit."""

    curves: dict[str, tuple[list[float], list[float]]]
    scores: dict[str, list[float]]
    metrics: Any
    phase: str

    @classmethod
    def of(cls, folder: RunFolder, state: RunState) -> Outcome:
        predictions = read_predictions(folder)
        assert predictions is not None
        curves = {
            f"{curve.name}/{curve.part}": (series.steps.tolist(), series.values.tolist())
            for curve, series in zip(state.curves, state.series, strict=True)
        }
        scores = {part: np.ravel(rows.scores.scores).tolist() for part, rows in predictions.parts.items()}
        return cls(curves, scores, state.metrics, state.phase)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("given") / "toy.toml"
    path.write_text(TOY)
    return path


@pytest.fixture(scope="module")
def alone(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The run that nothing happens to."""
    home = tmp_path_factory.mktemp("alone")
    done = subprocess.run([MLTUI, "run", str(file), "--json"], env=surroundings(home), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    folder = only_run(home)
    return Outcome.of(folder, read_state(folder))


def surroundings(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "MLTUI_HOME": str(home), **more}


def only_run(home: Path) -> RunFolder:
    (folder,) = Store(home).folders()
    return folder


def until(condition: Callable[[], object], what: str, seconds: float = 300.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


def trains(home: Path, epochs: int = 3) -> RunFolder:
    """The run of a store once it has trained for some epochs."""
    until(lambda: [f for f in Store(home).folders() if f.events.exists()], "the run")
    folder = only_run(home)
    follower = Follower(folder)
    until(lambda: follower.poll().step >= epochs, "the first epochs")
    assert not follower.poll().ended, "it is over before anything could happen to it"
    return folder


def worker(folder: RunFolder) -> int:
    status = read_status(folder.status)
    assert status is not None
    return status.pid


def beat(folder: RunFolder) -> int:
    status = read_status(folder.status)
    assert status is not None
    return status.heartbeat


def _beaten(folder: RunFolder, beats: int) -> bool:
    return beat(folder) >= beats or read_state(folder).ended


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def comes_to(folder: RunFolder, alone: Outcome, follower: Follower | None = None) -> None:
    """The run ends by itself as if nothing had happened, in the eyes of who followed it and of who comes now."""
    followed = follower or Follower(folder)
    until(lambda: followed.poll().ended, "the end")
    for state in (followed.poll(), read_state(folder)):
        assert state.phase == "finished", state.message
        assert Outcome.of(folder, state) == alone
    numbers = [event.seq for event in EventReader(folder).poll()]
    assert numbers == list(range(len(numbers))), "no gap and no double"


def resumed(folder: RunFolder, alone: Outcome) -> None:
    """The run is known to be interrupted, is offered its resume, and comes to the same by it."""
    follower = Follower(folder, patience=0.0)
    until(lambda: follower.poll().phase == "interrupted", "the verdict", 30)
    assert f"mltui runs resume {folder.id}" in follower.poll().message
    home = folder.path.parents[2]
    subprocess.run([MLTUI, "runs", "resume", folder.id, "--detach"], env=surroundings(home), check=True)
    comes_to(folder, alone)


@contextmanager
def lab(file: Path, home: Path, **env: str) -> Iterator[tuple[Terminal, RunFolder]]:
    """A lab in a terminal of its own, that trains."""
    terminal = Terminal([str(MLTUI), str(file)], 80, 24, {**env, "MLTUI_HOME": str(home)})
    try:
        terminal.shows("r run", "moons")
        terminal.press("r")
        terminal.shows("training")
        yield terminal, trains(home)
    finally:
        terminal.close()


# -- deaths --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("again", TIMES)
@pytest.mark.parametrize("victim", ["worker", "lab", "both"])
def test_kill_9(file: Path, alone: Outcome, tmp_path: Path, victim: str, again: int) -> None:
    with lab(file, tmp_path) as (terminal, folder):
        if victim != "worker":
            kill(terminal.process.pid)
        if victim != "lab":
            kill(worker(folder))
        if victim == "worker":
            terminal.shows("interrupted", "o resume")
            terminal.press("o")
            terminal.shows("finished", seconds=300)
            terminal.press(QUIT)
            assert terminal.ended() == 0
            restored(terminal)
    if victim == "both":
        resumed(folder, alone)
    else:
        comes_to(folder, alone)


@pytest.mark.parametrize("again", TIMES)
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_the_lab_is_told_to_go(file: Path, alone: Outcome, tmp_path: Path, number: signal.Signals, again: int) -> None:
    with lab(file, tmp_path) as (terminal, folder):
        follower = Follower(folder)
        follower.poll()
        terminal.process.send_signal(number)
        assert terminal.ended() == 0
        restored(terminal)
        assert b"trains on: mltui attach" in terminal.written
    comes_to(folder, alone, follower)


@pytest.mark.parametrize("again", TIMES)
def test_the_terminal_is_gone(file: Path, alone: Outcome, tmp_path: Path, again: int) -> None:
    """The system closes the pseudo-terminal and sends SIGHUP to whoever has it."""
    home = tmp_path
    leader = "import os,pty,select,sys; pid, fd = pty.fork()\nif not pid: os.execv(sys.argv[1], sys.argv[1:])\n"
    leader += "os.write(1, str(pid).encode() + b'\\n')\nwhile True:\n"
    leader += "    select.select([fd], [], [], 0.1)[0] and os.write(2, os.read(fd, 65536))\n    "
    leader += "os.path.exists(os.environ['KEY']) and (os.unlink(os.environ['KEY']), os.write(fd, b'r'))"
    key, seen = tmp_path / "key", tmp_path / "seen"
    with seen.open("wb") as screen:
        held = subprocess.Popen(
            [sys.executable, "-c", leader, str(MLTUI), str(file)],
            stdout=subprocess.PIPE,
            stderr=screen,
            env=surroundings(home, KEY=str(key), TERM="xterm-256color"),
        )
        assert held.stdout is not None
        pid = int(held.stdout.readline())
        until(lambda: b"moons" in seen.read_bytes(), "the lab")
        time.sleep(1)
        key.touch()
        folder = trains(home)
        held.kill()
        held.communicate()
    until(lambda: not os.path.exists(f"/proc/{pid}"), "the end of the lab", 60)
    comes_to(folder, alone)


@pytest.mark.parametrize("seed", range(int(os.environ.get("FAULT_KILLS", "200")) // 5))
def test_two_hundred_random_kills(file: Path, alone: Outcome, tmp_path: Path, seed: int) -> None:
    """Each run is killed five times, worker or launcher, at any moment from its start on, and gone on with."""
    luck, command = random.Random(seed), [str(MLTUI), "run", str(file), "--json"]
    while not killed(command, tmp_path, luck):
        folder = only_run(tmp_path)
        if folder.last_attempt == 5:
            break
        command = [str(MLTUI), "runs", "resume", folder.id, "--json"]
    folder = only_run(tmp_path)
    if read_state(folder).phase != "finished":
        resumed(folder, alone)
    comes_to(folder, alone)


def killed(command: list[str], home: Path, luck: random.Random) -> bool:
    """A command that trains, killed with its worker some time after its start; whether it was done before that."""
    shell = subprocess.Popen(command, env=surroundings(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: Store(home).folders(), "the folder")
    folder = only_run(home)
    time.sleep(luck.uniform(0, 12))
    pids = children(shell.pid)
    for pid in [*pids, shell.pid] if luck.random() < 0.5 else [shell.pid, *pids]:
        kill(pid)
    shell.wait()
    until(lambda: read_state(folder).ended, "the verdict")
    return read_state(folder).phase == "finished"


# -- the line ------------------------------------------------------------------------------------------------------
@pytest.mark.skipif(not shutil.which("sshd") or os.getuid() != 0, reason="needs sshd and root")
@pytest.mark.parametrize("again", TIMES)
@pytest.mark.parametrize("cut", ["client", "server"])
def test_a_cut_ssh_line(file: Path, alone: Outcome, tmp_path: Path, cut: str, again: int) -> None:
    with sshd(tmp_path) as line:
        home = tmp_path / "home"
        words = f"MLTUI_HOME={home} TERM=xterm-256color exec {MLTUI} {file}"
        terminal = Terminal([*line, words], 80, 24, {})
        try:
            terminal.shows("r run", "moons")
            terminal.press("r")
            terminal.shows("training")
            folder = trains(home)
            follower = Follower(folder)
            follower.poll()
            if cut == "client":
                kill(terminal.process.pid)
            else:
                for pid in children(int((tmp_path / "sshd.pid").read_text())):
                    kill(pid)
            terminal.wait(lambda: terminal.process.poll() is not None, "the end of the line")
        finally:
            terminal.close()
        comes_to(folder, alone, follower)
    with opened("attach", folder.id, MLTUI_HOME=str(home)) as back:
        back.shows("finished", "Loss")
        back.press(QUIT)
        assert back.ended() == 0


@contextmanager
def sshd(place: Path) -> Iterator[list[str]]:
    """An ssh server on the loopback, and the words that open a line to it."""
    for name in ("host", "own"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    Path("/run/sshd").mkdir(exist_ok=True)
    settings = {
        "Port": port, "ListenAddress": "127.0.0.1", "HostKey": place / "host", "PidFile": place / "sshd.pid",
        "AuthorizedKeysFile": place / "own.pub", "StrictModes": "no", "UsePAM": "no", "PermitRootLogin": "yes",
    }  # fmt: skip
    (place / "sshd_config").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    server = subprocess.Popen([shutil.which("sshd") or "", "-D", "-f", str(place / "sshd_config")])
    until((place / "sshd.pid").exists, "sshd")
    options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
    try:
        yield ["ssh", "-tt", "-p", str(port), "-i", str(place / "own"), *options, "root@127.0.0.1"]
    finally:
        server.kill()
        server.wait()


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            words = path.read_text().rpartition(")")[2].split()
            found += [int(path.parent.name)] if int(words[1]) == pid else []
    return found


@pytest.mark.parametrize("program", ["tmux", "screen"])
def test_inside_tmux_and_screen(file: Path, alone: Outcome, tmp_path: Path, program: str) -> None:
    """Detached, come back to, and the whole of it killed."""
    if not shutil.which(program):
        pytest.skip(f"needs {program}")
    home, name = tmp_path / "home", f"mltui-{os.getpid()}"
    begin, again, end = {
        "tmux": (
            ["-L", name, "-f", "/dev/null", "new", "-s", name],
            ["-L", name, "attach"],
            ["-L", name, "kill-server"],
        ),
        "screen": (["-c", "/dev/null", "-S", name], ["-r", name], ["-S", name, "-X", "quit"]),
    }[program]
    env = {"MLTUI_HOME": str(home), "SCREENDIR": str(tmp_path / "screens")}
    (tmp_path / "screens").mkdir(mode=0o700)
    terminal = Terminal([program, *begin, str(MLTUI), str(file)], 80, 24, env)
    try:
        terminal.shows("r run", "moons")
        terminal.press("r")
        terminal.shows("training")
        folder = trains(home)
        kill(terminal.process.pid, signal.SIGHUP)
        terminal.ended()
        back = Terminal([program, *again], 100, 30, env)
        try:
            back.shows("Loss")
        finally:
            subprocess.run([program, *end], env={**os.environ, **env}, check=False)
            back.close()
    finally:
        terminal.close()
    comes_to(folder, alone)


# -- the disk ------------------------------------------------------------------------------------------------------
@contextmanager
def mounted(place: Path, *options: str) -> Iterator[Path]:
    place.mkdir(mode=0o700)
    subprocess.run(["mount", *options, str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def waits_in_memory(folder: RunFolder) -> None:
    """The run is said to go on, with a word about what troubles it."""
    follower = Follower(folder)

    def troubled() -> bool:
        state = follower.poll()
        assert not state.ended, state.message
        return any("memory" in warning for warning in state.warnings)

    until(troubled, "the word about the disk", 60)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to mount")
@pytest.mark.parametrize("again", TIMES)
def test_a_small_disk_fills_and_is_made_room_on(file: Path, alone: Outcome, tmp_path: Path, again: int) -> None:
    with (
        mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=5m", "tmpfs") as home,
        lab(file, home) as (terminal, folder),
    ):
        filler = home / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as hog:
            while hog.write(bytes(4096)):
                pass
        waits_in_memory(folder)
        terminal.press("8")
        terminal.shows("training")
        filler.unlink()
        comes_to(folder, alone)
        terminal.shows("finished", seconds=60)
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to mount")
def test_a_store_that_can_only_be_read(file: Path, alone: Outcome, tmp_path: Path) -> None:
    home = tmp_path / "home"
    subprocess.run([MLTUI, "run", str(file), "--json"], env=surroundings(home), capture_output=True, check=True)
    with mounted(tmp_path / "ro", "--bind", str(home)) as read_only:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(read_only)], check=True)
        with opened("attach", "latest", MLTUI_HOME=str(read_only)) as terminal:
            terminal.shows("finished", "Loss")
            terminal.press("r")
            terminal.shows("the file system is read-only")
            terminal.press(QUIT)
            assert terminal.ended() == 0
            restored(terminal)
    comes_to(only_run(home), alone)


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes a folder misbehave for whoever preloads it."""
    if not shutil.which("gcc"):
        pytest.skip("needs gcc")
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    source = Path(__file__).with_name("fault_shim.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    return library


@pytest.mark.parametrize("again", TIMES)
@pytest.mark.parametrize(
    "refusal", [*map(str, (errno.EACCES, errno.EDQUOT, errno.EROFS, errno.EIO)), f"c{errno.EDQUOT}"]
)
def test_writes_are_refused_for_a_while(
    file: Path, alone: Outcome, tmp_path: Path, shim: Path, refusal: str, again: int
) -> None:
    """As by a token that ends and is renewed, a quota, one that shows at the close of a file, a server at fault."""
    home, flag = tmp_path / "home", tmp_path / "flag"
    env = {"LD_PRELOAD": str(shim), "FAULT_UNDER": str(home), "FAULT_FLAG": str(flag)}
    with lab(file, home, **env) as (terminal, folder):
        flag.write_text(refusal)
        terminal.press("u1")
        time.sleep(float(os.environ.get("FAULT_REFUSED", "30")))
        assert not read_state(folder).ended or read_state(folder).phase == "finished"
        flag.unlink()
        comes_to(folder, alone)
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)


@pytest.mark.parametrize("again", TIMES)
def test_the_clock_jumps(file: Path, alone: Outcome, tmp_path: Path, shim: Path, again: int) -> None:
    """A day ahead and two days back, as where a node finds its time server."""
    home, clock = tmp_path / "home", tmp_path / "clock"
    with lab(file, home, LD_PRELOAD=str(shim), FAULT_CLOCK=str(clock)) as (terminal, folder):
        for seconds in (86_400, -86_400):
            clock.write_text(str(seconds))
            until(partial(_beaten, folder, beat(folder) + 2), "two more heartbeats", 30)
            assert read_state(folder).phase in ("training", "finished")
            assert "interrupted" not in terminal.screen.text
        comes_to(folder, alone)
        terminal.shows("finished", seconds=60)
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)
    assert (read_state(folder).seconds or 0) > 0


@pytest.mark.parametrize("again", TIMES)
def test_a_mount_that_hangs_for_half_a_minute(
    file: Path, alone: Outcome, tmp_path: Path, shim: Path, again: int
) -> None:
    home, flag = tmp_path / "home", tmp_path / "flag"
    env = {"LD_PRELOAD": str(shim), "FAULT_UNDER": str(home), "FAULT_FLAG": str(flag)}
    with lab(file, home, **env) as (terminal, folder):
        flag.write_text("hang")
        began = time.monotonic()
        terminal.shows("not answered for", seconds=20)
        for key, word in (("3", "╭─ Surface"), ("4", "╭─ ROC"), ("2", "╭─ Loss")):
            pressed = time.monotonic()
            terminal.press(key)
            terminal.shows(word, seconds=10)
            print(f"a key while nothing answers: {time.monotonic() - pressed:.3f} s")
        terminal.wait(lambda: time.monotonic() - began > 30, "half a minute", 60)
        flag.unlink()
        terminal.wait(lambda: "answered" not in terminal.screen.text, "an answer", 20)
        comes_to(folder, alone)
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)


def test_the_lab_can_be_left_while_the_mount_hangs(file: Path, alone: Outcome, tmp_path: Path, shim: Path) -> None:
    home, flag = tmp_path / "home", tmp_path / "flag"
    env = {"LD_PRELOAD": str(shim), "FAULT_UNDER": str(home), "FAULT_FLAG": str(flag)}
    with lab(file, home, **env) as (terminal, folder):
        flag.write_text("hang")
        terminal.shows("not answered for", seconds=20)
        began = time.monotonic()
        terminal.press(QUIT)
        assert terminal.ended(30) == 0
        print(f"left in {time.monotonic() - began:.1f} s while nothing answers")
        restored(terminal)
        flag.unlink()
    comes_to(folder, alone)


def test_the_folder_is_removed_under_the_run(file: Path, tmp_path: Path) -> None:
    with lab(file, tmp_path) as (terminal, folder):
        pid = worker(folder)
        shutil.rmtree(folder.path)
        until(lambda: not os.path.exists(f"/proc/{pid}"), "the end of the worker", 120)
        terminal.wait(lambda: "training" not in terminal.screen.text, "a word", 30)
        print(terminal.screen.text)
        assert not folder.path.exists()
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)


@pytest.mark.parametrize("again", TIMES)
def test_the_folder_is_away_for_a_while(file: Path, alone: Outcome, tmp_path: Path, again: int) -> None:
    """As where a mount goes and comes back: nothing is made in its place."""
    with lab(file, tmp_path) as (terminal, folder):
        away = folder.path.rename(tmp_path / "away")
        time.sleep(25)
        assert not folder.path.exists()
        away.rename(folder.path)
        comes_to(folder, alone)
        terminal.shows("finished", seconds=60)
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)


@pytest.mark.parametrize("answers", [True, False])
def test_the_store_hangs_before_the_first_screen(file: Path, tmp_path: Path, shim: Path, answers: bool) -> None:
    home, flag = tmp_path / "home", tmp_path / "flag"
    home.mkdir()
    flag.write_text("hang")
    env = {"LD_PRELOAD": str(shim), "FAULT_UNDER": str(home), "FAULT_FLAG": str(flag)}
    with opened(str(file), columns=80, rows=24, MLTUI_HOME=str(home), **env) as terminal:
        terminal.wait(lambda: b"does not answer; waiting" in terminal.written, "a word", 20)
        if answers:
            flag.unlink()
            terminal.shows("r run", "moons")
            terminal.press(QUIT)
        else:
            terminal.process.send_signal(signal.SIGINT)
        assert terminal.ended() == (0 if answers else 130)
        restored(terminal)


# -- the lab -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seconds", [float(os.environ.get("FAULT_STOPPED", "60"))])
def test_the_lab_is_stopped_for_a_minute(file: Path, alone: Outcome, tmp_path: Path, seconds: float) -> None:
    with lab(file, tmp_path) as (terminal, folder):
        terminal.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        terminal.process.send_signal(signal.SIGCONT)
        comes_to(folder, alone)
        terminal.shows("finished", seconds=60)
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)


def test_two_labs_on_one_store(file: Path, alone: Outcome, tmp_path: Path) -> None:
    with lab(file, tmp_path) as (first, folder), opened("attach", folder.id, MLTUI_HOME=str(tmp_path)) as second:
        second.shows("training")
        second.press("r")
        first.shows("paused")
        second.shows("paused")
        first.press("r")
        second.shows("training")
        comes_to(folder, alone)
        for terminal in (first, second):
            terminal.shows("finished", seconds=60)
            terminal.press(QUIT)
            assert terminal.ended() == 0
            restored(terminal)


def test_of_two_who_resume_at_once_one_is_refused(file: Path, alone: Outcome, tmp_path: Path) -> None:
    with lab(file, tmp_path) as (terminal, folder):
        kill(terminal.process.pid)
        kill(worker(folder))
    command = [str(MLTUI), "runs", "resume", folder.id, "--json"]
    until(lambda: read_state(folder).phase == "interrupted", "the verdict", 30)
    pair = [subprocess.Popen(command, env=surroundings(tmp_path), stdout=-3, stderr=-1, text=True) for _ in range(4)]
    said = [one.communicate()[1] for one in pair]
    assert sorted(one.returncode for one in pair) == [0, 2, 2, 2], said
    assert folder.last_attempt == 2
    comes_to(folder, alone)


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("unshare"), reason="needs root and unshare")
def test_another_node_steers_the_run_and_goes_on_with_it(file: Path, alone: Outcome, tmp_path: Path) -> None:
    """Names and processes of its own stand for the other node: none of its signals or pids mean anything here."""
    node = ["unshare", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child"]
    command = [*node, "sh", "-c", 'hostname nodeb && exec "$@"', "sh", str(MLTUI), "run", str(file), "--json"]
    other = subprocess.Popen(command, env=surroundings(tmp_path), stdout=subprocess.DEVNULL)
    folder = trains(tmp_path)
    listed = Store(tmp_path).list()
    assert [(run.phase, run.host) for run in listed] == [("training", "nodeb")]
    with opened("attach", folder.id, MLTUI_HOME=str(tmp_path)) as terminal:
        terminal.shows("training")
        terminal.press("r")
        terminal.shows("paused")
        terminal.press("r")
        terminal.shows("training")
        terminal.press("r")
        terminal.shows("paused")
        other.kill()  # the node is gone, with all that ran there
        other.wait()
        terminal.shows("interrupted", "o resume", seconds=200)
        terminal.press("o")
        terminal.shows("finished", seconds=300)
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)
    comes_to(folder, alone)


def test_the_terminal_shrinks_and_grows(file: Path, alone: Outcome, tmp_path: Path) -> None:
    with lab(file, tmp_path) as (terminal, folder):
        for columns, rows, word in (
            (40, 12, "too small"),
            (200, 60, "Surface"),
            (40, 12, "too small"),
            (80, 24, "Loss"),
        ):
            termios.tcsetwinsize(terminal.ours, (rows, columns))
            terminal.screen.resize(rows, columns)
            terminal.process.send_signal(signal.SIGWINCH)
            terminal.shows(word)
        comes_to(folder, alone)
        terminal.press(QUIT)
        assert terminal.ended() == 0
        restored(terminal)


def test_nobody_listens_and_all_is_private(file: Path, alone: Outcome, tmp_path: Path) -> None:
    with lab(file, tmp_path / "home") as (terminal, folder):
        pids = [terminal.process.pid, *children(terminal.process.pid), worker(folder)]
        inodes = set()
        for pid in pids:
            for path in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    inodes.add(os.readlink(path))
        for table in ("tcp", "tcp6", "udp", "udp6"):
            lines = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
            assert not {f"socket:[{line.split()[9]}]" for line in lines} & inodes
        comes_to(folder, alone)
        for path in [folder.path.parents[1], folder.path, *folder.path.rglob("*")]:
            assert path.stat().st_mode & 0o077 == 0, path
        terminal.press(QUIT)
        assert terminal.ended() == 0
