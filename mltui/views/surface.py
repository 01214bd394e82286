"""The decision surface: the model's answer over the plane of two features, with the rows on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text

from mltui.core.snapshot import Snapshot, Surface
from mltui.plots.words import clean
from mltui.views.base import View
from mltui.views.derived import at_moment, looked_back, remembered
from mltui.views.numbers_of import Numbers, Table
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.plots.pinned import Pin
    from mltui.plots.resting import Vote

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
        "Of data that are drawn here by a law which is known, such as mixture, a thin line shows the border of the "
        "best model that there can be; no model is right more often than that one.\n\n"
        "Of several targets it shows one; t turns to the next. Of a support vector machine the rows that hold the "
        "border are marked by crosses. Of nearest neighbours n shows who decides for a row, the most contested rows "
        "first: the row is the slanted cross, and around it stand the neighbours that vote; with more than two "
        "features they may be near in what the plane does not show.\n\n"
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
        """Whether the moment looked at holds a surface over a plane."""
        surface = shown.snapshot.surface if shown.snapshot else None
        return surface is not None and surface.flat

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The features, that any others are held, and the step it stands at when that is not the present.

        Of a row with its neighbours who they are.
        """
        assert shown.snapshot is not None
        assert shown.snapshot.surface is not None
        vote = _vote(shown)
        if vote is not None:
            from mltui.plots.resting import told

            return at_moment(told(vote, shown.classes if shown.task == "classification" else ()), shown)
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
        plane = (snapshot.surface, snapshot.points, snapshot.found) if snapshot else ()
        return (plane, shown.classes)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The moment looked back at, the target, and whose neighbours are shown."""
        hand = (shown.of_target, shown.neighbours, shown.picked, shown.sample)
        return (*super().by_hand(shown), *looked_back(shown), *hand)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """Half blocks with the points over them."""
        from mltui.plots.surface import surface

        assert shown.snapshot is not None
        assert shown.snapshot.surface is not None
        classes = shown.classes if shown.task == "classification" else ()
        drawn, points = shown.snapshot.surface, shown.snapshot.points
        target = shown.among(drawn.targets)
        points = points.of(target) if points is not None else None
        found = shown.snapshot.found
        support = found.support if found else None
        return surface(
            drawn.of(target), points, classes, width, height, shown.look,
            support=support, vote=_vote(shown), pins=_pins(shown, drawn), truth=truth_of(shown, drawn),
        )  # fmt: skip

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """The answer at the centre of every cell, and the rows drawn."""
        assert shown.snapshot is not None
        assert shown.snapshot.surface is not None
        surface = shown.snapshot.surface.of(shown.among(shown.snapshot.surface.targets))
        height, width = surface.values.shape
        x_low, x_high, y_low, y_high = surface.extent
        xs = x_low + (np.arange(width) + 0.5) * (x_high - x_low) / width
        ys = y_low + (np.arange(height) + 0.5) * (y_high - y_low) / height
        columns = {"x": np.tile(xs, height), "y": np.repeat(ys, width), "answer": surface.values.ravel()}
        truth = truth_of(shown, surface)
        columns |= {"best": truth.values.ravel()} if truth is not None else {}
        tables = [Table("surface", columns)]
        points = shown.snapshot.points
        if points is not None:
            target = points.of(shown.among(points.targets)).target
            rows = {"x": points.x, "y": points.y, "target": target, "validation": points.part == 1}
            tables.append(Table("points", rows))
        return Numbers({"x": surface.x, "y": surface.y}, tables)


def truth_of(shown: Shown, drawn: Surface) -> Surface | None:
    """The best answer that there can be, over the same places as a surface; None where it is not known."""
    truth = shown.sample.truth if shown.sample is not None else None
    same = truth is not None and (truth.x, truth.y) == (drawn.x, drawn.y) and truth.values.shape == drawn.values.shape
    return truth if same else None


def _pins(shown: Shown, plane: Surface) -> list[Pin]:
    """The pinned events at their places in the plane."""
    from mltui.plots.pinned import Pin

    sample = shown.sample
    by_label = {column.label: column.name for column in sample.columns} if sample is not None else {}
    if sample is None or plane.x not in by_label or plane.y not in by_label:
        return []
    found = []
    for letter, place in shown.picked.pins:
        at = sample.find(place)
        if at is not None:
            values = sample.parts[at[0]].values
            x, y = (float(values[by_label[label]][at[1]]) for label in (plane.x, plane.y))
            found.append(Pin(letter, x, y))
    return found


def contested(shown: Shown) -> int:
    """Of how many rows the neighbours that decide can be shown."""
    return len(_contested(shown.snapshot)) if shown.snapshot else 0


def _vote(shown: Shown) -> Vote | None:
    """The row whose neighbours are shown, and those."""
    snapshot = shown.snapshot
    rows = _contested(snapshot) if snapshot and shown.neighbours else ()
    if not 0 < shown.neighbours <= len(rows):
        return None
    from mltui.plots.resting import Vote

    assert snapshot is not None
    assert snapshot.points is not None
    assert snapshot.found is not None
    found = snapshot.found.neighbours
    assert found is not None
    points, row = snapshot.points.of(0), rows[shown.neighbours - 1]
    return Vote(
        points.x[row], points.y[row], points.target[row], found.x[row], found.y[row], found.target[row], found.asked
    )  # fmt: skip


@remembered
def _contested(snapshot: Snapshot) -> tuple[int, ...]:
    """The points of validation, or where there are none all of them, those first that their neighbours agree on least.

    The target of a point of validation is not among what decides for it.
    """
    points, found = snapshot.points, snapshot.found.neighbours if snapshot.found else None
    if points is None or found is None or len(found.x) != len(points.x) or not found.x.shape[1]:
        return ()
    target = points.of(0).target.astype(np.float64)
    with np.errstate(all="ignore"):
        apart = np.nan_to_num(np.abs(found.target - target[:, None]).clip(0, 1e300).mean(axis=1))
        if points.target.dtype.kind in "biu":
            apart = (found.target != target[:, None]).mean(axis=1)
    chosen = np.flatnonzero(points.part == 1) if (points.part == 1).any() else np.arange(len(target))
    return tuple(chosen[np.argsort(-apart[chosen], kind="stable")].tolist())
