"""What a network is shown: batches in a random order, and parts to judge it by; from memory or from disk.

A part in memory lies on the device and is shuffled as a whole once an epoch. A part on disk lies there in a random
order already; an epoch reads its blocks in a random order and shuffles within a few of them at a time, so that no two
epochs see the same batches and the disk is read in long stretches.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from mltui.core.table import Floats
from mltui.inference.network import Blueprint, FittedNetwork, Target, writable
from mltui.training.losses import Loss
from mltui.training.problem import Rows

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]
BLOCK_BYTES = 4_000_000
TOGETHER = 8
"""So many blocks are shuffled with each other."""
SLOPE_ROWS = 500
"""So many rows of a sample tell the length of the loss's gradient in each layer."""
_COUNTED = 1_000_000


class Shown(Protocol):
    """The training part as a network sees it.

    Attributes:
        device: where its batches are.
    """

    device: torch.device

    def __len__(self) -> int:
        """The number of rows."""
        ...

    def batches(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        """All rows once, in a random order, so many at a time; the last batch may be smaller."""
        ...


def shown(rows: Rows, weighted: bool, blueprint: Blueprint, device: torch.device) -> Shown:
    """A part, in the way that suits where it lies.

    Args:
        rows: their weights are of mean 1, so that the mean over rows of weight times loss is the weighted mean loss.
        weighted: whether those weights count; otherwise all rows count alike.
    """
    return (_OnDisk if rows.on_disk else _InMemory)(rows, weighted, blueprint, device)


class Judged:
    """A part as it is judged after an epoch: by its fixed sample, and its loss by all of its rows where that is asked.

    Args:
        live: the sample. places: which of all rows it is. whole: all rows, where they are to give the loss. Weights are
            of mean 1.

    Attributes:
        sampled: whether the loss of all rows is another than that of the sample.
    """

    def __init__(
        self,
        live: Rows,
        places: NDArray[np.integer],
        whole: Rows | None,
        weighted: bool,
        blueprint: Blueprint,
        device: torch.device,
    ) -> None:
        self._sample = _InMemory(live, weighted, blueprint, device)
        self._places = torch.from_numpy(places.astype(np.int64)).to(device)
        self.sampled = whole is not None and len(whole) > len(live)
        self._asked = whole is not None
        self._whole: _InMemory | _OnDisk | None = None
        if whole is not None and self.sampled:
            self._whole = (_OnDisk if whole.on_disk else _InMemory)(whole, weighted, blueprint, device)

    def outputs(self, fitted: FittedNetwork) -> torch.Tensor:
        """The network's raw outputs for the sample."""
        return fitted.outputs(self._sample.x)

    def loss(self, loss: Loss, outputs: torch.Tensor) -> float:
        """The sample's loss from its outputs."""
        return float(loss(outputs, self._sample.target, self._sample.weights))

    def judged(self, fitted: FittedNetwork, loss: Loss) -> tuple[torch.Tensor, float | None]:
        """The network's raw outputs for the sample, and the loss of all rows; None where it is not asked for."""
        if isinstance(self._whole, _InMemory):
            every = fitted.outputs(self._whole.x)
            return every[self._places], float(loss(every, self._whole.target, self._whole.weights))
        outputs = self.outputs(fitted)
        if self._whole is not None:
            return outputs, self._whole.total(fitted, loss)
        return outputs, self.loss(loss, outputs) if self._asked else None

    def objective(self, module: torch.nn.Module, loss: Loss) -> torch.Tensor:
        """The loss of the sample's first `SLOPE_ROWS` rows with its gradient, as the module is."""
        first = slice(SLOPE_ROWS)
        weights = None if self._sample.weights is None else self._sample.weights[first]
        return loss(module(self._sample.x[first]), self._sample.target[first], weights)


def target_of(rows: Rows) -> Target:
    """The mean and spread of a part's values, of each target its own, each row that weighs anything counting once."""
    if not rows.on_disk:
        return Target.of(_values(rows, slice(None)))
    parts = [slice(start, start + _COUNTED) for start in range(0, len(rows), _COUNTED)]
    counted = sum(len(_values(rows, part)) for part in parts)
    mean = sum(_values(rows, part).sum(axis=0) for part in parts) / counted
    squares = sum(np.square(_values(rows, part) - mean).sum(axis=0) for part in parts)
    return Target.told(mean, (squares / counted) ** 0.5)


def _values(rows: Rows, part: slice) -> Floats:
    values: Floats = rows.target[part].astype(np.float64)
    counted = rows.weights[part] != 0
    return values if counted.all() else values[counted]


class _InMemory:
    """One part on the device, with the target as the loss wants it."""

    def __init__(self, rows: Rows, weighted: bool, blueprint: Blueprint, device: torch.device) -> None:
        self.device = device
        self.x = _tensor(rows.x, device)
        self.weights = _tensor(rows.weights, device) if weighted else None
        self.target = _targets(rows.target, blueprint, device)
        self._least = _least(blueprint)
        self._buffers: list[torch.Tensor | None] = [None, None, None]

    def __len__(self) -> int:
        return len(self.x)

    def batches(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        order = torch.randperm(len(self.x), generator=generator, device=self.device)
        x, target = self._shuffled(0, self.x, order), self._shuffled(1, self.target, order)
        weights = None if self.weights is None else self._shuffled(2, self.weights, order)
        return _split(x, target, weights, size, self._least)

    def _shuffled(self, place: int, values: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
        """The values in this order, where those of the epoch before were: new memory would cost more than the copy."""
        if self._buffers[place] is None:
            self._buffers[place] = torch.empty_like(values)
        return torch.index_select(values, 0, order, out=self._buffers[place])


class _OnDisk:
    """One part as it lies on disk; a few blocks of it are in memory at a time."""

    def __init__(self, rows: Rows, weighted: bool, blueprint: Blueprint, device: torch.device) -> None:
        self._rows, self._weighted, self._blueprint, self.device = rows, weighted, blueprint, device
        size = max(1, BLOCK_BYTES // (4 * rows.x.shape[1]))
        self._blocks = [slice(start, min(start + size, len(rows))) for start in range(0, len(rows), size)]

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
            yield from _split(*_sliced(several, slice(0, whole)), size, _least(self._blueprint))
            rest = _sliced(several, slice(whole, None))

    def total(self, fitted: FittedNetwork, loss: Loss) -> float:
        total = 0.0
        for block in self._blocks:
            x, target, weights = self._read([block])
            total += float(loss(fitted.outputs(x), target, weights)) * len(x)
        return total / len(self)

    def _read(self, blocks: list[slice]) -> Batch:
        x = _tensor(np.concatenate([self._rows.x[block] for block in blocks]), self.device)
        target = _targets(np.concatenate([self._rows.target[block] for block in blocks]), self._blueprint, self.device)
        if not self._weighted:
            return x, target, None
        return x, target, _tensor(np.concatenate([self._rows.weights[block] for block in blocks]), self.device)


def _split(
    x: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None, size: int, least: int = 1
) -> Iterator[Batch]:
    """Batches of this size, the last one smaller; what is too small for one of its own joins the batch before."""
    if len(x) < least or not len(x):
        return
    whole, rest = divmod(len(x), size)
    sizes = [size] * whole + ([rest] if rest else [])
    if whole and 0 < rest < least:
        sizes[-2:] = [size + rest]
    inputs, targets = torch.split(x, sizes), torch.split(target, sizes)
    counts = [None] * len(inputs) if weights is None else torch.split(weights, sizes)
    yield from zip(inputs, targets, counts, strict=True)


def _least(blueprint: Blueprint) -> int:
    """The rows of the smallest batch: one row has no spread that batch normalisation could divide by."""
    return 2 if blueprint.model.get("normalization") == "batch" else 1


def _sliced(batch: Batch, part: slice) -> Batch:
    x, target, weights = batch
    return x[part], target[part], None if weights is None else weights[part]


def _joined(before: Batch | None, after: Batch) -> Batch:
    if before is None or not len(before[0]):
        return after
    weights = None if before[2] is None or after[2] is None else torch.cat([before[2], after[2]])
    return torch.cat([before[0], after[0]]), torch.cat([before[1], after[1]]), weights


def _targets(values: np.ndarray, blueprint: Blueprint, device: torch.device) -> torch.Tensor:
    """The target as the loss wants it: shape (rows, targets), or (rows,) of codes for many classes."""
    if blueprint.shape.task == "regression":
        scaled = _tensor(blueprint.target.scaled(values), device)
        return scaled if scaled.dim() == 2 else scaled.unsqueeze(1)
    if blueprint.shape.classes == 2:
        return _tensor(values, device).unsqueeze(1)
    return torch.from_numpy(values.astype(np.int64)).to(device)


def _tensor(values: np.ndarray, device: torch.device) -> torch.Tensor:
    return torch.from_numpy(writable(values)).to(device)
