"""The learning rate as schedules move it, as it is changed under way, and as it goes on from its facts."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
import pytest

from mltui.core.errors import InputError
from mltui.training.rates import SCHEDULES, Rate

EPOCHS = 20
BATCHES = 5


def rate(schedule: str, **settings: Any) -> Rate:
    return Rate.of({"learning_rate": 0.4, "schedule": schedule, **settings}, EPOCHS)


def every_step(moving: Rate) -> list[float]:
    return [moving.at(epoch + batch / BATCHES) for epoch in range(EPOCHS) for batch in range(BATCHES)]


def test_constant_stays() -> None:
    assert set(every_step(rate("constant"))) == {0.4}
    assert Rate.of({"learning_rate": 0.4}, EPOCHS).at(3) == 0.4


def test_step_drops_after_every_so_many_epochs() -> None:
    rates = every_step(rate("step", decay_every=8, decay_factor=0.1))
    np.testing.assert_allclose(rates[: 8 * BATCHES], 0.4)
    np.testing.assert_allclose(rates[8 * BATCHES : 16 * BATCHES], 0.04)
    np.testing.assert_allclose(rates[16 * BATCHES :], 0.004)


def test_cosine_falls_along_half_a_wave_to_near_zero() -> None:
    rates = every_step(rate("cosine"))
    assert rates[0] == 0.4
    assert all(after < before for before, after in itertools.pairwise(rates))
    assert rates[len(rates) // 2] == pytest.approx(0.2)
    assert rates[len(rates) // 4] == pytest.approx(0.2 * (1 + math.sqrt(0.5)))
    assert 0 < rates[-1] < 0.001 * 0.4


def test_one_cycle_rises_then_falls_far_below_where_it_began() -> None:
    rates = np.array(every_step(rate("one_cycle")))
    top = int(rates.argmax())
    assert rates[top] == pytest.approx(0.4)
    assert (np.diff(rates[: top + 1]) > 0).all()
    assert (np.diff(rates[top:]) < 0).all()
    assert rates[0] == pytest.approx(0.04)
    assert top == pytest.approx(0.45 * len(rates))
    assert rates[round(0.9 * len(rates))] == pytest.approx(0.04)
    assert 0 < rates[-1] < 0.01


def test_plateau_falls_only_after_its_patience() -> None:
    moving = rate("plateau", decay_every=3, decay_factor=0.5)
    rates: list[float] = []
    for value in [1.0, 0.9, 0.95, 0.9, 0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 0.55, 0.4, 0.5]:
        moving.judged(value)
        rates.append(moving.at(len(rates)))
    assert rates == [0.4] * 7 + [0.2] * 3 + [0.1] * 3
    assert moving.at(0.3) == 0.1, "it goes by what it is told, not by the clock"


def test_plateau_takes_no_creeping_and_nothing_infinite_for_a_gain() -> None:
    for values in ([1.0, 1.0 - 1e-6, 1.0 - 2e-6], [1.0, math.nan, -math.inf], [-1.0, -1.0 - 1e-6, -1.0 - 2e-6]):
        moving = rate("plateau", decay_every=2, decay_factor=0.5)
        for value in values:
            moving.judged(value)
        assert moving.at(3) == 0.2


def test_plateau_of_gains_never_falls() -> None:
    moving = rate("plateau", decay_every=1)
    for value in (3.0, 2.0, 0.5, -1.0, -2.0):
        moving.judged(value)
    assert moving.at(5) == 0.4


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_changed_base_is_multiplied_alike(schedule: str) -> None:
    moving, other = rate(schedule), rate(schedule)
    for _ in range(11):
        moving.judged(1.0)
        other.judged(1.0)
    moving.base = 0.8
    np.testing.assert_allclose(every_step(moving), 2 * np.array(every_step(other)))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_facts_go_on_bit_for_bit(schedule: str) -> None:
    luck = np.random.default_rng(2)
    values = luck.random(EPOCHS)
    moving, resumed = (rate(schedule, decay_every=2, decay_factor=0.7) for _ in range(2))
    for epoch in range(9):
        moving.judged(values[epoch])
    moving.base = 0.3
    resumed.restore(json.loads(json.dumps(moving.facts(), allow_nan=False)))
    for epoch in range(9, EPOCHS):
        for one in (moving, resumed):
            one.judged(values[epoch])
        assert resumed.at(epoch + 0.6) == moving.at(epoch + 0.6)


def test_an_unknown_schedule_is_refused() -> None:
    with pytest.raises(InputError, match="schedule cannot be 'linear'; it is one of constant, step") as refused:
        rate("linear")
    assert refused.value.key == "training.schedule"
