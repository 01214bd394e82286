"""Runs of weighted events, of folds, and with variations, as their events tell them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mltui.core.events import Event
from mltui.core.found import Coefficients, Found, Importances, Neighbours, Support, Trees
from mltui.core.process import Process
from mltui.core.sample import Sample, SampleRows
from mltui.core.snapshot import Points, Scores, Snapshot, Surface
from mltui.core.table import Column
from mltui.evaluation.yields import Yields, yields
from mltui.record.state import RunState, fold
from mltui.views.shown import Shown

CLASSES = ("background", "signal")
NAMES = ("H125", "ttbar", "W+jets")
LABELS = ("signal", "background", "background")
EDGES = np.linspace(0, 1, 21)


def events(rows: int = 600, seed: int = 3) -> Scores:
    """Weighted rows of three processes, some of a negative weight."""
    random = np.random.default_rng(seed)
    process = random.integers(0, 3, rows).astype(np.int16)
    target = (process == 0).astype(np.int64)
    weights = np.array([0.02, 3.1, 1.4])[process] * random.normal(1, 0.2, rows)
    weights[::17] *= -1
    return Scores(target, np.clip(0.2 * target + 0.8 * random.random(rows), 0, 1), weights, process)


def processes(scores: Scores, whole: float = 5.0) -> tuple[Process, ...]:
    """What all rows add up to, of which the scores hold one in `whole`."""
    sums = [float(scores.weights[scores.process == place].sum()) for place in range(3)]
    return tuple(
        Process(name, label, int(whole * (scores.process == place).sum()), whole * sums[place], 300.0)
        for place, (name, label) in enumerate(zip(NAMES, LABELS, strict=True))
    )


def told(scores: Scores, threshold: float = 0.5) -> Yields:
    """The yields as they should be shown."""
    return yields(scores, processes(scores), NAMES, CLASSES, threshold)


def variation(shift: float) -> dict[str, Any]:
    """A variation that moves everything by a little."""
    shape: dict[str, Any] = {"edges": EDGES.tolist(), "classes": {}}
    for label, centre in (("background", 0.3), ("signal", 0.7)):
        middle = (EDGES[1:] + EDGES[:-1]) / 2
        nominal = 100 * np.exp(-(((middle - centre) / 0.2) ** 2))
        varied = 100 * np.exp(-(((middle - centre - shift / 10) / 0.2) ** 2))
        shape["classes"][label] = {
            "nominal": nominal.tolist(), "varied": varied.tolist(), "errors": np.sqrt(varied).tolist(),
        }  # fmt: skip
    return {
        "auc": 0.871 + 0.004 * shift, "accuracy": 0.8,
        "yields": {name: {"nominal": 100.0, "varied": 100 + 2 * shift, "error": 1.0} for name in NAMES},
        "shape": shape,
    }  # fmt: skip


def spread(centre: float, width: float) -> dict[str, Any]:
    """The numbers of one variable."""
    counts = np.exp(-(((np.arange(24) - 11.5) / 6) ** 2)) * 100
    edges = centre + width * np.linspace(-3, 3, 25)
    return {
        "mean": centre, "deviation": width, "low": centre - 3 * width, "high": centre + 3 * width,
        "edges": edges.tolist(), "counts": counts.astype(int).tolist(),
    }  # fmt: skip


def pipeline(variables: int = 9) -> dict[str, Any]:
    """Numbers that are scaled, the first with missing values, and a category that becomes columns."""
    names = [f"pt{number}" for number in range(variables)]
    found: list[dict[str, Any]] = [
        {"name": name, "label": f"{name} [GeV]", "kind": "number", "missing": 7 if place == 0 else 0,
         "outputs": [name], "more": 0, **spread(40.0 + place, 12.5)}
        for place, name in enumerate(names)
    ]  # fmt: skip
    found.append({
        "name": "colour", "label": "colour", "kind": "category", "mean": None, "deviation": None, "low": None,
        "high": None, "missing": 0, "edges": [], "labels": ["red", "blue"], "counts": [60, 40],
        "outputs": ["colour=red", "colour=blue"], "more": 0,
    })  # fmt: skip
    outputs = [{"name": name, **spread(0.0, 1.0)} for name in (*names, "colour=red", "colour=blue")]
    steps = [
        {"name": "impute", "words": "a missing number becomes its column's median", "inputs": variables + 1},
        {"name": "onehot", "words": "a column of 0 and 1 for each category", "inputs": variables + 2},
        {"name": "standard", "words": "mean 0, spread 1", "inputs": variables + 2},
    ]
    return {"rows": 600, "steps": steps, "variables": found, "outputs": outputs, "left_out": 0}


def curves(members: tuple[str, ...] = ("",)) -> list[dict[str, str]]:
    """The loss of each member; a last fit on everything has no validation."""
    return [
        {"name": "loss", "part": part, "axis": "epoch", "better": "lower", "member": member}
        for member in members
        for part in (("train",) if member == "refit" else ("train", "validation"))
    ]


def state(*more: tuple[str, dict[str, Any]], members: tuple[str, ...] = ("",), **started: Any) -> RunState:
    """A run on weighted events with these events after its start."""
    scores = events()
    opening = {
        "run": "7", "model": "mlp", "model_title": "Neural network", "task": "classification", "dataset": "higgs",
        "axis": "epoch", "total": 50, "curves": curves(members), "classes": list(CLASSES), "features": ["pt", "eta"],
        "parts": {"train": 1800, "validation": 600, "test": 600}, "weighted": True, "luminosity": 140.0,
        "processes": [one.document() for one in processes(scores)], **started,
    }  # fmt: skip
    if len(members) > 1:
        opening["members"] = list(members)
    every = [("started", opening), *more]
    return fold(RunState(), [Event(seq, 1, kind, 0.0, fields) for seq, (kind, fields) in enumerate(every)])


def progress(member: int, epochs: int, offset: float = 0.0, *, validated: bool = True) -> tuple[str, dict[str, Any]]:
    """A fold's falling loss."""
    steps = np.arange(1, epochs + 1)
    losses = 0.7 * 0.93**steps + 0.05
    columns = [losses.tolist()] + ([(losses + 0.1 + offset).tolist()] if validated else [])
    fields = {"axis": steps.tolist(), "columns": columns, "member": member, "done": 0.5, "rate": 30.0, "total": 50}
    return "progress", fields


def physics(*more: tuple[str, dict[str, Any]], **changes: Any) -> Shown:
    """A finished run with everything that a physicist asks for, as it is looked at."""
    metrics = {"auc": 0.871, "accuracy": 0.8}
    judged = {
        "part": "validation",
        "metrics": metrics,
        "variations": {"JES_up": variation(1), "JES_down": variation(-1)},
    }
    run = state(("pipeline", pipeline()), progress(0, 40), ("evaluated", judged), *more, ("finished", {"step": 40}))
    shown = Shown(
        state=run, snapshot=Snapshot(40, {"validation": events()}), classes=CLASSES, weighted=True, metric="loss"
    )
    return replace(shown, **changes)


def grown(trees: int = 3) -> Trees:
    """Trees that ask about two of three inputs, the first of which is one of a category's columns."""
    nodes = 5
    half = trees * nodes
    values = np.tile([[60.0, 40.0], [10.0, 38.0], [50.0, 2.0], [45.0, 0.0], [5.0, 2.0]], (trees, 1))
    return Trees(
        names=("colour=red", "pt"),
        units=("", "GeV"),
        yes_or_no=np.array([1, 0]),
        outputs=CLASSES,
        says="classes",
        strict=False,
        total=trees,
        kind="tree",
        start=np.arange(trees + 1) * nodes,
        number=np.arange(trees) + 1,
        output=np.full(trees, -1),
        vote=np.full(trees, np.nan),
        feature=np.tile([0, -1, 1, -1, -1], trees),
        threshold=np.tile([0.5, np.nan, -0.31, np.nan, np.nan], trees),
        raw=np.tile([0.5, np.nan, 23.4, np.nan, np.nan], trees),
        left=np.tile([1, -1, 3, -1, -1], trees),
        right=np.tile([2, -1, 4, -1, -1], trees),
        below=np.tile([0, 0, 0, 0, 12], trees),
        inside=np.ones(half, np.int64),
        rows=np.tile([100, 48, 52, 45, 7], trees),
        weight=values.sum(axis=1),
        values=values,
        spread=np.full(half, np.nan),
    )


def weighed(rows: tuple[str, ...] = ("signal",)) -> Coefficients:
    """Coefficients of three inputs with errors."""
    values = np.outer(np.arange(1.0, 1 + len(rows)), [0.2, -1.5, 0.71])
    return Coefficients(
        names=("eta", "pt", "colour=red"),
        rows=rows,
        values=values,
        intercepts=np.full(len(rows), 0.25),
        errors=np.abs(values) * 0 + np.array([0.3, 0.12, 0.1]),
        intercept_errors=np.full(len(rows), 0.05),
        units=("", "GeV", ""),
        scale=np.array([np.nan, 12.5, 1.0]),
        source="penalised",
    )


def told_apart(points: int = 60) -> Found:
    """All that models find, at once."""
    random = np.random.default_rng(5)
    return Found(
        weighed(),
        grown(),
        Importances(("eta", "pt", "colour=red"), np.array([0.1, 0.7, 0.2]), np.array([0.05, 0.1, np.nan]), "impurity"),
        Support(random.random(30), random.random(30), np.arange(30.0) % 2, random.random(30), 900),
        Neighbours(
            random.random((points, 4)), random.random((points, 4)), np.arange(4.0 * points).reshape(points, 4) % 3 % 2,
            random.random(points), 4,
        ),
    )  # fmt: skip


def looked_into(**changes: Any) -> Shown:
    """A run of a model that was looked into, with the plane of two of its inputs."""
    random = np.random.default_rng(6)
    points = Points(random.random(60), random.random(60), np.arange(60) % 2, (np.arange(60) % 3 == 0).astype(np.int64))
    y, x = np.mgrid[0:1:12j, 0:1:16j]
    surface = Surface((x + y) / 2, "pt", "eta", (0.0, 1.0, 0.0, 1.0))
    shown = Shown(
        state=state(progress(0, 10), ("finished", {"step": 10})),
        snapshot=Snapshot(10, {"validation": events(60)}, surface, points, None, told_apart()),
        classes=CLASSES,
        metric="loss",
    )
    return replace(shown, **changes)


def sample_of(parts: dict[str, Scores], **more: Any) -> Sample:
    """Rows whose entry is ten times their number, with variables that follow from it."""
    rows = {}
    for part, known in parts.items():
        numbers = np.arange(len(known))
        values = {"x": numbers / 50 - 1, "y": 1 - numbers / 50, "kind": numbers % 3 - 1}
        rows[part] = SampleRows(
            values,
            known.target,
            known.weights,
            np.zeros(len(known), np.int64),
            numbers * 10 + 100_000 * (part == "train"),
            whole=len(known),
        )
    columns = Column("x"), Column("y"), Column("kind", "category", categories=("red", "green"))
    return Sample(columns, rows, features=3, files=("data/events.csv",), **more)


def with_sample(shown: Shown, **changes: Any) -> Shown:
    assert shown.snapshot is not None
    parts = dict(shown.snapshot.scores)
    return replace(shown, sample=sample_of(parts), sampled=parts, **changes)
