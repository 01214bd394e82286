"""`mltui run EXPERIMENT.toml...`: train without a screen; several of them one after the other, by the queue."""

from __future__ import annotations

from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mltui.cli import interrupts, progress, underway
from mltui.cli.asked import Asked, as_asked
from mltui.cli.chosen import has_left
from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output
from mltui.core.errors import InputError

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder
    from mltui.record.state import RunState


def _declare(parser: Parser) -> None:
    parser.add_argument("experiment", type=Path, nargs="+", metavar="EXPERIMENT.toml", help="what to train")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting, as in training.epochs=10"
    )
    parser.add_argument("--unseal", action="store_true", help="also score the sealed test part; openings are counted")
    parser.add_argument("--detach", action="store_true", help="start it and return at once")
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.cli.run_several import run_several
    from mltui.models.catalogue import CARDS
    from mltui.models.library import refuse_lacking
    from mltui.runs.experiments import load, read_text
    from mltui.runs.home import Config, home
    from mltui.runs.launch import launch
    from mltui.runs.store import Store

    output = Output.chosen(arguments)
    if len(arguments.experiment) > 1:
        return run_several(arguments, output)
    (path,) = arguments.experiment
    with interrupts.counted() as presses:
        experiment = load(path, arguments.set)
        refuse_lacking(CARDS[experiment.model.name])
        text = as_asked(read_text(path), arguments.set)
        threads = Config.load().threads
        folder = Store(home()).create(experiment, text, path.resolve().parent)
        launch(folder, unseal=arguments.unseal, threads=threads)
        if arguments.detach:
            return underway.detached(output, folder, Asked.of(experiment.document()))
        state = underway.watched(folder, presses, progress.chosen(arguments))
        has_left(folder)
    if state.cause == "input" and not state.started:
        _refused(folder, state)
    return underway.told(output, folder, state, Asked.of(experiment.document()), interrupted=presses.count > 0)


def _refused(folder: RunFolder, state: RunState) -> NoReturn:
    """Say what is wrong with the input, and leave no run that never began.

    Raises:
        InputError: always.
    """
    from mltui.runs.home import home
    from mltui.runs.store import Store

    with suppress(InputError):  # then it stays, as one that failed
        Store(home()).delete(folder)
    raise InputError(state.message)


COMMAND = Command(
    "run",
    "EXPERIMENT.toml... [--set KEY=VALUE]... [--unseal] [--json] [--plain] [--detach]",
    "Train without a screen; of several, as many at once as the machine has room for.",
    _declare,
    _run,
)
