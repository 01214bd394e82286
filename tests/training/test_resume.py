"""A run cut off at any moment goes on as if nothing had happened: the same points, the same model, bit for bit."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mltui.inference.network import FittedNetwork
from mltui.record.checkpoint import Checkpoint, read_checkpoint, read_done, write_checkpoint
from mltui.record.control import Command, send
from mltui.record.folder import RunFolder
from mltui.record.predictions import read_predictions
from mltui.record.state import RunState, fold
from mltui.record.writer import EventWriter
from mltui.training import network
from mltui.training.checkpoints import Checkpoints, Left
from mltui.training.gate import Gate
from mltui.training.problem import Problem
from mltui.training.report import Reporter
from tests.training.conftest import Run, Workers, wait_for

Make = Callable[..., Problem]
SMALL = {"dataset": "moons", "options": {"samples": 200}}


class Killed(BaseException):
    """Stands for a process that is killed: nothing of ours catches it."""


class Attempts:
    """Attempts at one run in this process, each of which may be cut off before a batch."""

    def __init__(self, problem: Problem, path: Path) -> None:
        self.problem, self.folder = problem, RunFolder(path)
        self.count = 0

    def go(
        self,
        cut_at: int | None = None,
        changes: Mapping[int, tuple[str, Any]] | None = None,
        saved: int = 1_000_000,
    ) -> FittedNetwork:
        """The fitted network; killed before the so-manieth batch of this attempt, values changed before others.

        Args:
            saved: so many checkpoints are written, one before each batch.
        """
        self.count += 1
        left = Left.of(self.folder, ("",)) if self.count > 1 else Left()
        writer = EventWriter(self.folder, self.count)
        gate = _Counting(cut_at, changes or {})
        resumed = None if left.begins else (left.member, left.step)
        reporter = Reporter(writer.emit, {}, gate, clock=_Clock(), resumed=resumed)
        try:
            return network.fit(self.problem, reporter, _AtFirst(saved, self.folder, left=left, clock=_Clock()))
        finally:
            if cut_at is None:
                reporter.flush()
            writer.close(patience=5.0)

    def state(self) -> RunState:
        from mltui.record.reader import EventReader

        return fold(RunState(), EventReader(self.folder).poll())


class _Clock:
    """Every look at it is ten seconds later, so that everything is said, and written down, at once."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 10.0
        return self.now


class _AtFirst(Checkpoints):
    """Writes so many checkpoints and no more."""

    def __init__(self, saved: int, folder: RunFolder, **more: Any) -> None:
        super().__init__(folder, **more)
        self._still = saved

    def due(self) -> bool:
        self._still -= 1
        return self._still >= 0


class _Counting(Gate):
    """A gate that counts the batches, changes values before some, and at one kills who asks."""

    def __init__(self, cut_at: int | None, changes: Mapping[int, tuple[str, Any]]) -> None:
        super().__init__()
        self.attention_asked = 0
        self._cut_at, self._planned = cut_at, changes

    @property
    def attention(self) -> bool:
        """Asked before every batch but the first."""
        self.attention_asked += 1
        if self.attention_asked == self._cut_at:
            raise Killed
        if self.attention_asked in self._planned:
            self.ask_change(*self._planned[self.attention_asked])
        return True

    @attention.setter
    def attention(self, value: bool) -> None:
        pass


EVERYTHING: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "adam, dropout, batch norm": ({"dropout": 0.3, "normalization": "batch"}, {}),
    "momentum, noise, plateau": (
        {},
        {"optimizer": "momentum", "noise": 0.2, "schedule": "plateau", "decay_every": 1, "learning_rate": 0.1},
    ),
    "nadam, look-back, one cycle": (
        {"input_dropout": 0.2},
        {"optimizer": "nadam", "early_stopping": 2, "learning_rate": 0.2, "schedule": "one_cycle"},
    ),
    "genetic": ({"hidden_layers": [3]}, {"optimizer": "genetic", "population": 6, "learning_rate": 0.1}),
    "newton": ({"hidden_layers": [2]}, {"optimizer": "newton", "learning_rate": 0.5}),
    "l1, max-norm, rmsprop": ({"max_norm": 1.0}, {"optimizer": "rmsprop", "l1": 0.01, "clip_norm": 0.5}),
}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def made_of(problem: Make, model: dict[str, Any], training: dict[str, Any]) -> Problem:
    settings = {"epochs": 6, "batch_size": 25, "device": "cpu", **training}
    if settings.get("optimizer") in ("genetic", "newton"):
        del settings["batch_size"]
    return problem(model={"hidden_layers": [8], **model}, data=SMALL, training=settings)


@pytest.mark.parametrize("name", EVERYTHING)
def test_cut_off_anywhere_and_gone_on_it_is_the_same_bit_for_bit(problem: Make, name: str, tmp_path: Path) -> None:
    made = made_of(problem, *EVERYTHING[name])
    for folder in ("whole", "cut"):
        (tmp_path / folder).mkdir()
    whole = Attempts(made, tmp_path / "whole")
    alone = whole.go()
    cut = Attempts(made, tmp_path / "cut")
    luck = random.Random(name)
    for _ in range(3):
        with pytest.raises(Killed):
            cut.go(luck.randint(2, 5 if "batch_size" not in EVERYTHING[name][1] and len(made.fit) > 25 else 3))
        torch.rand(luck.randint(1, 9))  # the luck of another process
    again = cut.go()
    assert cut.state().step == whole.state().step
    np.testing.assert_array_equal(alone.predict(made.train.x), again.predict(made.train.x))
    for one, other in zip(whole.state().series, cut.state().series, strict=True):
        np.testing.assert_array_equal(one.steps, other.steps)
        np.testing.assert_array_equal(one.values, other.values)
    assert alone.kept == again.kept
    assert whole.state().kept == cut.state().kept


def test_changes_made_by_hand_are_made_again_where_they_were_made(problem: Make, tmp_path: Path) -> None:
    """Killed before a checkpoint holds them, they are found in the events."""
    made = made_of(problem, {"dropout": 0.1}, {})
    changes = {5: ("training.learning_rate", 0.5), 7: ("model.dropout", 0.6), 12: ("training.weight_decay", 0.1)}
    for folder in ("whole", "cut"):
        (tmp_path / folder).mkdir()
    whole = Attempts(made, tmp_path / "whole")
    alone = whole.go(changes=changes)
    assert [change.key for change in whole.state().changes] == [key for key, _ in changes.values()]
    cut = Attempts(made, tmp_path / "cut")
    with pytest.raises(Killed):
        cut.go(14, changes, saved=3)
    left = read_checkpoint(cut.folder)
    assert left is not None
    assert left.epoch == 1, "before the first change"
    again = cut.go()
    np.testing.assert_array_equal(alone.predict(made.train.x), again.predict(made.train.x))
    assert [(c.step, c.key, c.value) for c in cut.state().changes] == [
        (c.step, c.key, c.value) for c in whole.state().changes
    ]


def test_killed_before_the_first_checkpoint_the_changes_are_not_forgotten(problem: Make, tmp_path: Path) -> None:
    made = made_of(problem, {}, {})
    changes = {1: ("training.learning_rate", 0.5), 3: ("training.noise", 0.3), 9: ("training.learning_rate", 0.02)}
    for folder in ("whole", "cut"):
        (tmp_path / folder).mkdir()
    whole = Attempts(made, tmp_path / "whole")
    alone = whole.go(changes=changes)
    cut = Attempts(made, tmp_path / "cut")
    for killed_at in (12, 5):  # the second time before all of them are made again
        with pytest.raises(Killed):
            cut.go(killed_at, changes if killed_at == 12 else {}, saved=0)
    again = cut.go()
    np.testing.assert_array_equal(alone.predict(made.train.x), again.predict(made.train.x))
    assert [(c.step, c.key, c.value) for c in cut.state().changes] == [
        (c.step, c.key, c.value) for c in whole.state().changes
    ]


def test_without_the_changes_it_would_be_another(problem: Make, tmp_path: Path) -> None:
    made = made_of(problem, {}, {})
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    plain = Attempts(made, tmp_path / "a").go()
    steered = Attempts(made, tmp_path / "b").go(changes={9: ("training.learning_rate", 0.3)})
    assert np.abs(plain.predict(made.train.x) - steered.predict(made.train.x)).max() > 1e-3


def test_a_change_that_cannot_be_is_answered_and_training_goes_on(problem: Make, tmp_path: Path) -> None:
    made = made_of(problem, {}, {})
    attempts = Attempts(made, tmp_path)
    attempts.go(changes={3: ("training.batch_size", 7), 4: ("training.learning_rate", -1)})
    state = attempts.state()
    assert not state.changes
    assert "training.batch_size cannot be changed while this model trains" in state.warnings[0]
    assert "training.learning_rate must be" in state.warnings[1]
    assert state.step == 6


def test_a_stopped_run_goes_on_within_the_epoch_in_which_it_was_stopped(problem: Make, tmp_path: Path) -> None:
    made = made_of(problem, {"dropout": 0.2}, {})
    for folder in ("whole", "cut"):
        (tmp_path / folder).mkdir()
    alone = Attempts(made, tmp_path / "whole").go()
    stopped = Attempts(made, tmp_path / "cut")

    class Stopping(_Counting):
        """Asked to stop in the third epoch."""

        @property
        def attention(self) -> bool:
            self.attention_asked += 1
            if self.attention_asked == 12:
                self.ask("stop")
            return True

        @attention.setter
        def attention(self, value: bool) -> None:
            pass

    writer = EventWriter(stopped.folder, 1)
    reporter = Reporter(writer.emit, {}, Stopping(None, {}))
    fitted = network.fit(made, reporter, Checkpoints(stopped.folder))
    reporter.flush()
    writer.close(patience=5.0)
    assert fitted.kept is not None
    assert 2 < fitted.kept < 3
    stopped.count = 1
    again = stopped.go()
    np.testing.assert_array_equal(alone.predict(made.train.x), again.predict(made.train.x))


def test_a_disk_that_takes_no_checkpoint_is_said_once(problem: Make, tmp_path: Path) -> None:
    made = made_of(problem, {}, {})
    folder = RunFolder(tmp_path)
    folder.checkpoints.write_text("a file stands where the folder should be")
    said: list[str] = []
    network.fit(made, Reporter(lambda kind, **fields: None), Checkpoints(folder, said.append, clock=_Clock()))
    assert len(said) == 1
    assert "no checkpoint can be written, training goes on" in said[0]


def test_damaged_checkpoints_are_none(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    write_checkpoint(folder, Checkpoint(0, 2, 3, 1.5, {"a": np.arange(3.0)}, {"b": [1, None]}))
    found = read_checkpoint(folder)
    assert found is not None
    assert (found.member, found.epoch, found.batch, found.step, found.facts) == (0, 2, 3, 1.5, {"b": [1, None]})
    np.testing.assert_array_equal(found.tensors["a"], [0, 1, 2])
    whole = folder.checkpoint.read_bytes()
    for damaged in (whole[:-5], whole[:40], b"", b"\0" * 100, whole.replace(b"mltui", b"other")):
        folder.checkpoint.write_bytes(damaged)
        assert read_checkpoint(folder) is None
    assert read_done(folder) == ()


# Real workers, really killed

OFTEN = """
import sys
from mltui.training import checkpoints
checkpoints.EVERY, checkpoints.SHARE = 0.02, 0.0
from mltui.training.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
KILLED: dict[str, Any] = {
    "data": {"dataset": "moons", "options": {"samples": 300}},
    "model": {"name": "mlp", "hidden_layers": [8, 8], "dropout": 0.1},
    "training": {"epochs": 150, "batch_size": 20, "early_stopping": 200, "device": "cpu", "threads": 1},
}


def start(workers: Workers, folder: RunFolder) -> Run:
    command = [sys.executable, "-P", "-c", OFTEN, "run", str(folder.path)]
    process = subprocess.Popen(command, start_new_session=True)
    workers.started.append(process)
    return Run(folder, process)


def _trains_or_ended(run: Run, before: int) -> bool:
    begun = any(event.kind in ("started", "resumed") for event in run.events()[before:])
    return begun or (run.process is not None and run.process.poll() is not None)


def killed_and_gone_on(workers: Workers, folder: RunFolder, kills: int, luck: random.Random) -> Run:
    """The run, killed so many times at random moments after its training has begun, and gone on to its end."""
    for _ in range(kills):
        before = len(Run(folder).events())
        process = start(workers, folder).process
        assert process is not None
        wait_for(partial(_trains_or_ended, Run(folder, process), before), "training")
        time.sleep(luck.uniform(0, 0.4))
        process.kill()
        process.wait()
    run = start(workers, folder)
    assert run.code() == 0, run.state().message
    return run


def assert_same(one: Run, other: Run) -> None:
    """Numbers, curves and scores of two runs are the same; the clock is not looked at."""
    a, b = one.state(), other.state()
    assert a.metrics == b.metrics
    assert a.kept == b.kept
    for mine, theirs in zip(a.series, b.series, strict=True):
        np.testing.assert_array_equal(mine.steps, theirs.steps)
        np.testing.assert_array_equal(mine.values, theirs.values)
    mine_kept, theirs_kept = read_predictions(one.folder), read_predictions(other.folder)
    assert mine_kept is not None
    assert theirs_kept is not None
    for part, rows in mine_kept.parts.items():
        np.testing.assert_array_equal(rows.scores.scores, theirs_kept.parts[part].scores.scores)
    assert [step for step, _ in a.snapshots] == [step for step, _ in b.snapshots]


def test_killed_five_times_at_random_it_ends_as_if_nothing_had_happened(workers: Workers) -> None:
    alone = start(workers, workers.folder(KILLED))
    assert alone.code() == 0
    luck = random.Random(5)
    again = killed_and_gone_on(workers, workers.folder(KILLED), 5, luck)
    assert_same(alone, again)
    moments = [(event.attempt, event.time) for event in again.events()]
    spans = [[time for attempt, time in moments if attempt == number] for number in range(1, 7)]
    seconds = again.state().seconds
    assert seconds is not None
    assert seconds >= sum(times[-1] - times[0] for times in spans) - 0.1, "what all attempts have taken"


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(20))
def test_killed_a_hundred_times_at_random(workers: Workers, seed: int) -> None:
    """Twenty runs, each killed five times; every second one has folds and a refit."""
    document = {**KILLED, "seed": seed}
    if seed % 2:
        document |= {"split": {"folds": 3, "refit": True}, "training": {**KILLED["training"], "epochs": 40}}
    alone = start(workers, workers.folder(document))
    assert alone.code() == 0
    assert_same(alone, killed_and_gone_on(workers, workers.folder(document), 5, random.Random(seed)))


def test_with_folds_those_that_are_done_are_not_trained_again(workers: Workers) -> None:
    document = {
        **KILLED,
        "split": {"folds": 3, "refit": True},
        "training": {"epochs": 30, "batch_size": 20, "device": "cpu", "threads": 1},
    }
    alone = start(workers, workers.folder(document))
    assert alone.code() == 0
    folder = workers.folder(document)
    process = start(workers, folder).process
    assert process is not None
    wait_for(lambda: read_done(folder) == ("fold 1",) or process.poll() is not None, "the first fold")
    process.kill()
    process.wait()
    kept = (folder.member_model("fold 1") / "network.safetensors").stat().st_mtime_ns
    again = start(workers, folder)
    assert again.code() == 0
    assert_same(alone, again)
    assert (folder.member_model("fold 1") / "network.safetensors").stat().st_mtime_ns == kept
    resumed = [event.fields for event in again.events() if event.kind == "resumed"]
    assert [fields["member"] for fields in resumed] == [1]


def test_a_run_of_changed_files_does_not_go_on(workers: Workers, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    rows = [f"{x},{(x * 7) % 5},{int(x % 3 == 0)}" for x in range(200)]
    table.write_text("\n".join(["a,b,label", *rows]) + "\n")
    document = {**KILLED, "data": {"files": [str(table)], "target": "label"}}
    document["training"] = {**KILLED["training"], "epochs": 100_000}
    folder = workers.folder(document)
    run = start(workers, folder)
    run.until(lambda state: state.step >= 2, "an epoch")
    send(folder, Command("stop"))
    assert run.code() == 0
    table.write_text(table.read_text() + "1,1,1\n")
    again = start(workers, folder)
    assert again.code() == 2
    assert "has changed since this run was trained on it" in again.state().refused
    assert again.state().phase == "stopped", "what it had is not lost"


def test_an_estimator_s_run_begins_anew(workers: Workers) -> None:
    document = {"data": SMALL, "model": {"name": "decision_tree"}}
    folder = workers.folder(document)
    first = start(workers, folder)
    assert first.code() == 0
    metrics = first.state().metrics
    again = start(workers, folder)
    assert again.code() == 0
    assert again.state().metrics == metrics
    assert [event.kind for event in again.events()].count("started") == 2
