"""The views of a regression: predicted against true values, and what is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.plots.words import clean, metric
from mltui.views.derived import judged, quick_metrics, remembered
from mltui.views.scored import ScoredView
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.evaluation.histogram import Residuals


class PredictedView(ScoredView):
    """Predicted against true values."""

    name = "predicted"
    title = "Predicted"
    judges = "regression"
    promise = "each row's predicted value against the true one"
    help = (
        "Shows each validation row as a mark: its true value to the right, the predicted one upwards. On the diagonal "
        "the two are equal.\n\n"
        "A cloud tight along the diagonal is good. A cloud flatter than it: the model hedges towards the mean, so let "
        "it learn longer or make it larger. A bend: the model is too simple for the shape. Single marks far off: look "
        "at those rows.\n\n"
        "Of several targets it shows one; t turns to the next.\n\n"
        "Try next: a linear model and then a tree or a network on the same data, and compare the shapes."
    )

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """How much of the spread is explained, of several targets of the one that is looked at."""
        return _headline(shown, "r2")

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """Of the validation, or of train where there is no other."""
        from mltui.plots.regression import predicted_true

        part = _judged(shown)
        assert part is not None
        return predicted_true(part[1], width, height, shown.look, target=shown.target_name, role=part[0])


class ResidualsView(ScoredView):
    """What the predictions are off by."""

    name = "residuals"
    title = "Residuals"
    judges = "regression"
    promise = "what the predictions are off by"
    help = (
        "Shows how often the prediction is off by how much: predicted minus true. Zero is right.\n\n"
        "A narrow hill around zero is good; its width is the typical error, the RMSE. A hill beside zero: the model "
        "is biased. A long tail on one side: some rows are of a kind the model does not know. Train much narrower "
        "than validation: it learned the training rows by heart.\n\n"
        "Of several targets it shows one; t turns to the next.\n\n"
        "Try next: scale the features, drop one, or choose another model, and watch the width in the border."
    )

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The typical error, of several targets of the one that is looked at."""
        return _headline(shown, "rmse")

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """Of the validation, or of train where there is no other."""
        from mltui.plots.regression import residuals

        part = _judged(shown)
        assert part is not None
        return residuals(_residuals(part[1]), width, height, shown.look, role=part[0])


def _headline(shown: Shown, name: str) -> str:
    part = _judged(shown)
    if part is None:
        return ""
    of = f"{clean(shown.target_name)}  " if shown.targets else ""
    return f"{of}{name} {metric(name, quick_metrics(part[1], shown.task, shown.classes).get(name))}"


def _judged(shown: Shown) -> tuple[str, Scores] | None:
    """The part to judge by, of several targets with the scores of the one that is looked at."""
    part = judged(shown)
    return None if part is None else (part[0], _of(part[1], shown.of_target))


@remembered
def _of(scores: Scores, target: int) -> Scores:
    return scores.of(target)


@remembered
def _residuals(scores: Scores) -> Residuals:
    from mltui.evaluation.histogram import residuals

    return residuals(scores)
