"""The spare worker: a process that waits behind the lab, answers small jobs, and becomes a run's worker at once."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import threading
from concurrent.futures import Future
from functools import partial
from typing import IO, Any

from mltui.core.errors import InputError
from mltui.record.folder import RunFolder
from mltui.runs import launch

ASK_SECONDS = 60.0
RUN_SECONDS = 15.0
END_SECONDS = 2.0
"""How long an ended process is waited for: one that hangs in the system, as on a dead mount, takes no signal."""
Answer = dict[str, Any]


class _Gone(Exception):
    """The spare process died or was ended before it answered."""


class Spare:
    """One spare worker. Its methods belong to one event loop; what blocks happens in threads.

    It is started by `start` or by the first job, ends with `close` or the end of this process, and is started anew
    when it has died. A run handed to it is no longer its lab's: it lives on by itself.
    """

    def __init__(self, threads: int | None = None, command: list[str] | None = None) -> None:
        self._threads = threads
        self._command = command or launch.worker("spare")
        self._process: _Process | None = None

    @property
    def pid(self) -> int | None:
        """The waiting process, or None where none waits."""
        return self._process.pid if self._process is not None and self._process.alive else None

    def start(self) -> None:
        """Have a spare waiting. Quick: nothing is waited for.

        Raises:
            InputError: where the system refuses another process.
        """
        if self.pid is None:
            self.close()
            try:
                self._process = _Process(self._command, launch.environment(self._threads))
            except OSError as error:
                raise InputError(f"no helper process can be started: {error.strerror}") from None

    async def ask(self, job: Answer, timeout: float = ASK_SECONDS) -> Answer:
        """The spare's result of a job, such as ``{"job": "describe", "data": {...}, "folder": "..."}``.

        Raises:
            InputError: what the spare found wrong; or that it took too long, or died of the job twice.
        """
        for _ in range(2):
            self.start()
            process = self._process
            assert process is not None
            try:
                return _result(await process.ask(job, timeout))
            except TimeoutError:
                await self._drop(process)
                what = str(job.get("job", "this"))
                raise InputError(f"the answer to {what} took longer than {timeout:.0f} s and was given up") from None
            except _Gone:
                await self._drop(process)
        raise InputError("the helper process died over this, perhaps for want of memory")

    async def warm(self, model: str) -> None:
        """Have the spare import what a model needs, so that its run starts at once; never an error."""
        with contextlib.suppress(InputError):
            await self.ask({"job": "warm", "model": model})

    async def run(self, folder: RunFolder, *, unseal: bool = False, attempt: int = 1) -> int:
        """Start a run at once in the waiting spare, or else in a new worker; its pid.

        Args:
            attempt: which start of the run this is.

        Raises:
            InputError: where neither can be started.
        """
        process, self._process = self._process, None
        if process is not None and process.alive and not process.busy:
            try:
                result = _result(
                    await process.ask({"job": "run", "folder": str(folder.path), "unseal": unseal}, RUN_SECONDS)
                )
                launch.accompany(process.let_go(), folder, attempt)
                return int(result["pid"])
            except (TimeoutError, _Gone, InputError, KeyError, ValueError, TypeError):
                pass  # it must be gone before another worker opens the folder
        if process is not None:
            await asyncio.to_thread(process.end)
        try:
            start = partial(launch.launch, folder, unseal=unseal, threads=self._threads, attempt=attempt)
            return (await asyncio.to_thread(start)).pid
        except OSError as error:
            raise InputError(f"no worker can be started: {error.strerror}") from None

    def close(self) -> None:
        """End the waiting spare, if any. A run that was handed over goes on."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    async def _drop(self, process: _Process) -> None:
        if self._process is process:
            self._process = None
        await asyncio.to_thread(process.end)


class _Process:
    """A spare process with its pipes, a thread that reads its answers, and the jobs that wait for one."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        # All three streams are given: inside a running app, stderr has no file descriptor to inherit.
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=env,
        )
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[str, Future[Answer]]] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._over = False
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._stdin: IO[bytes] = self._child.stdin
        self._reader = threading.Thread(target=self._read, args=(self._child.stdout,), name="mltui-spare", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return not self._over and self._child.poll() is None

    @property
    def busy(self) -> bool:
        """Whether a job other than the imports that a run needs anyhow is being worked on."""
        with self._lock:
            return any(job != "warm" for job, _ in self._waiting.values())

    async def ask(self, job: Answer, timeout: float) -> Answer:
        """The answer to a job. Raises TimeoutError, or _Gone where the process ends first."""
        number = next(self._numbers)
        answer: Future[Answer] = Future()
        with self._lock:
            if self._over:
                raise _Gone
            self._waiting[number] = (str(job.get("job", "")), answer)
        line = json.dumps({**job, "id": number}, default=str).encode() + b"\n"
        threading.Thread(target=self._send, args=(line,), name="mltui-spare-job", daemon=True).start()
        try:
            return await asyncio.wait_for(asyncio.wrap_future(answer), timeout)
        finally:
            with self._lock:
                self._waiting.pop(number, None)

    def let_go(self) -> subprocess.Popen[bytes]:
        """Close the pipe to the process and hand it out: it is a run's worker now."""
        self._close_stdin()
        return self._child

    def end(self) -> None:
        """End the process and wait for it, so that no zombie stays; where it cannot die yet, its reader waits on."""
        if self._child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)  # with whatever it started
        try:
            self._child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            return  # closing its pipe might hang as well; the reader closes it
        self._reader.join(timeout=1.0)
        self._close_stdin()

    def _close_stdin(self) -> None:
        with contextlib.suppress(OSError):
            self._stdin.close()

    def _send(self, line: bytes) -> None:
        with contextlib.suppress(OSError, ValueError), self._writing:  # a dead process shows at its other pipe
            self._stdin.write(line)
            self._stdin.flush()

    def _read(self, stdout: IO[bytes]) -> None:
        with stdout:
            for line in stdout:
                self._answer(line)
        with self._lock:
            self._over = True
            waiting, self._waiting = self._waiting, {}
        for _, answer in waiting.values():
            _settle(answer, error=_Gone())
        self._child.wait()  # one that left by itself is not to stay as a zombie
        self._close_stdin()

    def _answer(self, line: bytes) -> None:
        """Hand an answer to who waits for it; what a library prints in between is passed over."""
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            return
        number = document.get("id") if isinstance(document, dict) else None
        with self._lock:
            waiting = self._waiting.pop(number, None) if isinstance(number, int) else None
        if waiting is not None:
            _settle(waiting[1], result=document)


def _settle(answer: Future[Answer], *, result: Answer | None = None, error: Exception | None = None) -> None:
    """Give a waiting job its answer, unless it has been given up meanwhile."""
    if not answer.set_running_or_notify_cancel():
        return
    if error is not None:
        answer.set_exception(error)
    elif result is not None:
        answer.set_result(result)


def _result(document: Answer) -> Answer:
    if "error" in document:
        key = document.get("key")
        raise InputError(str(document["error"]), key=str(key) if key else None)
    result = document.get("result")
    return result if isinstance(result, dict) else {"value": result}
