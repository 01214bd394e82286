"""`mltui runs show [RUN]...`: what became of runs, in numbers and on a terminal in pictures."""

from __future__ import annotations

from argparse import Namespace

from mltui.cli.asked import Asked
from mltui.cli.chosen import chosen_runs, declare_runs
from mltui.cli.command import Command, Parser
from mltui.cli.documents import run_document
from mltui.cli.output import Output, declare_output


def _declare(parser: Parser) -> None:
    declare_runs(parser, default_latest=True)
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.cli.report import last_words, print_run
    from mltui.runs.follow import read_state

    output = Output.chosen(arguments)
    runs = [(folder, read_state(folder), Asked.read(folder)) for folder in chosen_runs(arguments)]
    documents = [run_document(*run) for run in runs]
    output.document(documents[0] if len(arguments.runs) <= 1 else {"runs": documents})
    for place, (folder, state, asked) in enumerate(runs):
        if place:
            output.line()
        print_run(output, folder, state, asked)
        if state.message:
            output.text(state.message)
        if state.refused and state.refused != state.message:
            output.text(f"it could not be resumed: {state.refused}")
        for line in last_words(folder, state):
            output.line(line)
    return 0


COMMAND = Command("runs show", "[RUN]... [--json]", "What became of a run; the latest by default.", _declare, _run)
