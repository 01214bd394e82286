"""The fit: the model's answer along the only feature, through the rows."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from mltui.plots.words import clean
from mltui.views.base import View
from mltui.views.derived import at_moment, looked_back
from mltui.views.numbers_of import Numbers, Table
from mltui.views.shown import Shown
from mltui.views.surface import truth_of


class FitView(View):
    """The model's answer at every value of the only feature."""

    name = "fit"
    title = "Fit"
    pace = 0.5
    help = (
        "Shows what the model answers at every value of the only feature, as a line through your rows. Of two classes "
        "it is the probability of the second one: its rows lie around 1, those of the first around 0.\n\n"
        "A line that misses a bend in the rows: the model is too simple, or has not learnt long enough. One that "
        "swings from row to row has learnt the noise; validation rows are then farther from it than training rows. "
        "Beyond the last rows it is a guess.\n\n"
        "Of data that are drawn here by a law which is known, such as polynomial, the dashed line is that law: the "
        "best that any model can do.\n\n"
        "Of several targets it shows one; t turns to the next.\n\n"
        "Try next: polynomial_regression of degree 1, 3 and 10 on polynomial, then with fewer rows or more noise, and "
        "go back in time with , to see the line bend."
    )

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether the run has one feature, which is no image, as far as it has said."""
        started = shown.state.started
        features, inputs = started.get("features"), started.get("inputs", ("",))
        return features is None or len(features) == len(inputs) == 1 or cls.ready(shown)

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the moment looked at holds answers along a line."""
        surface = shown.snapshot.surface if shown.snapshot else None
        return surface is not None and not surface.flat

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """What is drawn over what, and the step it stands at when that is not the present."""
        assert shown.snapshot is not None
        assert shown.snapshot.surface is not None
        name = clean(shown.target_name)
        return at_moment(" over ".join(filter(None, (name, clean(shown.snapshot.surface.x)))), shown)

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.phase == "waiting":
            return "Press r to run: the model's line through the rows will form here."
        return "The line comes with the first picture of the model; it needs data with one feature, a number."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """The line and the points, by identity."""
        snapshot = shown.snapshot
        return ((snapshot.surface, snapshot.points) if snapshot else (), shown.classes)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The moment looked back at, and the target."""
        return (*super().by_hand(shown), *looked_back(shown), shown.of_target, shown.sample)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """A line through the marks."""
        from mltui.plots.fit import fit

        assert shown.snapshot is not None
        assert shown.snapshot.surface is not None
        drawn, points = shown.snapshot.surface, shown.snapshot.points
        target = shown.among(drawn.targets)
        points = points.of(target) if points is not None else None
        classes = shown.classes if shown.task == "classification" else ()
        return fit(
            drawn.of(target), points, classes, width, height, shown.look,
            target=shown.target_name, truth=truth_of(shown, drawn),
        )  # fmt: skip

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """The answer at every place, the best one where it is known, and the rows drawn."""
        assert shown.snapshot is not None
        assert shown.snapshot.surface is not None
        drawn = shown.snapshot.surface.of(shown.among(shown.snapshot.surface.targets))
        low, high, *_ = drawn.extent
        answers = drawn.values[0]
        columns = {"x": low + (np.arange(len(answers)) + 0.5) * (high - low) / len(answers), "model": answers}
        truth = truth_of(shown, drawn)
        columns |= {"best": truth.values[0]} if truth is not None else {}
        tables = [Table("fit", columns, "line", "x", drawn.x, shown.target_name)]
        points = shown.snapshot.points
        if points is not None:
            target = points.of(shown.among(points.targets)).target
            tables.append(Table("points", {"x": points.x, "target": target, "validation": points.part == 1}))
        return Numbers({"x": drawn.x, "target": shown.target_name}, tables)
