"""`mltui attach RUN`: open the lab on a run that lives or is done."""

from __future__ import annotations

from argparse import Namespace

from mltui.cli.command import Command, Parser


def _declare(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique beginning of one, or latest")


def _run(arguments: Namespace) -> int:
    from mltui.runs.home import home
    from mltui.runs.store import Store

    folder = Store(home()).find(arguments.run)
    code: int = arguments.open_lab(None, str(folder.path))
    return code


COMMAND = Command("attach", "RUN", "Open the lab on a run that lives or is done.", _declare, _run)
