"""The systematic variations: how far each moves the numbers, and the shape of the scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from rich.text import Text

from mltui.plots.words import clean
from mltui.views.base import Key, View
from mltui.views.numbers_of import Numbers, Table
from mltui.views.shown import Shown


class VariationsView(View):
    """A table of the variations, and the chosen one's shapes against the nominal."""

    name = "variations"
    title = "Variations"
    tab = "Varied"
    help = (
        "Shows what the systematic variations of the data do to the finished model, which has never seen them in "
        "training: a row for each with its AUC, the significance Z_A of a discovery at the cut that is best for the "
        "nominal, how far they are from the nominal, and the yield of each process as a ratio to it. Below, the score "
        "of each class: outlines for the nominal, points for the chosen variation, and under them the ratio of the "
        "two shapes with its statistical error.\n\n"
        "A ratio of 1 everywhere: the model does not mind. A slope in the ratio, or an AUC that moves by more than "
        "the spread over folds: it leans on what the variation changes, and that will be a systematic error of the "
        "measurement. A yield that moves while the shape stays is an error of the normalisation alone.\n\n"
        "Try next: go through the variations with the arrows up and down; leave out the variable that a variation "
        "changes, run again, and see what its ratio is worth in AUC."
    )
    keys = (
        Key("down,j", "choose", 1, "The next variation"),
        Key("up,k", "choose", -1, "The variation before"),
    )
    wheel = ("choose", 1)

    def __init__(self) -> None:
        self._chosen = 0

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether the run has variations that are no secret."""
        return bool(_found(shown)[1])

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """As offered."""
        return cls.offered(shown)

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The variation that moves the AUC most."""
        part, found = _found(shown)
        nominal = shown.state.metrics.get(part, {}).get("auc")
        moved = [(one.get("auc"), name) for name, one in found.items()]
        known = [(auc - nominal, name) for auc, name in moved if _number(auc) and _number(nominal)]
        if not known:
            return ""
        most, name = max(known, key=lambda one: abs(one[0]))
        most_said = f"{most:+.4f}".replace("-", shown.look.sign("−", "-"))
        return f"auc {most_said} at most ({clean(name, limit=24)})"

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What makes them."""
        return "Press r to run: variations that the experiment names under data.variations are compared here."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """The numbers of the variations and of the nominal."""
        return (shown.state.variations, shown.state.metrics, shown.classes)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The table with the shapes of the chosen one."""
        from mltui.plots.variations import variations

        part, found = _found(shown)
        return variations(
            found, width, height, shown.look,
            nominal=shown.state.metrics.get(part, {}), classes=shown.classes, chosen=self._chosen,
        )  # fmt: skip

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """A row a variation, and the shapes of each by class."""
        part, found = _found(shown)
        nominal = shown.state.metrics.get(part, {})
        return Numbers({"part": part}, (_moved(found, nominal), *_shapes(found)))

    def choose(self, by: int, shown: Shown, _width: int, _height: int) -> None:
        """Another variation, by so many places down."""
        count = len(_found(shown)[1])
        self._chosen = max(0, min(self._chosen + by, count - 1))


def _moved(found: Mapping[str, Any], nominal: Mapping[str, Any]) -> Table:
    from mltui.plots.variations import plain_value, value_of

    columns: dict[str, list[Any]] = {"variation": list(found)}
    for key in ("auc", "significance", "accuracy", "rmse", "r2"):
        values = [value_of(key, one) for one in found.values()]
        if any(value is not None for value in values):
            columns |= {key: values, f"{key} nominal": [plain_value(key, one, nominal) for one in found.values()]}
    for process in dict.fromkeys(name for one in found.values() for name in one.get("yields") or ()):
        told = [(one.get("yields") or {}).get(process) or {} for one in found.values()]
        for name in ("nominal", "varied", "selected_nominal", "selected_varied"):
            columns[f"{process} {name}"] = [one.get(name) for one in told]
    return Table("variations", columns, x="variation")


def _shapes(found: Mapping[str, Any]) -> Iterator[Table]:
    """The scores of each class in expected events, nominal and varied."""
    for name, one in found.items():
        shape = one.get("shape") or {}
        edges = list(shape.get("edges") or ())
        columns: dict[str, list[Any]] = {"score": [low / 2 + high / 2 for low, high in pairwise(edges)]}
        for label, sums in (shape.get("classes") or {}).items():
            columns |= {f"{label} {kind}": list(sums.get(kind) or ()) for kind in ("nominal", "varied", "errors")}
        if edges and {len(values) for values in columns.values()} == {len(edges) - 1}:
            yield Table(name, columns, "step", "score", "score", "events")


def _found(shown: Shown) -> tuple[str, Mapping[str, Any]]:
    """The part that is looked at and its variations, by name."""
    for part in ("validation", "train"):
        found = shown.state.variations.get(part)
        known = {name: one for name, one in (found or {}).items() if isinstance(one, Mapping)}
        if known:
            return part, known
    return "", {}


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
