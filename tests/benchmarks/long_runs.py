"""Whether a run of many hours, and a store of many runs, leave the lab as quick and as small as a short one.

    python tests/benchmarks/long_runs.py [--hours 0.1 1 8] [--epochs 30] [--runs 1000]

Writes the events of runs that are still under way as a worker does, ten a second with so many epochs a second in them,
and opens the real lab on each in a pseudo-terminal: the seconds until it has caught up, its memory then, and the
processor time that it takes for each second in which the run goes on. Then a store of many runs: the seconds of
`mltui runs list`, and the processor time of a second look at the whole of it, as the list of the lab takes it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from mltui.record.folder import RunFolder
from mltui.record.status import Status, write_status
from mltui.record.writer import EventWriter
from mltui.runs.store import Store
from tests.test_real_terminal import MLTUI, QUIT, Terminal

CURVES = [
    {"name": name, "part": part, "axis": "epoch", "better": better}
    for name, better in (("loss", "lower"), ("accuracy", "higher"), ("auc", "higher"))
    for part in ("train", "validation")
]
EXPERIMENT = 'format = 1\nname = "long"\n[data]\ndataset = "circles"\n[model]\nname = "mlp"\n'
EVENTS_A_SECOND = 10
WATCHED_SECONDS = 10.0


def main() -> None:
    """Measure and print."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as place:
        print("| hours | epochs | events [MB] | caught up [s] | memory [MB] | processor time a second [ms] |")
        print("|---|---|---|---|---|---|")
        for hours in asked.hours:
            print(_long(Path(place, f"h{hours}"), hours, asked.epochs), flush=True)
        print(_many(Path(place, "many"), asked.runs))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, nargs="+", default=[0.1, 1.0, 8.0])
    parser.add_argument("--epochs", type=int, default=30, help="epochs a second")
    parser.add_argument("--runs", type=int, default=1000)
    return parser.parse_args()


def _long(home: Path, hours: float, epochs: int) -> str:
    folder = RunFolder(home / "runs" / "2030-01" / "1")
    folder.path.mkdir(parents=True)
    folder.resolved.write_text(EXPERIMENT)
    count, each = round(hours * 3600 * EVENTS_A_SECOND), max(1, epochs // EVENTS_A_SECOND)
    _write(folder, count, each)
    size = folder.events.stat().st_size / 1e6
    write_status(folder.status, Status.here("training", attempt=1))  # this process is the worker
    writer = EventWriter(folder, 1)
    began = time.monotonic()
    terminal = Terminal([str(MLTUI), "attach", "1"], 120, 36, {"MLTUI_HOME": str(home)})
    try:
        terminal.shows(f"{count * each:,}/", seconds=600)
        seconds = time.monotonic() - began
        spent, step = _spent(terminal.process.pid), count * each
        until = time.monotonic() + WATCHED_SECONDS
        while time.monotonic() < until:
            writer.emit("progress", **_progress(step, each, step))
            step += each
            terminal.read(0.1)
        used = (_spent(terminal.process.pid) - spent) / WATCHED_SECONDS
        memory = _memory(terminal.process.pid)
        terminal.press(QUIT)
        terminal.ended()
    finally:
        terminal.close()
        writer.close()
    return f"| {hours:g} | {count * each:,} | {size:.0f} | {seconds:.1f} | {memory:.0f} | {1000 * used:.0f} |"


def _write(folder: RunFolder, count: int, each: int) -> None:
    head: dict[str, Any] = {"run": "1", "format": 1, "curves": CURVES, "total": 10 * count * each, "axis": "epoch"}
    head |= {"task": "classification", "model": "mlp", "dataset": "circles"}
    with folder.events.open("w") as file:
        file.write(_line(0, "started", head))
        for place in range(count):
            file.write(_line(place + 1, "progress", _progress(place * each, each, count * each)))


def _progress(step: int, each: int, total: int) -> dict[str, Any]:
    steps = list(range(step + 1, step + each + 1))
    columns = [[1 / (1 + s / total) + 0.01 * random.random() for s in steps] for _ in CURVES]
    return {"axis": steps, "columns": columns, "rate": 10.0 * each, "done": 0.1, "seconds_left": 60.0}


def _line(seq: int, kind: str, fields: dict[str, Any]) -> str:
    return json.dumps({"seq": seq, "attempt": 1, "kind": kind, "time": 1e9 + seq / 10, **fields}) + "\n"


def _many(home: Path, runs: int) -> str:
    for number in range(1, runs + 1):
        folder = RunFolder(home / "runs" / f"2030-{1 + number % 12:02d}" / str(number))
        folder.path.mkdir(parents=True)
        folder.resolved.write_text(EXPERIMENT)
        _write(folder, 50, 1)
        last: dict[str, dict[str, Any]] = {
            "evaluated": {"part": "validation", "metrics": {"auc": 0.9}},
            "finished": {"seconds": 3.0},
        }
        with folder.events.open("a") as file:
            file.writelines(_line(51 + place, kind, fields) for place, (kind, fields) in enumerate(last.items()))
    began = time.monotonic()
    command = [str(MLTUI), "runs", "list", "--json"]
    done = subprocess.run(command, env={**os.environ, "MLTUI_HOME": str(home)}, capture_output=True, check=True)
    seconds = time.monotonic() - began
    assert len(json.loads(done.stdout)["runs"]) == runs
    store, looks = Store(home), []
    for _ in range(2):
        spent = time.process_time()
        store.list()
        looks.append(time.process_time() - spent)
    return (
        f"\n{runs} runs: mltui runs list {seconds:.1f} s; processor time of a first look {looks[0]:.2f} s, "
        f"of the next {looks[1]:.2f} s\n{_listed(home, runs)}"
    )


def _listed(home: Path, runs: int) -> str:
    """The list in the lab, one run of it under way: until it stands, a key to its effect, and what it takes."""
    newest = next(iter(Store(home).folders()))
    write_status(newest.status, Status.here("training", attempt=1))  # this process is the worker
    newest.events.write_text("".join(newest.events.read_text().splitlines(keepends=True)[:-2]))
    writer, step = EventWriter(newest, 1), 50
    terminal = Terminal([str(MLTUI)], 120, 36, {"MLTUI_HOME": str(home)})
    try:
        terminal.shows("r run")
        memory, began = _memory(terminal.process.pid), time.monotonic()
        terminal.press("R")
        terminal.shows(f" {runs}  ", "training", seconds=60)
        opened, keys = time.monotonic() - began, []
        for end, shown in (("\x1b[F", " 1  "), ("\x1b[H", f" {runs}  ")) * 5:
            pressed = time.monotonic()
            terminal.press(end)
            terminal.wait(lambda shown=shown: shown in terminal.screen.text, "the other end")  # type: ignore[misc]
            keys.append(time.monotonic() - pressed)
        spent, until = _spent(terminal.process.pid), time.monotonic() + WATCHED_SECONDS
        while time.monotonic() < until:
            writer.emit("progress", **_progress(step, 1, step))
            step += 1
            terminal.read(0.1)
        used = (_spent(terminal.process.pid) - spent) / WATCHED_SECONDS
        more = _memory(terminal.process.pid) - memory
        terminal.press("\x1b")
        terminal.press(QUIT)
        terminal.ended()
    finally:
        terminal.close()
        writer.close()
    key = 1000 * sorted(keys)[len(keys) // 2]
    return (
        f"the list in the lab stands after {opened:.1f} s; from end to end {key:.0f} ms; "
        f"{more:.0f} MB more memory; {1000 * used:.0f} ms of processor time a second"
    )


def _spent(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
