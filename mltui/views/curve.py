"""The curve: how the metric moved while the model learned."""

from __future__ import annotations

from rich.text import Text

from mltui.core.events import STEPS, Curve
from mltui.plots import members, steered, words
from mltui.record.series import Series
from mltui.record.state import RunState
from mltui.views.base import View
from mltui.views.numbers_of import Numbers, Table
from mltui.views.shown import Shown

GROWN = 0.2  # of the way; from there on the axis stands still
_TITLES = {"auc": "AUC", "rmse": "RMSE", "mae": "MAE", "r2": "R²", "significance": "significance Z_A"}


class CurveView(View):
    """A metric of train and validation along the run, with the previous run dim behind it."""

    name = "curve"
    title = "Curve"
    pace = 0.5
    help = (
        "Shows how well the model does while it learns: the solid line on the rows it is fitted on, the dashed line "
        "on rows it does not learn from; of a random forest also a dotted one, out of bag: each training row judged "
        "by the trees whose draw left it out. The dim lines are your previous run; the border says what you changed. "
        "The mark shows which step was kept, a thin upright line where a value was changed while it trained, with what "
        "it became. With folds or seeds, the validation of each model is a thin line and the strong ones are the "
        "means, as far as all of them go; how far the thin ones lie apart is how much you may trust the mean.\n\n"
        "Loss should fall. Both lines high and flat: the model learns too little, so try a larger learning rate, more "
        "epochs or a larger model. Train falls while validation rises: it learns the training rows by heart, so try "
        "more rows, weight decay, dropout, a smaller model or early stopping. A line that jumps or explodes: the "
        "learning rate is too large.\n\n"
        "With several targets a network makes small the mean loss of the targets each brought to spread 1, which is "
        "the first curve; the one called loss is in the targets' own units, where a target of larger numbers counts "
        "more.\n\n"
        "Of a signal and a background with weights there is the significance too: Z_A of a discovery at the best cut, "
        "in the events of all rows, with gaps where fewer than 10 effective events stand behind every cut. It may rise "
        "still where the loss has stopped to fall, or the other way round.\n\n"
        "Try next: press m for another metric and l for a logarithmic axis; change the learning rate tenfold, run "
        "again, and compare with the dim line. Or change it while the model learns and press a: the curve goes on "
        "with the new one, and the upright line shows from where."
    )

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the run's metric has at least one point."""
        return any(series.length for curve, series in _of(shown.state) if curve.name == shown.curve_metric)

    @classmethod
    def heading(cls, shown: Shown) -> str:
        """The metric's own name, and which of several models is trained."""
        name, state = shown.curve_metric, shown.state
        title = _TITLES.get(name, name.replace("_", " ").capitalize()) or cls.title
        if len(state.members) == 1 or not title:
            return title
        return f"{title}  {members.which(state)}".rstrip()

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The validation's latest value, and what changed since the previous run."""
        return "  ".join(filter(None, (_latest(shown), shown.previous_title if shown.previous else "")))

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.phase in ("training", "paused"):
            return "The curve begins with the first step measured; a model that fits in one go draws it at the end."
        if shown.state.ended:
            return "This run ended before it had a point to draw. See the log for why."
        return "Press r to run: the loss will fall here while the model learns."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """The points, the run behind them, and the marks."""
        previous = shown.previous.series if shown.previous else ()
        return (shown.state.series, previous, shown.previous_title, shown.state.kept)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """Which metric, on which axis, at which step; and what was changed while it trained."""
        return (*super().by_hand(shown), shown.curve_metric, shown.log, shown.cursor, shown.state.changes)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The previous run's lines first, so that this run's lie on top."""
        from mltui.plots.curve import curve, wide

        metric = shown.curve_metric
        before = members.lines(shown.previous, metric, previous=True) if shown.previous else []
        lines = [*before, *members.lines(shown.state, metric, previous=False)]
        axis = next(curve.axis for curve in shown.state.curves if curve.name == metric)
        rows, many = axis == words.ROWS, axis not in STEPS
        return curve(
            lines, width, height, shown.look,
            x_label=words.axis(axis, 2 if rows else 1), y_label=metric, log=shown.log, cursor=shown.cursor,
            log_x=many and not rows and wide(lines),
            kept=None if rows or len(shown.state.members) > 1 else shown.state.kept,
            end=None if many and (not rows or not shown.state.ended) else _end(shown.state),
            marks=() if many else steered.marks(shown.state),
        )  # fmt: skip

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """A table for each line that has points of its own."""
        metric, found = shown.curve_metric, []
        for curve, series in _of(shown.state):
            if curve.name == metric and series.length:
                name = " ".join(filter(None, (curve.part.replace("_", " "), curve.member)))
                columns = {curve.axis: series.steps, metric: series.values}
                found.append(Table(name, columns, "line", curve.axis, words.axis(curve.axis, 1), metric, shown.log))
        return Numbers({"kept": shown.state.kept}, found)


def _of(state: RunState) -> list[tuple[Curve, Series]]:
    return list(zip(state.curves, state.series, strict=True))


def _end(state: RunState) -> float | None:
    """Where the axis ends: where training did or will, once a good part of it is behind; before, it grows."""
    if state.ended:
        return state.step or None
    if state.total is None or state.step < GROWN * state.total:
        return None
    return state.total


def _latest(shown: Shown) -> str:
    state = shown.state
    apart = len(state.members) > 1 or state.started.get("axis", "step") not in STEPS  # the last point is of one of many
    told = state.metrics.get("validation", {}).get(shown.curve_metric) if apart else None
    if isinstance(told, int | float):
        return f"validation {words.metric(shown.curve_metric, told)}"
    for part in ("validation", "train"):
        value = shown.state.latest(shown.curve_metric, part)
        if value is not None:
            return f"{part} {words.metric(shown.curve_metric, value)}"
    return ""
