"""The tree: the questions that a model of trees asks, one tree at a time."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from mltui.core.found import Trees
from mltui.views.base import Key
from mltui.views.derived import looked_back, of_member
from mltui.views.numbers_of import Numbers, Table
from mltui.views.scrolling import ScrollingView
from mltui.views.shown import Shown


class TreeView(ScrollingView):
    """One tree as indented text."""

    name = "tree"
    title = "Tree"
    pace = 0.5
    help = (
        "Shows a tree of the model from its root down: each line is an answer to a question about one input, in the "
        "data's own unit, and stands under the answer that leads to it. Beside it: how many training rows come by, "
        "the class that has most of their weight, its share (the purity), and the shares of all classes as marks. For "
        "values it shows the mean and the spread of the rows. A tree of boosting adds a step to the score: above zero "
        "it speaks for the class named over the column, below against it.\n\n"
        "Read a path from the root to a leaf as a chain of cuts. The first questions sort most rows; a leaf of three "
        "rows with purity 1 has learnt them by heart. The trees of a forest each saw other rows and asked other "
        "inputs, so that none speaks for all: look at Importance for their sum. In AdaBoost later trees see the rows "
        "that earlier ones got wrong at a higher weight.\n\n"
        "Of rectangular cuts it shows a set for each signal efficiency, as a cut flow: what each cut leaves, and how "
        "pure that is.\n\n"
        "[ and ] turn to the tree before and after; of many the first ones are kept. + and - unfold and fold a level, "
        "the arrows scroll.\n\n"
        "Try next: max_depth 2 on iris and read it aloud; then no limit, and look how small the leaves become; raise "
        "min_samples_leaf against that."
    )
    keys = (
        *ScrollingView.keys,
        Key("left_square_bracket", "turn", -1, "The tree before"),
        Key("right_square_bracket", "turn", 1, "The next tree"),
        Key("plus,equals_sign", "unfold", 1, "Unfold a level"),
        Key("minus", "unfold", -1, "Fold a level"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._tree = 0
        self._depth: int | None = None  # as many levels as find room

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether the model has trees."""
        return cls.ready(shown)

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the moment looked at holds some."""
        found = _found(shown)
        return found is not None and len(found) > 0

    @classmethod
    def heading(cls, shown: Shown) -> str:
        """What it is."""
        found = _found(shown)
        return "Cuts" if found is not None and found.kind == "cuts" else cls.title

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """How many trees there are, and the step they stand at when that is not the present."""
        found = _found(shown)
        assert found is not None
        noun = "sets of cuts" if found.kind == "cuts" else "trees"
        return of_member(f"{found.total:,} {noun}" if found.total > 1 else "", shown)

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.phase == "waiting":
            return "Press r to run: the questions of a model of trees will stand here."
        return "The tree comes with the first picture of the model, if it is made of trees."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """What they are read from, by identity."""
        return (_found(shown),)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The moment looked back at."""
        return (*super().by_hand(shown), *looked_back(shown))

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """One tree."""
        from mltui.plots.tree import tree

        found = _found(shown)
        assert found is not None
        which = min(self._tree, len(found) - 1)
        return tree(found, which, width, height, shown.look, depth=self._depth, first=self._first)

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """The nodes of every tree that is kept."""
        found = _found(shown)
        assert found is not None
        sizes = np.diff(found.start)
        names = np.array([*found.names, ""])
        columns = {
            "tree": np.repeat(found.number, sizes),
            "node": np.concatenate([np.arange(size) for size in sizes]),
            "input": names[found.feature],
            "threshold": np.where(np.isnan(found.raw), found.threshold, found.raw),
            "left": found.left,
            "right": found.right,
            "rows": found.rows,
            "weight": found.weight,
        }
        outputs = found.outputs if found.values.shape[1] == len(found.outputs) else ("value",)
        columns |= {name: found.values[:, place] for place, name in enumerate(outputs)}
        return Numbers({"trees": found.total, "kept": len(found)}, (Table("nodes", columns),))

    def furthest(self, shown: Shown, width: int, height: int) -> int:
        """As `ScrollingView.furthest`."""
        from mltui.plots.tree import scrolls

        found = _found(shown)
        if not found or not len(found):
            return 0
        return scrolls(found, min(self._tree, len(found) - 1), height, shown.look, self._depth)

    def turn(self, by: int, shown: Shown, _width: int, _height: int) -> None:
        """To another tree, by so many places."""
        found = _found(shown)
        count = len(found) if found else 1
        self._tree = (min(self._tree, count - 1) + by) % max(count, 1)
        self._first = 0

    def unfold(self, by: int, shown: Shown, _width: int, height: int) -> None:
        """Show so many levels more, or with a negative number fewer."""
        from mltui.plots.tree import unfolded
        from mltui.plots.tree_text import levels

        found = _found(shown)
        if not found or not len(found):
            return
        which = min(self._tree, len(found) - 1)
        deepest = int(levels(found, which).max())
        now = unfolded(found, which, height) if self._depth is None else min(self._depth, deepest)
        self._depth = max(0, min(now + by, deepest))
        self._first = 0


def _found(shown: Shown) -> Trees | None:
    found = shown.snapshot.found if shown.snapshot else None
    return found.trees if found else None
