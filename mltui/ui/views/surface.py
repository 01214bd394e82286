"""The decision surface: the model's answer over the plane of two features, with the rows on top."""

from __future__ import annotations

from rich.text import Text

from mltui.plots.words import clean
from mltui.ui.shown import Shown
from mltui.ui.views.base import View
from mltui.ui.views.derived import at_moment, looked_back

MOST_FEATURES = 30
"""With more, a slice along two of them shows nothing, and training makes none."""


LONG = 24
"""Names longer than this give way in the border: they stand on the axes too."""


class SurfaceView(View):
    """The model's answer at every place of the plane."""

    name = "surface"
    title = "Surface"
    pace = 0.5
    help = (
        "Shows what the model would answer everywhere in the plane of two features; the marks are rows of your data, "
        "each class with a colour and a shape of its own.\n\n"
        "Where the colour is strong the model is sure; where it fades one class passes into the other, and there runs "
        "the border the model has drawn. With more than two features this is a slice: the others stand at their "
        "median. Marks on the wrong colour are its mistakes. A straight border means the "
        "model can only cut straight; a ragged one with small islands means it learns single rows by heart.\n\n"
        "Of several targets it shows one; t turns to the next.\n\n"
        "Try next: run logistic_regression and then mlp on circles, give the network fewer or more hidden units, "
        "raise the noise, and go back in time with , to see the border form."
    )

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether the run has features that span a plane, as far as it has said."""
        features = shown.state.started.get("features")
        return features is None or 2 <= len(features) <= MOST_FEATURES or cls.ready(shown)

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the moment looked at holds a surface."""
        return shown.snapshot is not None and shown.snapshot.surface is not None

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The features, that any others are held, and the step it stands at when that is not the present."""
        assert shown.snapshot is not None
        assert shown.snapshot.surface is not None
        names = f"{clean(shown.snapshot.surface.x)} × {clean(shown.snapshot.surface.y)}"
        if len(shown.state.started.get("features") or ()) > 2:
            names = f"{names}, others at median" if len(names) <= LONG else "others at their median"
        if shown.targets:
            names = f"{clean(shown.target_name)} over {names}"
        return at_moment(names, shown)

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.phase == "waiting":
            return "Press r to run: the model's answer over the two features will form here."
        return "The surface comes with the first picture of the model; it needs two features that are numbers."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """The surface and the points, by identity."""
        snapshot = shown.snapshot
        plane = (snapshot.surface, snapshot.points) if snapshot else ()
        return (plane, shown.classes)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The moment looked back at, and the target."""
        return (*super().by_hand(shown), *looked_back(shown), shown.of_target)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """Half blocks with the points over them."""
        from mltui.plots.surface import surface

        assert shown.snapshot is not None
        assert shown.snapshot.surface is not None
        classes = shown.classes if shown.task == "classification" else ()
        drawn, points = shown.snapshot.surface, shown.snapshot.points
        target = shown.among(drawn.targets)
        points = points.of(target) if points is not None else None
        return surface(drawn.of(target), points, classes, width, height, shown.look)
