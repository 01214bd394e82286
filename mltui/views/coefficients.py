"""The coefficients: what each input adds to the sum of a linear model, with its error."""

from __future__ import annotations

from rich.text import Text

from mltui.plots.words import clean, count
from mltui.views.derived import coefficients, looked_back, of_member
from mltui.views.numbers_of import Numbers, Table
from mltui.views.scrolling import ScrollingView
from mltui.views.shown import Shown


class CoefficientsView(ScrollingView):
    """A bar for each coefficient, the largest first."""

    name = "coefficients"
    title = "Coefficients"
    tab = "Coefs"
    pace = 0.5
    help = (
        "Shows the weighted sum that a linear model has learnt: a bar for each input, the largest first. To the right "
        "the input speaks for the class above the bars, or raises the value; to the left it speaks against it, or "
        "lowers it. The span about the end of a bar is the standard error, where there is a formula for it; |z| says "
        "how many errors the coefficient is from zero.\n\n"
        "A coefficient belongs to one unit of the input as the model sees it. Scaled to spread 1 they can be compared, "
        "and per unit says what one unit of the data does. Below 2 errors an input may do nothing. Two inputs that say "
        "nearly the same share their coefficient in any way, often with opposite signs and large errors: look at the "
        "correlations of the data. A penalty draws all coefficients to zero, and their errors with them. The error is "
        "that of chance alone, and counts weights as so many rows.\n\n"
        "Of many classes it shows one, of several targets likewise; t turns to the next.\n\n"
        "Try next: set scale to none and see why coefficients of different units cannot be compared; lower C, or raise "
        "alpha, and watch which inputs are left; scroll with the arrows."
    )

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether the model has coefficients."""
        return cls.ready(shown)

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the moment looked at holds some."""
        return coefficients(shown) is not None

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """Whose they are where there are several sums, and the step they stand at when that is not the present."""
        found = coefficients(shown)
        assert found is not None
        row = shown.among(len(found.rows))
        name = clean(found.rows[row], limit=40)
        said = f"{name}  {row + 1}/{len(found.rows)}" if len(found.rows) > 1 else name
        return of_member(said or count(len(found.names), "term"), shown)

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.phase == "waiting":
            return "Press r to run: the coefficients of a linear model will stand here, with their errors."
        return "The coefficients come with the first picture of the model, if it has some."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """What they are read from, by identity."""
        snapshot = shown.snapshot
        return (snapshot.found, snapshot.layers) if snapshot else ()

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The moment looked back at, and the class or target."""
        return (*super().by_hand(shown), *looked_back(shown), shown.target)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The bars of one class or target."""
        from mltui.plots import coefficients as plots

        found = coefficients(shown)
        assert found is not None
        classes = len(shown.classes) if shown.task == "classification" else 0
        first = min(self._first, plots.scrolls(found, height))
        row = shown.among(len(found.rows))
        return plots.coefficients(found, row, width, height, shown.look, classes=classes, first=first)

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """The terms of every sum with their errors, and the constants."""
        found = coefficients(shown)
        assert found is not None
        tables = [
            Table(
                name or "coefficients",
                {
                    "term": list(found.names),
                    "coefficient": found.values[row],
                    "error": found.errors[row],
                    "unit": list(found.units),
                    "per unit": found.values[row] / found.scale,
                },
            )
            for row, name in enumerate(found.rows)
        ]
        constants = {
            f"constant {name}".strip(): value for name, value in zip(found.rows, found.intercepts, strict=True)
        }
        return Numbers({"errors": found.source, **constants}, tables)

    def furthest(self, shown: Shown, width: int, height: int) -> int:
        """As `ScrollingView.furthest`."""
        from mltui.plots.coefficients import scrolls

        found = coefficients(shown)
        return scrolls(found, height) if found else 0
