"""Judging a million scored, weighted events: the ROC curve, and one step of the threshold over every pane in sight.

    python tests/benchmarks/judging.py [--rows 1000000] [--steps 40] [--rounds 7] [--form FORM]

Prints what mltui's ROC curve costs against scikit-learn's `roc_curve` on the same rows, and at 160×45, in a lab without
a terminal, the time from a step of the threshold until every pane that tells it has drawn it.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from textual.app import App, ComposeResult
from textual.reactive import reactive

from mltui.core.events import Event
from mltui.core.process import Process
from mltui.core.snapshot import Scores, Snapshot
from mltui.evaluation.roc import roc
from mltui.record.state import RunState, fold
from mltui.ui.widgets.pane import Pane, pane
from mltui.views import VIEWS, View
from mltui.views.shown import Shown

CLASSES = ("background", "signal")
PROCESSES = ("ttbar", "wjets", "higgs")
SIZE = (160, 45)
LIMITS = {"roc": 1.2, "step": 50.0}
PATIENCE = 30.0
"""Seconds after which a pane that tells no threshold is not waited for."""


class Host(App[None]):
    """The panes that follow the threshold, as the lab holds them."""

    CSS = "Screen { layout: grid; grid-size: 2; }"
    shown: reactive[Shown] = reactive(Shown, repaint=False)

    def __init__(self, views: list[type[View]], shown: Shown) -> None:
        super().__init__()
        self.views = views
        self.set_reactive(Host.shown, shown)

    def compose(self) -> ComposeResult:
        """A pane a view."""
        for view in self.views:
            yield pane(view).data_bind(Host.shown)


def main() -> None:
    """Measure both, print."""
    asked = _arguments()
    part = _part(asked.rows, 1)
    ratio = _roc(part, asked.rounds)
    snapshot = Snapshot(1, {"validation": part, "train": _part(asked.rows, 2)})
    median, worst = asyncio.run(_steps(snapshot, asked.steps, asked.form))
    print(f"roc           {ratio:8.2f} x scikit-learn's   at most {LIMITS['roc']}")
    print(f"a step        {median:8.1f} ms, median        at most {LIMITS['step']:.0f}")
    print(f"a step        {worst:8.1f} ms, 95 %")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="in each part")
    parser.add_argument("--steps", type=int, default=40, help="of the threshold")
    parser.add_argument("--rounds", type=int, default=7, help="of the ROC curves, in turn")
    parser.add_argument("--form", default="", help="of the views that have it, such as inverse or cuts")
    return parser.parse_args()


def _part(rows: int, seed: int) -> Scores:
    """Scores as a network gives them, weights of three processes that scatter, some negative."""
    rng = np.random.default_rng(seed)
    process = rng.integers(0, 3, rows).astype(np.int16)
    target = (process == 2).astype(np.int64)
    scores = 1 / (1 + np.exp(-rng.normal(2.5 * target - 1.2, 1.2)))
    weights = np.array([2.0, 0.7, 0.03])[process] * rng.normal(1, 0.3, rows)
    return Scores(target, scores, weights, process)


def _roc(part: Scores, rounds: int) -> float:
    """The median of one over the other; scikit-learn's takes negative weights too, so that both do the same."""
    from sklearn.metrics import roc_curve

    positive = part.target == 1

    def peer() -> None:
        roc_curve(part.target, part.scores, sample_weight=part.weights)

    def own() -> None:
        roc(positive, part.scores, part.weights)

    pairs = [(_timed(own), _timed(peer)) for _ in range(rounds)]
    print(f"roc           {1e3 * np.median([one for one, _ in pairs]):8.1f} ms of {len(part):,} rows")
    return float(np.median([one / other for one, other in pairs]))


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


async def _steps(snapshot: Snapshot, steps: int, form: str) -> tuple[float, float]:
    forms = {view.name: form for view in VIEWS if form in view.forms}
    shown = Shown(state=_state(snapshot), snapshot=snapshot, classes=CLASSES, weighted=True, forms=forms)
    views = [view for view in VIEWS if _follows(view, shown)]
    print(f"panes         {', '.join(view.name for view in views)}")
    host = Host(views, shown)
    times = []
    async with host.run_test(size=SIZE) as pilot:
        panes = list(host.query(Pane))
        await pilot.pause()
        await _told(panes, 0.5)
        for step in range(steps):
            threshold = round(0.3 + 0.01 * step, 2)
            began = time.perf_counter()
            host.shown = replace(host.shown, threshold=threshold)
            await _told(panes, threshold)
            times.append(1e3 * (time.perf_counter() - began))
    return float(np.median(times)), float(np.quantile(times, 0.95))


def _follows(view: type[View], shown: Shown) -> bool:
    moved = replace(shown, threshold=0.31)
    return view.offered(shown) and view.ready(shown) and view.by_hand(shown) != view.by_hand(moved)


async def _told(panes: list[Pane], threshold: float) -> None:
    """Wait until every pane tells this threshold."""
    words, until = f"{threshold:.2f}", time.perf_counter() + PATIENCE
    while not all(words in f"{one.border_title} {one.text}" for one in panes):
        if time.perf_counter() > until:
            silent = [one.view.name for one in panes if words not in f"{one.border_title} {one.text}"]
            raise SystemExit(f"these panes tell no threshold: {', '.join(silent)}")
        await asyncio.sleep(0.0005)


def _state(snapshot: Snapshot) -> RunState:
    part = snapshot.scores["validation"]
    found = [
        Process(name, CLASSES[place == 2], 10_000, 5 * float(part.weights[part.process == place].sum()), 9_000.0)
        for place, name in enumerate(PROCESSES)
    ]
    started = {
        "run": "1", "model": "mlp", "task": "classification", "axis": "epoch", "total": 1, "curves": [],
        "classes": list(CLASSES), "parts": {name: len(rows) for name, rows in snapshot.scores.items()},
        "weighted": True, "processes": [one.document() for one in found],
    }  # fmt: skip
    return fold(RunState(), [Event(0, 1, "started", 0.0, started), Event(1, 1, "finished", 1.0, {"step": 1})])


if __name__ == "__main__":
    main()
