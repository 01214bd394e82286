"""`mltui [EXPERIMENT.toml]`: open the lab."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from mltui.cli.command import Command, Parser


def _declare(parser: Parser) -> None:
    parser.add_argument("experiment", nargs="?", type=Path, metavar="EXPERIMENT.toml", help="start from this file")


def _run(arguments: Namespace) -> int:
    if arguments.experiment is not None:
        from mltui.runs.experiments import load

        load(arguments.experiment)  # a mistake in it is told here, before the screen opens
    code: int = arguments.open_lab(arguments.experiment, None)
    return code


COMMAND = Command("", "[EXPERIMENT.toml]", "Open the lab, on an experiment file if one is given.", _declare, _run)
