"""`mltui code RUN|EXPERIMENT.toml`: the same as a plain Python script, which needs no mltui."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from mltui.cli.chosen import RUN_HELP
from mltui.cli.command import Command, Parser
from mltui.cli.output import say
from mltui.core.errors import InputError


def _declare(parser: Parser) -> None:
    parser.add_argument("what", metavar="RUN|EXPERIMENT.toml", help=f"a run ({RUN_HELP}) or an experiment file")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it to a file that is not there yet")


def _run(arguments: Namespace) -> int:
    out: Path | None = arguments.out
    if out is not None and os.path.lexists(out):
        raise InputError(f"{out} is there already; give --out another name")
    script = _script(arguments.what)
    if out is None:
        say(script.removesuffix("\n"))
        return 0
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(script)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}") from None
    say(f"wrote {out}; python {out} trains it without mltui")
    return 0


def _script(what: str) -> str:
    from mltui.export.code import code
    from mltui.export.runs import of_run
    from mltui.runs.experiments import load
    from mltui.runs.home import home
    from mltui.runs.store import Store, absolute

    path = Path(what)
    if what.endswith(".toml") or path.is_file():
        folder = path.resolve().parent
        return code(absolute(load(path), folder), folder)
    run = Store(home()).find(what)
    asked, ran = of_run(run)
    return code(asked, run.path, ran)


COMMAND = Command(
    "code",
    "RUN|EXPERIMENT.toml [--out FILE]",
    "The same as a plain script of torch and scikit-learn, without mltui: same numbers.",
    _declare,
    _run,
)
