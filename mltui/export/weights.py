"""What the rows weigh in the fit of a script."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.export.facts import Facts
from mltui.export.script import Script


@dataclass(frozen=True)
class Weighing:
    """How rows are weighed.

    Attributes:
        source: what the script calls the weights of the fit; empty where it has none.
        negative: what is done with negative ones.
        balance: whether the classes are to have equal sums.
        zeros: whether some row weighs nothing in the fit, and so is not in it.
        taken: whether the model takes weights at all.
    """

    source: str
    negative: str
    balance: bool
    zeros: bool
    taken: bool = True

    @classmethod
    def of(cls, facts: Facts) -> Weighing:
        """That of an experiment."""
        preprocess, table = facts.asked.preprocess, facts.table
        given = facts.weights
        takes = facts.card.weights != "none"
        source = "" if given is None else "weight" if table.training_weights is None else "training_weight"
        pool = facts.division.pool
        negative = bool(given is not None and (given[pool] < 0).any())
        zero = bool(given is not None and (given[pool] == 0).any())
        wanted = preprocess.negative_weights if negative else "keep"
        return cls(source, wanted, takes and preprocess.balance == "classes", zero or wanted == "drop", takes)

    @property
    def any(self) -> bool:
        """Whether rows count differently in the fit."""
        return self.taken and (bool(self.source) or self.balance)

    @property
    def rows(self) -> str:
        """What the script calls the rows of the fit."""
        return "fitted" if self.zeros else "train"

    def count(self, facts: Facts, train: NDArray[np.integer]) -> int:
        """How many of these rows to train on are in the fit."""
        if not self.zeros or facts.weights is None:
            return len(train)
        weights = facts.weights[train]
        return int(np.count_nonzero(weights > 0 if self.negative == "drop" else weights))

    def write(self, script: Script) -> None:
        """Write what makes ``w``, of mean 1, and with rows that weigh nothing ``fitted``, the rows without them."""
        if not self.any:
            if self.zeros:
                sign = ">" if self.negative == "drop" else "!="
                script.add(f"fitted = train[{self.source}[train] {sign} 0]  # this model takes no weights")
            return
        script.add(f"w = {self.source}[train]" if self.source else "w = np.ones(len(train))")
        if self.negative == "drop":
            script.add("w = np.maximum(w, 0.0)  # negative weights are left out, in the fit only")
        elif self.negative == "absolute":
            script.add("w = np.abs(w)  # negative weights count with their size, in the fit only")
        if self.zeros:
            script.add("fitted, w = train[w != 0], w[w != 0]")
        if self.balance:
            script.add(f"sums = np.bincount(y[{self.rows}], w)  # of each class; each is to count alike")
            script.add(f"w = w / (sums * (len(sums) / len(w)))[y[{self.rows}]]")
        else:
            script.add("w = w / w.mean()  # of mean 1, whatever their unit")


def judged_weights(facts: Facts) -> bool:
    """Whether rows are judged by weights while the network trains."""
    if facts.table.weights is None:
        return False
    rows = facts.division.member(0)["validation"]
    return bool(np.sum(facts.table.weights[rows]) > 0)
