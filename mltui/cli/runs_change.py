"""`mltui runs change RUN KEY=VALUE...`: change settings of a run while it trains."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mltui.cli.asked import Asked
from mltui.cli.chosen import RUN_HELP
from mltui.cli.command import Command, Parser
from mltui.cli.documents import run_document
from mltui.cli.output import Output, declare_output, shown
from mltui.cli.underway import PATIENCE, until
from mltui.core.errors import InputError

if TYPE_CHECKING:
    from mltui.record.state import RunState


def _declare(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument(
        "settings", nargs="+", metavar="KEY=VALUE", help="such as learning_rate=0.01; the run says which can be changed"
    )
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.runs import steer
    from mltui.runs.follow import read_state
    from mltui.runs.home import home
    from mltui.runs.store import Store
    from mltui.runs.summary import started_of

    output = Output.chosen(arguments)
    folder = Store(home()).find(arguments.run)
    wanted = [_pair(setting) for setting in arguments.settings]
    before, started = read_state(folder), started_of(folder)
    for key, text in wanted:  # all or none: each is looked at before the first is sent
        steer.changing(folder.id, started, key, text)
    for key, text in wanted:
        steer.change(folder, key, text)

    def answered(state: RunState) -> bool:
        news = len(state.changes) - len(before.changes) + len(state.warnings) - len(before.warnings)
        return news >= len(wanted)

    state = until(folder, answered, PATIENCE)
    output.document(run_document(folder, state, Asked.of_any(folder)))
    return _tell(output, before, state, len(wanted))


def _pair(setting: str) -> tuple[str, str]:
    key, equals, text = setting.partition("=")
    if not equals or not key.strip():
        raise InputError(f"mltui runs change: write KEY=VALUE, such as learning_rate=0.01, not {shown(setting)!r}")
    return key.strip(), text.strip()


def _tell(output: Output, before: RunState, state: RunState, wanted: int) -> int:
    from mltui.plots import steered

    fresh = state.changes[len(before.changes) :]
    for change in fresh:
        output.line(f"run {state.run}: {steered.said(change, ascii=True)} from {steered.where(state, change)} on")
    if len(fresh) >= wanted:
        return 0
    _explain(state, state.warnings[len(before.warnings) :])
    return 1


def _explain(state: RunState, warnings: Sequence[str]) -> None:
    """Why not everything was changed."""
    late = f"it has not heard of it after {PATIENCE:.0f} s; the word waits in its folder"
    reasons = list(warnings) or [f"it has {state.phase}" if state.ended else late]
    for reason in reasons:
        print(f"mltui: run {state.run}: {shown(reason)}", file=sys.stderr)


COMMAND = Command(
    "runs change",
    "RUN KEY=VALUE... [--json]",
    "Change settings of a run while it trains, such as learning_rate=0.01; it is marked as steered.",
    _declare,
    _run,
)
