"""What a network is shown: batches in a random order, and whole parts to judge it by; from memory or from disk.

A part in memory lies on the device and is shuffled as a whole once an epoch. A part on disk lies there in a random
order already; an epoch reads its blocks in a random order and shuffles within a few of them at a time, so that no two
epochs see the same batches and the disk is read in long stretches.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

import numpy as np
import torch

from mltui.core.table import Floats
from mltui.inference.network import Blueprint, FittedNetwork, Target, writable
from mltui.training.losses import Loss
from mltui.training.problem import Rows

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]
BLOCK_BYTES = 4_000_000
TOGETHER = 8
"""So many blocks are shuffled with each other."""
_COUNTED = 1_000_000


class Shown(Protocol):
    """One part as a network sees it."""

    def __len__(self) -> int:
        """The number of rows."""
        ...

    def batches(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        """All rows once, in a random order, so many at a time; the last batch may be smaller."""
        ...

    def live(self, fitted: FittedNetwork) -> torch.Tensor:
        """The network's raw outputs for the part's fixed sample, computed on that alone."""
        ...

    def judged(self, fitted: FittedNetwork, loss: Loss | None) -> tuple[torch.Tensor, float | None]:
        """The raw outputs for the fixed sample, and the loss of all rows where one is given."""
        ...


def shown(rows: Rows, live: Rows, weighted: bool, blueprint: Blueprint, device: torch.device) -> Shown:
    """A part, in the way that suits where it lies.

    Args:
        rows: their weights are of mean 1, so that the mean over rows of weight times loss is the weighted mean loss.
        live: the part's fixed sample; of a part that is judged, `rows.sample` of so many.
        weighted: whether those weights count; otherwise all rows count alike.
    """
    return (_OnDisk if rows.on_disk else _InMemory)(rows, live, weighted, blueprint, device)


def target_of(rows: Rows) -> Target:
    """The mean and spread of a part's values, each row that weighs anything counting once."""
    if not rows.on_disk:
        return Target.of(_values(rows, slice(None)))
    parts = [slice(start, start + _COUNTED) for start in range(0, len(rows), _COUNTED)]
    counted = sum(len(_values(rows, part)) for part in parts)
    mean = sum(float(_values(rows, part).sum()) for part in parts) / counted
    squares = sum(float(np.square(_values(rows, part) - mean).sum()) for part in parts)
    spread = (squares / counted) ** 0.5
    return Target(mean, spread if spread > 0 else 1.0)


def _values(rows: Rows, part: slice) -> Floats:
    values: Floats = rows.target[part].astype(np.float64)
    counted = rows.weights[part] != 0
    return values if counted.all() else values[counted]


class _InMemory:
    """One part on the device, with the target as the loss wants it."""

    def __init__(self, rows: Rows, live: Rows, weighted: bool, blueprint: Blueprint, device: torch.device) -> None:
        self._rows = rows
        self._x = _tensor(rows.x, device)
        self._weights = _tensor(rows.weights, device) if weighted else None
        self._target = _targets(rows.target, blueprint, device)
        self._live = self._x if live.x is rows.x else _tensor(live.x, device)

    def __len__(self) -> int:
        return len(self._x)

    def batches(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        order = torch.randperm(len(self._x), generator=generator, device=self._x.device)
        return _split(self._x[order], self._target[order], self._of(order), size)

    def live(self, fitted: FittedNetwork) -> torch.Tensor:
        return fitted.outputs(self._live)

    def judged(self, fitted: FittedNetwork, loss: Loss | None) -> tuple[torch.Tensor, float | None]:
        outputs = fitted.outputs(self._x)
        total = None if loss is None else float(loss(outputs, self._target, self._weights))
        return (outputs if self._live is self._x else outputs[self._chosen]), total

    @cached_property
    def _chosen(self) -> torch.Tensor:
        """Where the fixed sample of a part that is judged lies in it."""
        return torch.from_numpy(self._rows.sampled(len(self._live))).to(self._x.device)

    def _of(self, order: torch.Tensor) -> torch.Tensor | None:
        return None if self._weights is None else self._weights[order]


class _OnDisk:
    """One part as it lies on disk; a few blocks of it are in memory at a time."""

    def __init__(self, rows: Rows, live: Rows, weighted: bool, blueprint: Blueprint, device: torch.device) -> None:
        self._rows, self._weighted, self._blueprint, self._device = rows, weighted, blueprint, device
        size = max(1, BLOCK_BYTES // (4 * rows.x.shape[1]))
        self._blocks = [slice(start, min(start + size, len(rows))) for start in range(0, len(rows), size)]
        self._live = _tensor(live.x, device)

    def __len__(self) -> int:
        return len(self._rows)

    def batches(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        order = torch.randperm(len(self._blocks), generator=generator, device=generator.device).tolist()
        rest: Batch | None = None
        for start in range(0, len(order), TOGETHER):
            x, target, weights = self._read([self._blocks[place] for place in order[start : start + TOGETHER]])
            mixed = torch.randperm(len(x), generator=generator, device=generator.device).to(x.device)
            several = _joined(rest, (x[mixed], target[mixed], None if weights is None else weights[mixed]))
            last = start + TOGETHER >= len(order)
            whole = len(several[0]) if last else len(several[0]) // size * size
            yield from _split(*_sliced(several, slice(0, whole)), size)
            rest = _sliced(several, slice(whole, None))

    def live(self, fitted: FittedNetwork) -> torch.Tensor:
        return fitted.outputs(self._live)

    def judged(self, fitted: FittedNetwork, loss: Loss | None) -> tuple[torch.Tensor, float | None]:
        if loss is None:
            return self.live(fitted), None
        total = 0.0
        for block in self._blocks:
            x, target, weights = self._read([block])
            total += float(loss(fitted.outputs(x), target, weights)) * len(x)
        return self.live(fitted), total / len(self)

    def _read(self, blocks: list[slice]) -> Batch:
        x = _tensor(np.concatenate([self._rows.x[block] for block in blocks]), self._device)
        target = _targets(np.concatenate([self._rows.target[block] for block in blocks]), self._blueprint, self._device)
        if not self._weighted:
            return x, target, None
        return x, target, _tensor(np.concatenate([self._rows.weights[block] for block in blocks]), self._device)


def _split(x: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None, size: int) -> Iterator[Batch]:
    if not len(x):
        return
    inputs, targets = torch.split(x, size), torch.split(target, size)
    counts = [None] * len(inputs) if weights is None else torch.split(weights, size)
    yield from zip(inputs, targets, counts, strict=True)


def _sliced(batch: Batch, part: slice) -> Batch:
    x, target, weights = batch
    return x[part], target[part], None if weights is None else weights[part]


def _joined(before: Batch | None, after: Batch) -> Batch:
    if before is None or not len(before[0]):
        return after
    weights = None if before[2] is None or after[2] is None else torch.cat([before[2], after[2]])
    return torch.cat([before[0], after[0]]), torch.cat([before[1], after[1]]), weights


def _targets(values: np.ndarray, blueprint: Blueprint, device: torch.device) -> torch.Tensor:
    """The target as the loss wants it: shape (rows, 1), or (rows,) of codes for many classes."""
    if blueprint.shape.task == "regression":
        scaled: Floats = (values.astype(np.float64) - blueprint.target.mean) / blueprint.target.spread
        return _tensor(scaled, device).unsqueeze(1)
    if blueprint.shape.classes == 2:
        return _tensor(values, device).unsqueeze(1)
    return torch.from_numpy(values.astype(np.int64)).to(device)


def _tensor(values: np.ndarray, device: torch.device) -> torch.Tensor:
    return torch.from_numpy(writable(values)).to(device)
