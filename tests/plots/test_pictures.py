"""Every picture, whatever it is given: exactly its size, only ASCII where asked, no colour where asked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.text import Text

from mltui.core.snapshot import Points, Scores, Surface
from mltui.evaluation import curves
from mltui.evaluation.confusion import confusion
from mltui.evaluation.curves import FORMS, at_background, chance, efficiency_at, point
from mltui.evaluation.histogram import residuals, score_histograms
from mltui.evaluation.metrics import metrics
from mltui.plots import regression
from mltui.plots import roc as rocs
from mltui.plots.bars import bar, sparkline
from mltui.plots.curve import Line, LineRole, curve
from mltui.plots.look import Look
from mltui.plots.matrix import confusion_matrix
from mltui.plots.numbers import numbers
from mltui.plots.preview import preview
from mltui.plots.roc import Band, Chosen, class_role, roc_curve
from mltui.plots.scores import score_histogram
from mltui.plots.surface import surface

ROLES: tuple[LineRole, ...] = ("train", "validation", "previous_train", "previous_validation")
NASTY = (
    "a",
    "",
    "\x1b[31mred\x1b[0m",
    "日本語のとても長い名前",
    "x" * 300,
    "tab\tnew\nline",
    "👩‍👩‍👧🇩🇪👍🏽",
    "é̂",
    "[bold]b[/]",
)

wild = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-1, 1),
    st.sampled_from([0.0, 1.0, 1e308, -1e308, 5e-324, 1e16, 1e16 + 2]),
)
looks = st.builds(Look, st.booleans(), st.sampled_from(["none", "16", "full"]), st.booleans())
names = st.sampled_from(NASTY)


def floats(draw: st.DrawFn, rows: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    kind = draw(st.sampled_from(["wild", "constant", "ordinary"]))
    if kind == "constant":
        return np.full(rows, draw(wild))
    if kind == "ordinary":
        return np.random.default_rng(draw(st.integers(0, 99))).normal(size=rows)
    return np.array(draw(st.lists(wild, min_size=rows, max_size=rows)), np.float64)


def classified(draw: st.DrawFn, classes: int, rows: int) -> Scores:
    random = np.random.default_rng(draw(st.integers(0, 99)))
    shape = (rows,) if classes == 2 else (rows, classes)
    scores = random.random(shape) if draw(st.booleans()) else floats(draw, int(np.prod(shape))).reshape(shape)
    weights = np.ones(rows) if draw(st.booleans()) else random.normal(size=rows)
    return Scores(random.integers(0, classes, rows), scores, weights)


def a_curve(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    lines = []
    for role in ROLES[: draw(st.integers(0, 4))]:
        rows = draw(st.integers(0, 40))
        lines.append(Line(draw(names), np.sort(floats(draw, rows)), floats(draw, rows), role))
    marks = st.one_of(st.none(), wild)
    return curve(
        lines, width, height, look, x_label=draw(names), y_label=draw(names), log=draw(st.booleans()),
        kept=draw(marks), cursor=draw(marks), end=draw(marks),
    )  # fmt: skip


def a_surface(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    classes = draw(st.sampled_from([0, 2, 12]))
    across, rows = draw(st.integers(0, 9)), draw(st.integers(0, 30))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    values = random.integers(0, 12, (5, across)).astype(np.float64) if classes == 12 else floats(draw, 5 * across)
    extent = draw(st.sampled_from([(-1.0, 1.0, -1.0, 1.0), (0.0, 0.0, 0.0, 1.0), (0.0, 1e308, -1e-300, 1e-300)]))
    parts = random.integers(0, 2, rows)
    points = Points(floats(draw, rows), floats(draw, rows), random.integers(0, max(classes, 1), rows), parts)
    plane = Surface(values.reshape(5, across), draw(names), draw(names), extent)
    labels = tuple(f"{draw(names)}{code}" for code in range(classes))
    return surface(plane, draw(st.sampled_from([points, None])), labels, width, height, look)


def a_judgement(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    """A ROC curve, a histogram, a matrix or the numbers, of one random part."""
    classes = draw(st.sampled_from([2, 3, 12]))
    labels = tuple(f"{draw(names)}{code}" for code in range(classes))
    scores = classified(draw, classes, draw(st.integers(0, 30)))
    threshold = draw(st.one_of(st.none(), wild))
    kind = draw(st.sampled_from(["roc", "scores", "matrix", "numbers"]))
    if kind == "roc":
        form = draw(st.sampled_from(FORMS))
        every = curves.against_rest(scores, labels)
        points = [None if threshold is None else point(of, form, threshold) for of in every]
        lines = [
            rocs.Line(label, curves.curve(of, form), class_role(code), of.roc.auc, points[code])
            for code, (label, of) in enumerate(zip(labels[-classes if classes > 2 else 1 :], every, strict=True))
        ]
        chosen = [Chosen(0.1, efficiency_at(every[0], 0.1), at) for at in [at_background(every[0], form, 0.1)] if at]
        return roc_curve(
            lines, width, height, look,
            form=form, threshold=threshold, band=Band(lines[0].curve, "folds"), chosen=chosen, partial=0.5,
            chance=chance(every[0], form) if every[0].roc.auc is not None else None,
        )  # fmt: skip
    if kind == "scores":
        groups = score_histograms(scores, labels)
        over = draw(st.sampled_from([groups, ()]))
        return score_histogram(groups, width, height, look, over=over, threshold=threshold, log=draw(st.booleans()))
    if kind == "matrix":
        return confusion_matrix(confusion(scores, labels), width, height, look)
    found = metrics(scores, "classification", labels, weighted=draw(st.booleans()))
    return numbers({"train": found, "validation": None}, width, height, look, openings=draw(st.integers(0, 2)))


def a_regression(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    rows = draw(st.integers(0, 40))
    scores = Scores(floats(draw, rows), floats(draw, rows), np.abs(floats(draw, rows)))
    if draw(st.booleans()):
        return regression.predicted_true(scores, width, height, look, target=draw(names))
    with np.errstate(all="ignore"):
        return regression.residuals(residuals(scores), width, height, look)


def a_preview(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    rows, classes = draw(st.integers(0, 30)), draw(st.sampled_from([0, 2, 12]))
    target = [int(code) for code in np.arange(rows) % classes] if classes else floats(draw, rows).tolist()
    ys = draw(st.sampled_from([floats(draw, rows).tolist(), []]))
    shown = {"x": draw(names), "y": draw(names), "xs": floats(draw, rows).tolist(), "ys": ys, "target": target}
    labels = [{"label": f"{draw(names)}{code}", "rows": 1, "weight": 1.0} for code in range(classes)]
    description = {"preview": draw(st.sampled_from([shown, None])), "classes": labels, "target": draw(names)}
    return preview(description, width, height, look)


def a_row(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    one = bar(draw(st.one_of(st.none(), wild)), width, look)
    return [one, sparkline(floats(draw, draw(st.integers(0, 200))), width, look)] if height == 2 else [one] * height


PICTURES: dict[str, Callable[[st.DrawFn, int, int, Look], list[Text]]] = {
    "curve": a_curve,
    "surface": a_surface,
    "judgement": a_judgement,
    "regression": a_regression,
    "preview": a_preview,
    "row": a_row,
}


@pytest.mark.parametrize("picture", PICTURES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_picture_keeps_its_size_and_its_look(picture: str, data: st.DataObject) -> None:
    width, height, look = data.draw(st.integers(0, 100)), data.draw(st.integers(0, 30)), data.draw(looks)
    rows = data.draw(st.composite(lambda draw: PICTURES[picture](draw, width, height, look))())
    assert len(rows) == height
    for row in rows:
        assert row.cell_len == width, row.plain
        assert all(sign.isprintable() for sign in row.plain)
        if look.ascii:
            assert row.plain.isascii()
        if look.colours == "none":
            assert all(not isinstance(s.style, str) and s.style.color is s.style.bgcolor is None for s in row.spans)
