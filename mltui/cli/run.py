"""`mltui run EXPERIMENT.toml`: train without a screen."""

from __future__ import annotations

import json
import shlex
import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mltui.cli import interrupts, progress
from mltui.cli.asked import Asked
from mltui.cli.chosen import has_left
from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output, shown
from mltui.core.errors import InputError

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder
    from mltui.record.state import RunState


POLL = 0.05
"""Seconds between two looks into the run folder."""


def _declare(parser: Parser) -> None:
    parser.add_argument("experiment", type=Path, metavar="EXPERIMENT.toml", help="what to train")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting, as in training.epochs=10"
    )
    parser.add_argument("--unseal", action="store_true", help="also score the sealed test part; openings are counted")
    parser.add_argument("--detach", action="store_true", help="start it and return at once")
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.runs.experiments import load, read_text
    from mltui.runs.home import Config, home
    from mltui.runs.launch import launch
    from mltui.runs.store import Store

    output = Output.chosen(arguments)
    with interrupts.counted() as presses:
        experiment = load(arguments.experiment, arguments.set)
        text = _asked(read_text(arguments.experiment), arguments.set)
        threads = Config.load().threads
        folder = Store(home()).create(experiment, text, arguments.experiment.resolve().parent)
        launch(folder, unseal=arguments.unseal, threads=threads)
        if arguments.detach:
            return _detached(output, folder, Asked.of(experiment.document()))
        state = _watched(folder, presses, progress.chosen(arguments))
        has_left(folder)
    if state.cause == "input" and not state.started:
        _refused(folder, state)
    return _told(output, folder, state, Asked.of(experiment.document()), interrupted=presses.count > 0)


def _asked(text: str, settings: Sequence[str]) -> str:
    """The file verbatim, led by the settings laid over it as comments."""
    return "".join(f"# mltui run --set {json.dumps(setting)}\n" for setting in settings) + text


def _detached(output: Output, folder: RunFolder, asked: Asked) -> int:
    from mltui.cli.documents import run_document
    from mltui.record.state import RunState

    output.document(run_document(folder, RunState(), asked))
    output.line(f"run {folder.id} trains; mltui attach {folder.id} shows it, mltui runs stop {folder.id} ends it")
    return 0


def _watched(folder: RunFolder, presses: interrupts.Interrupts, teller: progress.Progress) -> RunState:
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


def _refused(folder: RunFolder, state: RunState) -> NoReturn:
    """Say what is wrong with the input, and leave no run that never began.

    Raises:
        InputError: always.
    """
    from mltui.runs.home import home
    from mltui.runs.store import Store

    with suppress(InputError):  # then it stays, as one that failed
        Store(home()).delete(folder)
    raise InputError(state.message)


def _told(output: Output, folder: RunFolder, state: RunState, asked: Asked, *, interrupted: bool) -> int:
    from mltui.cli.documents import run_document
    from mltui.cli.report import print_run

    output.document(run_document(folder, state, asked))
    print_run(output, folder, state, asked)
    if interrupted:
        return 130
    if state.phase == "failed":
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


COMMAND = Command(
    "run",
    "EXPERIMENT.toml [--set KEY=VALUE]... [--unseal] [--json] [--plain] [--detach]",
    "Train without a screen.",
    _declare,
    _run,
)
