"""The inputs: the preprocessing as a pipeline, with each variable before and after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from mltui.plots.words import count
from mltui.views.numbers_of import Numbers, Table
from mltui.views.scrolling import ScrollingView
from mltui.views.shown import Shown


class InputsView(ScrollingView):
    """The steps from the variables to the model's inputs; longer tables scroll."""

    name = "inputs"
    title = "Inputs"
    help = (
        "Shows what is done to the variables before the model sees them: the steps in their order, then a row for "
        "each variable with its kind, how many values are missing, its mean and deviation and a small histogram, on "
        "the left as the data have it, behind the arrow as it reaches the model. A category becomes several inputs, "
        "each with a row of its own. Everything is fitted on the training rows alone, so that nothing of the "
        "validation leaks into it; the numbers are those of training rows.\n\n"
        "Networks, support vectors and neighbours want inputs of one size: mean 0 and deviation 1. A variable that is "
        "still a spike at one end and a long tail after scaling learns badly: try its logarithm as an expression, or "
        "scale = quantile. A range that reaches far beyond the deviation tells of outliers, or of a value such as -999 "
        "that means missing. Many missing values: see whether they are missing alike in both classes.\n\n"
        "Try next: in the setup press e, change scale to none, run again and compare the curves; scroll here with the "
        "arrows."
    )

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the run has told what it does to its variables."""
        return bool(shown.state.pipeline.get("variables"))

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """How many variables become how many inputs."""
        found = shown.state.pipeline
        out = found.get("left_out")
        variables = len(found["variables"]) + (out if isinstance(out, int) else 0)
        steps = [step.get("inputs") for step in found.get("steps") or () if isinstance(step, dict)]
        made = next((made for made in reversed(steps) if isinstance(made, int)), len(found.get("outputs") or ()))
        return f"{count(variables, 'variable')} → {count(made, 'input')}"

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.ended:
            return "This run has not said what it did to its variables."
        if shown.state.phase != "waiting":
            return "What is done to each variable stands here as soon as the data are prepared."
        return "Press r to run: each variable will stand here before and after what is done to it."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """The pipeline, by identity."""
        return (shown.state.pipeline,)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The steps and the rows of the table in sight."""
        from mltui.plots.inputs import hidden, inputs

        found = shown.state.pipeline
        first = min(self._first, hidden(found, width, height, shown.look))
        return inputs(found, width, height, shown.look, first=first)

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """The variables before, and the inputs after what is done to them."""
        found = shown.state.pipeline
        known = ("name", "kind", "missing", "mean", "deviation", "low", "high")
        tables = []
        for key in ("variables", "outputs"):
            entries = [entry for entry in found.get(key) or () if isinstance(entry, Mapping)]
            names = [name for name in known if any(name in entry for entry in entries)]
            tables.append(Table(key, {name: [_single(entry.get(name)) for entry in entries] for name in names}))
        return Numbers(tables=tables)

    def furthest(self, shown: Shown, width: int, height: int) -> int:
        """As `ScrollingView.furthest`."""
        from mltui.plots.inputs import hidden

        return hidden(shown.state.pipeline, width, height, shown.look)


def _single(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else None
