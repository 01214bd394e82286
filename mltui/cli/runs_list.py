"""`mltui runs list`: the runs in the store, newest first."""

from __future__ import annotations

import time
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from mltui.cli.command import Command, Parser
from mltui.cli.documents import moment, status
from mltui.cli.output import Output, declare_output

if TYPE_CHECKING:
    from mltui.runs.summary import RunSummary

MOST_DEAD = 3
"""So many runs whose workers died are spoken of below the list, the newest first."""
_HEADS = ("run", "status", "name", "dataset", "model", "validation", "started", "took")


def _declare(parser: Parser) -> None:
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.runs.home import home
    from mltui.runs.queue import Queue
    from mltui.runs.store import Store

    output = Output.chosen(arguments)
    store = Store(home())
    Queue(home()).tend()
    runs = store.list()
    output.document({"runs": [_document(run) for run in runs]})
    if runs:
        output.table(_HEADS, [_row(run) for run in runs], right=("run", "took"))
        for run in [run for run in runs if run.died and run.message][:MOST_DEAD]:
            output.text(f"run {run.id}: {run.message}", hanging="  ")
    else:
        output.line(f"there are no runs yet in {store.root}; mltui run EXPERIMENT.toml makes one")
    return 0


def _document(run: RunSummary) -> dict[str, Any]:
    return {
        "run": run.id,
        "name": run.name,
        "status": status(run.phase),
        "since": moment(run.since),
        "host": run.host or None,
        "dataset": {"name": run.dataset, "task": run.task or None},
        "model": run.model,
        "metrics": {"validation": dict(run.metrics) or None},
        "started": moment(run.when),
        "seconds": run.seconds,
        "steered": run.steered,
        "place": run.place,
        "message": run.message or None,
        "folder": str(run.folder),
    }


def _row(run: RunSummary) -> tuple[str, ...]:
    from mltui.plots.words import duration, number

    headline = next((f"{name} {number(value)}" for name, value in run.metrics.items()), "")
    where = f"waiting, {run.place}" if run.place else status(run.phase)
    return (
        run.id,
        where + (", steered" if run.steered else ""),
        run.name,
        run.dataset,
        run.model,
        headline,
        time.strftime("%Y-%m-%d %H:%M", time.localtime(run.when)),
        "" if run.seconds is None else duration(run.seconds),
    )


COMMAND = Command("runs list", "[--json]", "The runs in the store, newest first.", _declare, _run)
