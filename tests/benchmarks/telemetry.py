"""What reporting costs a network: the worker's loop with its curves, events and pictures against the same loop bare.

    python tests/benchmarks/telemetry.py [--repeats 5] [--threads 1]

Both train the same network on the same rows, in turns, so that a busy machine slows both alike. The bare loop shuffles
once an epoch, views by batch and steps the same fused optimiser; it judges nothing and tells nobody. The whole loop
judges both parts after every epoch, appends events to a file, keeps snapshots, and writes frames as if watched.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from mltui.core.experiment import Experiment
from mltui.inference.asked import known
from mltui.models.network import optimizer
from mltui.record.folder import RunFolder
from mltui.record.frames import watch
from mltui.record.writer import EventWriter
from mltui.training import network
from mltui.training.losses import loss_of
from mltui.training.pictures import Album
from mltui.training.prepare import Ready, prepare
from mltui.training.report import Reporter

CASES = {
    "tiny: 2-8-8-1, 300 rows, batch 10": (2, 500, [8, 8], 10, 200),
    "small: 2-32-32-1, 3,000 rows, batch 32": (2, 5_000, [32, 32], 32, 20),
    "28-64-64-64-1, 60,000 rows, batch 128": (28, 100_000, [64, 64, 64], 128, 6),
    "28-64-64-64-1, 60,000 rows, batch 1024": (28, 100_000, [64, 64, 64], 1024, 30),
}


def prepared(folder: Path, features: int, rows: int, layers: list[int], batch: int, epochs: int) -> Ready:
    """A ring in the first two features, the others noise, from a file as a user has it."""
    x = np.random.default_rng(1).normal(size=(rows, features))
    label = (x[:, 0] ** 2 + x[:, 1] ** 2 > 1.4).astype(int)
    path = folder / "events.csv"
    names = ",".join([*(f"x{i}" for i in range(features)), "label"])
    np.savetxt(path, np.column_stack([x, label]), fmt="%.4f", delimiter=",", header=names, comments="")
    document = {
        "data": {"files": [str(path)], "target": "label", "task": "classification"},
        "model": {"name": "mlp", "hidden_layers": layers},
        "training": {"epochs": epochs, "batch_size": batch, "device": "cpu"},
    }
    return prepare(Experiment.check(document, known()), folder).member(0)


def bare(case: Ready) -> None:
    """The loop alone."""
    problem = case.problem
    settings = problem.experiment.training
    torch.manual_seed(problem.experiment.seed)
    module = problem.card.build(problem.experiment.model.hyperparameters, settings, problem.shape, 1)
    steps = optimizer(str(settings["optimizer"]), module.parameters(), float(str(settings["learning_rate"])), 0.0)
    loss, size = loss_of(problem.shape), int(str(settings["batch_size"]))
    x = torch.from_numpy(problem.train.x)
    y = torch.from_numpy(problem.train.target.astype(np.float32)).unsqueeze(1)
    generator = torch.Generator().manual_seed(1)
    for _ in range(int(str(settings["epochs"]))):
        order = torch.randperm(len(x), generator=generator)
        for inputs, targets in zip(torch.split(x[order], size), torch.split(y[order], size), strict=True):
            steps.zero_grad()
            loss(module(inputs), targets, None).backward()  # type: ignore[no-untyped-call]
            steps.step()


def whole(case: Ready, folder: RunFolder) -> None:
    """The loop as the worker runs it, watched."""
    writer = EventWriter(folder, 1)
    watch(folder)
    album = Album(folder, case.problem, case.preprocessing, print)
    reporter = Reporter(writer.emit, {}, None, album)
    network.fit(case.problem, reporter)
    reporter.flush()
    writer.close()


def seconds(work: Callable[[], None]) -> tuple[float, float]:
    """How long the work takes, by the clock and of the processor."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - used


def main() -> None:
    """Print epochs a second and the ratio for each case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    print(f"epochs a second, and whole / bare by the clock and by processor time; medians of {given.repeats}\n")
    print(f"{'':42}{'bare':>10}{'whole':>10}{'clock':>10}{'processor':>12}")
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_RUNTIME_DIR"] = place
        for name, sizes in CASES.items():
            case = prepared(Path(place), *sizes)
            case = replace(case, problem=replace(case.problem, threads=given.threads))
            bare(case)
            times: list[tuple[tuple[float, float], tuple[float, float]]] = []
            for repeat in range(given.repeats):
                folder = RunFolder(Path(place) / f"{len(name)}-{sizes[3]}-{repeat}")
                folder.path.mkdir()
                times.append((seconds(partial(bare, case)), seconds(partial(whole, case, folder))))
            alone, told = (statistics.median(each[0] for each in way) for way in zip(*times, strict=True))
            clock, processor = (statistics.median(w[i] / b[i] for b, w in times) for i in (0, 1))
            print(f"{name:42}{sizes[4] / alone:10.1f}{sizes[4] / told:10.1f}{clock:10.2f}{processor:12.2f}")


if __name__ == "__main__":
    main()
