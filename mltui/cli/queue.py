"""`mltui queue add|list|move|cancel`: runs that wait for their turn."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mltui.cli.chosen import RUN_HELP, chosen_runs, declare_runs
from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output, shown
from mltui.core.errors import InputError

if TYPE_CHECKING:
    from mltui.runs.summary import RunSummary

_HEADS = ("place", "run", "name", "dataset", "model", "on")
_ENDS = {"first": 0, "last": 1 << 30}


def _declare_add(parser: Parser) -> None:
    parser.add_argument("experiment", type=Path, nargs="+", metavar="EXPERIMENT.toml", help="what to train")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting, as in training.epochs=10"
    )
    parser.add_argument("--unseal", action="store_true", help="also score the sealed test part; openings are counted")
    declare_output(parser)


def _add(arguments: Namespace) -> int:
    from mltui.cli.enqueue import enqueue

    output = Output.chosen(arguments)
    made = {folder.id for folder, _ in enqueue(arguments.experiment, arguments.set, unseal=arguments.unseal)}
    return _told(output, made)


def _declare_list(parser: Parser) -> None:
    declare_output(parser)


def _list(arguments: Namespace) -> int:
    from mltui.runs.home import home
    from mltui.runs.queue import Queue

    Queue(home()).tend()
    return _told(Output.chosen(arguments))


def _declare_move(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument("place", metavar="PLACE", nargs="?", help="from 1 for the next to start; first or last")
    parser.add_argument("--here", action="store_true", help="have this machine run it, whichever it waits for")
    declare_output(parser)


def _move(arguments: Namespace) -> int:
    from mltui.runs.home import home
    from mltui.runs.queue import Queue
    from mltui.runs.store import Store

    if arguments.place is None and not arguments.here:
        raise InputError("mltui queue move: say to which place: a number from 1, first or last; or --here")
    to = None if arguments.place is None else _place(arguments.place)
    folder, queue = Store(home()).find(arguments.run), Queue(home())
    if arguments.here:
        queue.take_over(folder)
    if to is not None:
        queue.move(folder, to)
    queue.tend()
    return _told(Output.chosen(arguments))


def _place(text: str) -> int:
    """The place from 0 that a word names.

    Raises:
        InputError: where it names none.
    """
    if text in _ENDS:
        return _ENDS[text]
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text) - 1
    raise InputError(f"mltui queue move: {text!r} is no place; give a number from 1, first or last")


def _declare_cancel(parser: Parser) -> None:
    declare_runs(parser, default_latest=False)
    declare_output(parser)


def _cancel(arguments: Namespace) -> int:
    from mltui.runs.home import home
    from mltui.runs.queue import Queue

    output, queue = Output.chosen(arguments), Queue(home())
    folders = chosen_runs(arguments)
    for folder in folders:
        queue.cancel(folder)
        output.line(f"run {folder.id} was taken out of the queue")
    output.document({"cancelled": [folder.id for folder in folders]})
    queue.tend()
    return 0


def _told(output: Output, only: set[str] | None = None) -> int:
    """Print the queue, or some of it; 0."""
    from mltui.runs.home import home
    from mltui.runs.queue import Dispatcher
    from mltui.runs.store import Store

    runs = [run for run in Store(home()).list() if run.place is not None and (only is None or run.id in only)]
    dispatcher = Dispatcher.read(home())
    waits = dispatcher.waits if dispatcher else ""
    output.document({"queue": [_document(run) for run in runs], "waits_for": waits or None})
    if not runs:
        output.line("nothing waits; mltui queue add EXPERIMENT.toml queues a run" if only is None else "it has begun")
        return 0
    output.table(_HEADS, [_row(run) for run in runs], right=("place", "run"))
    if waits:
        output.text(f"the first waits for {shown(waits)}")
    return 0


def _document(run: RunSummary) -> dict[str, Any]:
    return {
        "place": run.place,
        "run": run.id,
        "name": run.name,
        "dataset": {"name": run.dataset},
        "model": run.model,
        "host": run.host,
        "folder": str(run.folder),
    }


def _row(run: RunSummary) -> tuple[str, ...]:
    return (str(run.place), run.id, run.name, run.dataset, run.model, run.host)


ADD = Command(
    "queue add",
    "EXPERIMENT.toml... [--set KEY=VALUE]... [--unseal] [--json]",
    "Queue runs: each starts when the machine has room for it, whatever becomes of this terminal.",
    _declare_add,
    _add,
)
LIST = Command("queue list", "[--json]", "The runs that wait, the next one first.", _declare_list, _list)
MOVE = Command(
    "queue move",
    "RUN PLACE [--here] [--json]",
    "Bring a run that waits to another place: a number from 1, first or last.",
    _declare_move,
    _move,
)
CANCEL = Command(
    "queue cancel",
    "RUN... [--json]",
    "Take runs that wait out of the queue, and remove them.",
    _declare_cancel,
    _cancel,
)
