"""`mltui code RUN|EXPERIMENT.toml`: the same as a plain script that does without mltui."""

from __future__ import annotations

import math
import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mltui.cli.command import Command, Parser
from mltui.cli.output import say
from mltui.core.errors import InputError

if TYPE_CHECKING:
    from mltui.core.experiment import Experiment
    from mltui.export.facts import Ran
    from mltui.record.folder import RunFolder
    from mltui.record.state import RunState


def _declare(parser: Parser) -> None:
    parser.add_argument("what", metavar="RUN|EXPERIMENT.toml", help="a run, or an experiment file")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it there instead, never over what is there")


def _run(arguments: Namespace) -> int:
    from mltui.export.code import code

    asked, folder, ran = _asked(arguments.what)
    text = code(asked, folder, ran)
    if arguments.out is None:
        say(text.rstrip("\n"))
        return 0
    try:
        with arguments.out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"{arguments.out} is there already; give --out another name") from None
    except OSError as error:
        raise InputError(f"{arguments.out} cannot be written: {error.strerror or error}") from None
    say(f"wrote {arguments.out}; python {arguments.out} trains it without mltui")
    return 0


def _asked(what: str) -> tuple[Experiment, Path, Ran | None]:
    """The experiment, what its files are relative to, and the run, where it is one."""
    from mltui.inference.asked import experiment
    from mltui.runs.experiments import load
    from mltui.runs.follow import read_state
    from mltui.runs.home import home
    from mltui.runs.store import Store

    path = Path(what)
    if what.endswith(".toml") or (path.is_file() and os.sep in what):
        return load(path), path.parent, None
    folder = Store(home()).find(what)
    asked, state = experiment(folder), read_state(folder)
    return asked, folder.path, _ran(folder, asked, state)


def _ran(folder: RunFolder, asked: Experiment, state: RunState) -> Ran:
    """What the run adds to its experiment.

    Raises:
        InputError: where no script would come to its numbers.
    """
    from mltui.export.facts import Ran

    if state.changes:
        raise InputError(
            f"run {folder.id} was steered: values were changed while it trained, which a script cannot do again; "
            "write the code of its experiment file instead"
        )
    epochs: int | None = None
    if state.phase == "stopped":
        whole = state.step == math.floor(state.step) or asked.training.get("early_stopping") is not None
        if not whole or asked.split.folds is not None:
            raise InputError(
                f"run {folder.id} was stopped at epoch {state.step:.3g}, where a script cannot stop; "
                f"mltui runs resume {folder.id} brings it to its end"
            )
        epochs = math.floor(state.step)
    resolved: Any = asked.resolved
    return Ran(
        folder.id,
        opened=state.openings > 0,
        epochs=epochs,
        device=str(resolved.get("device", "cpu")),
        threads=resolved.get("threads"),
    )


COMMAND = Command(
    "code",
    "RUN|EXPERIMENT.toml [--out FILE]",
    "The same as a plain script, without mltui, with the same numbers.",
    _declare,
    _run,
)
