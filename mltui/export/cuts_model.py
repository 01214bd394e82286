"""Rectangular cuts as the model of a script: those that a run has found, as plain numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mltui.core.errors import InputError
from mltui.export.facts import Facts
from mltui.export.script import Script
from mltui.inference.reload import load
from mltui.models.rectangles import Rectangles


class CutsModel:
    """Writes cuts.

    Attributes:
        by_metric: whether a metric is asked for while they are found: never.

    Raises:
        InputError: where there is no run that has found some, or each of its folds has its own.
    """

    by_metric = False

    def __init__(self, facts: Facts, _inputs: Sequence[int]) -> None:
        if facts.asked.split.folds is not None:
            raise InputError(
                "mltui code does not write cuts of several folds, each of which has its own; leave split.folds out",
                key="split.folds",
            )
        if facts.ran is None or facts.ran.model is None:
            raise InputError(
                "a script of cuts holds those that a run has found; run the experiment, then mltui code RUN writes "
                "them",
                key="model.name",
            )
        self._facts = facts
        fitted: Any = load(facts.ran.model, facts.card)
        self._found: Rectangles = fitted.rectangles

    def inputs(self, _script: Script, made: str) -> str:
        """The code of the inputs, once they are made in double precision."""
        return f"{made}.astype(np.float32)"

    def write(self, script: Script) -> None:
        """Write the cuts, and ``score(x)``."""
        found = self._found
        script.part("The model")
        script.remark(
            f"Cuts on the inputs, found on the training rows for these efficiencies of "
            f"{self._facts.table.classes[1]}: a row passes where lower <= input < upper for all of them."
        )
        script.enclosed("efficiencies = np.array([", _numbers(found.efficiencies), "])")
        for name, bounds in (("lower", found.lower), ("upper", found.upper)):
            rows = [f"[{', '.join(_numbers(row))}]" for row in bounds]
            script.enclosed(f"{name} = np.array([", rows, "])", own_lines=True, at_most=1)
        script.add("")
        with script.indented("def score(x):"):
            script.add(
                '"""1 less the efficiency of the tightest cuts that a row passes; above 1 - e it passes those of e."""'
            )
            script.add("edges = np.concatenate([[0], efficiencies, [1]])")
            script.add("levels = 1 - (edges[1:] + edges[:-1]) / 2  # halfway to the next tighter cuts")
            script.add("found = np.full(len(x), levels[-1])")
            with script.indented("for n in reversed(range(len(efficiencies))):"):
                script.add("found[((lower[n] <= x) & (x < upper[n])).all(axis=1)] = levels[n]")
            script.add("return found")
        script.add("")


def _numbers(values: Iterable[float]) -> list[str]:
    return [repr(float(value)).replace("inf", "np.inf") for value in values]
