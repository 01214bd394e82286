"""What the lab says at its start of runs that others have left, and what the list says of each."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mltui.record import process
from mltui.record.files import private_folder
from mltui.record.folder import RunFolder
from mltui.record.status import Status, write_status
from mltui.record.writer import EventWriter
from mltui.runs.summary import RunSummary
from mltui.ui.screens.runs import standing, underway

NOW = time.mktime((2030, 5, 4, 12, 0, 0, 0, 0, -1))
RUN = RunSummary("7", "toy", "circles", "mlp", "classification", "training", NOW, None, {}, Path("/r/7"))


def dead(number: int, days: float) -> RunSummary:
    return replace(RUN, id=str(number), phase="interrupted", since=NOW - days * 86400, died=True)


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([], ""),
        ([replace(RUN, phase="finished")], ""),
        ([RUN], "Run 7 still trains: R lists the runs."),
        ([RUN, replace(RUN, id="5", phase="paused")], "Runs 7, 5 still train: R lists the runs."),
        ([dead(3, 0.1), dead(2, 30)], "Run 3 was interrupted: R, then o resumes."),
        ([dead(n, 1) for n in range(9, 3, -1)], "Runs 9, 8, 7 and 3 more were interrupted: R, then o resumes."),
        (
            [RUN, dead(3, 1)],
            "Run 7 still trains: R lists the runs. Run 3 was interrupted: R, then o resumes.",
        ),
    ],
)
def test_what_lives_and_what_has_died_of_late_is_said(runs: list[RunSummary], said: str) -> None:
    assert underway(runs, NOW) == said


def test_where_a_run_stands_is_told_with_its_machine_and_since_when() -> None:
    run = replace(RUN, host="node17\x1b[2J", since=NOW - 3600)
    assert standing(run, NOW).startswith("training on node17")
    assert standing(run, NOW).endswith(" since 11:00")
    assert "\x1b" not in standing(run, NOW)
    assert standing(replace(run, host="", since=NOW - 86400), NOW) == "training since 03 May 12:00"
    failed = replace(run, host="", phase="failed", message="no space is left")
    assert standing(failed, NOW) == "failed since 11:00: no space is left"
    assert standing(replace(RUN, phase="waiting"), NOW) == "waiting"


def left_behind(home: Path, number: int, **status: Any) -> RunFolder:
    """A run that another lab has left."""
    folder = RunFolder(private_folder(home / "runs" / "2030-01" / str(number)))
    folder.resolved.write_text(
        'format = 1\n[data]\ndataset = "circles"\n[model]\nname = "mlp"\n[training]\nepochs = 9\n'
    )
    writer = EventWriter(folder, folder.claim_attempt())
    writer.emit("started", run=str(number), curves=[], dataset="circles", model="mlp", controls=["pause"])
    assert writer.close()
    write_status(folder.status, replace(Status.here("training", attempt=1), **status))
    return folder


async def test_a_lab_that_opens_beside_runs_says_so_and_lists_them(open_lab: Any, home: Path) -> None:
    left_behind(home, 1)
    left_behind(home, 2, host=process.host(), pid=2**22 + 1)
    async with open_lab() as test:
        await test.until(lambda: all(words in test.screen() for words in ("Run 1 still", "interrupted:")), "the word")
        await test.press("R")
        await test.seen("interrupted on")
        assert "o resume   d delete" in test.screen()
        await test.press("down")
        await test.seen("training on")
        assert "o resume   d delete" not in test.screen()
        assert test.session.run is None


async def test_a_lab_that_is_asked_for_a_run_talks_of_no_other(open_lab: Any, home: Path) -> None:
    folder = left_behind(home, 1)
    left_behind(home, 2)
    async with open_lab(attach=str(folder.path)) as test:
        await test.seen("training")
        assert "still train" not in test.screen()
