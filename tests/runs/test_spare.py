"""The spare worker: answers, mistakes, deaths, silence, and handing a run over."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mltui.core.errors import InputError
from mltui.record import process
from mltui.record.folder import RunFolder
from mltui.record.status import read_object
from mltui.runs import launch
from mltui.runs.follow import Follower
from mltui.runs.spare import RUN_SECONDS, Spare

WaitFor = Callable[[Callable[[], object]], None]

STUB = """
import json, os, sys, time
def answer(job, **what):
    print(json.dumps({"id": job["id"], **what}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    kind = job["job"]
    if kind == "echo":
        print("a library says hello", flush=True)
        answer(job, result={"echo": job["text"], "pid": os.getpid()})
    elif kind == "wrong":
        answer(job, error="there is no file x.csv", key="data.files")
    elif kind == "die":
        if not os.path.exists(job["unless"]):
            open(job["unless"], "w").close()
            os._exit(1)
        answer(job, result={"pid": os.getpid()})
    elif kind == "die always":
        os._exit(1)
    elif kind == "sleep":
        time.sleep(60)
    elif kind == "run":
        answer(job, result={"pid": os.getpid()})
        log = os.open(job["folder"] + "/worker.log", os.O_WRONLY | os.O_CREAT)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0); os.dup2(log, 1); os.dup2(log, 2)
        while not os.path.exists(job["folder"] + "/go"):
            time.sleep(0.01)
        print("trained", job["unseal"], flush=True)
        sys.exit(0)
"""


@pytest.fixture
def stub() -> Iterator[Spare]:
    spare = Spare(command=[sys.executable, "-c", STUB])
    yield spare
    spare.close()


async def test_a_job_is_answered_whatever_a_library_prints(stub: Spare) -> None:
    answer = await stub.ask({"job": "echo", "text": "β\n\x1b"})
    assert answer["echo"] == "β\n\x1b"
    assert answer["pid"] == stub.pid


async def test_answers_may_be_larger_than_any_pipe(stub: Spare) -> None:
    text = "x" * 3_000_000
    assert (await stub.ask({"job": "echo", "text": text}))["echo"] == text


async def test_many_jobs_at_once_get_their_own_answers(stub: Spare) -> None:
    answers = await asyncio.gather(*(stub.ask({"job": "echo", "text": str(i)}) for i in range(30)))
    assert [answer["echo"] for answer in answers] == [str(i) for i in range(30)]


async def test_a_mistake_of_the_user_comes_back_as_one(stub: Spare) -> None:
    with pytest.raises(InputError, match=r"there is no file x\.csv") as caught:
        await stub.ask({"job": "wrong"})
    assert caught.value.key == "data.files"


async def test_a_spare_that_died_is_replaced(stub: Spare, tmp_path: Path) -> None:
    first = (await stub.ask({"job": "echo", "text": ""}))["pid"]
    os.kill(first, signal.SIGKILL)
    second = (await stub.ask({"job": "echo", "text": ""}))["pid"]
    assert second != first
    third = (await stub.ask({"job": "die", "unless": str(tmp_path / "once")}))["pid"]
    assert third not in (first, second)
    assert not any(Path(f"/proc/{pid}").exists() for pid in (first, second))  # not even as zombies


async def test_a_job_that_kills_it_twice_is_one_sentence_and_the_next_job_works(stub: Spare) -> None:
    with pytest.raises(InputError, match="died"):
        await stub.ask({"job": "die always"})
    assert (await stub.ask({"job": "echo", "text": "on"}))["echo"] == "on"


async def test_a_job_that_hangs_is_given_up(stub: Spare) -> None:
    with pytest.raises(InputError, match="longer than"):
        await stub.ask({"job": "sleep"}, timeout=0.3)
    assert (await stub.ask({"job": "echo", "text": "on"}))["echo"] == "on"


async def test_warming_never_fails(stub: Spare) -> None:
    stub._command = [sys.executable, "-c", "raise SystemExit(1)"]
    await stub.warm("mlp")


async def test_a_process_that_cannot_be_started_is_one_sentence() -> None:
    spare = Spare(command=["/nowhere/python"])
    with pytest.raises(InputError, match="no helper process"):
        await spare.ask({"job": "echo"})


async def test_a_spare_that_leaves_by_itself_leaves_no_zombie(stub: Spare, wait_for: WaitFor) -> None:
    pid = (await stub.ask({"job": "echo", "text": ""}))["pid"]
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not Path(f"/proc/{pid}").exists())
    assert stub.pid is None


async def test_closing_leaves_nobody(stub: Spare) -> None:
    pid = (await stub.ask({"job": "echo", "text": ""}))["pid"]
    stub.close()
    assert stub.pid is None
    assert not Path(f"/proc/{pid}").exists()
    stub.close()


# -- handing a run over --------------------------------------------------------------------------------------------
async def test_a_run_is_handed_over_and_outlives_the_spare(
    stub: Spare, run_folder: RunFolder, wait_for: WaitFor
) -> None:
    pid = (await stub.ask({"job": "echo", "text": ""}))["pid"]
    assert await stub.run(run_folder, unseal=True) == pid
    stub.close()
    assert process.start_time(pid) is not None
    note = read_object(run_folder.launch)
    assert note is not None
    assert note["pid"] == pid
    assert os.getsid(pid) == pid
    (run_folder.path / "go").touch()
    wait_for(lambda: (read_object(run_folder.launch) or {}).get("exit") == 0)
    assert run_folder.log.read_text() == "trained True\n"
    assert (await stub.ask({"job": "echo", "text": ""}))["pid"] != pid


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders for which a worker of their own was started."""
    folders: list[Path] = []

    class Child:
        pid = 4242

    def start(folder: RunFolder, **more: Any) -> Child:
        folders.append(folder.path)
        return Child()

    monkeypatch.setattr(launch, "launch", start)
    return folders


async def test_a_dead_spare_does_not_keep_a_run_from_starting(
    stub: Spare, run_folder: RunFolder, launched: list[Path]
) -> None:
    stub.start()
    assert stub.pid is not None
    os.kill(stub.pid, signal.SIGKILL)
    assert await stub.run(run_folder) == 4242
    assert launched == [run_folder.path]


async def test_a_hanging_spare_is_ended_before_another_worker_starts(
    stub: Spare, run_folder: RunFolder, launched: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mltui.runs.spare.RUN_SECONDS", 0.3)
    stub.start()
    pid = stub.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    assert await stub.run(run_folder) == 4242
    assert not Path(f"/proc/{pid}").exists()


async def test_a_busy_spare_does_not_delay_a_run(stub: Spare, run_folder: RunFolder, launched: list[Path]) -> None:
    asked = asyncio.create_task(stub.ask({"job": "sleep"}, timeout=2.0))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    assert await stub.run(run_folder) == 4242
    assert time.monotonic() - began < RUN_SECONDS / 2
    with pytest.raises(InputError, match="longer than"):
        await asked


async def test_without_a_spare_a_run_gets_a_worker_of_its_own(run_folder: RunFolder, launched: list[Path]) -> None:
    assert await Spare().run(run_folder) == 4242


async def test_a_worker_that_cannot_be_started_is_one_sentence(
    run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **more: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(launch, "launch", refuse)
    with pytest.raises(InputError, match="no worker can be started"):
        await Spare().run(run_folder)


# -- the real one --------------------------------------------------------------------------------------------------
@pytest.fixture
async def real() -> AsyncIterator[Spare]:
    spare = Spare(threads=1)
    yield spare
    spare.close()


async def test_the_real_spare_describes_and_points_at_mistakes(real: Spare, tmp_path: Path) -> None:
    answer = await real.ask({"job": "describe", "data": {"dataset": "circles"}, "folder": str(tmp_path)})
    assert answer["name"] == "circles"
    with pytest.raises(InputError) as caught:
        await real.ask({"job": "describe", "data": {"files": ["none.csv"]}, "folder": str(tmp_path)})
    assert caught.value.key == "data.files"


async def test_the_real_spare_trains_a_run_to_its_end(real: Spare, mltui_home: Path, wait_for: WaitFor) -> None:
    from mltui.runs import experiments
    from mltui.runs.store import Store

    experiment = experiments.check(
        {"data": {"dataset": "circles", "options": {"samples": 60}}, "model": {"name": "logistic_regression"}}
    )
    store = Store(mltui_home)
    folder = store.create(experiment, experiment.to_toml(), Path("/"))
    real.start()
    pid = real.pid
    assert await real.run(folder) == pid
    follower = Follower(folder)
    wait_for(lambda: follower.poll().ended)
    state = follower.poll()
    assert (state.phase, state.message) == ("finished", "")
    assert 0 <= state.metrics["validation"]["auc"] <= 1
    (summary,) = store.list()
    assert (summary.phase, summary.model) == ("finished", "logistic_regression")
    wait_for(lambda: (read_object(folder.launch) or {}).get("exit") == 0)


async def test_a_helper_that_cannot_die_keeps_nobody_waiting(stub: Spare, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that hangs in the system, as on a dead mount, takes no signal until the mount answers."""
    monkeypatch.setattr("mltui.runs.spare.END_SECONDS", 0.2)
    stub.start()
    pid = stub.pid
    assert pid is not None
    with monkeypatch.context() as deaf:
        deaf.setattr(os, "killpg", lambda *_: None)
        began = time.monotonic()
        stub.close()
        assert time.monotonic() - began < 5
    assert Path(f"/proc/{pid}").exists()
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists():  # reaped by the one that still reads its answers
        assert time.monotonic() < until
        await asyncio.sleep(0.01)
