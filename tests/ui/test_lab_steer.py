"""Steering in the lab: batch by batch, values applied to the run that trains, and going on with one cut short."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mltui.core.experiment import Experiment
from mltui.record.control import Command
from mltui.record.state import Change, RunState
from mltui.runs.experiments import check
from mltui.ui.commands import Now
from mltui.ui.sheet import Sheet
from mltui.ui.steering import pending, same
from mltui.ui.widgets.key_line import key_line

RATE, DROPOUT, PATIENCE = "training.learning_rate", "model.dropout", "training.early_stopping"
BOTH = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


def keys(test: Any) -> str:
    """The line of keys."""
    return str(test.lines()[-1])


async def said(test: Any, sentence: str) -> None:
    """Wait for a sentence in the corner, where it stands in as many lines as it takes."""

    def there() -> bool:
        toasts = " ".join(str(toast.render()) for toast in test.app.screen.query("Toast"))
        return sentence in " ".join(toasts.split())

    await test.until(there, sentence)


async def set_to(test: Any, key: str, text: str) -> None:
    """Type a value into a row, as a person does."""
    await test.press("1")
    test.lab.go_to_row(key)
    await test.until(lambda: getattr(test.lab.focused, "field", None) and test.lab.focused.field.key == key, key)
    await test.press(*({".": "full_stop"}.get(sign, sign) for sign in text), "enter")
    await test.until(lambda: test.lab.sheet.text(key) == text, "the value")


async def heard(test: Any, *kinds: str) -> list[Command]:
    commands: list[Command] = []

    def there() -> bool:
        commands.extend(test.hand.commands())
        return len(commands) >= len(kinds)

    await test.until(there, f"{kinds} at the worker")
    assert [command.kind for command in commands] == list(kinds)
    return commands


# -- on the way ----------------------------------------------------------------------------------------------------
@BOTH
async def test_an_edit_is_applied_to_the_run_that_trains_and_marked_on_its_curve(
    open_lab: Any, size: tuple[int, int]
) -> None:
    async with open_lab(size) as test:
        hand = await test.run()
        assert "a apply" not in keys(test)
        await set_to(test, RATE, "0.1")
        await test.until(lambda: "a apply" in keys(test), "the key, at the row too")
        assert "edited" in test.lines()[0]
        await test.press("a")
        (command,) = await heard(test, "change")
        assert command == Command("change", RATE, 0.1)
        hand.change(3.5, RATE, 0.001, 0.1)
        await said(test, "learning_rate 0.001 → 0.1 from epoch 3.5 on")
        await test.until(lambda: "a apply" not in keys(test), "the key gone")
        assert "edited" not in test.lines()[0]
        assert "steered" in test.lines()[0]
        await test.press("escape", "2")
        await test.seen("┊learning_rate 0.1")
        await test.seen("┊ changed")


async def test_several_edits_are_applied_at_once_and_each_is_said(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        for key, text in ((RATE, "0.1"), (PATIENCE, "7")):
            test.lab.edit(test.lab.sheet.typed(key, text))
        test.lab.edit(test.lab.sheet.typed("training.epochs", "12"))
        await test.until(lambda: "a apply" in keys(test), "the key")
        await test.press("a")
        assert {(c.key, c.value) for c in await heard(test, "change", "change")} == {(RATE, 0.1), (PATIENCE, 7)}
        hand.change(3, RATE, 0.001, 0.1)
        hand.change(3, PATIENCE, None, 7)
        await said(test, "early_stopping none → 7 from epoch 3 on")
        await test.until(lambda: "a apply" not in keys(test), "the key gone")
        assert "edited" in test.lines()[0], "the epochs are for the next run"


async def test_taking_an_applied_edit_back_offers_to_apply_that(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        await set_to(test, RATE, "0.1")
        await test.press("a")
        hand.change(3, RATE, 0.001, 0.1)
        await test.until(lambda: "a apply" not in keys(test), "the change")
        await test.press("u")
        await test.until(lambda: test.lab.sheet.value(RATE) == 0.001 and "a apply" in keys(test), "the old value")
        assert "edited" not in test.lines()[0], "it is what the run was asked"
        await test.press("a")
        await test.until(lambda: (Command("change", RATE, 0.001)) in hand.commands(), "the change back")


async def test_a_change_that_the_worker_refuses_is_said(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        await set_to(test, RATE, "0.1")
        await test.press("a")
        await heard(test, "change")
        hand.writer.emit("warning", message="training.learning_rate is planned by the schedule")
        await said(test, "training.learning_rate is planned by the schedule")


async def test_a_change_from_another_terminal_is_said_and_the_form_can_be_applied_over_it(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        hand.change(3.25, DROPOUT, 0.0, 0.5)
        await said(test, "dropout 0 → 0.5 from epoch 3.25 on")
        await test.until(lambda: "a apply" in keys(test), "the form's value")


async def test_a_living_run_that_was_steered_is_opened_with_what_it_has_now(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        hand.change(3, RATE, 0.001, 0.25)
        await test.seen("→ 0.25")
    async with open_lab(attach=hand.folder.id) as test:
        await test.until(lambda: test.lab.sheet.value(RATE) == 0.25, "the form")
        await test.until(lambda: test.lab.shown.state.changes, "the run")
        assert "a apply" not in keys(test)
        assert "→ 0.25" not in test.screen(), "what was changed long ago is no news"
        assert "edited" not in test.lines()[0]


async def test_one_batch_further(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        await test.until(lambda: "b batch" in keys(test), "the key")
        await test.press("b")
        await heard(test, "batch")
        hand.start()
        hand.writer.emit("started", run="1", model="mlp", curves=[], controls=["pause", "step", "stop"])
        await test.until(lambda: "b batch" not in keys(test), "a run without batches")
        assert "s step" in keys(test)


# -- going on ------------------------------------------------------------------------------------------------------
async def went_on(test: Any) -> None:
    hand = test.hand
    hand.writer.emit("progress", reading=0.25)
    await test.seen("reading 25%")
    assert "o resume" not in keys(test)
    hand.writer.emit("resumed", step=2, **{"from": 2})
    hand.epochs(3, 5)
    await test.until(lambda: test.lab.shown.state.step == 5, "its epochs")
    assert test.lab.shown.state.series[0].steps.tolist() == [1, 2, 3, 4, 5]
    assert "training" in test.lines()[0]
    hand.finish(5)
    await test.seen("finished")
    assert "o resume" not in keys(test)


@pytest.mark.parametrize("end", [lambda hand: hand.stop(3), lambda hand: hand.fail("the worker was killed")])
async def test_a_run_that_was_cut_short_goes_on_by_a_key(open_lab: Any, end: Callable[[Any], None]) -> None:
    async with open_lab() as test:
        first = await test.run()
        end(first)
        first.folder.status.unlink()
        await test.until(lambda: "o resume" in keys(test), "the key")
        await test.press("o")
        await test.until(lambda: test.hand is not first, "the next attempt")
        await went_on(test)
        assert len(test.session.begun) == 1, "it is the same run"


async def test_a_run_goes_on_from_the_list_of_runs(open_lab: Any) -> None:
    async with open_lab() as test:
        first = await test.run()
        first.change(2, RATE, 0.001, 0.1)
        first.stop(3)
        await test.seen("stopped")
        second = await test.run()
        await test.press("R")
        await test.seen("stopped, steered")
        assert "o resume" not in test.screen(), "the run under the cursor lives"
        await test.press("down")
        await test.seen("o resume")
        await test.press("o")
        await test.until(lambda: test.hand is not second, "the next attempt")
        await went_on(test)
        assert test.lab.shown.state.run == first.folder.id


async def test_what_cannot_be_resumed_is_told_and_what_it_kept_stays(open_lab: Any) -> None:
    async with open_lab() as test:
        first = await test.run()
        first.stop(3)
        await test.until(lambda: "o resume" in keys(test), "the key")
        await test.press("o")
        await test.until(lambda: test.hand is not first, "the next attempt")
        test.hand.writer.emit("failed", message="a.csv has changed", cause="input", log="")
        await said(test, "Run 1 could not be resumed: a.csv has changed")
        assert "stopped" in test.lines()[0]
        assert "p predict" in str(test.lab.now) or test.lab.now.model
        first.folder.status.write_text('{"format": 9}')
        await test.press("o")
        await said(test, "run 1 was made by a newer mltui (format 9); this one can only look at it")
        await test.until(lambda: not test.lab.starting, "the lab at rest")


# -- by tables -----------------------------------------------------------------------------------------------------
def asked(**training: Any) -> Experiment:
    return check({"data": {"dataset": "circles"}, "model": {"name": "mlp"}, "training": training})


def running(*changes: Change, **more: Any) -> RunState:
    return RunState(run="7", phase="training", started={"changeable": [RATE, DROPOUT]}, changes=changes, **more)


def test_what_the_form_would_change() -> None:
    experiment = asked(learning_rate=0.1)
    sheet = Sheet.of(experiment)
    changed = running(Change(2, RATE, 0.5))
    other = sheet.typed(RATE, "0.5").typed("training.epochs", "3")
    assert pending(sheet, experiment, running()) == {}
    assert pending(other, experiment, running()) == {RATE: 0.5}
    assert pending(other, experiment, changed) == {}
    assert pending(sheet, experiment, changed) == {RATE: 0.1}
    assert pending(other.typed(DROPOUT, "2"), experiment, running()) == {RATE: 0.5}, "what cannot be read waits"
    for nothing in (RunState(), RunState(run="7", phase="finished", started=changed.started)):
        assert pending(other, experiment, nothing) == {}
    assert pending(other, None, running()) == {}
    assert (
        pending(Sheet.of(check({"data": {"dataset": "circles"}, "model": {"name": "knn"}})), experiment, changed) == {}
    )


def test_the_form_is_edited_unless_it_says_what_the_run_was_asked_or_has() -> None:
    experiment = asked(learning_rate=0.1)
    sheet = Sheet.of(experiment)
    changes = (Change(2, RATE, 0.5),)
    assert same(sheet, experiment, changes)
    assert same(sheet.typed(RATE, "0.5"), experiment, changes)
    assert not same(sheet.typed(RATE, "0.5"), experiment, ())
    assert not same(sheet.typed(RATE, "x"), experiment, changes)


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (Now(phase="training", controls=frozenset({"pause", "step", "batch"}), applies=True), "rsbxa"),
        (Now(phase="training", controls=frozenset({"pause", "step"}), applies=True, row="type"), "rxa"),
        (Now(phase="stopped", resumable=True), "rso"),
    ],
)
def test_what_steers_a_run_stands_first_in_the_line_of_keys(now: Now, first: str) -> None:
    assert "".join(key for key, _, _ in key_line(now)).startswith(first)


async def test_the_session_resumes_in_its_spare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mltui.record.folder import RunFolder
    from mltui.runs.store import Store
    from mltui.ui.session import Session

    started: list[tuple[RunFolder, int]] = []

    async def run(folder: RunFolder, *, unseal: bool = False, attempt: int = 1) -> int:
        started.append((folder, attempt))
        return 1

    session = Session(tmp_path, tmp_path, tmp_path)
    monkeypatch.setattr(session._spare, "run", run)
    experiment = asked()
    folder = Store(tmp_path).create(experiment, "", tmp_path)
    folder.claim_attempt()
    session.look_at(folder, experiment)
    await session.resume(RunState(run="1", phase="failed"))
    assert started == [(folder, 2)]
    assert session.run == folder
    assert session.run is not folder, "by which the lab sees that it has begun"
    await session.close()
