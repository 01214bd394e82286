"""Has a worker score files with a run's models, hears of it as it goes, and can call it off."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from typing import IO, Any

from mltui.core.errors import InputError
from mltui.core.prediction import Request
from mltui.record.folder import RunFolder
from mltui.runs import launch
from mltui.runs.summary import refuse_newer

PATIENCE = 5.0
"""Seconds that a worker which was called off is given to tidy up."""
END_SECONDS = 2.0
"""How long an ended process is waited for."""
_LAST_LINES = 20
Report = dict[str, Any]


class PredictionError(Exception):
    """A prediction that could not be done to its end, by no fault of what was asked: one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def arguments(run: RunFolder, request: Request) -> list[str]:
    """Those of the worker program."""
    options = [f"--out={request.out}"]
    options += [f"--tree={request.tree}"] if request.tree is not None else []
    options += [f"--format={request.format}"] if request.format is not None else []
    options += ["--unseal"] if request.unseal else []
    return ["predict", str(run.path.absolute()), *options, "--", *request.files]


class Prediction:
    """One prediction. It belongs to one event loop, and is asked to run once.

    Attributes:
        share: how much is done, from 0 to 1. file: the name of the file that is scored now; empty while it begins.
        report: of what is done, once it has ended, however it did; as `inference.predict` has it.
    """

    def __init__(self, run: RunFolder, request: Request, *, threads: int | None = None) -> None:
        self._run, self._request, self._threads = run, request, threads
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        self._failure: Report | None = None
        self.share, self.file = 0.0, ""
        self.report: Report | None = None

    async def run(self, tell: Callable[[Prediction], None] = lambda prediction: None) -> Report:
        """Do it; the report. A task that is cancelled calls it off: nothing half done is left then.

        Args:
            tell: called in this event loop whenever the share or the file has changed.

        Raises:
            InputError: for what the user can put right; its key is "unseal" where rows of the sealed test part are
                among the input and that was not allowed.
            PredictionError: where the disk is full, or the worker died.
        """
        refuse_newer(self._run)
        child = self._started()
        try:
            await self._listen(tell)
            code = await asyncio.to_thread(child.wait)
        except BaseException:
            await self._called_off(child)
            raise
        return self._outcome(child, code)

    def _started(self) -> subprocess.Popen[bytes]:
        command = launch.worker(*arguments(self._run, self._request))
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                cwd=self._request.folder,
                env=launch.environment(self._threads),
            )
        except OSError as error:
            raise PredictionError(f"no worker can be started: {error.strerror}") from None
        assert child.stdout is not None
        assert child.stderr is not None
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(child.stdout, loop), name="mltui-predict", daemon=True).start()
        threading.Thread(target=self._overhear, args=(child.stderr,), name="mltui-predict-log", daemon=True).start()
        return child

    def _read(self, stdout: IO[bytes], loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: hand each line to the event loop, and None at the end."""
        with contextlib.suppress(RuntimeError), stdout:  # the loop has been closed
            for line in stdout:
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            loop.call_soon_threadsafe(self._lines.put_nowait, None)

    def _overhear(self, stderr: IO[bytes]) -> None:
        """In a thread: keep the last that libraries print, in case the worker dies of it."""
        with stderr:
            for line in stderr:
                self._said.append(line.decode(errors="replace").rstrip())

    async def _listen(self, tell: Callable[[Prediction], None]) -> None:
        while (line := await self._lines.get()) is not None:
            if self._hear(line):
                tell(self)

    def _hear(self, line: bytes) -> bool:
        """Take in a line; whether there is progress to tell of."""
        try:
            said = json.loads(line)
            kind = said["kind"]
            if kind == "progress":
                self.share, self.file = float(said["share"]), str(said["file"])
                return True
        except (ValueError, KeyError, TypeError):
            return False
        self.report = said.get("report")
        if kind == "failed":
            self._failure = said
        return False

    async def _called_off(self, child: subprocess.Popen[bytes]) -> None:
        """End a worker and hear what it has done; one that does not go is killed."""
        child.terminate()
        try:
            await asyncio.wait_for(self._listen(lambda prediction: None), PATIENCE)
            await asyncio.to_thread(child.wait, END_SECONDS)
        except (TimeoutError, subprocess.TimeoutExpired, asyncio.CancelledError):
            child.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):  # deep in the system, as on a dead mount
                await asyncio.to_thread(child.wait, END_SECONDS)
            self._sweep(child)

    def _outcome(self, child: subprocess.Popen[bytes], code: int) -> Report:
        failure = self._failure
        if code == 0 and self.report is not None:
            return self.report
        if failure is None:
            self._sweep(child)
            raise PredictionError(self._death(code))
        if code == 2:
            raise InputError(str(failure["message"]), key=failure.get("key"))
        raise PredictionError(str(failure["message"]))

    def _death(self, code: int) -> str:
        if code < 0:
            return f"the worker that predicted was ended by signal {-code}; perhaps memory ran out"
        last = f": {self._said[-1]}" if self._said else ""
        return f"the worker that predicted left with exit code {code}{last}"

    def _sweep(self, child: subprocess.Popen[bytes]) -> None:
        """Remove what a worker that was killed had begun to write."""
        with contextlib.suppress(OSError):
            for path in [*(self._request.folder / self._request.out).rglob(f".*.{child.pid}.*")]:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
