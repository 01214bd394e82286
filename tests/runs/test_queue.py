"""The queue: its order, its claims, and a dispatcher that may die at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.data import processors
from mltui.record import process
from mltui.record.folder import RunFolder
from mltui.record.status import Status, read_status, write_status
from mltui.runs import dispatcher, ticket
from mltui.runs.dispatcher import Turns, alone
from mltui.runs.experiments import check
from mltui.runs.follow import read_state
from mltui.runs.queue import Dispatcher, Queue, note_path
from mltui.runs.resume import resume
from mltui.runs.steer import stop
from mltui.runs.store import Store
from mltui.runs.ticket import Ticket

WaitFor = Callable[[Callable[[], object]], None]
EXPERIMENT: Experiment = check(
    {"data": {"dataset": "circles", "options": {"samples": 60}}, "model": {"name": "decision_tree"}}
)


@pytest.fixture
def queue(mltui_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    """A queue whose dispatcher and runs end with the test; the machine is large."""
    monkeypatch.setattr(processors, "share", lambda: 64)
    queue = Queue(mltui_home)
    yield queue
    for path in (mltui_home / "queue").glob("[0-9]*.json"):
        path.unlink()
    pids = [one.pid for one in [Dispatcher.read(mltui_home)] if one]
    pids += [status.pid for folder in Store(mltui_home).folders() if (status := read_status(folder.status))]
    for pid in pids:
        if pid != os.getpid() and process.start_time(pid) is not None:
            os.kill(pid, signal.SIGKILL)


def add(queue: Queue) -> RunFolder:
    return queue.add(EXPERIMENT, "", Path())


def order(queue: Queue) -> list[str]:
    return [one.run for one in queue.waiting()]


def play(folder: RunFolder, state: str = "training") -> None:
    """A worker's side, by this very process."""
    folder.claim_first_attempt()
    write_status(folder.status, Status.here(state, attempt=1))


def end(folder: RunFolder) -> None:
    """A worker that has ended: its process is one that is no more."""
    write_status(folder.status, Status(state="finished", host=process.host(), boot=process.boot(), pid=2**22 + 1))


def starts(queue: Queue) -> tuple[Turns, list[str]]:
    """A dispatcher's turns that start nothing but note the run, and begin it."""
    begun: list[str] = []

    def start(folder: RunFolder, **given: Any) -> None:
        assert given["first"] is True
        begun.append(folder.id)
        play(folder)

    return Turns(queue.home, start), begun


# -- order -----------------------------------------------------------------------------------------------------------
def test_runs_wait_in_the_order_they_came_and_are_moved(queue: Queue) -> None:
    runs = [add(queue) for _ in range(4)]
    assert order(queue) == ["1", "2", "3", "4"]
    queue.move(runs[3], 0)
    assert order(queue) == ["4", "1", "2", "3"]
    queue.move(runs[0], 99)
    assert order(queue) == ["4", "2", "3", "1"]
    queue.move(runs[2], 1)
    assert order(queue) == ["4", "3", "2", "1"]
    listed = Store(queue.home).list()
    assert [(run.id, run.place, run.phase) for run in listed] == [
        (run, place, "queued") for place, run in enumerate(order(queue), 1)
    ]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=12), st.booleans())
def test_moving_is_taking_out_and_putting_in(moves: list[tuple[int, int]], same: bool) -> None:
    waiting = [Ticket(str(run), "2030-01", 1.0 if same else float(run), "here") for run in range(1, 6)]
    runs = [one.run for one in waiting]
    for which, to in moves:
        run = runs.pop(which)
        runs.insert(to, run)
        changed = {one.run: one for one in ticket.moved(waiting, run, to)}
        waiting = sorted((changed.get(one.run, one) for one in waiting), key=lambda one: one.order)
        assert [one.run for one in waiting] == runs


def test_halving_ranks_for_ever_keeps_the_order(queue: Queue) -> None:
    first, *others = [add(queue) for _ in range(3)]
    for turn in range(120):
        queue.move(others[turn % 2], 1)
        assert order(queue)[:2] == [first.id, others[turn % 2].id]


# -- what a run that waits is ---------------------------------------------------------------------------------------
def test_a_run_that_waits_says_so_and_cannot_be_steered_resumed_or_deleted(queue: Queue) -> None:
    folder = add(queue)
    assert read_state(folder).phase == "queued"
    old = time.time() - 1e6  # however long it waits, and wherever the clock jumps
    os.utime(folder.path, (old, old))
    assert read_state(folder).phase == "queued"
    for deed in (stop, resume, Store(queue.home).delete):
        with pytest.raises(InputError, match="waits in the queue"):
            deed(folder)


def test_a_cancelled_run_is_gone_and_its_number_not_given_again(queue: Queue) -> None:
    one, other = add(queue), add(queue)
    queue.cancel(other)
    assert order(queue) == [one.id]
    assert not other.path.exists()
    with pytest.raises(InputError, match="does not wait"):
        queue.cancel(other)
    assert add(queue).id == "3"


def test_what_a_worker_has_claimed_is_neither_cancelled_nor_moved(queue: Queue) -> None:
    folder = add(queue)
    play(folder)
    with pytest.raises(InputError, match="does not wait"):
        queue.cancel(folder)
    with pytest.raises(InputError, match="does not wait"):
        queue.move(folder, 0)
    assert folder.path.exists()


def test_tickets_that_cannot_be_read_are_passed_over(queue: Queue) -> None:
    folder = add(queue)
    place = ticket.place(queue.home)
    for name, text in (("7.json", "{"), ("8.json", '{"rank": "x"}'), ("x.json", "{}"), ("9.json", "[]")):
        (place / name).write_text(text)
    (place / "5.json").write_text(json.dumps({"rank": 0, "month": "../..", "host": process.host()}))
    assert order(queue) == [folder.id]


# -- the dispatcher's turns -----------------------------------------------------------------------------------------
def test_as_many_run_at_once_as_may_and_the_next_when_one_has_ended(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLTUI_AT_ONCE", "2")
    runs = [add(queue) for _ in range(3)]
    turns, begun = starts(queue)
    for _ in range(4):
        assert turns.turn()
    assert begun == ["1", "2"]
    assert Dispatcher.read(queue.home) is not None
    assert "one of the 2 that may run at once" in Dispatcher.read(queue.home).waits  # type: ignore[union-attr]
    end(runs[0])
    turns.turn()
    assert begun == ["1", "2", "3"]
    for run in runs:
        end(run)
    turns.turn()
    assert not turns.turn()


def test_a_run_that_is_paused_holds_nobody_up(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLTUI_AT_ONCE", "1")
    first, _ = add(queue), add(queue)
    turns, begun = starts(queue)
    turns.turn()
    turns.turn()
    assert begun == ["1"]
    write_status(first.status, Status.here("paused", attempt=1))
    turns.turn()
    assert begun == ["1", "2"]


def test_processors_and_memory_are_not_promised_twice(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "share", lambda: 3)
    add(queue), add(queue)
    turns, begun = starts(queue)
    turns.turn(), turns.turn()
    assert begun == ["1"]
    assert "use 2 of the 3" in Dispatcher.read(queue.home).waits  # type: ignore[union-attr]
    monkeypatch.setattr(processors, "share", lambda: 4)
    monkeypatch.setattr("mltui.data.memory.available", lambda: 100_000_000)
    turns.turn()
    assert begun == ["1"]
    assert Dispatcher.read(queue.home).waits.startswith("memory: ")  # type: ignore[union-attr]
    monkeypatch.undo()


def test_nothing_starts_while_the_disk_is_full(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    add(queue)
    turns, begun = starts(queue)
    monkeypatch.setattr("mltui.runs.room.DISK", 1 << 62)
    turns.turn()
    assert begun == []
    monkeypatch.undo()
    turns.turn()
    assert begun == ["1"]


def test_a_new_dispatcher_knows_what_runs_and_starts_nothing_twice(queue: Queue) -> None:
    add(queue), add(queue)
    turns, begun = starts(queue)
    turns.turn()
    again, more = starts(queue)
    again.turn()
    again.turn()
    assert begun + more == ["1", "2"]


def test_a_worker_that_died_before_it_had_begun_is_not_started_for_ever(queue: Queue) -> None:
    folder = add(queue)
    started = []

    def start(folder: RunFolder, **given: Any) -> None:
        started.append(folder.id)
        note = {"boot": process.boot(), "pid": 2**22 + 1, "started": 1.0, "exit": 1, "attempt": 1}
        folder.launch.write_text(json.dumps(note))

    turns = Turns(queue.home, start)
    turns.turn()
    assert read_state(folder).phase == "interrupted"
    turns.turn()
    assert not turns.turn()
    assert started == ["1"]


def test_what_waits_for_another_machine_is_left_to_it_until_it_is_taken_over(queue: Queue) -> None:
    folder = add(queue)
    (one,) = ticket.tickets(queue.home)
    ticket.write(queue.home, Ticket(one.run, one.month, one.rank, "elsewhere"))
    turns, begun = starts(queue)
    assert not turns.turn()
    assert not queue.tend()
    assert Store(queue.home).list()[0].host == "elsewhere"
    queue.take_over(folder)
    turns.turn()
    assert begun == ["1"]


def test_only_one_dispatcher_a_store(queue: Queue) -> None:
    with alone(queue.home) as only:
        assert only
        script = (
            "import sys; from pathlib import Path; from mltui.runs.dispatcher import alone\n"
            "with alone(Path(sys.argv[1]), 0.1) as only: print(only)"
        )
        said = subprocess.run(
            [sys.executable, "-c", script, str(queue.home)], capture_output=True, text=True, check=True
        )
    assert said.stdout == "False\n"


def test_a_run_added_while_the_dispatcher_leaves_is_not_forgotten(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes between the last look and the moment the note is gone."""
    begun: list[str] = []

    def start(folder: RunFolder, **given: Any) -> None:
        begun.append(folder.id)
        play(folder)
        end(folder)

    class Leaving(Turns):
        def __init__(self, home: Path) -> None:
            super().__init__(home, start)

        def forget(self) -> None:
            if not begun:
                add(queue)
            super().forget()

    monkeypatch.setattr(dispatcher, "Turns", Leaving)
    monkeypatch.setattr(dispatcher, "PAUSE", 0.01)
    assert dispatcher.serve(queue.home) == 0
    assert begun == ["1"]
    assert not note_path(queue.home).exists()


# -- real ones ------------------------------------------------------------------------------------------------------
def test_a_killed_dispatcher_is_followed_by_another_and_every_run_is_started_once(
    queue: Queue, wait_for: WaitFor, tmp_path: Path
) -> None:
    """The runs find no data, so that they end before anything heavy is loaded."""
    absent = replace(EXPERIMENT, data=replace(EXPERIMENT.data, dataset=None, options={}, files=("absent.csv",)))
    runs = [queue.add(absent, "", tmp_path) for _ in range(2)]
    assert queue.tend()
    wait_for(lambda: Dispatcher.read(queue.home))
    first = Dispatcher.read(queue.home)
    assert first is not None
    assert os.getsid(first.pid) == first.pid
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: process.start_time(first.pid) is None)
    assert queue.tend()
    wait_for(lambda: all(read_state(run).phase == "failed" for run in runs))
    assert ["absent.csv" in read_state(run).message for run in runs] == [True, True]
    assert [run.last_attempt for run in runs] == [1, 1]
    wait_for(lambda: Dispatcher.read(queue.home) is None)
    assert not list((queue.home / "queue").glob("*.json"))


def test_a_second_worker_leaves_a_run_that_is_begun_alone(queue: Queue) -> None:
    folder = add(queue)
    folder.claim_first_attempt()
    from mltui.training.worker import run

    assert run(folder.path, first=True) == 0
    assert not folder.events.exists()
    assert folder.last_attempt == 1


@pytest.mark.soak
def test_dispatchers_killed_all_the_time_lose_and_double_nothing(queue: Queue, wait_for: WaitFor) -> None:
    runs = [add(queue) for _ in range(8)]
    until = time.monotonic() + 240
    kills = 0
    while any(not read_state(run).ended for run in runs) and time.monotonic() < until:
        queue.tend()
        time.sleep(0.2 + 0.37 * (kills % 5))
        if kills < 40 and (one := Dispatcher.read(queue.home)):
            os.kill(one.pid, signal.SIGKILL)
            kills += 1
    assert kills >= 8
    assert [(read_state(run).phase, run.last_attempt) for run in runs] == [("finished", 1)] * 8
    for run in runs:
        kinds = [json.loads(line)["kind"] for line in run.events.read_text().splitlines()]
        assert (kinds.count("started"), kinds.count("finished")) == (1, 1)


def test_the_dispatcher_is_small() -> None:
    heavy = "[name for name in ('torch', 'sklearn', 'textual') if name in sys.modules]"
    script = f"import sys, mltui.runs.dispatcher; print({heavy})"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
