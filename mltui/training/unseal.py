"""Opens the sealed test part of a run that is done: scores it with the saved model, and counts the opening."""

from __future__ import annotations

import sys
from pathlib import Path

from mltui.core.errors import InputError
from mltui.data.preprocess import Preprocessing
from mltui.inference.asked import experiment
from mltui.inference.reload import load
from mltui.record.folder import RunFolder
from mltui.record.opening import Busy, opening
from mltui.record.predictions import PartPredictions, Predictions, add_predictions
from mltui.record.reader import EventReader
from mltui.record.state import KEPT, RunState, fold
from mltui.record.writer import EventWriter
from mltui.training import devices
from mltui.training.failures import Failure
from mltui.training.judged import judge, score
from mltui.training.prepare import divide
from mltui.training.surroundings import check_files


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
    divided = divide(asked, folder.path)
    devices.limit_threads(1, torch=divided.card.engine == "network")
    fitted = load(folder.model, divided.card)
    test = divided.rows(("test",), Preprocessing.load(folder.model)).get("test")
    if test is None:
        raise InputError(f"run {folder.id} has no test part: split.test is 0", key="split.test")
    scores = score(fitted, test)
    writer = EventWriter(folder, state.attempt)
    judge(writer.emit, divided.table, "test", scores, opening=state.openings + 1)
    if not writer.close():
        raise InputError(writer.trouble)
    rows = PartPredictions(scores, test.file, test.entry)
    add_predictions(folder, "test", rows, Predictions({}, divided.table.files, divided.table.classes))
