"""What a script's estimator says of rows, as the lab takes its answers."""

from __future__ import annotations

from typing import Any

from mltui.export.facts import Facts
from mltui.export.script import Script
from mltui.inference.decisions import kind_of_score


def write_estimator_score(script: Script, facts: Facts, estimator: Any, double: str) -> None:
    """Write ``score(x)``: the value of each row, or from 0 to 1 what speaks for the positive class or for each.

    Args:
        double: the code that brings its answers to double precision, where they are not of it.
    """
    script.add("")
    with script.indented("def score(x):"):
        if not facts.classes:
            script.add('"""The value of each row."""', f"return model.predict(x){double}")
        else:
            _WRITERS[kind_of_score(estimator)](script, facts, double)
    script.add("")


def _probability(script: Script, facts: Facts, double: str) -> None:
    if facts.classes == 2:
        script.add(f'"""The probability of each row to be {facts.table.classes[1]}."""')
        script.add(f"return model.predict_proba(x)[:, 1]{double}")
    else:
        script.add('"""The probability of each class, a row of them for each row."""')
        script.add(f"return model.predict_proba(x){double}")


def _least_squares(script: Script, facts: Facts, _double: str) -> None:
    if facts.classes == 2:
        script.add('"""What was fitted to -1 and +1, brought to 0 and 1 and cut off there; no probability."""')
        script.add("return np.clip((model.decision_function(x) + 1) / 2, 0, 1)")
        return
    script.add('"""What was fitted to -1 and +1, brought to 0 and 1 and to the nearest shares of sum 1."""')
    script.add("ones = (model.decision_function(x) + 1) / 2")
    script.add("falling = -np.sort(-ones, axis=1)")
    script.add("constants = (np.cumsum(falling, axis=1) - 1) / np.arange(1, ones.shape[1] + 1)")
    script.add("left = (falling > constants).sum(axis=1)  # classes whose share is not zero")
    script.add("return np.maximum(ones - np.take_along_axis(constants, left[:, None] - 1, axis=1), 0)")


def _margin(script: Script, facts: Facts, _double: str) -> None:
    if facts.classes == 2:
        script.need("scipy.special", "expit")
        script.add('"""The sigmoid of the distance from the boundary; it ranks, and is no probability."""')
        script.add("return expit(model.decision_function(x))")
    else:
        script.need("scipy.special", "softmax")
        script.add('"""The softmax of what the pairwise boundaries say of each class; no probabilities."""')
        script.add("return softmax(model.decision_function(x), axis=1)")


_WRITERS = {"probability": _probability, "least_squares": _least_squares, "margin": _margin}
