"""The gate: who may pass when."""

from __future__ import annotations

import threading

import pytest

from mltui.training.gate import Gate, Stopped


def test_an_untouched_gate_is_open_and_wants_no_attention() -> None:
    gate = Gate()
    assert not gate.attention
    assert gate.may_pass(0.5)


def test_a_pause_holds_and_continue_lets_go() -> None:
    gate = Gate()
    gate.ask("pause")
    assert (gate.attention, gate.may_pass(3)) == (True, False)
    gate.ask("continue")
    assert (gate.attention, gate.may_pass(3)) == (False, True)


@pytest.mark.parametrize("start", [4, 4.3])
def test_a_step_passes_until_the_next_whole_number(start: float) -> None:
    gate = Gate()
    gate.ask("pause")
    assert not gate.may_pass(start)
    gate.ask("step")
    assert gate.may_pass(start)
    assert gate.may_pass(4.99)
    assert not gate.may_pass(5)
    assert not gate.may_pass(5)


def test_steps_add_up() -> None:
    gate = Gate()
    for _ in range(3):
        gate.ask("step")
    passed = [gate.may_pass(at) for at in (0, 0.5, 1, 2, 2.5, 3)]
    assert passed == [True, True, True, True, True, False]


def test_a_step_of_a_running_training_pauses_it_at_the_next_whole_number() -> None:
    gate = Gate()
    gate.ask("step")
    assert gate.may_pass(7.2)
    assert not gate.may_pass(8)


def test_a_pause_ends_a_step_under_way() -> None:
    gate = Gate()
    gate.ask("step")
    assert gate.may_pass(1)
    gate.ask("pause")
    assert not gate.may_pass(1.5)


@pytest.mark.parametrize("after", ["pause", "continue", "step"])
def test_a_stop_is_final(after: str) -> None:
    gate = Gate()
    gate.ask("stop")
    gate.ask(after)  # type: ignore[arg-type]
    assert gate.stopping
    assert gate.attention
    with pytest.raises(Stopped):
        gate.may_pass(1)


def test_whoever_waits_is_woken_by_a_wish() -> None:
    gate = Gate()
    gate.ask("pause")
    waiting = threading.Thread(target=gate.wait, args=(60.0,))
    waiting.start()
    gate.ask("continue")
    waiting.join(10)
    assert not waiting.is_alive()
