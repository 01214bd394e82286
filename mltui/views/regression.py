"""The views of a regression: predicted against true values, and what is left over, against the truth and variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.core.table import Column, Floats
from mltui.plots.words import clean, metric
from mltui.views.derived import judged, quick_metrics, remembered
from mltui.views.numbers_of import Numbers, Table, bins
from mltui.views.scored import ScoredView
from mltui.views.shown import Shown
from mltui.views.variables import Behind, behind, chosen, names

if TYPE_CHECKING:
    from mltui.evaluation.deviations import Deviations, Profile
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
        "f draws bands in place of the marks: in bins of the true value the median of the predicted ones, and where "
        "68 % and 90 % of them lie. A median off the diagonal is a bias there.\n\n"
        "Of several targets it shows one; t turns to the next.\n\n"
        "Try next: a linear model and then a tree or a network on the same data, and compare the shapes."
    )

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """How much of the spread is explained, of several targets of the one that is looked at."""
        return _headline(shown, "r2")

    forms = ("points", "bands")

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """Of the validation, or of train where there is no other."""
        from mltui.plots.profile import bands
        from mltui.plots.regression import predicted_true

        part = _judged(shown)
        assert part is not None
        if self.form(shown) == "bands":
            name = clean(shown.target_name, ascii=shown.look.ascii)
            return bands(
                _predicted(part[1]), width, height, shown.look, role=part[0], title=f"predicted {name}".rstrip(),
                x_label=f"true {name}".rstrip(), diagonal=True,
            )  # fmt: skip
        return predicted_true(part[1], width, height, shown.look, target=shown.target_name, role=part[0])

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """The marks, or the bands."""
        part = _judged(shown)
        if part is None:
            return Numbers()
        told, (true, said) = {"part": part[0], **_told(part[1], shown)}, (part[1].target, part[1].scores)
        labels = f"true {shown.target_name}".rstrip(), f"predicted {shown.target_name}".rstrip()
        if cls.form(shown) == "bands":
            return Numbers(told, (_banded("predicted", _predicted(part[1]), *labels),))
        columns = {"true": true, "predicted": said, "weight": part[1].weights}
        return Numbers(told, (Table("rows", columns, "points", "true", *labels, beside=("weight",)),))


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
        "than validation: it learned the training rows by heart. The bias is the mean of all rows and the RMS their "
        "root mean square; those of the best 90 % leave out the tenth of the weight that is furthest off, so that a "
        "few wild rows do not hide how good the others are.\n\n"
        "f draws the residuals along the true value, and along a variable, which i turns: the median, and where 68 % "
        "and 90 % of them lie. Bands that lean, bend or widen say where the model is biased or unsure. The variable "
        "that goes most with the residual comes first.\n\n"
        "Of several targets it shows one; t turns to the next.\n\n"
        "Try next: scale the features, drop one, or choose another model, and watch the width in the border."
    )

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The typical error, of several targets of the one that is looked at."""
        return _headline(shown, "rmse")

    forms = ("histogram", "truth", "variables")

    @classmethod
    def forms_of(cls, shown: Shown) -> tuple[str, ...]:
        """Along a variable only where the rows' variables are known."""
        return cls.forms if names(shown) else cls.forms[:2]

    @classmethod
    def variables(cls, shown: Shown) -> tuple[str, ...]:
        """Those that the residuals can be drawn along."""
        return names(shown) if cls.form(shown) == "variables" else ()

    @classmethod
    def variable(cls, shown: Shown) -> str:
        """The chosen one, or the one that goes most with the residual."""
        found = _along(shown)
        return found[1].name if found else ""

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """Also the variable."""
        return (*super().by_hand(shown), shown.variable)

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """Also the scores of the sample's rows."""
        return (*super().inputs(shown), tuple(shown.sampled.values()))

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """Of the validation, or of train where there is no other."""
        from mltui.plots.profile import bands
        from mltui.plots.regression import residuals, spreads

        part = _judged(shown)
        assert part is not None
        every, best = _deviations(part[1])
        profile = self._profile(shown)
        if profile is None:
            return residuals(_residuals(part[1]), width, height, shown.look, role=part[0], every=every, best=best)
        look = shown.look
        label = clean(profile[1], ascii=look.ascii, limit=60)
        title = look.sign("predicted − true", "predicted - true")
        told = spreads(every, best, look)
        return bands(profile[0], width, height, look, role=part[0], title=title, x_label=label, told=told)

    @classmethod
    def _profile(cls, shown: Shown) -> tuple[Profile, str] | None:
        """The residuals along what they are drawn over, and its name; None for their histogram."""
        part, form = _judged(shown), cls.form(shown)
        if form == "truth" and part is not None:
            return _over_truth(part[1]), f"true {shown.target_name}".rstrip()
        found = _along(shown) if form == "variables" else None
        if found is None:
            return None
        return _over(found[0].values[found[1].name], _of(found[0].scores, shown.of_target)), found[1].label

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """Bias and RMS of all and of the best, and what is drawn."""
        part, profile = _judged(shown), cls._profile(shown)
        if part is None:
            return Numbers()
        told = {"part": part[0], **_told(part[1], shown)}
        if profile is not None:
            return Numbers(told, (_banded("residuals", *profile, "predicted - true"),))
        binned = _residuals(part[1]).histogram
        columns = {**bins(binned.edges), "sum": binned.sums, "error": binned.errors}
        beside = ("from", "to", "error")
        table = Table("residuals", columns, "step", "middle", "predicted - true", "sum of weights", beside=beside)
        return Numbers(told, (table,))


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


@remembered
def _deviations(scores: Scores) -> tuple[Deviations, Deviations]:
    """Of all rows, and of the best 90 %."""
    from mltui.evaluation.deviations import BEST, deviations

    residuals = _off(scores)
    return deviations(residuals, scores.weights), deviations(residuals, scores.weights, BEST)


def _off(scores: Scores) -> Floats:
    with np.errstate(all="ignore"):  # what a number cannot hold is left out by whoever reads it
        return scores.scores - scores.target.astype(np.float64)


@remembered
def _predicted(scores: Scores) -> Profile:
    from mltui.evaluation.deviations import profile

    return profile(scores.target, scores.scores, scores.weights)


@remembered
def _over_truth(scores: Scores) -> Profile:
    return _over(scores.target.astype(np.float64), scores)


@remembered
def _over(along: Floats, scores: Scores) -> Profile:
    from mltui.evaluation.deviations import profile

    return profile(along, _off(scores), scores.weights)


def _along(shown: Shown) -> tuple[Behind, Column] | None:
    """The sample's rows, and the variable that is chosen or goes most with the residual."""
    found = behind(shown)
    return None if found is None else (found, chosen(shown, found, _ranked(found, shown.of_target)))


@remembered
def _ranked(found: Behind, target: int) -> tuple[str, ...]:
    """The variables by how strongly they go with the residual, or with its size."""
    from mltui.evaluation.dependence import pair

    scores = found.scores.of(target)
    off, strengths = _off(scores), {}
    for name, values in found.values.items():
        every = [*pair(values, off, scores.weights), *pair(values, np.abs(off), scores.weights)]
        strengths[name] = max((abs(one) for one in every if np.isfinite(one)), default=-1.0)
    return tuple(sorted(strengths, key=lambda name: -strengths[name]))


def _told(scores: Scores, shown: Shown) -> dict[str, float | str | None]:
    every, best = _deviations(scores)
    return {
        "target": shown.target_name, "bias": every.bias, "rms": every.rms,
        "bias_best_90": best.bias, "rms_best_90": best.rms,
    }  # fmt: skip


def _banded(name: str, found: Profile, x_label: str, y_label: str) -> Table:
    from mltui.evaluation.deviations import QUANTILES

    quantiles = {f"{100 * share:g} %": row for share, row in zip(QUANTILES, found.quantiles, strict=True)}
    columns = {**bins(found.edges), **quantiles, "mean": found.bias, "rms": found.rms, "events": found.events}
    beside = ("from", "to", "mean", "rms", "events")
    return Table(name, columns, "line", "middle", x_label, y_label, beside=beside)
