"""Predicts on new files for whoever started this process: progress and the report go to standard output, line by line.

Each line is a JSON object with a `kind`: `progress` with `share` (0 to 1) and `file`; at the end `finished` with the
`report`, or `failed` with `message`, `code`, `key` and the report of what is done, or `stopped` with that report.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import traceback
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

from mltui.core.errors import InputError
from mltui.core.events import finite
from mltui.core.prediction import Request
from mltui.data.writers import WritingError
from mltui.inference.predict import Prediction
from mltui.record.folder import RunFolder
from mltui.training import devices
from mltui.training.failures import Failure
from mltui.training.unseal import unseal as open_test_part

NICENESS = 5
STOPPED = 130
_BETWEEN = 0.1
"""Seconds from one line of progress to the next."""


class _Left(KeyboardInterrupt):
    """Whoever started this has gone, or does not want it any more; an interrupt, which no reader takes for damage."""


def predict(path: Path, request: Request) -> int:
    """Score files with the models of a run folder; the exit code."""
    os.nice(max(0, NICENESS - os.nice(0)))
    with _lines() as lines:
        return _Predicting(RunFolder(path.absolute()), request, lines).go()


class _Lines:
    """Standard output; what libraries print goes to standard error instead."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def say(self, kind: str, **fields: Any) -> None:
        """Say one thing.

        Raises:
            _Left: where nobody listens.
        """
        line = json.dumps(finite({"kind": kind, **fields}), allow_nan=False).encode() + b"\n"
        try:
            while line:
                line = line[os.write(self._handle, line) :]
        except OSError:
            raise _Left from None


@contextlib.contextmanager
def _lines() -> Iterator[_Lines]:
    handle = os.dup(1)
    os.dup2(2, 1)

    def leave(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # once is enough: what it leaves through tidies up
        raise _Left

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield _Lines(handle)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.dup2(handle, 1)
        os.close(handle)


class _Predicting:
    """One prediction, told as it goes."""

    def __init__(self, folder: RunFolder, request: Request, lines: _Lines) -> None:
        self._folder, self._request, self._lines = folder, request, lines
        self._prediction: Prediction | None = None
        self._said = 0.0

    def go(self) -> int:
        try:
            self._lines.say("progress", share=0.0, file="")
            report = self._predict()
            self._lines.say("finished", report=report)
            return 0
        except _Left:
            with contextlib.suppress(_Left):
                self._lines.say("stopped", report=self._report())
            return STOPPED
        except Exception as error:
            return self._failed(error)

    def _predict(self) -> dict[str, Any]:
        threads, _ = devices.threads(None)
        unseal = self._request.unseal
        self._prediction = Prediction(self._folder, self._request, threads=threads)
        card = self._prediction.card
        devices.limit_threads(threads, torch=card.engine == "network")
        opened = bool(self._prediction.sealed) and unseal
        if opened:
            self._open()
            self._prediction = Prediction(self._folder, self._request, threads=threads)
        report = self._prediction.run(self._tell)
        notes = [*report["notes"], *([self._of_opening(opened)] if unseal else [])]
        return {**report, "notes": notes, "opened": opened}

    def _of_opening(self, opened: bool) -> str:
        if opened:
            return f"The test part of run {self._folder.id} was opened for this, which the run counts."
        return "None of these rows is sealed; nothing was opened."

    def _open(self) -> None:
        """Open the run's test part, so that its scores and the opening are in the run.

        Raises:
            InputError: where it cannot be opened.
        """
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            code = open_test_part(self._folder.path)
        if code:
            reason = (said.getvalue().strip().splitlines() or ["no reason was given"])[-1]
            raise InputError(f"the test part of run {self._folder.id} could not be opened: {reason}")

    def _tell(self, share: float, file: str) -> None:
        if monotonic() - self._said >= _BETWEEN:
            self._said = monotonic()
            self._lines.say("progress", share=round(share, 4), file=file)

    def _report(self) -> dict[str, Any] | None:
        return None if self._prediction is None else self._prediction.report()

    def _failed(self, error: Exception) -> int:
        if isinstance(error, WritingError):
            message, code = error.sentence, 1
        else:
            failure = Failure.of(error, self._folder)
            message, code = failure.message, failure.code
            if failure.puzzling:
                traceback.print_exception(error)
        with contextlib.suppress(_Left):
            key = error.key if isinstance(error, InputError) else None
            self._lines.say("failed", message=message, code=code, key=key, report=self._report())
        return code
