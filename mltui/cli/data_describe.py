"""`mltui data describe NAME-OR-FILE`: the columns, classes and a picture of a dataset or of one's own file."""

from __future__ import annotations

import math
import os
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Mapping
from typing import Any

from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output, look, picture_size, shown
from mltui.core.errors import InputError, nearest

NOTICE_SECONDS = 3.0
SECONDS = 120.0
_COLUMNS = ("column", "kind", "unit", "role", "missing", "low", "mean", "high")


def _declare(parser: Parser) -> None:
    parser.add_argument("what", metavar="NAME-OR-FILE", help="a dataset of `mltui data list`, or a file; globs work")
    parser.add_argument("--tree", metavar="T", help="the tree of a ROOT file")
    parser.add_argument("--target", metavar="COLUMN", help="the column to learn")
    parser.add_argument("--weight", metavar="COLUMN", help="the column of event weights")
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=SECONDS,
        metavar="SECONDS",
        help=f"give up after so long (default {SECONDS:g})",
    )
    declare_output(parser)


def _here(what: str) -> str:
    """The folder that file names are relative to.

    Raises:
        InputError: where it has been removed.
    """
    try:
        return os.getcwd()
    except FileNotFoundError:
        if os.path.isabs(what) or (os.sep not in what and "." not in what):  # a file by its whole name, or a dataset
            return os.sep
        raise InputError(f"{what} cannot be looked for: the folder that mltui was started in is gone") from None


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
    job = {"job": "describe", "data": _data(arguments), "folder": _here(arguments.what)}
    description = asyncio.run(_answered(job, arguments.timeout))
    output.document(description)
    _print(output, description)
    return 0


def _data(arguments: Namespace) -> dict[str, Any]:
    """The [data] section that is meant; a file is known by its name, since looking for it may hang."""
    from mltui.data.catalogue import CATALOGUE

    what = arguments.what
    choices = {name: getattr(arguments, name) for name in ("tree", "target", "weight") if getattr(arguments, name)}
    if what in CATALOGUE:
        if "tree" in choices:
            raise InputError(f"--tree is for ROOT files; {what} is a dataset of the catalogue")
        return {"dataset": what, **choices}
    if not any(sign in what for sign in "./\\*"):
        raise InputError(f"there is no dataset {what!r}, and it does not look like a file; {nearest(what, CATALOGUE)}")
    return {"files": [what], **choices}


async def _answered(job: dict[str, Any], timeout: float) -> dict[str, Any]:
    """A worker's answer, in time.

    Raises:
        InputError: the worker's complaint, or that it did not answer.
    """
    import asyncio

    from mltui.runs.spare import Spare

    spare = Spare()
    spare.start()
    asking = asyncio.ensure_future(spare.ask(job))
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


def _print(output: Output, found: Mapping[str, Any]) -> None:
    from mltui.plots.words import count

    if output.mode == "json":
        return
    output.line(f"{shown(found['title'])}: {count(found['rows'], 'row')}, {shown(found['task'] or 'no target chosen')}")
    if found["about"]:
        output.text(found["about"])
    for file in found["files"]:
        output.line(f"file {shown(file['path'])}, {file['bytes']:,} bytes")
    _print_columns(output, found["columns"])
    if found["classes"]:
        output.line()
        output.table(
            ("class", "rows", "weight"),
            [(c["label"], f"{c['rows']:,}", f"{c['weight']:,.6g}") for c in found["classes"]],
            right=("rows", "weight"),
        )
    for problem in found["problems"]:
        output.text(f"note: {problem}")
    if output.pictures and found["preview"]:
        from mltui.plots.preview import preview

        width, height = picture_size()
        output.line()
        output.rows(preview(found, width, height, look()))


def _print_columns(output: Output, columns: list[Mapping[str, Any]]) -> None:
    from mltui.plots.words import number

    output.line()
    rows = [
        (
            column["name"],
            column["kind"],
            column["unit"],
            column["role"],
            f"{column['missing']:,}",
            *("" if column[key] is None else number(column[key]) for key in ("low", "mean", "high")),
        )
        for column in columns
    ]
    output.table(_COLUMNS, rows, right=("missing", "low", "mean", "high"))


COMMAND = Command(
    "data describe",
    "NAME-OR-FILE [--tree T] [--target COLUMN] [--weight COLUMN] [--json]",
    "The columns, classes and a picture of a dataset or a file.",
    _declare,
    _run,
)
