"""Prediction on files of two sizes: whether the memory it takes grows with the file.

    python tests/benchmarks/predict.py [--rows 1000000 10000000] [--columns 4] [--formats parquet csv root]
                                       [--model hist_gradient_boosting]

Trains a small run, then has the worker score a file of each size in each format into an output of the same format, and
prints of each the worker's peak of private memory (RssAnon) and of all memory (VmHWM), the seconds, and the rows a
second. The files are made piece by piece and removed one after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
import uproot

from mltui.core.prediction import FORMATS, Format
from mltui.data.writers import opened as written

PIECE = 250_000
SPARE = 1.25
"""The larger file may take so much more than the smaller one: what the libraries keep differs from one to the next."""
EXPERIMENT = """\
format = 1
[data]
files = ["small.csv"]
target = "label"
features = [{features}, "x0 * x1"]
cut = "x0 > -2"
[model]
name = "{model}"
"""


def main() -> None:
    """Train, make the files, predict on each, print."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        os.environ["MLTUI_HOME"] = str(folder / "home")
        _train(folder, asked.columns, asked.model)
        print(f"{'format':8} {'rows':>12} {'private':>9} {'all':>9} {'seconds':>8} {'rows/s':>10}")
        for form in asked.formats:
            peaks = [_measured(folder, form, rows, asked.columns) for rows in asked.rows]
            if len(peaks) > 1 and max(peaks) > SPARE * peaks[0]:
                print(f"{form}: the memory grows with the file", file=sys.stderr)


def _train(folder: Path, columns: int, model: str) -> None:
    piece = _piece(np.random.default_rng(0), 20_000, columns)
    label = piece["x0"] + np.random.default_rng(1).normal(size=len(piece["x0"])) > 0
    pl.DataFrame({**piece, "label": label.astype(int)}).write_csv(folder / "small.csv")
    features = ", ".join(f'"x{number}"' for number in range(columns))
    (folder / "run.toml").write_text(EXPERIMENT.format(features=features, model=model))
    subprocess.run([*_mltui(), "run", str(folder / "run.toml"), "--json"], check=True, capture_output=True)


def _measured(folder: Path, form: Format, rows: int, columns: int) -> float:
    """Make a file, score it in a worker, print; the peak of its private memory in MB."""
    path = folder / f"large.{form}"
    rng = np.random.default_rng(rows)
    with written(path, {f"x{number}": np.dtype(np.float64) for number in range(columns)}, form) as file:
        for start in range(0, rows, PIECE):
            file.write(_piece(rng, min(PIECE, rows - start), columns))
    run = next((folder / "home" / "runs").glob("*/1"))
    command = [
        sys.executable,
        "-P",
        "-m",
        "mltui.training",
        "predict",
        str(run),
        str(path),
        "--out",
        str(folder / "out"),
    ]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder) as worker:
        assert worker.stdout is not None
        private = whole = 0.0
        last = b"{}"
        for line in worker.stdout:  # of progress, ten times a second
            now, last = _memory(worker.pid), line
            private, whole = max(private, now[0]), max(whole, now[1])
    seconds = time.monotonic() - began
    report = json.loads(last)["report"]
    out = Path(report["files"][0]["out"])
    assert _length(out, form) == report["rows"] == rows
    path.unlink()
    out.unlink()
    print(f"{form:8} {rows:12,} {private:6.0f} MB {whole:6.0f} MB {seconds:8.1f} {rows / seconds:10,.0f}", flush=True)
    return private


def _piece(rng: np.random.Generator, rows: int, columns: int) -> dict[str, np.ndarray]:
    return {f"x{number}": rng.normal(size=rows).round(4) for number in range(columns)}


def _length(path: Path, form: Format) -> int:
    if form == "root":
        with uproot.open(path) as file:
            return int(file["scores"].num_entries)
    frame = pl.scan_parquet(path) if form == "parquet" else pl.scan_csv(path)
    return int(frame.select(pl.len()).collect().item())


def _memory(pid: int) -> tuple[float, float]:
    """Private memory now, and all memory at its highest, in MB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0, 0.0
    private, whole = (re.search(rf"{name}:\s+(\d+) kB", status) for name in ("RssAnon", "VmHWM"))
    return (int(private[1]) / 1000 if private else 0.0), (int(whole[1]) / 1000 if whole else 0.0)


def _mltui() -> list[str]:
    return [sys.executable, "-P", "-m", "mltui"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=["parquet", "csv", "root"])
    parser.add_argument("--model", default="hist_gradient_boosting")
    parser.add_argument("--folder", type=Path, help="where the files are made; default: the system's temporary folder")
    return parser.parse_args()


if __name__ == "__main__":
    main()
