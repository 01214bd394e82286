"""`mltui runs delete RUN...`: remove runs that are over, for good."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from mltui.cli.asked import Asked
from mltui.cli.chosen import chosen_runs, declare_runs, has_left
from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output
from mltui.core.errors import InputError

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder


def _declare(parser: Parser) -> None:
    declare_runs(parser, default_latest=False)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.runs.follow import read_state
    from mltui.runs.home import home
    from mltui.runs.store import Store

    output = Output.chosen(arguments)
    folders = chosen_runs(arguments)
    living = [folder.id for folder in folders if not (read_state(folder).ended and has_left(folder))]
    if living:
        raise InputError(f"still training: {', '.join(living)}; stop it first with mltui runs stop {living[0]}")
    if not arguments.yes and not _asks():
        raise InputError("nobody can be asked here whether to delete for good; add --yes to do it unasked")
    if not arguments.yes and not _agreed(folders):
        print("nothing was deleted", file=sys.stderr)
        return 1
    store = Store(home())
    for folder in folders:
        store.delete(folder)
        output.line(f"run {folder.id} deleted")
    output.document({"deleted": [folder.id for folder in folders]})
    return 0


def _asks() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _agreed(folders: list[RunFolder]) -> bool:
    for folder in folders:
        print(f"run {folder.id}: {_named(folder)}", file=sys.stderr)
    print("Delete for good? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _named(folder: RunFolder) -> str:
    from mltui.cli.output import shown

    try:
        asked = Asked.read(folder)
    except InputError:
        return "damaged"
    return shown(f"{asked.name}, {asked.data}, {asked.model}")


COMMAND = Command("runs delete", "RUN... [--yes] [--json]", "Remove runs that are over, for good.", _declare, _run)
