"""The importance of each input for a model of trees."""

from __future__ import annotations

from rich.text import Text

from mltui.core.found import Importances
from mltui.plots.words import clean
from mltui.views.derived import looked_back, of_member
from mltui.views.scrolling import ScrollingView
from mltui.views.shown import Shown


class ImportanceView(ScrollingView):
    """A bar for each input, the foremost first."""

    name = "importance"
    title = "Importance"
    tab = "Import."
    pace = 0.5
    help = (
        "Shows what each input does for the trees of the model: a bar for the sum over all questions that ask about "
        "it, of how much each question purifies its node or lowers the loss. All bars add up to 1; of XGBoost it is "
        "total_gain, of LightGBM gain. In a forest the span says how much the importance differs from tree to tree.\n\n"
        "The foremost inputs are those to understand first, and to check for a leak: one that does nearly everything "
        "is either the physics or a mistake. Two inputs that say the same share their importance, so that both may "
        "look small. Inputs with many different values are flattered, as they offer more questions, and deep trees "
        "flatter noise: it is measured on the training rows.\n\n"
        "Try next: leave out the foremost input, run again, and see what the AUC loses; go back in time with , to see "
        "which input was asked about first; scroll with the arrows."
    )

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether the model has importances."""
        return cls.ready(shown)

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the moment looked at holds some."""
        return _found(shown) is not None

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The foremost input, and the step it stands at when that is not the present."""
        found = _found(shown)
        assert found is not None
        best = max(range(len(found.names)), key=lambda place: _known(found, place), default=None)
        return of_member(clean(found.names[best], limit=24) if best is not None else "", shown)

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.phase == "waiting":
            return "Press r to run: what each input does for a model of trees will stand here."
        return "The importances come with the first picture of the model, if it is made of trees."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """What they are read from, by identity."""
        return (_found(shown),)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The moment looked back at."""
        return (*super().by_hand(shown), *looked_back(shown))

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The bars."""
        from mltui.plots.importance import importance, scrolls

        found = _found(shown)
        assert found is not None
        return importance(found, width, height, shown.look, first=min(self._first, scrolls(found, height)))

    def furthest(self, shown: Shown, width: int, height: int) -> int:
        """As `ScrollingView.furthest`."""
        from mltui.plots.importance import scrolls

        found = _found(shown)
        return scrolls(found, height) if found else 0


def _found(shown: Shown) -> Importances | None:
    found = shown.snapshot.found if shown.snapshot else None
    return found.importances if found else None


def _known(found: Importances, place: int) -> float:
    value = float(found.values[place])
    return value if value == value else -1.0  # noqa: PLR0124 - not a number
