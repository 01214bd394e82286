"""A run's numbers in tables: metrics by part, yields by process, variations, and what was done to the inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mltui.cli.output import Output, look, picture_size, shown
from mltui.core.sections import PARTS

if TYPE_CHECKING:
    from rich.text import Text

    from mltui.record.state import RunState

_NAMES = {
    "events rows": "rows",
    "events sum_of_weights": "sum of weights",
    "events effective": "effective events",
}
_WEIGHED = frozenset(("events sum_of_weights", "events effective"))
"""What says nothing where every row counts as one."""
_TALL = 200
"""So many rows hold any table."""


def print_tables(output: Output, state: RunState) -> None:
    """Print every table that the run has numbers for."""
    if state.pipeline.get("steps"):
        output.text(f"inputs: {_pipeline(state.pipeline)}", hanging="  ")
    if state.metrics:
        output.line()
        _metrics(output, state)
    for part in _judged(state):
        if state.yields.get(part) and _weighs(state):
            output.line()
            _yields(output, state, part)
        if state.variations.get(part):
            output.line()
            _variations(output, state, part)


def _judged(state: RunState) -> Sequence[str]:
    """The parts whose events are counted: those the model has not learnt, unless there are no others."""
    parts = [part for part in PARTS if part in state.yields or part in state.variations]
    return [part for part in parts if part != "train"] or parts


def opened(state: RunState, part: str) -> str:
    """How often the test part was opened, wherever numbers of it stand."""
    from mltui.plots.words import count

    return f"{part} (opened {count(state.openings, 'time')})" if part == "test" and state.openings else part


def _pipeline(pipeline: Mapping[str, Any]) -> str:
    """``9 variables, standard (mean 0, spread 1), 9 inputs``."""
    from mltui.plots.words import count

    left = pipeline.get("left_out")
    many = len(pipeline.get("variables") or ()) + (left if isinstance(left, int) else 0)
    steps = [step for step in pipeline["steps"] if isinstance(step, Mapping)]
    words = [f"{step.get('name')} ({step['words']})" if step.get("words") else str(step.get("name")) for step in steps]
    made = next((step["inputs"] for step in reversed(steps) if isinstance(step.get("inputs"), int)), many)
    return ", ".join([count(many, "variable"), *words, count(made, "input")])


# Metrics


def _metrics(output: Output, state: RunState) -> None:
    """Metrics that are single numbers, a column a part, unweighted ones beside weighted; a sealed part says so."""
    from mltui.plots.members import spread

    over = spread(state)
    if output.pictures:
        from mltui.plots.numbers import numbers

        width, _ = picture_size()
        drawn = numbers(state.metrics, width, _TALL, look(), openings=state.openings, spread=over)
        output.rows(_trimmed(drawn))
        return
    parts = [part for part in PARTS if part in state.metrics or part in state.started.get("parts", ())]
    heads, columns = ["metric"], []
    for part in parts:
        found = state.metrics.get(part)
        heads.append(opened(state, part))
        columns.append(_cells(found) if found is not None else _sealed)
        if found and "unweighted" in found:
            heads.append("unweighted")
            columns.append(_cells(found["unweighted"]))
        if found and part != "train" and over.parts.get(part):
            heads.append(over.title)
            columns.append(_spreads(over.parts[part]))
    weighted = "unweighted" in heads
    names = dict.fromkeys(name for part in state.metrics.values() for name, _ in flat(part))
    rows = [
        [_NAMES.get(name, name), *(column(name) for column in columns)]
        for name in names
        if weighted or name not in _WEIGHED
    ]
    output.table(heads, rows, right=heads[1:])


def _sealed(name: str) -> str:
    return "sealed"


def _cells(metrics: Mapping[str, Any]) -> Callable[[str], str]:
    from mltui.plots.words import amount, number

    known = dict(flat(metrics))
    said = {name: amount(value) if name in _NAMES else number(value) for name, value in known.items()}
    return lambda name: said.get(name, "")


def _spreads(spread: Mapping[str, Any]) -> Callable[[str], str]:
    from mltui.plots.words import number

    def cell(name: str) -> str:
        one = spread.get(name)
        if not isinstance(one, Mapping) or one.get("mean") is None:
            return ""
        return f"{number(one['mean'])} +/- {number(one.get('deviation'), 2)}"

    return cell


def flat(metrics: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """The metrics that are single numbers, those by class, working point or target spelt out: ``precision a``."""
    for name, value in metrics.items():
        if isinstance(value, bool) or value is None or name in ("confusion", "unweighted"):
            continue
        if name == "targets" and isinstance(value, Mapping):
            for target, own in value.items():
                yield from ((f"{metric} {target}", number) for metric, number in flat(own))
        elif isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name} ")
        elif isinstance(value, int | float):
            yield f"{prefix}{name}", value


# Yields and variations


def _weighs(state: RunState) -> bool:
    """Whether events are something else than rows, so that counting them says more than the metrics do."""
    classes = state.started.get("classes") or ()
    named = {one.get("name") for found in state.yields.values() for one in found.get("processes") or ()}
    return bool(state.started.get("weighted")) or not named <= set(classes)


def _yields(output: Output, state: RunState, part: str) -> None:
    found, classes = state.yields[part], tuple(state.started.get("classes") or ())
    luminosity = state.started.get("luminosity")
    luminosity = luminosity if isinstance(luminosity, int | float) else None
    if output.pictures:
        from mltui.plots.yields import yields

        width, _ = picture_size()
        rows = len(found.get("processes") or ()) + 10
        output.rows(
            _trimmed(
                yields(found, width, rows, look(), classes=classes, part=opened(state, part), luminosity=luminosity)
            )
        )
        return
    at = "" if luminosity is None else f", events expected at {luminosity:g}/fb"
    above = found.get("threshold")
    cut = "" if above is None or found.get("signal") is None else f", above {above:.2f}"
    output.line(f"yields, {opened(state, part)}, each process scaled to all rows{cut}{at}")
    heads = ("process", "class", "rows", "effective", "all events", "error", "scale", "selected", "error")
    output.table(heads, [_process(one) for one in found.get("processes") or ()], right=heads[2:])
    sums = (("S", "signal"), ("B", "background"), ("S/sqrt(B)", "s_over_sqrt_b"), ("S/sqrt(S+B)", "s_over_sqrt_sb"))
    if cut:
        from mltui.plots.words import amount

        for before, place in (("", found), ("no cut: ", found.get("no_cut") or {})):
            output.line(before + ", ".join(f"{name} {amount(place.get(key))}" for name, key in sums))
        _best_cut(output, found.get("best_cut"))


def _best_cut(output: Output, best: Any) -> None:
    """Where a discovery would be most significant, and what stands behind that."""
    from mltui.plots.words import amount, measured, number, percent, threshold

    if not isinstance(best, Mapping):
        return
    value, error = measured(best.get("value"), best.get("error"))
    events = f"S {amount(best.get('signal'))}, B {amount(best.get('background'))}"
    behind = min(best.get(f"{side}_effective") or 0.0 for side in ("signal", "background"))
    known = f", the background known to {percent(best['uncertainty'])}" if best.get("uncertainty") else ""
    where = threshold(best.get("threshold") or 0.0)
    spread = f" +- {error}" if error else ""
    output.line(f"best cut {where}: Z_A {value}{spread} ({events}), {number(behind, 2)} effective events{known}")


def _process(one: Mapping[str, Any]) -> Sequence[str]:
    from mltui.plots.words import amount, fixed, measured, number

    rows = [str(one.get("name")), str(one.get("label")), number(one.get("rows")), amount(one.get("effective"))]
    whole = measured(one.get("expected"), one.get("error"))
    return [*rows, *whole, fixed(one.get("scale"), 2), *measured(one.get("selected"), one.get("selected_error"))]


def _trimmed(rows: list[Text]) -> list[Text]:
    """Without empty rows at the end."""
    while rows and not rows[-1].plain.strip():
        rows.pop()
    return rows


def _variations(output: Output, state: RunState, part: str) -> None:
    from mltui.plots.variations import plain_value, value_of
    from mltui.plots.words import fixed, number

    found = {name: one for name, one in state.variations[part].items() if isinstance(one, Mapping)}
    nominal = state.metrics.get(part, {})
    every = ("auc", "significance", "accuracy", "rmse", "r2")
    keys = [key for key in every if any(value_of(key, one) is not None for one in found.values())]
    first = next(iter(found.values()), {})
    processes = list(dict.fromkeys(name for one in found.values() for name in one.get("yields") or ()))
    kinds = [("", "nominal", "varied"), (" above", "selected_nominal", "selected_varied")]
    heads = ("variation", *keys, *(f"{shown(name)}{kind}" for kind, *_ in kinds for name in processes))
    rows = [
        [
            "nominal",
            *(number(plain_value(key, first, nominal)) for key in keys),
            *("1" for _ in kinds for _ in processes),
        ]
    ]
    for name, one in found.items():
        told = [(one.get("yields") or {}).get(process) or {} for process in processes]
        ratios = (fixed(_ratio(events.get(below), events.get(above))) for _, below, above in kinds for events in told)
        rows.append([name, *(number(value_of(key, one)) for key in keys), *ratios])
    output.text(
        f"variations, {opened(state, part)}; of each process its events, all and above the threshold, "
        "over the nominal ones"
        + ("; the significance is that of a discovery with the best nominal cut" if "significance" in keys else ""),
        hanging="  ",
    )
    output.table(heads, rows, right=heads[1:])


def _ratio(nominal: Any, varied: Any) -> float | None:
    known = isinstance(nominal, int | float) and isinstance(varied, int | float) and nominal != 0
    return varied / nominal if known else None
