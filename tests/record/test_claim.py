"""Of several workers of one run only one is at work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mltui.record import process
from mltui.record.claim import Taken, claim
from mltui.record.folder import RunFolder
from mltui.record.reader import EventReader
from mltui.record.status import Status, write_status
from mltui.record.writer import EventWriter

CLAIMS = """
import sys
from pathlib import Path
from mltui.record.claim import Taken, claim
from mltui.record.folder import RunFolder
try:
    print(claim(RunFolder(Path(sys.argv[1])), first="first" in sys.argv), flush=True)
    sys.stdin.read()
except Taken as taken:
    print(taken, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


@pytest.fixture(params=[(), ("first",)], ids=["resumed or run", "out of the queue"])
def other(folder: RunFolder, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A process that has claimed the run's first attempt."""
    child = another(folder, *request.param)
    assert child.stdout is not None
    assert child.stdout.readline() == "1\n"
    yield child
    child.kill()
    child.communicate()


def another(folder: RunFolder, *how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CLAIMS, str(folder.path), *how]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def far(folder: RunFolder, number: int, *, host: str = "node17", ago: float = 5.0) -> None:
    """An attempt of another machine."""
    assert folder.claim_attempt() == number
    path = folder.attempts / f"{number:04d}" / "owner.json"
    path.write_text(json.dumps({"host": host, "boot": "b:1", "pid": 77, "started": 1.0}))
    now = folder.path.stat().st_mtime
    os.utime(path, (now - ago, now - ago))


def test_a_second_worker_is_refused_and_gives_its_number_back(folder: RunFolder, other: subprocess.Popen[str]) -> None:
    with pytest.raises(Taken, match=f"process {other.pid}"):
        claim(folder)
    assert folder.last_attempt == 1
    other.kill()
    other.wait()
    assert claim(folder) == 2


def test_the_first_attempt_is_nobodys_who_comes_later(folder: RunFolder, other: subprocess.Popen[str]) -> None:
    other.kill()
    other.wait()
    with pytest.raises(Taken, match="has begun"):
        claim(folder, first=True)
    assert folder.last_attempt == 1


def test_of_many_that_begin_at_once_one_works(folder: RunFolder) -> None:
    children = [another(folder) for _ in range(4)]
    try:
        said = [child.stdout.readline() for child in children if child.stdout]
    finally:
        for child in children:
            child.kill()
            child.communicate()
    assert len([line for line in said if line.strip().isdigit()]) == 1, said


def test_a_worker_that_has_just_begun_on_another_machine_is_left_alone(folder: RunFolder) -> None:
    far(folder, 1)
    with pytest.raises(Taken, match="on node17"):
        claim(folder)


@pytest.mark.parametrize("case", ["long ago", "said its last word", "before this machine was started anew"])
def test_an_attempt_of_another_machine_that_is_over_is_gone_on_with(folder: RunFolder, case: str) -> None:
    far(folder, 1, ago=600.0 if case == "long ago" else 5.0, host=process.host() if "machine" in case else "node17")
    if "word" in case:
        write_status(folder.status, Status(state="stopped", host="node17", boot="b:1", pid=77))
    assert claim(folder) == 2


@pytest.mark.parametrize("owner", ["", "{", '{"pid": "x"}', '{"pid": 1e400, "started": []}'])
def test_an_attempt_that_does_not_say_whose_it_is_is_over(folder: RunFolder, owner: str) -> None:
    assert folder.claim_attempt() == 1
    place = folder.attempts / "0001"
    (place / "owner.json").write_text(owner)
    os.utime(place, (1.0, 1.0))
    assert claim(folder) == 2


def test_a_writer_that_was_taken_for_dead_writes_no_more(folder: RunFolder) -> None:
    first = EventWriter(folder, attempt=1, every=60.0)
    first.emit("started")
    second = EventWriter(folder, attempt=2, every=60.0)
    second.emit("resumed", **{"from": 0})
    first.emit("progress")
    assert [writer.usurped for writer in (first, second)] == [True, False]
    second.emit("progress")
    assert second.close()
    assert [(event.seq, event.attempt) for event in EventReader(folder).poll()] == [(0, 1), (1, 2), (2, 2)]
