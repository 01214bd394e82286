"""A tree as lines: what leads to each node, how deep it stands, and what is folded below it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mltui.core.found import Trees
from mltui.plots import words
from mltui.plots.look import Look

DIGITS = 4
"""Of a threshold."""
DEEPEST = 1_000_000
"""A depth that folds nothing."""
_LEAST = 2
"""So many levels are shown, whatever the room."""


@dataclass(frozen=True)
class Line:
    """One node.

    Attributes:
        node: its place among the nodes of all trees.
        prefix: the branches before it. name: the input that was asked, or what the root holds; answer: what it was.
        folded: how many nodes hang below it that are not shown.
    """

    node: int
    prefix: str
    name: str
    answer: str = ""
    folded: int = 0


def lines(trees: Trees, tree: int, depth: int, look: Look) -> list[Line]:
    """The nodes of one tree down to a depth, each under the one that it hangs from; the root says which tree it is.

    Of cuts each with what it leaves, one after the other.
    """
    start, end = int(trees.start[tree]), int(trees.start[tree + 1])
    sizes = _sizes(trees, start, end)
    found: list[Line] = []
    waiting = [(0, 0, "", "", _root(trees, tree, look))]
    turns = (look.sign("├ ", "+ "), look.sign("└ ", "` "))
    bars = (look.sign("│ ", "| "), "  ")
    while waiting:
        place, level, before, turn, question = waiting.pop()
        node = start + place
        left, right = int(trees.left[node]), int(trees.right[node])
        folded = int(trees.below[node])
        if left >= 0 and level >= depth:
            folded = int(sizes[place]) - 1
        found.append(Line(node, before + turn, *question, folded=folded))
        if left >= 0 and level < depth:
            under = before + (bars[turn == turns[1]] if turn else "")
            low, high = _answers(trees, node, look)
            waiting.append((right, level + 1, under, turns[1], high))
            waiting.append((left, level + 1, under, turns[0], low))
    if trees.kind == "cuts":
        return [replace(line, prefix="  " if line.prefix else "") for line in found if trees.inside[line.node]]
    return found


def _root(trees: Trees, tree: int, look: Look) -> tuple[str, str]:
    """Of several trees which it is, how much it counts, and of a step which speaks for which class."""
    if trees.kind == "cuts":
        efficiency = words.fixed(float(trees.vote[tree]), 2, ascii=look.ascii)
        return f"cuts {tree + 1} of {trees.total:,}", f", efficiency {efficiency}"
    if trees.total == 1:
        return "all rows", ""
    more = ""
    if np.isfinite(trees.vote[tree]):
        more = f", vote {words.number(float(trees.vote[tree]), ascii=look.ascii)}"
    if len(np.unique(trees.output)) > 1 and trees.output[tree] >= 0:
        name = words.clean(trees.outputs[int(trees.output[tree])], ascii=look.ascii, limit=24)
        more = f"{more}, step {int(trees.number[tree])} for {name}"
    return f"tree {tree + 1} of {trees.total:,}", more


def fitting_depth(trees: Trees, tree: int, rows: int) -> int:
    """How many levels below the root are shown by themselves: all that find room, but some in any case."""
    counts = np.bincount(levels(trees, tree))
    fitting = int((np.cumsum(counts) <= rows).sum()) - 1
    return min(max(_LEAST, fitting), len(counts) - 1)


def levels(trees: Trees, tree: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Shape (nodes,): how deep each node of a tree stands, the root at 0."""
    start, end = int(trees.start[tree]), int(trees.start[tree + 1])
    found = np.zeros(end - start, np.int64)
    for place in np.flatnonzero(trees.left[start:end] >= 0).tolist():
        found[trees.left[start + place]] = found[trees.right[start + place]] = found[place] + 1
    return found


def _sizes(trees: Trees, start: int, end: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Shape (nodes,): how many nodes there are from each on down, with those that are not kept."""
    sizes = 1 + trees.below[start:end].astype(np.int64)
    for place in np.flatnonzero(trees.left[start:end] >= 0)[::-1].tolist():
        sizes[place] += sizes[trees.left[start + place]] + sizes[trees.right[start + place]]
    return sizes


def _answers(trees: Trees, node: int, look: Look) -> tuple[tuple[str, str], tuple[str, str]]:
    """What leads to the left of a node, and what to the right: the input, and how it is to the threshold.

    In the data's own unit where there is one.
    """
    feature = int(trees.feature[node])
    name = words.clean(trees.names[feature], ascii=look.ascii, limit=60)
    raw, seen = float(trees.raw[node]), float(trees.threshold[node])
    if trees.yes_or_no[feature] and 0 < raw < 1:
        return (f"not {name}", ""), (name, "")
    unit = words.clean(trees.units[feature], ascii=look.ascii, limit=20) if np.isfinite(raw) else ""
    number = words.number(raw if np.isfinite(raw) else seen, DIGITS, ascii=look.ascii)
    if "." in number and "e" not in number:
        number = number.rstrip("0").rstrip(".")
    value = f"{number} {unit}".rstrip()
    if trees.strict:
        return (name, f" < {value}"), (name, f" {look.sign('≥', '>=')} {value}")
    return (name, f" {look.sign('≤', '<=')} {value}"), (name, f" > {value}")
