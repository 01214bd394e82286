"""`mltui runs resume RUN`: go on with a run that was cut short, from its last checkpoint, as `mltui run` would."""

from __future__ import annotations

import sys
from argparse import Namespace

from mltui.cli import interrupts, progress, underway
from mltui.cli.asked import Asked
from mltui.cli.chosen import RUN_HELP, has_left
from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output, shown
from mltui.core.errors import InputError


def _declare(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument("--detach", action="store_true", help="start it and return at once")
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.runs.home import Config, home
    from mltui.runs.resume import listen, resume
    from mltui.runs.store import Store

    output = Output.chosen(arguments)
    folder = Store(home()).find(arguments.run)
    state = listen(folder, lambda sentence: print(shown(sentence), file=sys.stderr, flush=True))
    with interrupts.counted() as presses:
        resume(folder, threads=Config.load().threads, state=state)
        asked = Asked.of_any(folder)
        if arguments.detach:
            return underway.detached(output, folder, asked)
        state = underway.watched(folder, presses, progress.chosen(arguments))
        has_left(folder)
    if state.refused and state.cause == "input":
        raise InputError(f"run {folder.id} cannot be resumed: {state.refused}")
    code = underway.told(output, folder, state, asked, interrupted=presses.count > 0)
    if state.refused and not code:  # what it had kept stands
        print(f"mltui: run {folder.id} could not be resumed: {shown(state.refused)}", file=sys.stderr)
        return 1
    return code


COMMAND = Command(
    "runs resume",
    "RUN [--json] [--plain] [--detach]",
    "Go on with a run that was killed, failed or was stopped, from its last checkpoint.",
    _declare,
    _run,
)
