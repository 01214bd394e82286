"""Whatever a run holds, every view draws it: rows of the right size, nothing that a terminal would obey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mltui.core.events import Event
from mltui.core.found import Coefficients, Found, Importances, Neighbours, Support, Trees
from mltui.core.sections import TASKS, Task
from mltui.core.snapshot import Layers, Points, Scores, Snapshot, Surface
from mltui.core.table import Floats
from mltui.plots.look import Look
from mltui.record.state import RunState, fold
from mltui.ui.difference import changed_span
from mltui.views import VIEWS, View
from mltui.views.regression import ResidualsView
from mltui.views.shown import Before, Shown
from tests.ui.moments import pipeline, variation
from tests.ui.test_views import regression

VALUES = st.one_of(
    st.floats(), st.floats(0, 1), st.sampled_from([0.0, 1.0, float("nan"), float("inf"), -float("inf"), 1e308, 5e-324])
)
HOSTILE = ["[red]s[/red]", "\x1b[31mb", "[/]", "\x1b]52;c;eA==\x07", "日本語", "a\nb", ""]
LABELS = st.one_of(st.text(max_size=12), st.sampled_from(HOSTILE))
PIPELINES: list[dict[str, Any]] = [
    pipeline(50),
    {"steps": [{"name": "\x1b[31m", "words": None}], "variables": [{"name": "[b]x", "outputs": ["y"]}], "outputs": []},
    {"steps": [], "variables": [{"name": "日本語", "outputs": ["y", "z"], "counts": [None, 3], "mean": 1e300}],
     "outputs": [{"name": "y", "mean": 0.0, "deviation": 1e-300, "counts": [0, 0]}], "left_out": 3},
]  # fmt: skip
LOOKS = st.builds(Look, ascii=st.booleans(), colours=st.sampled_from(["none", "16", "full"]), dark=st.booleans())
SIZES = st.tuples(st.integers(1, 120), st.integers(1, 40))


@st.composite
def arrays(draw: st.DrawFn, *shape: int) -> Any:
    """Numbers of any kind; long arrays repeat a few, so that they cost nothing to make."""
    few = draw(st.lists(VALUES, min_size=1, max_size=8))
    seed = draw(st.integers(0, 2**16))
    return np.random.default_rng(seed).choice(np.array(few), shape)


@st.composite
def parts(draw: st.DrawFn, task: str, classes: int) -> Scores:
    rows = draw(st.sampled_from([0, 1, 2, 30, 400]))
    target = np.arange(rows) % max(1, classes) if task == "classification" else draw(arrays(rows))
    shape = (rows, classes) if classes > 2 and task == "classification" else (rows,)
    weights = np.random.default_rng(draw(st.integers(0, 2**16))).choice([1.0, 0.0, -0.5, 1e3, 1e-9], rows)
    return Scores(target, draw(arrays(*shape)), weights)


@st.composite
def layers(draw: st.DrawFn, points: int) -> Layers:
    """A network of any shape, of which anything may be absent or not fit the rest."""
    widths = tuple(draw(st.lists(st.sampled_from([1, 2, 3, 8, 70]), min_size=1, max_size=12)))
    names = tuple(f"layer_{place}" for place in range(len(widths) - 1))
    sizes = list(zip(names, widths[1:], widths, strict=False))
    held = draw(st.sampled_from([0, 1, 2]))
    maps = {"input": draw(arrays(widths[0], 4, 4))} | {name: draw(arrays(min(out, 9), 4, 4)) for name, out, _ in sizes}
    return Layers(
        names,
        {name: draw(arrays(held * out, before)) for name, out, before in sizes},
        {name: draw(arrays(out)) for name, out, _ in sizes},
        draw(arrays(len(names))),
        {name: draw(arrays(points, out)) for name, out, _ in sizes[: draw(st.integers(0, 12))]},
        draw(st.sampled_from([widths, ()])),
        draw(st.sampled_from([("tanh",) * len(names), ()])),
        draw(st.sampled_from([maps, {}])),
    )


@st.composite
def terms(draw: st.DrawFn, rows: int) -> Coefficients:
    names = tuple(draw(st.lists(LABELS, min_size=1, max_size=40)))
    return Coefficients(
        names,
        tuple(draw(LABELS) for _ in range(rows)),
        draw(arrays(rows, len(names))),
        draw(arrays(rows)),
        draw(arrays(rows, len(names))),
        draw(arrays(rows)),
        tuple(draw(st.sampled_from(["", "GeV", "\x1b[31m", "日"])) for _ in names),
        draw(arrays(len(names))),
        draw(st.sampled_from(["none", "least_squares", "penalised", "\x1b[2J"])),
        draw(st.sampled_from([0, 1, 5000])),
    )


@st.composite
def forests(draw: st.DrawFn) -> Trees:
    """Trees of any shape: each node but the root hangs from one before it."""
    outputs = tuple(draw(st.lists(LABELS, min_size=1, max_size=12)))
    names = tuple(draw(st.lists(LABELS, min_size=1, max_size=3)))
    says = draw(st.sampled_from(["classes", "value", "step"]))
    sizes = draw(st.lists(st.sampled_from([1, 3, 9, 61, 301]), min_size=1, max_size=4))
    deep = draw(st.booleans())
    left, right = [], []
    for size in sizes:
        own = np.full((2, size), -1)
        inner = np.arange(size // 2) * (2 if deep else 1)  # a chain of questions, or all levels full
        own[:, inner] = np.arange(1, size).reshape(-1, 2).T
        left.append(own[0])
        right.append(own[1])
    nodes, trees = sum(sizes), len(sizes)
    inside = np.concatenate(left) >= 0
    columns = 1 if says == "step" else len(outputs)
    return Trees(
        names, names, np.arange(len(names)) % 2, outputs, says, draw(st.booleans()), trees + draw(st.integers(0, 1000)),
        draw(st.sampled_from(["tree", "cuts"])),
        np.cumsum([0, *sizes]), np.arange(trees) + 1, np.arange(trees) % (len(outputs) + 1) - 1,
        draw(arrays(trees)),
        np.where(inside, np.arange(nodes) % len(names), -1), draw(arrays(nodes)), draw(arrays(nodes)),
        np.concatenate(left), np.concatenate(right), np.where(inside, 0, draw(st.sampled_from([0, 9999]))),
        np.arange(nodes) % draw(st.sampled_from([1, 2])),
        np.full(nodes, draw(st.sampled_from([-1, 0, 10**9]))), draw(arrays(nodes)), draw(arrays(nodes, columns)),
        draw(arrays(nodes)),
    )  # fmt: skip


@st.composite
def findings(draw: st.DrawFn, points: int) -> Found:
    """All that a model may have found; of it anything may be absent, and the points may be others."""
    names = tuple(draw(st.lists(LABELS, max_size=40)))
    count, asked = draw(st.sampled_from([0, 1, 40])), draw(st.sampled_from([0, 1, 5]))
    points = draw(st.sampled_from([points, points, 7]))
    return Found(
        draw(st.one_of(st.none(), terms(draw(st.sampled_from([1, 2, 5]))))),
        draw(st.one_of(st.none(), forests())),
        draw(st.sampled_from([None, Importances(names, draw(arrays(len(names))), draw(arrays(len(names))), "gain")])),
        Support(draw(arrays(count)), draw(arrays(count)), draw(arrays(count)), draw(arrays(count)), 10**6),
        Neighbours(
            draw(arrays(points, asked)),
            draw(arrays(points, asked)),
            draw(arrays(points, asked)),
            draw(arrays(points)),
            asked,
        ),
    )


@st.composite
def moments(draw: st.DrawFn, task: str, classes: int) -> Snapshot | None:
    if draw(st.booleans()):
        return None
    names = draw(st.lists(st.sampled_from(["train", "validation", "test"]), unique=True))
    rows = draw(st.sampled_from([0, 1, 50]))
    height, width = draw(st.tuples(st.integers(1, 30), st.integers(1, 30)))
    low, high = sorted(draw(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))))
    target = np.arange(rows) % max(1, classes) if task == "classification" else draw(arrays(rows))
    answers: Floats = draw(arrays(height, width))
    if classes > 2:
        answers = np.arange(float(height * width)).reshape(height, width) % classes
    plane = Surface(answers, draw(LABELS), draw(LABELS), (low, high, low, high))
    points = Points(draw(arrays(rows)), draw(arrays(rows)), target, np.arange(rows) % 2)
    return Snapshot(
        draw(st.integers(0, 10**9)),
        {name: draw(parts(task, classes)) for name in names},
        draw(st.sampled_from([None, plane])),
        draw(st.sampled_from([None, points])),
        draw(st.one_of(st.none(), layers(rows))),
        draw(st.one_of(st.none(), findings(rows))),
    )


def _processes(labels: tuple[str, ...]) -> list[dict[str, Any]]:
    """The classes as processes, of which the last has no weight."""
    totals = [1e3 * (place + 1) for place in range(len(labels))]
    return [
        {"name": label, "label": label, "rows": 10, "total": total * (place < len(labels) - 1), "effective": 3.0}
        for place, (label, total) in enumerate(zip(labels, totals, strict=True))
    ]


@st.composite
def runs(draw: st.DrawFn, task: str, labels: tuple[str, ...]) -> RunState:
    if draw(st.booleans()):
        return RunState()
    names = draw(st.lists(st.sampled_from(["loss", "accuracy", "auc", "rmse"]), min_size=1, unique=True))
    declared = [
        {"name": name, "part": part, "axis": axis, "better": "lower"}
        for name in names
        for part in ("train", "validation")
        for axis in [draw(st.sampled_from(["epoch", "tree", "training_size"]))]
    ]
    count = draw(st.sampled_from([0, 1, 2, 50, 3000]))
    columns = [draw(arrays(count)).tolist() for _ in declared]
    told: list[tuple[str, dict[str, Any]]] = [
        ("started", {"run": "1", "model": draw(LABELS), "dataset": draw(LABELS), "curves": declared, "axis": "epoch",
                     "classes": list(labels), "features": draw(st.sampled_from([["a"], ["a", "b"], list("abc")])),
                     "parts": {"train": 30, "validation": 400}, "luminosity": draw(st.sampled_from([None, 140.0])),
                     "processes": draw(st.sampled_from([[], _processes(labels), [{"name": "x"}], "damaged"]))}),
        ("pipeline", draw(st.sampled_from(PIPELINES))),
        ("progress", {"axis": list(range(count)), "columns": columns, "kept": draw(st.sampled_from([0, 7, 10**6]))}),
    ]  # fmt: skip
    told += draw(st.lists(st.sampled_from([
        ("warning", {"message": "[b]look\x1b[2J"}),
        ("changed", {"step": 3, "key": "learning_rate", "value": 0.1}),
        ("evaluated", {"part": "train", "metrics": {"loss": None, "auc": 0.9, "precision": {"x": None}}}),
        ("evaluated", {"part": "test", "metrics": {"loss": 1e300}, "opening": 2}),
        ("evaluated", {"part": "validation", "metrics": {"auc": 0.9, "baseline": 0.6, "unweighted": {"auc": None},
                       "events": {"rows": 3, "effective": None, "sum_of_weights": -2.0}},
                       "spread": {"auc": {"mean": 0.9, "deviation": 1e-9}, "loss": None},
                       "variations": {"[b]up\x1b[2J": variation(1), "down": {"shape": {"edges": [0, 1]}}}}),
        ("finished", {"step": 3, "kept": None, "seconds": 2.0}),
        ("failed", {"message": "It died.\x07", "log": "worker.log"}),
    ]), max_size=4))  # fmt: skip
    return fold(RunState(), [Event(seq, 1, kind, 0.0, fields) for seq, (kind, fields) in enumerate(told)])


def by_member(scores: Mapping[str, Scores]) -> st.SearchStrategy[dict[str, Any]]:
    """Which fold held each row out, or what each of two seeds says of it."""
    rng = np.random.default_rng(1)
    folds = {part: rng.integers(0, 3, len(one)) for part, one in scores.items()}
    seeds = {part: rng.random((len(one), 2)) for part, one in scores.items() if one.scores.ndim == 1}
    return st.sampled_from([{}, {"folds": folds}, {"seeds": seeds}])


@st.composite
def anything(draw: st.DrawFn) -> Shown:
    """A run, a moment and a person's choices, which need not fit each other."""
    task: Task = draw(st.sampled_from(TASKS))
    labels = tuple(draw(st.lists(LABELS, min_size=0, max_size=12)))
    moment = draw(moments(task, len(labels) if draw(st.integers(0, 9)) else 5))
    scores = moment.scores if moment else {}
    return Shown(
        state=draw(runs(task, labels)),
        snapshot=moment and replace(moment, **draw(by_member(scores))),
        earlier=tuple(Before(draw(LABELS), labels, one) for one in scores.values() if draw(st.booleans())),
        forms={view.name: draw(st.sampled_from(view.forms)) for view in VIEWS if view.forms},
        previous=draw(st.one_of(st.none(), runs(task, labels))),
        previous_title=draw(LABELS),
        threshold=draw(st.floats(0, 1)),
        metric=draw(st.sampled_from(["", "loss", "auc", "nonsense"])),
        cursor=draw(st.sampled_from([None, 0.0, 20.0])),
        look=draw(LOOKS),
        log=draw(st.booleans()),
        hidden=draw(st.integers(0, 3)),
        neighbours=draw(st.integers(0, 60)),
        target=draw(st.integers(0, 4)),
        task=task,
        classes=labels,
        weighted=draw(st.booleans()),
        log_lines=tuple(draw(st.lists(LABELS, max_size=5))),
    )


@pytest.mark.parametrize("kind", VIEWS)
def test_any_run_is_drawn(kind: type[View]) -> None:
    view = kind()

    @settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
    @given(shown=anything(), size=SIZES)
    def draws(shown: Shown, size: tuple[int, int]) -> None:
        width, height = size
        rows = list(view.draw(shown, width, height)) if kind.ready(shown) else view.picture(shown, width, height)
        assert [cell_len(row.plain) for row in rows if cell_len(row.plain) > width] == []
        assert len(rows) == height
        words = "".join(row.plain for row in rows) + kind.heading(shown)
        assert words.isprintable() or not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in words)
        if kind.ready(shown):
            assert isinstance(kind.headline(shown), str)
        assert isinstance(kind.offered(shown), bool)

    draws()


PIECES = st.lists(st.tuples(st.text("ab日 ", max_size=4), st.sampled_from([None, "red", "bold"])), max_size=6)


@given(old=PIECES, new=PIECES)
def test_every_cell_that_differs_lies_within_the_span_that_is_sent(
    old: list[tuple[str, str | None]], new: list[tuple[str, str | None]]
) -> None:
    before, after = (
        Strip([Segment(text, Style.parse(style) if style else None) for text, style in pieces]) for pieces in (old, new)
    )
    width = max(before.cell_length, after.cell_length)
    before, after = before.adjust_cell_length(width), after.adjust_cell_length(width)
    start, end = changed_span(before, after)
    left, right = before.divide([start, end, width]), after.divide([start, end, width])
    assert _signs(left[0]) == _signs(right[0])
    assert _signs(left[-1]) == _signs(right[-1])
    assert start < end or _signs(before) == _signs(after)


def test_a_changed_digit_sends_no_more_than_it_and_what_leads_to_it() -> None:
    old, new = (
        Strip([Segment("loss "), Segment(value, Style(bold=True)), Segment(" " * 50)]) for value in ("0.12", "0.15")
    )
    assert changed_span(old, new) == (8, 9)


def _signs(strip: Strip) -> list[tuple[str, Style | None]]:
    return [(sign, segment.style) for segment in strip for sign in segment.text]


@pytest.mark.parametrize("form", ["histogram", "truth", "variables"])
def test_residuals_that_no_number_can_hold_are_left_out(form: str) -> None:
    shown = regression(forms={"residuals": form})
    assert shown.snapshot is not None
    rows = shown.snapshot.scores["validation"]
    far = np.where(np.arange(len(rows.scores)) % 2, -1.7e308, rows.scores)
    true = np.where(np.arange(len(rows.scores)) % 4 == 1, 1.7e308, rows.target)
    known = {**shown.snapshot.scores, "validation": replace(rows, scores=far, target=true)}
    found = replace(shown, snapshot=replace(shown.snapshot, scores=known))
    assert len(list(ResidualsView().draw(found, 78, 19))) == 19
    assert ResidualsView.numbers(found).values["part"] == "validation"
