"""Opens the sealed test part of a run that is done: scores it with the kept models, and counts the opening."""

from __future__ import annotations

import sys
from pathlib import Path

from mltui.core.errors import InputError
from mltui.evaluation.yields import processes
from mltui.inference.asked import experiment
from mltui.inference.members import Members
from mltui.record.folder import RunFolder
from mltui.record.opening import Busy, opening
from mltui.record.predictions import PartPredictions, add_predictions
from mltui.record.reader import EventReader
from mltui.record.state import KEPT, RunState, fold
from mltui.record.writer import EventWriter
from mltui.training import devices
from mltui.training.cautions import unseen
from mltui.training.divided import Divided, divide
from mltui.training.failures import Failure
from mltui.training.judged import Judge, named, of_table
from mltui.training.surroundings import check_files
from mltui.training.varied import varied


def unseal(path: Path) -> int:
    """Score the test part of a run folder; the exit code. Where it fails, one sentence goes to standard error."""
    folder = RunFolder(path.absolute())
    try:
        with opening(folder):
            _open(folder)
    except Busy:
        print(
            f"another process is opening the test part of run {folder.id}; wait until it is done ({folder.opening})",
            file=sys.stderr,
        )
        return 2
    except Exception as error:
        failure = Failure.of(error, folder)
        print(failure.message, file=sys.stderr)
        return failure.code
    return 0


def _open(folder: RunFolder) -> None:
    state = fold(RunState(), EventReader(folder).poll())
    if state.phase not in KEPT:
        raise InputError(
            f"run {folder.id} has not finished ({state.phase}); only a finished run's test part can be opened"
        )
    asked = experiment(folder)
    check_files(asked)
    members = Members.load(folder)
    divided = divide(asked, folder.path)
    if not len(divided.parts["test"]):
        raise InputError(f"run {folder.id} has no test part: split.test is 0", key="split.test")
    devices.limit_threads(1, torch=divided.card.engine == "network")
    writer = EventWriter(folder, state.attempt)
    judge = Judge(writer.emit, divided.table, processes(divided.table), asked.data.background_uncertainty)
    scored = open_test(members, divided, judge, state.openings + 1)
    if not writer.close():
        raise InputError(writer.trouble)
    keep_test(folder, divided, scored)


def open_test(members: Members, divided: Divided, judge: Judge, number: int) -> PartPredictions:
    """Score the test part, and say what the scores are worth.

    Args:
        number: how many times it has been opened, with this one.

    Raises:
        InputError: where a model cannot be read back.
    """
    table, rows = divided.table, divided.parts["test"]
    scored = of_table(table, rows, members.score_test(table, rows))
    judge.say("test", scored.scores, opening=number, variations=varied(judge, members, divided, "test", scored))
    new = unseen(members.member(members.together[0]).preprocessing.unseen(table, rows), "test")
    if new:
        judge.emit("warning", message=new)
    return scored


def keep_test(folder: RunFolder, divided: Divided, scored: PartPredictions) -> None:
    """Put the test part's scores beside the run's predictions; once they are there, its opening has been counted.

    Raises:
        OSError: where they cannot be written.
    """
    add_predictions(folder, "test", scored, named(divided.table))
