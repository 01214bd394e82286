"""`mltui predict RUN FILES... --out DIR`: score new files with a run's models, one output for each."""

from __future__ import annotations

import os
import signal
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mltui.cli import predict_progress
from mltui.cli.chosen import RUN_HELP
from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output, shown
from mltui.core.errors import InputError
from mltui.core.prediction import FORMATS, Request

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder
    from mltui.runs.predict import Prediction, Report


def _declare(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument("files", nargs="+", metavar="FILES", help="files or root:// addresses; globs work")
    parser.add_argument(
        "--out", required=True, metavar="DIR", help="the folder for the outputs, one for each file, row for row"
    )
    parser.add_argument("--tree", metavar="T", help="which table of a file: a ROOT tree, an HDF5 group, an array")
    parser.add_argument("--format", choices=FORMATS, help="of the outputs; default: as each file, else parquet")
    parser.add_argument(
        "--unseal", action="store_true", help="also score rows of the sealed test part; openings are counted"
    )
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    import asyncio

    from mltui.runs.home import Config, home
    from mltui.runs.predict import Prediction, PredictionError
    from mltui.runs.store import Store

    output = Output.chosen(arguments)
    folder = Store(home()).find(arguments.run)
    prediction = Prediction(folder, _request(arguments), threads=Config.load().threads)
    try:
        report = asyncio.run(_watched(prediction, predict_progress.chosen(arguments)))
    except asyncio.CancelledError:
        _tell(output, folder, "interrupted", prediction.report)
        return 130
    except PredictionError as error:
        _tell(output, folder, "failed", prediction.report)
        print(f"mltui: {shown(error.sentence)}", file=sys.stderr)
        return 1
    _tell(output, folder, "finished", report)
    return 0


def _request(arguments: Namespace) -> Request:
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise InputError("the folder that mltui was started in is gone; start it in another") from None
    return Request(
        files=tuple(arguments.files),
        out=Path(os.path.abspath(here / os.path.expanduser(arguments.out))),
        folder=here,
        tree=arguments.tree,
        format=arguments.format,
        unseal=arguments.unseal,
    )


async def _watched(prediction: Prediction, teller: predict_progress.Teller) -> Report:
    """Do it; Ctrl+C, or a request to end, calls it off and leaves nothing half written."""
    import asyncio

    doing = asyncio.ensure_future(prediction.run(teller.show))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, doing.cancel)
    try:
        return await doing
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        teller.close()


def _tell(output: Output, folder: RunFolder, status: str, report: Report | None) -> None:
    """Print the document, or a line for each file and what there is to say of them."""
    known = report or {"files": [], "notes": []}
    output.document({"run": folder.id, "status": status, **known})
    if known["files"]:
        rows = [_row(file) for file in known["files"]]
        output.table(("file", "rows", "scored", "scores in"), rows, right=("rows", "scored"))
    for note in known["notes"]:
        output.text(note)
    if output.mode != "json" and status == "interrupted":
        print("stopped; nothing half done is left", file=sys.stderr)


def _row(file: dict[str, Any]) -> tuple[str, ...]:
    scored = file["rows"] - file["cut_away"] - file["unscored"]
    return Path(file["in"]).name, f"{file['rows']:,}", f"{scored:,}", _near(file["out"])


def _near(path: str) -> str:
    """A path as it is written from here, where that is shorter."""
    return min(path, os.path.relpath(path), key=len)


COMMAND = Command(
    "predict",
    "RUN FILES... --out DIR [--tree T] [--format root|parquet|csv] [--unseal] [--json] [--plain]",
    "Score new files with a run's models: one output for each, row for row.",
    _declare,
    _run,
)
