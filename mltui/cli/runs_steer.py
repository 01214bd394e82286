"""`mltui runs pause|continue|step [RUN]...`: have runs wait, go on, or take one step and then wait."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mltui.cli.asked import Asked
from mltui.cli.chosen import chosen_runs, declare_runs
from mltui.cli.command import Command, Parser
from mltui.cli.documents import run_document, status
from mltui.cli.output import Output, declare_output, shown
from mltui.cli.underway import PATIENCE, until
from mltui.core.errors import InputError

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder
    from mltui.record.state import RunState

_CANNOT = {
    "pause": "cannot be paused: it is fitted in one go",
    "step": "cannot be taken step by step: it is fitted in one go",
    "batch": "cannot be taken batch by batch: it is not trained by batches",
}


def _declare(parser: Parser) -> None:
    declare_runs(parser, default_latest=True)
    declare_output(parser)


def _declare_step(parser: Parser) -> None:
    _declare(parser)
    parser.add_argument("--batch", action="store_true", help="one batch, in place of an epoch or a tree")


def _pause(arguments: Namespace) -> int:
    from mltui.runs import steer

    states = _asked(arguments, "pause", steer.pause, lambda state: state.phase == "paused")
    return _late(states, "paused", ("paused",))


def _continue(arguments: Namespace) -> int:
    from mltui.runs import steer

    states = _asked(arguments, "pause", steer.continue_, lambda state: state.phase != "paused")
    return _late(states, "going on", ("waiting", "training"))


def _step(arguments: Namespace) -> int:
    from mltui.runs import steer

    if arguments.batch:
        _asked(arguments, "batch", steer.step_batch, lambda _: True, "takes one batch, then pauses")
    else:
        _asked(arguments, "step", steer.step, lambda _: True, "takes one step, then pauses")
    return 0


def _asked(
    arguments: Namespace,
    control: str,
    ask: Callable[[RunFolder], None],
    reached: Callable[[RunState], bool],
    words: str = "",
) -> Sequence[tuple[RunFolder, RunState]]:
    """Ask each run for something that its model must be able to do, and tell what became of it."""
    from mltui.runs.summary import started_of

    output, folders = Output.chosen(arguments), chosen_runs(arguments)
    for folder in folders:
        _refuse(folder, started_of(folder), control)
    for folder in folders:
        ask(folder)
    states = [(folder, until(folder, reached, PATIENCE)) for folder in folders]
    documents = [run_document(folder, state, Asked.of_any(folder)) for folder, state in states]
    output.document(documents[0] if len(arguments.runs) <= 1 else {"runs": documents})
    for folder, state in states:
        output.line(f"run {folder.id} {words if words and not state.ended else status(state.phase) + _at(state)}")
    return states


def _refuse(folder: RunFolder, started: Mapping[str, Any], control: str) -> None:
    """Raise InputError where the run has said what it can be asked for, and this is not among it."""
    if started and control not in (started.get("controls") or ()):
        raise InputError(f"run {folder.id} ({shown(started.get('model', 'its model'))}) {_CANNOT[control]}")


def _at(state: RunState) -> str:
    from mltui.plots.words import place

    paused = state.phase == "paused" and state.step
    return f" at {place(str(state.started.get('axis') or 'step'), state.step)}" if paused else ""


def _late(states: Sequence[tuple[RunFolder, RunState]], words: str, phases: Sequence[str]) -> int:
    late = [folder.id for folder, state in states if state.phase not in phases and not state.ended]
    if late:
        print(
            f"mltui: not {words} after {PATIENCE:.0f} s: {', '.join(late)}; the word waits in the run's folder",
            file=sys.stderr,
        )
    return 1 if late else 0


PAUSE = Command("runs pause", "[RUN]... [--json]", "Have a run wait.", _declare, _pause)
CONTINUE = Command("runs continue", "[RUN]... [--json]", "Have a paused run go on.", _declare, _continue)
STEP = Command(
    "runs step", "[RUN]... [--batch] [--json]", "One epoch, tree or batch further, then wait.", _declare_step, _step
)
