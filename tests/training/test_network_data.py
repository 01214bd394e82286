"""What a network is shown: in memory exactly what a bare torch loop would show it; from disk every row once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from mltui.core.sections import Part
from mltui.data.laid_out import put_away
from mltui.inference.network import Blueprint, FittedNetwork, Target
from mltui.training import network, network_data
from mltui.training.losses import loss_of
from mltui.training.network_data import Judged, shown, target_of
from mltui.training.problem import Problem, Rows
from mltui.training.report import Reporter

Make = Callable[..., Problem]
CPU = torch.device("cpu")


def nobody(kind: str, **fields: Any) -> None:
    """Hears every event and keeps none."""


def small(problem: Make, dataset: str = "moons", samples: int = 300, **training: Any) -> Problem:
    data = {"dataset": dataset, **({"options": {"samples": samples}} if dataset in ("moons", "plane") else {})}
    settings = {"epochs": 3, "batch_size": 32, "device": "cpu", **training}
    return problem(model={"hidden_layers": [8]}, data=data, training=settings)


def away(rows: Rows) -> Rows:
    """The same rows on disk."""
    return replace(rows, x=put_away(rows.x), target=put_away(rows.target), weights=put_away(rows.weights))


def on_disk(problem: Problem) -> Problem:
    parts: dict[Part, Rows] = {part: away(rows) for part, rows in problem.parts.items()}
    return replace(problem, parts=parts)


def weighted(problem: Problem) -> Problem:
    rng = np.random.default_rng(1)
    parts = {part: replace(rows, weights=rng.uniform(0.5, 3, len(rows))) for part, rows in problem.parts.items()}
    return replace(problem, parts=parts, weighted=True)


def weights_of(fitted: FittedNetwork) -> list[np.ndarray]:
    return [value.numpy() for value in fitted.module.state_dict().values()]


def fitted(problem: Problem) -> FittedNetwork:
    return network.fit(problem, Reporter(nobody))


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 16 rows of two inputs, three together."""
    monkeypatch.setattr(network_data, "BLOCK_BYTES", 16 * 2 * 4)
    monkeypatch.setattr(network_data, "TOGETHER", 3)


@pytest.mark.parametrize("with_weights", [False, True])
def test_in_memory_the_network_is_bit_for_bit_that_of_a_bare_loop(problem: Make, with_weights: bool) -> None:
    """Shuffled as a whole once an epoch by a generator of the experiment's seed, then split into batches."""
    made = weighted(small(problem)) if with_weights else small(problem)
    settings, seed = made.experiment.training, made.experiment.seed
    torch.manual_seed(seed)
    module = made.card.build(made.experiment.model.hyperparameters, settings, made.shape, seed)
    adam = torch.optim.Adam(module.parameters(), lr=settings["learning_rate"], fused=True)  # type: ignore[arg-type]
    loss = loss_of(made.shape)
    x = torch.from_numpy(made.train.x)
    y = torch.from_numpy(made.train.target.astype(np.float32)).unsqueeze(1)
    weights = torch.from_numpy((made.train.weights / np.mean(made.train.weights)).astype(np.float32))
    generator = torch.Generator().manual_seed(seed)
    torch.set_num_threads(1)
    for _ in range(3):
        order = torch.randperm(len(x), generator=generator)
        for batch in torch.split(order, 32):
            adam.zero_grad()
            loss(module(x[batch]), y[batch], weights[batch] if with_weights else None).backward()  # type: ignore[no-untyped-call]
            adam.step()
    for bare, ours in zip(module.state_dict().values(), weights_of(fitted(made)), strict=True):
        assert np.array_equal(bare.numpy(), ours)


@pytest.mark.parametrize("size", [1, 7, 16, 50, 1000])
def test_from_disk_an_epoch_is_every_row_once_in_whole_batches(problem: Make, blocks: None, size: int) -> None:
    made = weighted(small(problem))
    rows = away(made.train)
    blueprint = Blueprint(made.shape, {}, {}, Target())
    part = shown(rows, True, blueprint, CPU)
    assert len(part) == len(rows)
    generator = torch.Generator().manual_seed(1)
    epochs = [list(part.batches(size, generator)) for _ in range(2)]
    for batches in epochs:
        assert {len(x) for x, _, _ in batches[:-1]} <= {size}
        assert len(batches) == -(-len(rows) // size)
        together = [torch.cat([batch[i] for batch in batches]).numpy() for i in range(3)]  # type: ignore[misc]
        seen = np.column_stack([together[0], together[1][:, 0], together[2]])
        wanted = np.column_stack([rows.x, rows.target, rows.weights]).astype(np.float32)
        assert np.array_equal(seen[np.lexsort(seen.T)], wanted[np.lexsort(wanted.T)])
    first, second = (torch.cat([x for x, _, _ in batches]) for batches in epochs)
    assert not torch.equal(first, second), "no two epochs are alike"
    again = list(part.batches(size, torch.Generator().manual_seed(1)))
    assert torch.equal(torch.cat([x for x, _, _ in again]), first), "the same seed gives the same batches"


@pytest.mark.parametrize("dataset", ["moons", "plane", "iris"])
def test_a_part_on_disk_of_one_block_is_trained_as_in_memory(problem: Make, dataset: str) -> None:
    made = weighted(small(problem, dataset, early_stopping=2))
    here, there = fitted(made), fitted(on_disk(made))
    for mine, theirs in zip(weights_of(here), weights_of(there), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-7)
    assert here.kept == there.kept


def test_from_disk_the_network_learns_by_blocks(problem: Make, blocks: None) -> None:
    made = on_disk(small(problem, samples=1000, epochs=40, learning_rate=0.03))
    validation = made.validation
    assert validation is not None
    right = (fitted(made).predict(validation.x) > 0.5) == validation.target
    assert right.mean() > 0.9


def test_from_disk_all_rows_are_judged(problem: Make, blocks: None) -> None:
    made = weighted(small(problem))
    blueprint = Blueprint(made.shape, {"hidden_layers": (8,), "activation": "relu", "dropout": 0}, {}, Target())
    answers = FittedNetwork(blueprint.build(made.card, 1), blueprint)
    loss = loss_of(made.shape)
    found = []
    for rows in (made.train, away(made.train)):
        part = Judged(rows.sample(50), rows.sampled(50), rows, True, blueprint, CPU)
        assert part.sampled
        outputs, total = part.judged(answers, loss)
        np.testing.assert_allclose(outputs, part.outputs(answers), atol=1e-6)
        assert outputs.shape == (50, 1)
        found.append((outputs.numpy(), total))
        assert Judged(rows.sample(50), rows.sampled(50), None, True, blueprint, CPU).judged(answers, loss)[1] is None
    np.testing.assert_allclose(found[0][0], found[1][0], atol=1e-6)
    assert found[0][1] == pytest.approx(found[1][1], rel=1e-6)


def test_many_rows_are_answered_in_parts_and_the_same(problem: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for dataset in ("moons", "iris", "plane"):
        made = small(problem, dataset)
        network_of = fitted(made)
        at_once = network_of.predict(made.train.x)
        with monkeypatch.context() as patch:
            patch.setattr("mltui.inference.network.PASSED", 40)
            assert np.allclose(network_of.predict(put_away(made.train.x)), at_once, rtol=1e-6)


def test_mean_and_spread_count_rows_that_weigh_anything(problem: Make) -> None:
    rows = small(problem, "plane").train
    weights = np.where(np.arange(len(rows)) % 3 == 0, 0.0, -2.0)
    values = rows.target[weights != 0]
    for each in (replace(rows, weights=weights), away(replace(rows, weights=weights))):
        found = target_of(each)
        assert (found.mean, found.spread) == pytest.approx((values.mean(), values.std()), rel=1e-12)


def test_mean_and_spread_of_a_target_on_disk(problem: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = small(problem, "plane").train
    monkeypatch.setattr(network_data, "_COUNTED", 37)
    here, there = target_of(rows), target_of(away(rows))
    assert (there.mean, there.spread) == pytest.approx((here.mean, here.spread), rel=1e-12)
    constant = replace(away(rows), target=put_away(np.full(len(rows), 3.0)))
    assert target_of(constant) == Target(3.0, 1.0)
