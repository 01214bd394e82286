"""`mltui runs stop [RUN]...`: stop runs and keep what they have trained."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from mltui.cli.asked import Asked
from mltui.cli.chosen import chosen_runs, declare_runs
from mltui.cli.command import Command, Parser
from mltui.cli.documents import run_document, status
from mltui.cli.output import Output, declare_output
from mltui.cli.underway import PATIENCE, until

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder
    from mltui.record.state import RunState


def _declare(parser: Parser) -> None:
    declare_runs(parser, default_latest=True)
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.runs import steer
    from mltui.runs.follow import read_state

    output = Output.chosen(arguments)
    folders = chosen_runs(arguments)
    over = {folder.path for folder in folders if read_state(folder).ended}
    for folder in folders:
        if folder.path not in over:
            steer.stop(folder)
    ended = [(folder, until(folder, lambda state: state.ended, PATIENCE)) for folder in folders]
    documents = [run_document(folder, state, Asked.of_any(folder)) for folder, state in ended]
    output.document(documents[0] if len(arguments.runs) <= 1 else {"runs": documents})
    for folder, state in ended:
        before = " before" if folder.path in over else ""
        output.line(f"run {folder.id} {status(state.phase)}{before}")
    return _code(ended)


def _code(ended: list[tuple[RunFolder, RunState]]) -> int:
    late = [folder.id for folder, state in ended if not state.ended]
    if late:
        print(
            f"mltui: not stopped after {PATIENCE:.0f} s: {', '.join(late)}; the word waits in the run's folder",
            file=sys.stderr,
        )
    return 1 if late else 0


COMMAND = Command("runs stop", "[RUN]... [--json]", "Stop a run and keep what it has trained.", _declare, _run)
