"""The split of a script: the rows to train on, to validate and to test, the same as a run's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import PARTS
from mltui.export.facts import Facts
from mltui.export.script import Script

_WORDS = {"train": "to train on", "validation": "to validate", "test": "to test"}


def write_split(script: Script, facts: Facts) -> None:
    """Write what makes ``train``, ``validation`` and ``test``: row numbers, in random order."""
    split = facts.asked.split
    shares = {part: getattr(split, part) for part in PARTS if getattr(split, part) > 0}
    said = ", ".join(f"{100 * share:g} % {_WORDS[part]}" for part, share in shares.items())
    script.part(f"The split: {said}")
    if "test" in shares and not (facts.ran and facts.ran.opened):
        script.remark("Nobody looks at the test part before the model is chosen.")
    every = list(shares.values())
    unused = max(0.0, 1 - sum(every))
    if unused > 1e-9:
        every.append(round(unused, 12))
    script.add(f"rng = np.random.default_rng({split.seed})")
    pieces = [*shares, *(["unused"] if len(every) > len(shares) else [])]
    if len(every) == 1:
        _all(script, facts)
    elif split.stratify and facts.classes:
        _stratified(script, facts, every, pieces)
    else:
        script.add("rows = rng.permutation(len(y))")
        _sizes(script, facts, every, [len(facts.table)])
        script.add(f"{', '.join(pieces)} = map(rng.permutation, np.split(rows, np.cumsum(sizes)[:-1]))")
    if split.folds is not None:
        _folds(script, facts)


def _all(script: Script, facts: Facts) -> None:
    """Every row is one to train on."""
    if facts.asked.split.stratify and facts.classes:
        codes = f"np.flatnonzero(y == code) for code in range({facts.classes})"
        script.add(f"train = rng.permutation(np.concatenate([rng.permutation(rows) for rows in ({codes})]))")
    else:
        script.add("train = rng.permutation(rng.permutation(len(y)))")


def _stratified(script: Script, facts: Facts, shares: list[float], pieces: list[str]) -> None:
    script.add(f"parts = [{', '.join(['[]'] * len(shares))}]")
    counts = np.bincount(facts.table.target.astype(np.int64), minlength=facts.classes)
    with script.indented(f"for code in range({facts.classes}):  # class by class: the same mixture in every part"):
        script.add("rows = rng.permutation(np.flatnonzero(y == code))")
        _sizes(script, facts, shares, [int(count) for count in counts])
        with script.indented("for part, piece in zip(parts, np.split(rows, np.cumsum(sizes)[:-1]), strict=True):"):
            script.add("part.append(piece)")
    script.add(f"{', '.join(pieces)} = (rng.permutation(np.concatenate(part)) for part in parts)")


def _sizes(script: Script, facts: Facts, shares: list[float], counts: list[int]) -> None:
    """Write how many of ``rows`` each part gets, with no more care than these counts of rows need."""
    wanted = np.array(shares)
    if all(sizes(count, wanted).sum() == count for count in counts):
        script.add(f"sizes = np.rint(len(rows) * np.array({shares})).astype(int)")
    else:
        script.add(f"exact = len(rows) * np.array({shares})")
        script.add("sizes = np.floor(exact + 1e-9).astype(int)")
        script.add('largest = np.argsort(np.round(sizes - exact, 9), kind="stable")  # remainders, the largest first')
        script.add("sizes[largest[: len(rows) - sizes.sum()]] += 1")
    needed = len(shares) - (len(shares) > sum(getattr(facts.asked.split, part) > 0 for part in PARTS))
    if any((rounded(count, wanted)[:needed] == 0).any() for count in counts):
        script.add(f"for empty in np.flatnonzero(sizes[:{needed}] == 0):  # every part gets a row")
        with script.indented():
            script.add(f"sizes[np.argmax(sizes - (np.arange(len(sizes)) < {needed}))] -= 1", "sizes[empty] = 1")


def sizes(rows: int, shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many whole rows are in each share of so many."""
    return np.asarray(np.floor(rows * shares + 1e-9), np.int64)


def rounded(rows: int, shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """The same with the largest remainders rounded up."""
    found, exact = sizes(rows, shares), rows * shares
    found[np.argsort(np.round(found - exact, 9), kind="stable")[: rows - found.sum()]] += 1
    return found


def _folds(script: Script, facts: Facts) -> None:
    """Write ``pool``, the rows of all folds, and ``fold``, which of them holds each row out."""
    split = facts.asked.split
    script.add("")
    if split.validation > 0:
        script.remark("Folds in place of one validation part: each of their models is judged by rows it has not seen.")
        script.add("pool = np.concatenate([train, validation])")
    else:
        script.add("pool = train")
    if split.fold_by is not None:
        script.add("fold = fold_of_row[pool].astype(int)")
    elif split.stratify and facts.classes:
        script.add("fold = np.empty(len(pool), int)")
        script.add(f'fold[np.argsort(y[pool], kind="stable")] = np.arange(len(pool)) % {split.folds}')
    else:
        script.add(f"fold = np.arange(len(pool)) % {split.folds}")
