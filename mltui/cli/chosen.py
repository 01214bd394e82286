"""The runs that a command's RUN arguments name."""

from __future__ import annotations

import time
from argparse import Namespace
from typing import TYPE_CHECKING

from mltui.cli.command import Parser

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder


LEAVING = 10.0
"""Seconds that a worker may take to leave after its last word."""
RUN_HELP = "an id, a unique beginning of one, or latest"


def declare_runs(parser: Parser, *, default_latest: bool) -> None:
    """Add RUN..., which may be left out where the latest run is meant."""
    parser.add_argument(
        "runs",
        nargs="*" if default_latest else "+",
        metavar="RUN",
        help=f"{RUN_HELP}; default: latest" if default_latest else RUN_HELP,
    )


def chosen_runs(arguments: Namespace) -> list[RunFolder]:
    """The folders of the named runs, each once.

    Raises:
        InputError: for a name that no run has.
    """
    from mltui.runs.home import home
    from mltui.runs.store import Store

    store = Store(home())
    folders = {folder.path: folder for folder in (store.find(name) for name in arguments.runs or ["latest"])}
    return list(folders.values())


def has_left(folder: RunFolder, seconds: float = LEAVING) -> bool:
    """Wait for a worker that has said its last word to leave: until then its run can not be deleted."""
    from mltui.runs.judge import Judge

    judge, until = Judge(folder), time.monotonic() + seconds
    while judge.verdict().life == "lives":
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
