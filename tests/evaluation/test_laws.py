"""What every number and every picture's numbers obey, whatever the weights: a table of quantities, a table of laws.

A new metric is one line in QUANTITIES: from a case to what it gives, by how that answers to a scale of all weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mltui.core.snapshot import Scores
from mltui.evaluation import curves, overtraining, variables
from mltui.evaluation import histogram as histograms
from mltui.evaluation.calibration import calibration
from mltui.evaluation.confusion import confusion
from mltui.evaluation.cuts import cuts
from mltui.evaluation.dependence import dependence
from mltui.evaluation.deviations import deviations, profile
from mltui.evaluation.large import metrics_of_many
from mltui.evaluation.metrics import metrics, quick
from mltui.evaluation.ranked import by_class
from mltui.evaluation.rarity import rarity_histograms, signal_probability
from mltui.evaluation.rates import rates
from mltui.evaluation.roc import one_against_rest
from mltui.evaluation.sculpting import sculpting
from mltui.evaluation.significance import FORMULAS
from mltui.evaluation.variations import Judged, compared
from mltui.evaluation.worth import worth
from mltui.evaluation.yields import Yields, processes, yields
from tests.evaluation.cases import LABELS, PROCESSES, Case, cases, nothings, some

DEGREES = {"ratios": 0.0, "sums": 1.0, "roots": 0.5, "counts": 0.0, "errors": 1.0, "guarded": 0.5}
"""By which power of a scale of all weights each group of numbers grows."""
OF_EVENTS = ("ratios", "sums", "roots")
"""The groups that know no difference between a row of weight two and two rows; counts and errors do, and what asks
for so many effective events."""
Groups = Mapping[str, Any]


def of_metrics(found: dict[str, Any]) -> Groups:
    events = found.pop("events")
    found.pop("unweighted", None)
    return {
        "sums": [found.pop("confusion", None), events["sum_of_weights"]],
        "counts": [events["rows"], events["effective"]],
        "ratios": found,
    }


def of_curves(case: Case) -> Groups:
    curves = one_against_rest(case.scores, case.classes)
    return {"ratios": [(c.false_positive, c.true_positive, c.thresholds, c.auc) for c in curves]}


def of_forms(case: Case) -> Groups:
    """Every form of the curves, with what depends on how many rows stand behind it among the counts."""
    every = curves.against_rest(case.scores, case.classes)
    drawn = [curves.curve(of, form) for of in every for form in curves.FORMS]
    told = [curves.numbers(of, (0.1, 0.5)) for of in every]
    return {
        "ratios": [
            [(one.x, one.y) for one in drawn], [curves.point(of, form, 0.3) for of in every for form in curves.FORMS],
            [{name: value for name, value in one.items() if "error" not in name} for one in told],
        ],
        "counts": [[(one.low, one.high) for one in drawn], told],
    }  # fmt: skip


def of_rates(case: Case) -> Groups:
    found = asdict(rates(by_class(case.scores), 0.3))
    del found["threshold"]
    return {
        "ratios": {name: rate["value"] for name, rate in found.items()},
        "counts": {name: rate["error"] for name, rate in found.items()},
    }


def of_calibration(case: Case) -> Groups:
    found = calibration(case.scores, 4)
    return {"ratios": [found.said, found.true, found.expected_error], "sums": found.sums, "counts": found.errors}


def of_confusion(case: Case) -> Groups:
    found = confusion(case.scores, case.classes, 0.3)
    return {"sums": found.matrix, "ratios": [found.efficiency, found.purity, found.rejection, found.accuracy]}


def of_histograms(found: tuple[histograms.Histogram, ...]) -> Groups:
    return {
        "ratios": [(h.edges, h.density) for h in found],
        "sums": [(h.sums, h.total) for h in found],
        "errors": [h.errors for h in found],
    }


def of_residuals(case: Case) -> Groups:
    found = histograms.residuals(case.scores, 5)
    binned = of_histograms((found.histogram,))
    return {**binned, "ratios": [binned["ratios"], found.mean, found.rms],
            "sums": [binned["sums"], found.below, found.above]}  # fmt: skip


def of_column(case: Case, *, labels: bool) -> Groups:
    """One column's histograms by class, of a regression in one."""
    classes = case.classes or ("all",)
    codes = case.target if case.classes else np.zeros(len(case.target), np.int64)
    values, names = (case.label, LABELS) if labels else (case.number, ())
    found = variables.class_histograms(values, codes, classes, case.weights, 2 if labels else 7, names)
    return {
        "ratios": [found.edges, found.labels],
        "sums": [found.sums, found.below, found.above, found.missing],
        "errors": found.errors,
    }


def of_ranking(case: Case) -> Groups:
    columns = {"number": case.number, "label": case.label, "other": case.values.reshape(len(case.target), -1)[:, 0]}
    found = variables.ranking(columns, case.target, case.classes, case.weights, {"label": LABELS})
    return {"ratios": {ranked.name: [ranked.separation, ranked.auc, ranked.correlation] for ranked in found}}


def of_correlations(case: Case) -> Groups:
    matrix = np.column_stack([case.number, case.label, case.target.astype(np.float64)])
    return {"ratios": variables.correlations(matrix, case.weights)}


def of_yields(case: Case) -> Groups:
    named, part = processes(case.table), case.take(case.part)
    return told(yields(part.scores, named, PROCESSES, case.classes, 0.4), named)


def told(found: Yields, named: Any) -> Groups:
    return {
        "ratios": [(one.name, one.label, one.scale) for one in found.processes],
        "sums": [[found.signal, found.background], [(one.expected, one.selected) for one in found.processes]],
        "roots": [found.s_over_sqrt_b, found.s_over_sqrt_sb],
        "errors": [[found.signal_error, found.background_error],
                   [(one.error, one.selected_error) for one in found.processes]],
        "counts": [[(one.rows, one.effective, one.selected_rows) for one in found.processes],
                   [(one.rows, one.effective) for one in named]],
    }  # fmt: skip


def of_variation(case: Case) -> Groups:
    """All rows against those of the part with other scores."""
    named, part = processes(case.table), case.take(case.part)
    moved = part.changed(values=np.minimum(part.values, 0.7), weights=1.5 * part.weights)
    varied = Judged(moved.scores, processes(moved.table))
    found = compared(Judged(case.scores, named), varied, case.task, case.classes, PROCESSES)
    shape, by_process, significance = found.pop("shape"), found.pop("yields"), found.pop("significance")
    return {
        "guarded": significance and significance["nominal"],
        "counts": found.pop("rows"),
        "errors": [[s.pop("errors") for s in shape["classes"].values()],
                   [(y.pop("error"), y.pop("selected_error")) for y in by_process.values()]],
        "sums": [shape.pop("classes"), by_process],
        "ratios": [shape, found],
    }  # fmt: skip


def of_cuts(case: Case) -> Groups:
    part = case.take(case.part)
    found = cuts(part.scores, processes(case.table), PROCESSES, case.classes)
    if found is None:
        return {}
    sides, best = (found.signal, found.background), found.best()
    return {
        "ratios": [found.scores, found.thresholds, found.purity[0], [side.efficiency[0] for side in sides]],
        "sums": [(side.sums, side.total) for side in sides],
        "errors": [(side.errors, side.total_error) for side in sides],
        "roots": [found.significance(formula)[0] for formula in FORMULAS],
        "counts": [side.effective for side in sides],
        "guarded": best and best.value,
    }


def of_overtraining(case: Case) -> Groups:
    """The rows of the part against the others."""
    found = overtraining.compared(case.take(case.part).scores, case.take(~case.part).scores, case.classes)
    classes = found.classes.values()
    return {
        "ratios": [found.train, found.validation, [one.distance for one in classes]],
        "counts": [found.verdict, [(one.ks, one.chi2, one.bins, one.p) for one in classes]],
    }


def of_rarity(case: Case) -> Groups:
    histograms_ = rarity_histograms(case.scores, case.take(case.part).scores, case.classes)
    background, signal = histograms.score_histograms(case.scores, case.classes, 7)
    found = signal_probability(signal, background)
    return {**of_histograms(histograms_), "ratios": [[h.density for h in histograms_], found.scores, found.values]}


def of_deviations(case: Case) -> Groups:
    off = case.values - case.target
    every, best = deviations(off, case.weights), deviations(off, case.weights, 0.7)
    along = [profile(case.number, off, case.weights, 4), profile(case.label, off, case.weights, 4, LABELS)]
    return {
        "ratios": [(every.bias, every.rms, every.reach), (best.bias, best.rms, best.reach),
                   [(one.edges, one.quantiles, one.bias, one.rms, one.labels) for one in along]],
        "counts": [one.events for one in along],
    }  # fmt: skip


def of_dependence(case: Case) -> Groups:
    said = case.values.reshape(len(case.target), -1)[:, 0]
    groups = [("all", np.ones(len(said), np.bool_)), ("some", case.target == 0)]
    found = dependence({"number": case.number, "process": case.process.astype(float)}, said, case.weights, groups)
    return {"ratios": [found.linear, found.rank]}


def of_sculpting(case: Case) -> Groups:
    slices = sculpting(case.number, case.values, case.weights, (0.5, 0.1), 4).slices
    return {
        "ratios": [(one.efficiency, one.threshold, one.divergence, one.distance) for one in slices],
        "sums": [one.sums for one in slices],
        "errors": [one.errors for one in slices],
        "counts": [(one.events, one.by_chance) for one in slices],
    }


ALL, CLASSIFIED = ("two", "three", "regression"), ("two", "three")
QUANTITIES: Mapping[str, tuple[tuple[str, ...], Callable[[Case], Groups]]] = {
    "metrics": (ALL, lambda case: of_metrics(metrics(case.scores, case.task, case.classes, weighted=True))),
    "metrics of many": (
        ALL, lambda case: of_metrics(metrics_of_many(case.scores, case.task, case.classes, weighted=True))
    ),
    "metrics while it trains": (ALL, lambda case: {"ratios": quick(case.scores, case.task, case.classes)}),
    "roc curves": (CLASSIFIED, of_curves),
    "forms of the roc curve": (CLASSIFIED, of_forms),
    "rates": (("two",), of_rates),
    "calibration": (CLASSIFIED, of_calibration),
    "confusion": (CLASSIFIED, of_confusion),
    "scores": (CLASSIFIED, lambda case: of_histograms(histograms.score_histograms(case.scores, case.classes, 7))),
    "scores, right and wrong": (("three",), lambda case: of_histograms(histograms.answer_histograms(case.scores, 7))),
    "residuals": (("regression",), of_residuals),
    "histograms of a number": (ALL, lambda case: of_column(case, labels=False)),
    "histograms of labels": (ALL, lambda case: of_column(case, labels=True)),
    "ranking": (ALL, of_ranking),
    "correlations": (ALL, of_correlations),
    "deviations": (("regression",), of_deviations),
    "dependence": (ALL, of_dependence),
    "sculpting": (("two",), of_sculpting),
    "worth": (ALL, lambda case: {"ratios": worth(case.scores, case.task, case.classes)}),
    "yields": (ALL, of_yields),
    "variation": (ALL, of_variation),
    "cuts": (("two",), of_cuts),
    "overtraining": (CLASSIFIED, of_overtraining),
    "rarity": (("two",), of_rarity),
}  # fmt: skip


def of_nothing(case: Case, data: st.DataObject) -> Case:
    """With rows of weight zero among the others, far or missing ones, of any class."""
    return data.draw(nothings(case.kind)).joined(case)


def doubled(case: Case, data: st.DataObject) -> Case:
    return case.changed(weights=SCALE * case.weights)


def repeated(case: Case, data: st.DataObject) -> Case:
    """In place of some rows two of half their weight."""
    twice = data.draw(some(len(case.weights)))
    halved = case.changed(weights=case.weights / np.where(twice, 2, 1))
    return halved.take(np.repeat(np.arange(len(twice)), 1 + twice))


def reordered(case: Case, data: st.DataObject) -> Case:
    return case.take(np.array(data.draw(st.permutations(range(len(case.weights))))))


SCALE = 2.0
LAWS: Mapping[str, tuple[Callable[[Case, st.DataObject], Case], float, tuple[str, ...]]] = {
    "rows of weight zero change nothing": (of_nothing, 1.0, tuple(DEGREES)),
    "weights of double size change no ratio and double the sums": (doubled, SCALE, tuple(DEGREES)),
    "a row of weight two is two rows": (repeated, 1.0, OF_EVENTS),
    "the order of the rows changes nothing": (reordered, 1.0, tuple(DEGREES)),
}
"""By what they say: what is done to the rows, by what the weights grow, and which groups are to follow."""


@pytest.mark.parametrize("said", LAWS)
@pytest.mark.parametrize("kind", ALL)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_the_laws(kind: str, said: str, data: st.DataObject) -> None:
    change, scale, groups = LAWS[said]
    case = data.draw(cases(kind))
    other = change(case, data)
    for name, (kinds, quantity) in QUANTITIES.items():
        if kind not in kinds:
            continue
        found, wanted = quantity(other), quantity(case)
        assert found.keys() <= DEGREES.keys()
        for group in groups:
            alike(found.get(group), wanted.get(group), scale ** DEGREES[group], f"{name}: {group}")


def alike(found: Any, wanted: Any, factor: float, where: str) -> None:
    """Equal to 1e-9 but for a factor; what is undefined is so in both."""
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys(), where
        for key in wanted:
            alike(found[key], wanted[key], factor, f"{where} {key}")
    elif isinstance(wanted, np.ndarray):
        np.testing.assert_allclose(found, factor * wanted, rtol=1e-9, atol=1e-9, err_msg=where)
    elif isinstance(wanted, list | tuple):
        for one, other in zip(found, wanted, strict=True):
            alike(one, other, factor, where)
    elif wanted is None or isinstance(wanted, str):
        assert found == wanted, where
    else:
        assert found is not None, where
        both = math.isnan(found) and math.isnan(wanted)
        assert both or math.isclose(found, factor * wanted, rel_tol=1e-9, abs_tol=1e-9), where


def test_every_number_of_the_metrics_is_under_the_laws() -> None:
    """What `metrics` says of a part is in one of the groups, so that no new one escapes."""
    scores = Scores(np.array([0, 1]), np.array([0.2, 0.7]), np.ones(2))
    grouped = of_metrics(metrics(scores, "classification", ("b", "s"), weighted=False))
    assert {"accuracy", "auc", "average_precision", "baseline", "brier", "efficiency_at", "log_loss", "loss",
            "precision", "recall", "separation"} == set(grouped["ratios"])  # fmt: skip
