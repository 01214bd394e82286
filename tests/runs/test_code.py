"""A script written by a process of its own, for the lab."""

from __future__ import annotations

import pytest

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.runs import code
from mltui.runs.experiments import check


def asked(**training: object) -> Experiment:
    return check({"data": {"dataset": "moons"}, "model": {"name": "mlp"}, "training": training})


async def test_a_script_comes_back_and_what_is_wrong_comes_as_a_sentence() -> None:
    script = await code.of_experiment(asked(epochs=7))
    assert script.startswith('"""Neural network')
    assert "range(7)" in script
    with pytest.raises(InputError) as caught:
        await code.of_experiment(asked(optimizer="genetic"))
    assert caught.value.sentence.startswith("training.optimizer = genetic steps by a population")
