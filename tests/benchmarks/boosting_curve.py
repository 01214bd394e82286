"""What the live curve costs an ensemble: fit with every tree reported against the bare fit, taken in turns.

    python tests/benchmarks/boosting_curve.py [--models random_forest ...] [--rows 200000] [--features 28] [--trees 100]

Prints of each model the seconds of each turn and the ratio of the quickest ones, as other work on the machine can only
lengthen a turn; beside it the ratio of the medians, by the clock and in processor time. The data have the size of a
small HIGGS sample; the trees are of depth 6, so that the figures compare with those of other libraries.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from mltui.core.experiment import Experiment, Known
from mltui.core.sections import Part
from mltui.core.table import Column, Table
from mltui.inference.native_threads import native_threads
from mltui.models.card import Shape
from mltui.models.catalogue import CARDS, declared
from mltui.training import estimator
from mltui.training.__main__ import NEIGHBOURLY
from mltui.training.problem import Problem, Rows
from mltui.training.report import Reporter

MODELS = [card.name for card in CARDS.values() if card.axis == "tree"]


def main() -> None:
    """Measure and print."""
    if not NEIGHBOURLY.items() <= os.environ.items():  # as the worker; OpenMP reads it when it is loaded
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **NEIGHBOURLY})
    asked = _arguments()
    for model in asked.models:
        _measure(model, _problem(model, asked), asked)


def _measure(model: str, problem: Problem, asked: argparse.Namespace) -> None:
    live: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    _seconds(lambda: _bare(problem))  # warm: imports, pages, the processor's clock
    for turn in range(asked.turns):
        ways = [(bare, lambda: _bare(problem)), (live, lambda: estimator.fit(problem, Reporter(_nobody)))]
        for found, way in ways if turn % 2 else ways[::-1]:
            found.append(_seconds(way))
        print(f"turn {turn + 1}: bare {bare[-1][0]:.2f} s, live {live[-1][0]:.2f} s")
    clock, processor = (
        statistics.median(one[place] for one in live) / statistics.median(one[place] for one in bare)
        for place in (0, 1)
    )  # fmt: skip
    quickest = min(one[0] for one in live) / min(one[0] for one in bare)
    print(
        f"{model}, {asked.rows:,} x {asked.features}, {asked.trees} trees, {asked.threads} threads: "
        f"live / bare = {quickest:.3f}, of the medians {clock:.3f}, in processor time {processor:.3f}",
        flush=True,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--models", nargs="+", choices=MODELS, default=MODELS, metavar="MODEL", help="all of them: " + ", ".join(MODELS)
    )
    parser.add_argument("--rows", type=int, default=200_000, help="training rows; a quarter more judge")
    parser.add_argument("--features", type=int, default=28)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=5)
    return parser.parse_args()


def _problem(model: str, asked: argparse.Namespace) -> Problem:
    random = np.random.default_rng(1)
    total = asked.rows + asked.rows // 4
    x = random.normal(size=(total, asked.features)).astype(np.float32)
    bent = x[:, 0] * x[:, 1] + np.abs(x[:, 2]) + 0.5 * x[:, 3:].sum(axis=1) / np.sqrt(asked.features)
    target = (bent + random.normal(size=total) > 0.8).astype(np.int64)
    table = Table(
        columns=tuple(Column(f"x{number}") for number in range(asked.features)),
        values={f"x{number}": x[:, number] for number in range(asked.features)},
        task="classification",
        target=target,
        target_name="y",
        classes=("0", "1"),
        file=np.zeros(total, np.int64),
        entry=np.arange(total),
    )
    document = {
        "data": {"dataset": "made"},
        "model": {"name": model, CARDS[model].steps.removeprefix("model."): asked.trees, "max_depth": 6},
    }
    experiment = Experiment.check(document, Known({"made": ()}, declared()))
    whole = Rows(x, target, np.ones(total), table)
    parts: dict[Part, Rows] = {
        "train": whole.take(np.arange(asked.rows)),
        "validation": whole.take(np.arange(asked.rows, total)),
    }
    shape = Shape("classification", asked.features, 2)
    return Problem(experiment, CARDS[model], shape, ("0", "1"), parts, threads=asked.threads)


def _bare(problem: Problem) -> None:
    experiment = problem.experiment
    training = {**experiment.training, "threads": problem.threads}
    made = problem.card.build(experiment.model.hyperparameters, training, problem.shape, experiment.seed)
    with native_threads(problem.threads):
        made.fit(problem.train.x, problem.train.target)


def _seconds(way: Callable[[], Any]) -> tuple[float, float]:
    """By the clock, and of the processor."""
    began, used = time.perf_counter(), time.process_time()
    way()
    return time.perf_counter() - began, time.process_time() - used


def _nobody(kind: str, **fields: Any) -> None:
    """Hears every event and keeps none."""


if __name__ == "__main__":
    main()
