"""The worker program: `python -m mltui.training run FOLDER`, `unseal FOLDER`, `predict FOLDER …`, `spare`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mltui.core.prediction import FORMATS, Request

NEIGHBOURLY = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "2000",
    "KMP_BLOCKTIME": "0",
    "POLARS_MAX_THREADS": "2",
}
"""Read by libraries when they are loaded. Threads that wait for each other spin for a moment, as long as the pause
between two layers lasts, and then sleep: on a machine shared with others, the lab itself to begin with, spinning on
makes a parallel step many times slower, and sleeping at once makes it slower on one that is idle. And Polars would take
every core of a login node to read a file."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; the exit code."""
    given = _parser().parse_args(arguments)
    for name, value in NEIGHBOURLY.items():
        os.environ.setdefault(name, value)
    if given.job == "spare":
        from mltui.training.spare import serve

        return serve()
    if given.job == "unseal":
        from mltui.training.unseal import unseal

        return unseal(given.folder)
    if given.job == "predict":
        return _predict(given)
    from mltui.training.worker import run

    return run(given.folder, unseal=given.unseal, first=given.first)


def _predict(given: argparse.Namespace) -> int:
    from mltui.training.predicting import predict

    request = Request(tuple(given.files), given.out, Path.cwd(), given.tree, given.format, given.unseal)
    return predict(given.folder, request)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mltui.training", description=__doc__)
    jobs = parser.add_subparsers(dest="job", required=True)
    run = jobs.add_parser("run", help="train the experiment of a run folder")
    run.add_argument("folder", type=Path)
    run.add_argument("--unseal", action="store_true", help="score the test part too")
    run.add_argument("--first", action="store_true", help="leave it to another worker that has begun it")
    unseal = jobs.add_parser("unseal", help="score the test part with the saved model")
    unseal.add_argument("folder", type=Path)
    predict = jobs.add_parser("predict", help="score new files with the saved models, telling of it on standard output")
    predict.add_argument("folder", type=Path)
    predict.add_argument("files", nargs="+", help="names, globs or addresses")
    predict.add_argument("--out", type=Path, required=True, help="the folder for the scores")
    predict.add_argument("--tree", help="which table of each file")
    predict.add_argument("--format", choices=FORMATS, help="of the scores; else that of each file")
    predict.add_argument("--unseal", action="store_true", help="rows of the test part may be scored")
    jobs.add_parser("spare", help="wait for small jobs or a run on standard input")
    return parser


if __name__ == "__main__":
    sys.exit(main())
