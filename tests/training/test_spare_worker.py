"""The spare worker's protocol, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from mltui.record.status import read_status
from mltui.training.spare import serve


class Spare:
    """A spare worker to talk to."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def ask(self, **job: Any) -> dict[str, Any]:
        return self.say(json.dumps(job).encode())

    def say(self, line: bytes) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@pytest.fixture
def spare(workers: Any) -> Spare:
    return Spare(workers.start("spare", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))


def test_it_describes_refuses_in_words_and_leaves_with_its_input(spare: Spare, tmp_path: Any) -> None:
    described = spare.ask(id=1, job="describe", data={"dataset": "circles"}, folder=str(tmp_path))
    assert described["id"] == 1
    assert described["result"]["name"] == "circles"
    assert described["result"]["rows"] > 0

    mistyped = spare.ask(id=2, job="describe", data={"dataset": "circels"}, folder=str(tmp_path))
    assert mistyped == {"id": 2, "error": mistyped["error"], "key": "data.dataset"}
    assert "did you mean circles?" in mistyped["error"]

    absent = spare.ask(id="three", job="describe", data={"files": ["none.csv"]}, folder=str(tmp_path))
    assert absent["id"] == "three"
    assert absent["key"] == "data.files"

    assert spare.ask(id=4, job="run", folder=str(tmp_path / "gone"))["error"].startswith("there is no run folder")
    assert "did you mean mlp?" in spare.ask(id=5, job="warm", model="mpl")["error"]
    for nonsense in (b"{", b"[]", b'"x"', b'{"id": 6}', b'{"id": 6, "job": "dance"}', b"\xff"):
        assert "is no job of the spare worker" in spare.say(nonsense)["error"]
    broken = spare.ask(id=7, job="describe", data=5, folder=str(tmp_path))
    assert broken["id"] == 7
    assert broken["error"]
    assert spare.ask(id=8, job="describe", data={"dataset": "xor"}, folder=str(tmp_path))["result"]

    assert spare.process.stdin is not None
    spare.process.stdin.close()
    assert spare.process.wait(30) == 0


def test_it_computes_pictures_and_lists_folders(spare: Spare, tmp_path: Any) -> None:
    (tmp_path / "f.csv").write_text("x,y\n" + "1,a\n2,b\n3,b\n" * 10)
    asked = {"data": {"files": ["f.csv"], "target": "y"}, "folder": str(tmp_path)}
    ranked = spare.ask(id=1, job="variables", names=["x"], bins=5, **asked)["result"]
    assert [entry["name"] for entry in ranked["ranking"]] == ["x"]
    assert sum(map(sum, ranked["histograms"]["x"]["sums"])) == 30
    assert spare.ask(id=2, job="pairs", names=["x"], points=7, **asked)["result"]["rows"] == 7
    wrong = spare.ask(id=3, job="variables", names=["z"], **asked)
    assert (wrong["id"], wrong["key"]) == (3, "data.features")
    listed = spare.ask(id=4, job="browse", folder=str(tmp_path), pattern="*.csv", at_most=5)["result"]
    assert [entry["name"] for entry in listed["entries"]] == ["f.csv"]
    assert spare.ask(id=5, job="browse", folder=str(tmp_path / "gone"))["key"] == "data.files"


def test_a_handed_over_run_survives_the_death_of_its_parent(workers: Any) -> None:
    """The parent is killed outright as soon as it has handed the run over."""
    folder = workers.folder(
        {"data": {"dataset": "moons"}, "model": {"name": "knn"}, "training": {}},
    )
    script = (
        "import json, subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-P', '-m', 'mltui.training', 'spare'],\n"
        "                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)\n"
        f"p.stdin.write(json.dumps({{'id': 1, 'job': 'run', 'folder': {str(folder.path)!r}}}).encode() + b'\\n')\n"
        "p.stdin.flush()\n"
        "print(json.loads(p.stdout.readline())['result']['pid'], flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    os.killpg(parent.pid, signal.SIGKILL)  # its whole session, as a terminal's hangup would
    parent.wait()
    parent.stdout.close()

    def ended() -> bool:
        status = read_status(folder.status)
        return status is not None and status.state == "finished" and status.pid == pid

    deadline = time.monotonic() + 60
    while not ended():
        assert time.monotonic() < deadline, folder.log.read_text()
        time.sleep(0.01)


def test_it_leaves_when_nothing_has_come_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, with a pipe for its input and a short patience."""
    readable, writable = os.pipe()
    kept = [os.dup(number) for number in (0, 1)]
    os.dup2(readable, 0)
    try:
        assert serve(idle=0.05) == 0
    finally:
        for number, copy in enumerate(kept):
            os.dup2(copy, number)
            os.close(copy)
        os.close(readable)
        os.close(writable)
    monkeypatch.undo()


def test_its_first_imports_are_light() -> None:
    heavy = "torch sklearn scipy polars uproot awkward skops textual plotext"
    script = f"import sys, mltui.training.spare; print([m for m in {heavy.split()} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
