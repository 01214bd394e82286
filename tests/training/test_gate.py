"""The gate: who may pass when."""

from __future__ import annotations

import threading
from collections.abc import Callable

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


def test_a_batch_passes_one_place_and_no_more() -> None:
    gate = Gate()
    gate.ask("pause")
    assert not gate.may_pass(4.2)
    gate.ask("batch")
    assert gate.attention
    assert [gate.may_pass(at) for at in (4.2, 4.2, 4.3, 4.3)] == [True, True, False, False]


def test_batches_add_up_and_come_after_a_step_under_way() -> None:
    gate = Gate()
    gate.ask("step")
    assert gate.may_pass(2.5)
    for _ in range(2):
        gate.ask("batch")
    assert [gate.may_pass(at) for at in (2.75, 3, 3.25, 3.5)] == [True, True, True, False]


def test_a_batch_of_a_running_training_pauses_it_after_the_next_batch() -> None:
    gate = Gate()
    gate.ask("batch")
    assert [gate.may_pass(at) for at in (7.0, 7.1)] == [True, False]


def test_another_fit_ends_a_batch_under_way() -> None:
    gate = Gate()
    gate.ask("batch")
    assert gate.may_pass(9.5)
    gate.again()
    assert not gate.may_pass(0.5)


def test_changes_are_taken_once_in_order_and_hold_nobody_up() -> None:
    gate = Gate()
    assert gate.take_changes() == []
    gate.ask_change("training.learning_rate", 0.1)
    gate.ask_change("training.early_stopping", None)
    assert (gate.attention, gate.may_pass(3)) == (True, True)
    assert gate.take_changes() == [("training.learning_rate", 0.1), ("training.early_stopping", None)]
    assert (gate.attention, gate.take_changes()) == (False, [])


def test_a_change_in_a_pause_leaves_it_paused() -> None:
    gate = Gate()
    gate.ask("pause")
    gate.ask_change("model.dropout", 0.5)
    assert not gate.may_pass(3)
    assert gate.take_changes() == [("model.dropout", 0.5)]
    assert (gate.attention, gate.may_pass(3)) == (True, False)
    gate.ask_change("model.dropout", 0.2)
    gate.ask("continue")
    assert gate.attention, "a change that waits is not lost with the pause"


@pytest.mark.parametrize("after", ["pause", "continue", "step", "batch"])
def test_a_stop_is_final(after: str) -> None:
    gate = Gate()
    gate.ask("stop")
    gate.ask(after)  # type: ignore[arg-type]
    assert gate.stopping
    assert gate.attention
    with pytest.raises(Stopped):
        gate.may_pass(1)


WISHES: list[Callable[[Gate], None]] = [
    lambda gate: gate.ask("continue"),
    lambda gate: gate.ask("batch"),
    lambda gate: gate.ask_change("training.learning_rate", 0.1),
]


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("before", [False, True])
def test_whoever_waits_is_woken_by_a_wish(wish: Callable[[Gate], None], before: bool) -> None:
    gate = Gate()
    gate.ask("pause")
    waiting = threading.Thread(target=gate.wait, args=(60.0,))
    if before:
        wish(gate)
    waiting.start()
    if not before:
        wish(gate)
    waiting.join(10)
    assert not waiting.is_alive()
