"""A forest grown tree by tree, each tree the one that a single fit would have grown at its place."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from mltui.core.table import Floats
from mltui.inference.estimator import FittedEstimator, columns
from mltui.inference.fitted import Inputs
from mltui.training.estimator_live import Live
from mltui.training.estimator_stages import Stages
from mltui.training.looking_inside import Looking
from mltui.training.out_of_bag import OutOfBag, said
from mltui.training.problem import Problem

Task = tuple[int, int]
LARGEST_BLOCK = 8
AT_RANDOM = 4
"""So many trees at least where cuts are drawn at random: beside such a tree, preparing the rows for it weighs much."""
FEW = 50_000
"""Trees of few rows are grown several at a time, since preparing the rows for a tree takes as long as the tree."""


def fit(problem: Problem, live: Live, estimator: Any) -> FittedEstimator:
    """Grow the forest, reporting each tree in its order; a stop keeps the trees reported so far.

    Trees are grown side by side by threads. Neither their order nor anything else depends on how many.
    """
    wanted = estimator.n_estimators
    live.start(wanted, out_of_bag=estimator.bootstrap)
    trees: list[Any] = []
    frame: Any = None
    bag: OutOfBag | None = None
    stages = Stages(
        lambda x: (
            np.ascontiguousarray(x, np.float32),
            np.zeros((len(x), _outputs(problem, frame))),
        ),
        lambda raw, x, first, last: _add(raw, x, trees[first:last]),
        lambda raw, count: _finish(problem, frame, raw, count),
    )
    least = AT_RANDOM if isinstance(estimator, ExtraTreesClassifier | ExtraTreesRegressor) else 1
    block = max(least, min(LARGEST_BLOCK, FEW // len(problem.fit)))
    tasks = [(first, min(first + block, wanted)) for first in range(0, wanted, block)]
    with closing(_in_order(lambda places: _grown(problem, estimator, *places), tasks, problem.threads)) as forests:
        for tree, forest in _trees(forests):
            trees.append(tree)
            if frame is None:
                frame, growing = forest, copy.copy(forest)
                growing.estimators_ = trees
                looking = Looking(problem, growing)
                bag = OutOfBag(problem, _outputs(problem, frame)) if estimator.bootstrap else None
            stages.count = len(trees)
            if bag is not None:
                bag.add(tree, forest)
            out_of_bag = None if bag is None else bag.scores(frame)
            if live.step(len(trees), stages.predict, inside=looking, out_of_bag=out_of_bag):
                break
    return FittedEstimator(_assembled(frame, estimator, trees), problem.shape, len(trees), problem.threads)


def _grown(problem: Problem, estimator: Any, first: int, last: int) -> Any:
    """A forest with the trees at the places first to last - 1; the places before are only said to be taken.

    A warm start draws the seeds of the trees that are there already and grows the rest. That it has no need to look
    at those makes any run of trees a task of its own.
    """
    forest = clone(estimator)
    forest.set_params(n_estimators=last, warm_start=True, n_jobs=1)
    if first:
        forest.estimators_ = [None] * first
    rows = problem.fit
    return forest.fit(rows.x, rows.target, sample_weight=rows.weights if problem.fit_weighted else None)


def _trees(forests: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Every tree with the forest it comes in."""
    for forest in forests:
        for tree in forest.estimators_:
            if tree is not None:
                yield tree, forest


def _assembled(frame: Any, estimator: Any, trees: list[Any]) -> Any:
    """The forest of these trees, with the settings that were asked for."""
    frame.estimators_ = trees
    frame.set_params(n_estimators=len(trees), warm_start=False, n_jobs=estimator.n_jobs)
    if hasattr(frame, "_sample_weight"):
        frame._sample_weight = None  # a copy of the training weights, which would be saved with the model
    return frame


def _add(raw: Floats, x: Inputs, trees: list[Any]) -> None:
    for tree in trees:
        raw += said(tree, x)


def _outputs(problem: Problem, forest: Any) -> int:
    """The numbers that a tree says of a row."""
    return int(forest.n_classes_) if is_classifier(forest) else problem.shape.targets


def _finish(problem: Problem, frame: Any, raw: Floats, count: int) -> Floats:
    mean = raw / count
    if is_classifier(frame):
        return columns(mean, frame.classes_, problem.shape)
    return mean.reshape(problem.shape.scores(len(mean)))


def _in_order(make: Callable[[Task], Any], tasks: Sequence[Task], threads: int) -> Generator[Any, None, None]:
    """make(task) for every task in their order, made by threads a little ahead of whoever asks.

    Closing it waits for those under way and drops those that are not.
    """
    if threads == 1:
        yield from map(make, tasks)
        return
    with ThreadPoolExecutor(threads) as pool:
        ahead: deque[Future[Any]] = deque()
        try:
            for task in tasks:
                ahead.append(pool.submit(make, task))
                if len(ahead) > 2 * threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
