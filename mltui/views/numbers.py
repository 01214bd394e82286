"""The numbers: every metric of every part, the test part sealed until it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from mltui.evaluation.headline import headlines
from mltui.plots.members import spread
from mltui.plots.words import metric
from mltui.views.base import View
from mltui.views.derived import looked_back, quick_metrics
from mltui.views.numbers_of import Numbers, Table
from mltui.views.scored import fits
from mltui.views.shown import Shown


class NumbersView(View):
    """The metrics by part; while the model learns, the few that are known already."""

    name = "numbers"
    title = "Numbers"
    pace = 0.5
    help = (
        "Shows the metrics, a column for each part of the data. Train is what the model learned from, validation is "
        "what you choose by, and test is sealed: it is scored only when you open it, and each opening is counted.\n\n"
        "Where the rows have weights, all is weighted, and repeated unweighted: an accuracy of 0.999 may be that of "
        "always saying background, which stands beside it as always. Effective is how many rows of weight one would "
        "say as much. With folds, validation is every row scored by the model that has not seen it; with seeds, by "
        "the mean over the models. Over folds or seeds stand the mean and the deviation of the single models.\n\n"
        "Loss is what training lowers; accuracy is the share of right answers at threshold 0.5; AUC is 0.5 for "
        "guessing and 1 for perfect order; for values, RMSE is the typical error in the target's own unit, and R² is "
        "1 for perfect and 0 for always saying the mean. Train much better than validation is overtraining.\n\n"
        "Try next: choose among your runs by the validation column only, and open the test part once, at the very end: "
        "mltui runs unseal."
    )

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether there is any number yet."""
        return bool(parts(shown))

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The validation's foremost metric; the part is not named, as one number always means validation."""
        found = parts(shown)
        judged = found.get("validation") or found.get("train") or {}
        for name in headlines(shown.task):
            value = judged.get(name)
            if isinstance(value, int | float):
                return f"{name} {metric(name, value)}"
        return ""

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.ended:
            return "This run ended before it could be evaluated. See the log for why."
        if shown.state.phase != "waiting":
            return "The numbers appear with the first step that is measured."
        return "Press r to run: the metrics of train and validation will stand here, the test part sealed."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """The final numbers, or what the live ones come from."""
        scores = tuple(shown.snapshot.scores.values()) if shown.snapshot and not shown.state.metrics else ()
        return (shown.state.metrics, shown.state.spread, shown.state.openings, scores, shown.state.series)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The moment looked back at."""
        return (*super().by_hand(shown), *looked_back(shown))

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The table."""
        from mltui.plots.numbers import numbers

        over = spread(shown.state) if shown.state.metrics and shown.cursor is None else None
        return numbers(parts(shown), width, height, shown.look, openings=shown.state.openings, spread=over)

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """A row for each metric that is a single number, a column for each part."""
        found = {part: _flat(metrics) for part, metrics in parts(shown).items() if metrics}
        names = list(dict.fromkeys(name for metrics in found.values() for name in metrics))
        columns = {part: [metrics.get(name) for name in names] for part, metrics in found.items()}
        return Numbers({"openings": shown.state.openings}, (Table("metrics", {"metric": names, **columns}),))


def parts(shown: Shown) -> dict[str, Mapping[str, Any]]:
    """The metrics by part: the final ones, or those of the moment looked at as far as they are known."""
    if shown.state.metrics and shown.cursor is None:
        return dict(shown.state.metrics)
    found: dict[str, dict[str, Any]] = {}
    for part, scores in (shown.snapshot.scores if shown.snapshot else {}).items():
        if part != "test" and fits(scores, shown) and len(scores.target):
            found[part] = dict(quick_metrics(scores, shown.task, shown.classes))
    if shown.cursor is None:
        for curve in shown.state.curves:
            value = shown.state.latest(curve.name, curve.part)
            if value is not None:
                found.setdefault(curve.part, {})[curve.name] = value
    return dict(found)


def _flat(metrics: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The single numbers, those within others named by both."""
    found: dict[str, Any] = {}
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{name} ")
        elif value is None or isinstance(value, int | float):
            found[prefix + name] = value
    return found
