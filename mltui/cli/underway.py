"""A run at work, seen from the command line: followed to its end and told of, left to itself, or waited for."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from mltui.cli import interrupts, progress
from mltui.cli.asked import Asked
from mltui.cli.output import Output, shown

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder
    from mltui.record.state import RunState


POLL = 0.05
"""Seconds between two looks into the run folder."""
PATIENCE = 30.0
"""Seconds for a run to do as it is asked: across nodes the word alone takes 5 s and the mount's cache."""


def detached(output: Output, folder: RunFolder, asked: Asked) -> int:
    """Say that a run trains by itself now, and how to see and end it; the exit code."""
    from mltui.cli.documents import run_document
    from mltui.record.state import RunState

    output.document(run_document(folder, RunState(), asked))
    output.line(f"run {folder.id} trains; mltui attach {folder.id} shows it, mltui runs stop {folder.id} ends it")
    return 0


def watched(folder: RunFolder, presses: interrupts.Interrupts, teller: progress.Progress) -> RunState:
    """Follow the run to its end."""
    from mltui.runs.follow import Follower

    follower = Follower(folder)
    try:
        while True:
            presses.pass_on(folder)
            state = follower.poll()
            teller.show(state)
            if state.ended:
                return state
            time.sleep(POLL)
    except OSError:  # nobody reads on, as in `mltui run toy.toml | head -n 1`
        print(f"run {folder.id} trains on: mltui attach {folder.id}", file=sys.stderr)
        raise
    finally:
        teller.close()


def until(folder: RunFolder, reached: Callable[[RunState], bool], seconds: float) -> RunState:
    """The run as soon as it is so or has ended, or as it is after so long."""
    from mltui.runs.follow import Follower

    follower, end = Follower(folder, patience=0.0), time.monotonic() + seconds
    while not ((state := follower.poll()).ended or reached(state)) and time.monotonic() < end:
        time.sleep(POLL)
    return state


def told(
    output: Output, folder: RunFolder, state: RunState, asked: Asked, *, interrupted: bool, one_of_several: bool = False
) -> int:
    """Print what became of a run; the exit code. Of one of several the document is printed with the others'."""
    from mltui.cli.documents import run_document
    from mltui.cli.report import print_run

    if not one_of_several:
        output.document(run_document(folder, state, asked))
    print_run(output, folder, state, asked)
    if interrupted:
        return 130
    if state.phase in ("failed", "interrupted"):
        return _failed(folder, state)
    return 0


def _failed(folder: RunFolder, state: RunState) -> int:
    from mltui.cli.report import last_words

    print(f"mltui: {shown(state.message)}", file=sys.stderr)
    if state.cause == "input":
        return 2
    for line in last_words(folder, state):
        print(line, file=sys.stderr)
    if state.log:
        print(f"mltui: the whole log is {shlex.quote(str(folder.log))}", file=sys.stderr)
    return 1
