"""`mltui data describe`: what a dataset, one's own files, or the [data] of an experiment hold."""

from __future__ import annotations

import math
import os
import sys
from argparse import ArgumentTypeError, Namespace
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mltui.cli.command import Command, Parser
from mltui.cli.data_described import told
from mltui.cli.output import Output, declare_output
from mltui.core.errors import InputError, nearest

if TYPE_CHECKING:
    from mltui.core.hyperparameters import Value
    from mltui.core.source import Source

NOTICE_SECONDS = 3.0
SECONDS = 120.0


def _declare(parser: Parser) -> None:
    parser.add_argument(
        "what",
        nargs="+",
        metavar="NAME-OR-FILE",
        help="a dataset of `mltui data list`, files (globs work), or the [data] of an EXPERIMENT.toml",
    )
    parser.add_argument("--tree", metavar="T", help="which table of a file: a ROOT tree, an HDF5 group, an array")
    parser.add_argument("--target", metavar="COLUMN", help="the column to learn, or several: x,y")
    parser.add_argument("--weight", metavar="W", help="the event weights, a column or an expression")
    parser.add_argument("--cut", metavar="C", help='keep rows where this holds, such as "pt > 20 & abs(eta) < 2.5"')
    parser.add_argument(
        "--features", metavar="F", help='what to learn from, with commas: columns, globs, expressions, "pt,jet*,a + b"'
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any other key, as in data.missing=-999"
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=SECONDS,
        metavar="SECONDS",
        help=f"give up after so long (default {SECONDS:g})",
    )
    declare_output(parser)


def _here(what: list[str]) -> str:
    """The folder that file names are relative to.

    Raises:
        InputError: where it has been removed.
    """
    try:
        return os.getcwd()
    except FileNotFoundError:
        for name in what:
            if not os.path.isabs(name) and (os.sep in name or "." in name):  # no whole name, and no dataset
                gone = f"{name} cannot be looked for: the folder that mltui was started in is gone"
                raise InputError(gone) from None
        return os.sep


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ArgumentTypeError(f"must be seconds above 0, not {text!r}")
    return seconds


def _run(arguments: Namespace) -> int:
    import asyncio

    output = Output.chosen(arguments)
    asked = _asked(arguments)
    job = {"data": asked.data, "folder": asked.folder}
    jobs = [{"job": "describe", **job}, {"job": "variables", "names": [], **job}]
    try:
        description, variables = asyncio.run(_answered(jobs, arguments.timeout))
    except InputError as error:
        raise asked.source.locate(error) if asked.source and error.key else error from None
    found = {**description, "ranking": variables["ranking"], "correlations": variables["correlations"]}
    output.document(found)
    told(output, found, variables["ranking"])
    return 0


@dataclass(frozen=True)
class _Asked:
    """The [data] section that is meant, the folder its files are relative to, and the experiment it stands in."""

    data: dict[str, Any]
    folder: str
    source: Source | None = None


def _asked(arguments: Namespace) -> _Asked:
    what: list[str] = arguments.what
    if len(what) == 1 and what[0].lower().endswith(".toml"):
        asked = _of_experiment(what[0])
    else:
        if experiment := next((name for name in what if name.lower().endswith(".toml")), None):
            raise InputError(f"{experiment} is an experiment; describe it by itself")
        asked = _Asked(_named(what), _here(what))
    return replace(asked, data=_laid_over(asked.data, arguments))


def _of_experiment(name: str) -> _Asked:
    from mltui.core.source import Source
    from mltui.runs.experiments import read_text

    source = Source(name, read_text(Path(name)))
    data = source.parsed().get("data")
    if not isinstance(data, dict):
        raise InputError(f"{name} has no [data] to describe", key="data")
    return _Asked(data, str(Path(os.path.abspath(name)).parent), source)


def _named(what: list[str]) -> dict[str, Any]:
    """What is named; a file is known by its name, since looking for it may hang."""
    from mltui.data.catalogue import CATALOGUE

    if len(what) == 1 and what[0] in CATALOGUE:
        return {"dataset": what[0]}
    for name in what:
        if name in CATALOGUE:
            raise InputError(f"{name} is a dataset of the catalogue; describe it by itself")
        if not any(sign in name for sign in "./\\*"):
            known = nearest(name, CATALOGUE)
            raise InputError(f"there is no dataset {name!r}, and it does not look like a file; {known}")
    return {"files": list(what)}


def _laid_over(data: dict[str, Any], arguments: Namespace) -> dict[str, Any]:
    """The section with the options laid over it."""
    from mltui.core.source import override

    document: dict[str, Any] = {"data": dict(data)}
    for key in override(document, arguments.set):
        if not key.startswith("data."):
            raise InputError(f"--set {key}: only the keys of [data] say what is described", key=key)
    section: dict[str, Any] = document["data"]
    choices = {name: getattr(arguments, name) for name in ("tree", "weight", "cut")}
    section |= {name: value for name, value in choices.items() if value}
    for key in ("target", "features"):
        if text := getattr(arguments, key):
            value = _parsed(key, text)
            section[key] = list(value) if isinstance(value, tuple) else value
    if arguments.tree and "dataset" in section:
        raise InputError(f"--tree is for files; {section['dataset']} is a dataset of the catalogue")
    return section


def _parsed(name: str, text: str) -> Value:
    """What is written for a key of the data, as its field in the form takes it.

    Raises:
        InputError: where that cannot be.
    """
    from mltui.core.sections import Data, declared

    declaration = next(key for key in declared(Data) if key.name == name)
    try:
        return declaration.parse(text)
    except ValueError as error:
        raise InputError(f"--{name} {error}", key=f"data.{name}") from None


async def _answered(jobs: list[dict[str, Any]], timeout: float) -> list[dict[str, Any]]:
    """A worker's answers, in time.

    Raises:
        InputError: the worker's complaint, or that it did not answer.
    """
    import asyncio

    from mltui.runs.spare import Spare

    spare = Spare()
    spare.start()

    async def asked() -> list[dict[str, Any]]:
        return [await spare.ask(job, timeout + NOTICE_SECONDS) for job in jobs]

    asking = asyncio.ensure_future(asked())
    try:
        done, _ = await asyncio.wait({asking}, timeout=min(NOTICE_SECONDS, timeout))
        if not done:
            print(f"still reading; Ctrl+C gives up, and so do I after {timeout:g} s", file=sys.stderr, flush=True)
            done, _ = await asyncio.wait({asking}, timeout=max(0.0, timeout - NOTICE_SECONDS))
        if not done:
            raise InputError(
                f"no answer within {timeout:g} s: the file may be very large, or its disk may not answer; "
                "--timeout gives it longer"
            )
        return asking.result()
    finally:
        asking.cancel()
        spare.close()


COMMAND = Command(
    "data describe",
    "NAME-OR-FILE... [--tree T] [--target COLUMN] [--weight W] [--cut C] [--features F] [--json]",
    "The columns, classes, problems and a picture of a dataset or of files.",
    _declare,
    _run,
)
