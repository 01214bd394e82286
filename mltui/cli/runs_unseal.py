"""`mltui runs unseal RUN...`: score the test part with the kept model; each opening is counted in the run."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from mltui.cli.asked import Asked
from mltui.cli.chosen import chosen_runs, declare_runs
from mltui.cli.command import Command, Parser
from mltui.cli.documents import run_document
from mltui.cli.output import Output, declare_output, shown
from mltui.core.errors import InputError

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder


def _declare(parser: Parser) -> None:
    declare_runs(parser, default_latest=False)
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.cli.report import print_run
    from mltui.record.state import KEPT
    from mltui.runs.follow import read_state
    from mltui.runs.summary import refuse_newer

    output = Output.chosen(arguments)
    folders = chosen_runs(arguments)
    for folder in folders:
        refuse_newer(folder)
        state = read_state(folder)
        if state.phase not in KEPT:
            word = "is still training" if not state.ended else "failed and has no model"
            raise InputError(f"run {folder.id} {word}; only a run that is over has a model to open the test part with")
    codes = [_unsealed(folder) for folder in folders]
    runs = [(folder, read_state(folder), Asked.read(folder)) for folder in folders]
    documents = [run_document(*run) for run in runs]
    output.document(documents[0] if len(documents) == 1 else {"runs": documents})
    for folder, state, asked in runs:
        print_run(output, folder, state, asked)
        output.line(f"the test part has been opened {state.openings} time{'' if state.openings == 1 else 's'}")
    return max(codes)


def _unsealed(folder: RunFolder) -> int:
    """Have a worker open the test part, and wait for it."""
    from mltui.runs.launch import environment, worker

    done = subprocess.run(
        worker("unseal", str(folder.path)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env=environment(),
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["the worker said nothing"]
        print(f"mltui: run {folder.id} could not be unsealed: {shown(last[0])}", file=sys.stderr)
    return min(done.returncode, 2) if done.returncode > 0 else abs(done.returncode and 1)


COMMAND = Command("runs unseal", "RUN... [--json]", "Score the sealed test part; openings are counted.", _declare, _run)
