"""What reading a table costs beside the bare library behind it: time and peak memory, each in a process of its own.

    python tests/benchmarks/reading.py [--rows 1000000] [--columns 29] [--turns 5] [--formats csv parquet root]

Writes a table of random numbers in each format, then reads it in turns: `bare` is the library's own way to NumPy
arrays (polars for CSV and Parquet, uproot for ROOT), `reading` the lab's from the file to arrays, and `table` the lab's
whole way to what is split and trained on: the target coded, the features chosen by what their values say. Prints the
ratios of the median seconds to those of `bare`, and the peak of private memory in sizes of the table's arrays.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

FORMATS = ("csv", "parquet", "root")
WAYS = ("bare", "reading", "table")


def main() -> None:
    """Measure and print, or be the process that is measured."""
    asked = _arguments()
    if asked.way:
        print(json.dumps(_measured(asked.way, Path(asked.file))))
        return
    with TemporaryDirectory(prefix="mltui-reading-") as folder:
        table = _table(asked.rows, asked.columns)
        size = asked.rows * asked.columns * 8
        print(f"{asked.rows:,} rows of {asked.columns} float64, {size / 1e6:.0f} MB as arrays")
        for name in asked.formats:
            path = Path(folder) / f"table.{name}"
            _WRITE[name](path, table)
            _compare(path, size, asked.turns)
            path.unlink()


def _compare(path: Path, size: int, turns: int) -> None:
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    _child("bare", path)  # warm: the file is in the page cache from here on
    for turn in range(turns):
        for way in WAYS if turn % 2 else WAYS[::-1]:
            found[way].append(_child(way, path))
    seconds = {way: statistics.median(one["seconds"] for one in ones) for way, ones in found.items()}
    peaks = {way: max(one["peak"] for one in ones) / size for way, ones in found.items()}
    told = [
        f"{way} {seconds[way]:.3f} s, {seconds[way] / seconds['bare']:.2f} x, peak {peaks[way]:.2f} tables"
        for way in WAYS
    ]
    print(f"{path.suffix[1:]:8} {'; '.join(told)}")


def _child(way: str, path: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--way", way, "--file", str(path)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def _measured(way: str, path: Path) -> dict[str, float]:
    """Read once, the libraries imported before; seconds, and bytes of private memory at the peak."""
    read = _bare(path) if way == "bare" else _ours(path, way)
    before, peak, done = _private(), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.002):
            peak = max(peak, _private())

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    kept = read()
    seconds = time.perf_counter() - began
    done.set()
    watcher.join()
    del kept
    return {"seconds": seconds, "peak": max(peak - before, 0)}


def _private() -> int:
    """Bytes of memory that belong to this process alone; pages of mapped files are the system's to drop."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status does not say RssAnon; this benchmark needs Linux")


def _ours(path: Path, way: str) -> Callable[[], Any]:
    import polars as pl  # noqa: F401 - what is imported is not read
    import uproot  # noqa: F401

    from mltui.core.sections import Data
    from mltui.data.frame import collect
    from mltui.data.plan import opened
    from mltui.data.read import read
    from mltui.data.roles import wanted

    data = Data(files=(path.name,), target="label")

    def columns() -> Any:
        with opened(data, path.parent) as plan:
            return collect(plan, wanted(data, plan.listing), targets=("label",))

    return columns if way == "reading" else lambda: read(data, path.parent)


def _bare(path: Path) -> Callable[[], Any]:
    import polars as pl
    import uproot

    def columns(frame: pl.DataFrame) -> dict[str, Any]:
        return {series.name: series.to_numpy() for series in frame.iter_columns()}

    def root() -> Any:
        with uproot.open(path) as file:
            return file["t"].arrays(library="np")

    ways: dict[str, Callable[[], Any]] = {
        "csv": lambda: columns(pl.read_csv(path)),
        "parquet": lambda: columns(pl.read_parquet(path)),
        "root": root,
    }
    return ways[path.suffix[1:]]


def _table(rows: int, columns: int) -> dict[str, Any]:
    random = np.random.default_rng(1)
    table = {f"x{i}": random.normal(size=rows) for i in range(columns - 1)}
    return {**table, "label": random.integers(0, 2, rows).astype(np.float64)}


def _write_csv(path: Path, table: dict[str, Any]) -> None:
    import polars as pl

    pl.DataFrame(table).write_csv(path)


def _write_parquet(path: Path, table: dict[str, Any]) -> None:
    import polars as pl

    pl.DataFrame(table).write_parquet(path)


def _write_root(path: Path, table: dict[str, Any]) -> None:
    import uproot

    with uproot.recreate(path) as file:
        tree = file.mktree("t", dict.fromkeys(table, "f8"))
        rows = len(table["label"])
        for start in range(0, rows, 100_000):
            tree.extend({name: values[start : start + 100_000] for name, values in table.items()})


_WRITE = {"csv": _write_csv, "parquet": _write_parquet, "root": _write_root}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=29)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--way", choices=WAYS, default="", help=argparse.SUPPRESS)
    parser.add_argument("--file", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
