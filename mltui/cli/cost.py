"""`mltui cost EXPERIMENT.toml`: what a run would take in time, memory and disk, before it is begun."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from mltui.cli import interrupts
from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output


def _declare(parser: Parser) -> None:
    parser.add_argument("experiment", type=Path, metavar="EXPERIMENT.toml", help="what would be trained")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting, as in training.epochs=10"
    )
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.models.catalogue import CARDS
    from mltui.models.library import refuse_lacking
    from mltui.plots.cost import figures, sentences
    from mltui.runs.cost_rehearsal import GivenUp, measure
    from mltui.runs.experiments import load
    from mltui.runs.home import Config, home
    from mltui.runs.room import disk_free, memory_free

    output = Output.chosen(arguments)
    with interrupts.counted() as presses:
        experiment = load(arguments.experiment, arguments.set)
        refuse_lacking(CARDS[experiment.model.name])
        folder, threads = arguments.experiment.resolve().parent, Config.load().threads
        try:
            found = measure(experiment, folder, threads=threads, wanted=lambda: presses.count == 0)
        except GivenUp:
            return 130
    free = {"memory_free": memory_free(), "disk_free": disk_free(home())}
    how = sentences(found)
    output.document({**asdict(found), **free, "how": list(how)})
    rows = [(name, value, remark) for name, value, remark in figures(found, *free.values())]
    output.table(("", "", ""), rows)
    for sentence in how:
        output.text(sentence)
    return 0


COMMAND = Command(
    "cost",
    "EXPERIMENT.toml [--set KEY=VALUE]... [--json]",
    "What a run would take in time, memory and disk, from a few seconds of it.",
    _declare,
    _run,
)
