"""What a model leans on: the importance of its variables, what its score goes with, and what cuts on it sculpt."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from rich.text import Text

from mltui.core.found import Importances
from mltui.core.permutation import Permutation
from mltui.plots.words import clean
from mltui.views import leaning
from mltui.views.base import View
from mltui.views.derived import looked_back, of_member
from mltui.views.numbers_of import Numbers, Table, bins
from mltui.views.scrolling import ScrollingView
from mltui.views.shown import Shown
from mltui.views.variables import behind, names


class ImportanceView(ScrollingView):
    """A bar for each variable, the foremost first; or the background of one in slices of the score."""

    name = "importance"
    title = "Importance"
    tab = "Import."
    pace = 0.5
    forms = ("permutation", "trees", "correlation", "sculpting")
    help = (
        "Shows what the model leans on, in up to four forms that f goes through.\n\n"
        "Importance, once the run is done: by how much the AUC of the validation, or R², falls when the values of one "
        "variable are dealt out anew among its rows, several times; the span is the deviation. It holds for every "
        "model. Two variables that say the same cover for each other, so that both may look small.\n\n"
        "Importance in the trees, while they grow: how much the questions about an input purify the nodes (gain: lower "
        "the loss), in sum 1; the span is over the trees. It is measured on the training rows, and flatters inputs "
        "with many different values.\n\n"
        "Correlation: of the score with each variable, linear and by rank, over all rows and within each class; of a "
        "regression that of the residual, which should be none. Of many classes t turns to the next one's score.\n\n"
        "Sculpting: the background in one variable, all of it and the 50, 20 and 5 % with the highest scores. Equal "
        "shapes are good where a later fit wants the background smooth, as in a mass. JSD is the Jensen–Shannon "
        "divergence from the whole in bits, 0 to 1, beside what a random slice would have; bold where it is far "
        "beyond. i turns to the next variable; the most sculpted one comes first.\n\n"
        "Try next: leave out the foremost variable, run again, and see what the AUC loses: one that does nearly "
        "everything is either the physics or a leak. Scroll with the arrows; look back in time with , and ."
    )

    @classmethod
    def forms_of(cls, shown: Shown) -> tuple[str, ...]:
        """What the run has told of it, or the rows at hand give."""
        has: Mapping[str, Callable[[Shown], bool]] = {
            "permutation": lambda s: _permuted(s) is not None,
            "trees": lambda s: _found(s) is not None,
            "correlation": lambda s: bool(names(s)),
            "sculpting": leaning.sculpts,
        }
        return tuple(form for form in cls.forms if has[form](shown))

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether there is any of it."""
        return cls.ready(shown)

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the moment looked at holds some."""
        return bool(cls.forms_of(shown))

    @classmethod
    def variables(cls, shown: Shown) -> tuple[str, ...]:
        """Those that the background can be looked at in."""
        return names(shown) if cls.form(shown) == "sculpting" else ()

    @classmethod
    def variable(cls, shown: Shown) -> str:
        """The chosen one, or the one that is sculpted most."""
        found = leaning.sculpted(shown)
        return found[0].name if found else ""

    @classmethod
    def heading(cls, shown: Shown) -> str:
        """Which of the forms it is."""
        form = cls.form(shown)
        if form == "sculpting":
            return f"Sculpting of {clean(shown.classes[0], limit=24)}"
        if form == "correlation":
            return "Correlation"
        return "Importance in the trees" if form == "trees" != cls.forms_of(shown)[0] else cls.title

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The foremost variable, and the step it stands at when that is not the present."""
        return of_member(_FOREMOST[cls.form(shown)](shown), shown)

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.phase == "waiting":
            return "Press r to run: what the model leans on will stand here."
        return "What the model leans on comes with the first picture of it."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """What they are read from, by identity."""
        rows = tuple(shown.sampled.values()) if cls.form(shown) in ("correlation", "sculpting") else ()
        return (_found(shown), shown.state.importance, rows)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The moment looked back at, the variable, and the class or target."""
        return (*super().by_hand(shown), *looked_back(shown), shown.variable, shown.target)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The bars, or the outlines."""
        from mltui.plots import dependence, importance, sculpting

        form, first = self.form(shown), min(self._first, self.furthest(shown, width, height))
        if form == "sculpting":
            found = leaning.sculpted(shown)
            assert found is not None
            ascii = shown.look.ascii
            variable, of = clean(found[0].label, ascii=ascii, limit=40), clean(shown.classes[0], ascii=ascii, limit=24)
            return sculpting.sculpting(found[1], width, height, shown.look, variable=variable, of=of)
        if form == "correlation":
            depends = leaning.dependence(shown)
            assert depends is not None
            of = clean(leaning.score_name(shown), ascii=shown.look.ascii, limit=40)
            return dependence.dependence(depends, width, height, shown.look, of=of, first=first)
        dealt, trees = _permuted(shown), _found(shown)
        if form == "permutation" and dealt is not None:
            return importance.permuted(dealt, width, height, shown.look, first=first)
        assert trees is not None
        return importance.importance(trees, width, height, shown.look, first=first)

    def furthest(self, shown: Shown, width: int, height: int) -> int:
        """As `ScrollingView.furthest`."""
        from mltui.plots import dependence, importance

        form = self.form(shown)
        if form == "correlation":
            depends = leaning.dependence(shown)
            return dependence.scrolls(depends, height) if depends else 0
        found = _permuted(shown) if form == "permutation" else _found(shown) if form == "trees" else None
        return importance.scrolls(found, height) if found else 0

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """Of the form it is drawn in, every variable; of the background that is cut also the chosen one's histogram."""
        form = cls.form(shown)
        return _NUMBERS[form](shown) if form else View.numbers(shown)


def _permuted(shown: Shown) -> Permutation | None:
    """Of the kept models; not of an earlier moment."""
    if shown.cursor is not None:
        return None
    for part in ("validation", "train"):
        document = shown.state.importance.get(part)
        found = Permutation.read(document) if isinstance(document, Mapping) else None
        if found is not None and (found.names or found.why):
            return found
    return None


def _found(shown: Shown) -> Importances | None:
    found = shown.snapshot.found if shown.snapshot else None
    return found.importances if found else None


def _best(found: Permutation | None) -> str:
    from mltui.plots.importance import foremost

    return _name(found.names[int(foremost(found)[0])]) if found and found.names else ""


def _name(name: str) -> str:
    return clean(name, limit=24)


def _first_of_trees(shown: Shown) -> str:
    found = _found(shown)
    return _name(found.names[int(np.argmax(np.nan_to_num(found.values, nan=-1.0)))]) if found and found.names else ""


def _strongest(shown: Shown) -> str:
    from mltui.plots.dependence import strongest

    found = leaning.dependence(shown)
    return _name(found.names[int(strongest(found)[0])]) if found and found.names else ""


def _cut_on(shown: Shown) -> str:
    found = leaning.sculpted(shown)
    if found is None:
        return ""
    last = found[1].slices[-1].divergence
    return _name(found[0].name) + (f"  JSD {last:.3f}" if last is not None else "")


_FOREMOST: Mapping[str, Callable[[Shown], str]] = {
    "": lambda shown: "",
    "permutation": lambda shown: _best(_permuted(shown)),
    "trees": _first_of_trees,
    "correlation": _strongest,
    "sculpting": _cut_on,
}


def _permutation_numbers(shown: Shown) -> Numbers:
    found = _permuted(shown)
    assert found is not None
    columns = {
        "variable": found.names,
        "drop": found.drops,
        "deviation": found.deviations,
    }
    told = {
        "metric": found.metric, "value": found.value, "part": found.part, "rows": found.rows,
        "repeats": found.repeats, "left_out": found.left_out, "why": found.why or None,
    }  # fmt: skip
    return Numbers(
        told,
        (Table("permutation", columns, "bar", "variable", "variable", f"{found.metric} lost", beside=("deviation",)),),
    )


def _tree_numbers(shown: Shown) -> Numbers:
    found = _found(shown)
    assert found is not None
    columns: dict[str, tuple[str, ...] | np.ndarray] = {
        "input": found.names,
        "importance": found.values,
        "deviation": found.spread,
    }
    table = Table("trees", columns, "bar", "input", "input", f"importance ({found.kind})", beside=("deviation",))
    return Numbers({"kind": found.kind, "left_out": found.left_out}, (table,))


def _correlation_numbers(shown: Shown) -> Numbers:
    found = leaning.dependence(shown)
    assert found is not None
    columns: dict[str, tuple[str, ...] | np.ndarray] = {"variable": found.names}
    for place, group in enumerate(found.groups):
        columns |= {f"linear, {group}": found.linear[place], f"rank, {group}": found.rank[place]}
    name = leaning.score_name(shown)
    return Numbers({"of": name}, (Table("correlation", columns, "bar", "variable", "variable", f"with the {name}"),))


def _sculpting_numbers(shown: Shown) -> Numbers:
    found, rows = leaning.sculpted(shown), behind(shown)
    assert found is not None
    assert rows is not None
    every = leaning.sculptings(rows)
    columns: dict[str, list[float | None] | tuple[str, ...]] = {"variable": tuple(every)}
    shape = bins(found[1].edges)
    beside = ["from", "to"]
    for place, one in enumerate(found[1].slices):
        name = f"{one.share:g}"
        area = float(one.sums.sum()) or np.nan
        shape |= {f"share, {name}": one.sums / area, f"sum, {name}": one.sums, f"error, {name}": one.errors}
        beside += [f"sum, {name}", f"error, {name}"]
        if place:
            cut = [each.slices[place] if place < len(each.slices) else None for each in every.values()]
            columns |= {
                f"JSD, {name}": [each.divergence if each else None for each in cut],
                f"by chance, {name}": [each.by_chance if each else None for each in cut],
                f"KS, {name}": [each.distance if each else None for each in cut],
            }
    told = {"variable": found[0].name, "of": shown.classes[0], "part": rows.part}
    drawn = Table("shape", shape, "step", "middle", found[0].label, "share in the bin", beside=tuple(beside))
    return Numbers(told, (drawn, Table("sculpting", columns)))


_NUMBERS: Mapping[str, Callable[[Shown], Numbers]] = {
    "permutation": _permutation_numbers,
    "trees": _tree_numbers,
    "correlation": _correlation_numbers,
    "sculpting": _sculpting_numbers,
}
