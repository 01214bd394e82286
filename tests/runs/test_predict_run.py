"""A prediction followed from outside its worker: progress, reports, failures, and calling it off."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from mltui.core.errors import InputError
from mltui.core.prediction import Request
from mltui.record.folder import RunFolder
from mltui.runs import predict
from mltui.runs.predict import Prediction, PredictionError, arguments

BEGIN = """
import json, os, signal, sys, time
from pathlib import Path

def say(kind, **fields):
    print(json.dumps({"kind": kind, **fields}), flush=True)

say("progress", share=0.25, file="a.csv")
"""
HALF_WRITTEN = """
Path(f".a.csv.{os.getpid()}.tmp").write_text("half")
Path("below").mkdir()
Path("below", f".a.csv.{os.getpid()}.tmp").write_text("half")
"""


@pytest.fixture
def prediction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Makes a prediction whose worker does what a text says."""

    def make(script: str) -> Prediction:
        monkeypatch.setattr("mltui.runs.launch.worker", lambda *_: [sys.executable, "-c", BEGIN + script])
        return Prediction(RunFolder(tmp_path / "7"), Request(("a.csv",), Path(), tmp_path))

    return make


def test_what_the_worker_is_asked(tmp_path: Path) -> None:
    run = RunFolder(Path("/runs/7"))
    plain = Request(("a.csv", "-b.csv"), Path("out"), tmp_path)
    assert arguments(run, plain) == ["predict", "/runs/7", "--out=out", "--", "a.csv", "-b.csv"]
    whole = Request(("a.root",), Path("out"), tmp_path, tree="-t", format="csv", unseal=True)
    assert arguments(run, whole)[3:-2] == ["--tree=-t", "--format=csv", "--unseal"]


async def test_progress_and_the_report(prediction) -> None:  # type: ignore[no-untyped-def]
    told: list[tuple[float, str]] = []
    one = prediction(
        'print("what a library prints")\nsay("progress", share=0.5, file="b.csv")\nsay("finished", report={"rows": 3})'
    )
    report = await one.run(lambda now: told.append((now.share, now.file)))
    assert report == one.report == {"rows": 3}
    assert told == [(0.25, "a.csv"), (0.5, "b.csv")]


async def test_bad_input_is_told_with_its_key(prediction) -> None:  # type: ignore[no-untyped-def]
    one = prediction('say("failed", message="sealed", code=2, key="unseal", report=None)\nsys.exit(2)')
    with pytest.raises(InputError, match="sealed") as refused:
        await one.run()
    assert refused.value.key == "unseal"


async def test_a_full_disk_keeps_the_report_of_what_is_done(prediction) -> None:  # type: ignore[no-untyped-def]
    one = prediction('say("failed", message="no space", code=1, key=None, report={"rows": 2})\nsys.exit(1)')
    with pytest.raises(PredictionError, match="no space"):
        await one.run()
    assert one.report == {"rows": 2}


async def test_a_worker_that_is_killed_leaves_nothing(prediction, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    one = prediction(HALF_WRITTEN + "os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(PredictionError, match="ended by signal 9; perhaps memory ran out"):
        await one.run()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_a_worker_that_crashes_is_quoted(prediction) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(PredictionError, match="exit code 1: ZeroDivisionError: division by zero"):
        await prediction("1 / 0").run()


TIDY = """
def leave(number, frame):
    say("stopped", report={"rows": 1})
    sys.exit(130)
signal.signal(signal.SIGTERM, leave)
say("progress", share=0.5, file="a.csv")
time.sleep(60)
"""
DEAF = (
    HALF_WRITTEN
    + """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
say("progress", share=0.5, file="a.csv")
time.sleep(60)
"""
)


@pytest.mark.parametrize(("script", "report"), [(TIDY, {"rows": 1}), (DEAF, None)])
async def test_one_that_is_called_off(  # type: ignore[no-untyped-def]
    prediction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, report: object
) -> None:
    monkeypatch.setattr(predict, "PATIENCE", 5.0 if report else 0.3)
    one = prediction(script)
    under_way = asyncio.Event()
    doing = asyncio.ensure_future(one.run(lambda now: under_way.set() if now.share == 0.5 else None))
    await asyncio.wait_for(under_way.wait(), 30)
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing
    assert one.report == report
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
