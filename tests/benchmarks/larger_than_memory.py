"""A network trained on a table three times as large as the memory it may use.

    python tests/benchmarks/larger_than_memory.py [--memory 1GB] [--times 3] [--columns 28] [--format parquet]

Makes the table (Parquet in several files, or one ROOT file), then runs `mltui run` twice with an mlp, the second time
on the cache that the first has left, and prints for both: the peak of the worker's private memory, the size of the
cache, the seconds until the first epoch begins and in all, and what was learnt.

The limit is RLIMIT_DATA, which holds for the command and the worker alike: it counts what a process has for itself,
every private page that can be written, used or only asked for. It does not count the pages of files that are mapped
to be read: the system drops those wherever room is needed, and they are what makes training from disk quick while
nobody needs it. So a run that passes has never had more than a part of the table for itself.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from mltui.data.memory import read_size, shown

PIECE = 250_000
EXPERIMENT = """\
format = 1
name = "larger than memory"

[data]
files = [{files}]
target = "label"
weight = "weight"

[model]
name = "mlp"
hidden_layers = [64, 64]

[training]
epochs = {epochs}
batch_size = 1024
learning_rate = 0.001
early_stopping = 5
"""


def main() -> None:
    """Make the table, run twice, print."""
    asked = _arguments()
    limit = read_size(asked.memory)
    row_bytes = 8 * (asked.columns + 1) + 4
    rows = int(asked.times * limit / row_bytes)
    with tempfile.TemporaryDirectory(prefix="mltui-larger-", dir=asked.folder) as name:
        folder = Path(name)
        files = _made(folder, rows, asked.columns, asked.format)
        size = sum(path.stat().st_size for path in files)
        print(
            f"{rows:,} rows of {asked.columns} features: {shown(rows * row_bytes)} as arrays, "
            f"{shown(size)} as {asked.format}; at most {shown(limit)} of memory"
        )
        named = ", ".join(json.dumps(path.name) for path in files)
        (folder / "experiment.toml").write_text(EXPERIMENT.format(files=named, epochs=asked.epochs))
        for turn in ("first run", "second run"):
            print(f"{turn}: {_run(folder, limit)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", default="1GB", help="what the command and its worker may have for themselves")
    parser.add_argument("--times", type=float, default=3.0, help="how many times as large the table is")
    parser.add_argument("--columns", type=int, default=28)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--format", choices=("parquet", "root"), default="parquet")
    parser.add_argument("--folder", default=None, help="where table, cache and runs lie; twice the table is needed")
    return parser.parse_args()


def _made(folder: Path, rows: int, columns: int, form: str) -> list[Path]:
    """The table's files, written piece by piece."""
    random = np.random.default_rng(1)
    pieces = (_piece(random, min(PIECE, rows - start), columns) for start in range(0, rows, PIECE))
    if form == "root":
        import uproot

        path = folder / "events.root"
        with uproot.recreate(path) as file:
            for number, piece in enumerate(pieces):
                if number:
                    file["events"].extend(piece)
                else:
                    file.mktree("events", {name: values.dtype for name, values in piece.items()})
                    file["events"].extend(piece)
        return [path]
    import polars as pl

    files = []
    for number, piece in enumerate(pieces):
        files.append(folder / f"events-{number:03d}.parquet")
        pl.DataFrame(piece).write_parquet(files[-1])
    return files


def _piece(random: np.random.Generator, rows: int, columns: int) -> dict[str, np.ndarray]:
    label = (random.random(rows) < 0.4).astype(np.int32)
    table = {f"x{number}": random.normal(size=rows) for number in range(columns)}
    table["x0"] += 0.5 * label
    table["x1"] *= 1 + label
    return {**table, "label": label, "weight": random.uniform(0.5, 1.5, rows)}


def _run(folder: Path, limit: int) -> str:
    home = folder / "home"
    environment = {**os.environ, "MLTUI_HOME": str(home), "MLTUI_CACHE": "1TB"}
    began = time.monotonic()
    command = subprocess.Popen(
        [sys.executable, "-P", "-c", _LIMITED, str(limit), "run", str(folder / "experiment.toml"), "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    before = set(_runs(home))
    peaks = {"RssAnon": 0, "VmData": 0}
    first = None
    while command.poll() is None:
        run = next((run for run in _runs(home) if run not in before), None)
        for name, value in _status(run).items():
            peaks[name] = max(peaks[name], value)
        if first is None and run is not None and _started(run):
            first = time.monotonic() - began
        time.sleep(0.02)
    out, err = command.communicate()
    if command.returncode:
        return f"failed with {command.returncode}: {err.strip() or out[-300:]}"
    document: dict[str, Any] = json.loads(out)
    validation = document["metrics"]["validation"]
    cache = sum(path.stat().st_size for path in (home / "cache").rglob("*") if path.is_file())
    return (
        f"peak private memory {shown(peaks['RssAnon'])} (asked for {shown(peaks['VmData'])}), cache {shown(cache)}, "
        f"first epoch after {first or 0:.0f} s, {time.monotonic() - began:.0f} s in all, "
        f"validation auc {validation['auc']:.4f}"
    )


_LIMITED = (
    "import resource, sys\n"
    "limit = int(sys.argv.pop(1))\n"
    "resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))\n"
    "from mltui.__main__ import main\n"
    "sys.exit(main())\n"
)


def _runs(home: Path) -> list[Path]:
    """The folders of all runs."""
    return [path for path in home.glob("runs/*/*") if path.name.isdigit()]


def _status(run: Path | None) -> dict[str, int]:
    """What the worker of a run has for itself: what it uses, and what it has asked for."""
    if run is None:
        return {}
    with contextlib.suppress(OSError, ValueError, KeyError):
        pid = json.loads((run / "launch.json").read_text())["pid"]
        text = Path(f"/proc/{pid}/status").read_text()
        return {
            name: int(found[1]) * 1024
            for name in ("RssAnon", "VmData")
            if (found := re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE))
        }
    return {}


def _started(run: Path) -> bool:
    with contextlib.suppress(OSError), (run / "events.jsonl").open("rb") as file:
        return b'"started"' in file.read(1 << 20)
    return False


if __name__ == "__main__":
    main()
