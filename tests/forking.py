"""Worker processes that begin at once: each is forked from one process that has loaded their libraries before.

A worker loads scikit-learn or torch for seconds and trains the fifty rows of a test for a moment. A forked one is as
real as another: it has its own pid, session, streams, environment and signals, it is a child of the test's process and
is waited for and killed as such. What it cannot show is a fault in loading; tests of whole commands start those.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import inspect
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

LOADED = (
    "mltui.training.worker", "mltui.training.spare", "mltui.training.predicting", "mltui.training.unseal",
    "mltui.training.estimator", "mltui.training.network", "mltui.training.jobs", "sklearn.preprocessing",
    "sklearn.impute", "sklearn.ensemble", "sklearn.neighbors", "sklearn.linear_model", "sklearn.tree",
)  # fmt: skip
ADOPTS = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2): whose parent has gone becomes the child of the nearest such process above it."""
PIPES = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
_Popen = subprocess.Popen


class Source:
    """The process that workers are forked from; it starts with the first of them."""

    def __init__(self) -> None:
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._one_at_a_time = threading.Lock()
        self._forked: list[int] = []

    def fork(self, request: dict[str, Any], places: Sequence[int]) -> int:
        """A new child of this process that runs what is requested; its pid.

        Args:
            places: its standard streams and its working folder.
        """
        with self._one_at_a_time:
            channel = self._channel or self._start()
            _adopting(on=True)
            try:
                socket.send_fds(channel, [json.dumps(request).encode()], places)
                pid = int(channel.recv(100))
                assert channel.recv(100) == b"adopted"
            finally:
                _adopting(on=False)
            self._forked.append(pid)
        return pid

    def _start(self) -> socket.socket:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", __file__, str(theirs.fileno())]
        self._process = _Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        theirs.close()
        return self._channel

    def close(self) -> None:
        """End the process, and what was forked from it and lives on."""
        for pid in self._forked:
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG) == (0, 0):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
        if self._channel is not None and self._process is not None:
            self._channel.close()
            self._process.wait()
        self._channel = self._process = None


def _adopting(*, on: bool) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(ADOPTS, int(on), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def forkable(command: Any) -> bool:
    """Whether a command is the worker's program, or a piece of Python that is started as that is."""
    return isinstance(command, list) and command[:2] == [sys.executable, "-P"] and command[2] in ("-m", "-c")


@contextlib.contextmanager
def forking() -> Iterator[None]:
    """Within, workers are forked wherever they are started; Linux only, elsewhere nothing is different."""
    if sys.platform != "linux":
        yield
        return
    source = Source()

    class Popen(_Popen[Any]):
        """Starts a process; the worker by a fork."""

        def _execute_child(self, *given: Any) -> None:
            start = inspect.signature(_Popen._execute_child).bind(self, *given).arguments  # type: ignore[attr-defined]
            if start["preexec_fn"] is not None or not forkable(start["args"]):
                super()._execute_child(*given)  # type: ignore[misc]
                return
            streams = [start[name] for name in ("p2cread", "c2pwrite", "errwrite")]
            request = {
                "arguments": start["args"][2:],
                "env": dict(start["env"] or os.environ),
                "session": start["start_new_session"],
            }
            folder = os.open(start["cwd"] or ".", os.O_DIRECTORY)
            try:
                self.pid = source.fork(request, [*(own if s == -1 else s for own, s in enumerate(streams)), folder])
                self._child_created = True
            finally:
                os.close(folder)
                self._close_pipe_fds(*(start[name] for name in PIPES))  # type: ignore[attr-defined]

    subprocess.Popen = Popen  # type: ignore[misc]
    try:
        yield
    finally:
        subprocess.Popen = _Popen  # type: ignore[misc]
        source.close()


# -- the process that is forked from ---------------------------------------------------------------------------------
def serve(channel: socket.socket) -> None:
    """Fork for each request, until nobody asks any more.

    The child of a child whose parent has gone falls to the process that asks, as its own.
    """
    from mltui.data.skops_io import skops_io
    from mltui.training.__main__ import NEIGHBOURLY

    os.environ.update(NEIGHBOURLY)
    del sys.modules["mltui.training.__main__"]  # each child begins it anew
    for name in LOADED:
        importlib.import_module(name)
    skops_io()
    gc.collect()
    gc.freeze()
    while True:
        message, places, _, _ = socket.recv_fds(channel, 1 << 18, 4)
        if not message:
            return
        between = os.fork()
        if not between:
            pid = os.fork()
            if pid:
                channel.send(str(pid).encode())
                os._exit(0)
            channel.close()
            become(json.loads(message), places)
        os.waitpid(between, 0)
        channel.send(b"adopted")
        for place in places:
            os.close(place)


def become(request: dict[str, Any], places: Sequence[int]) -> NoReturn:
    """Do what the forked process was asked for, as the Python of the command line does it, and end."""
    if request["session"]:
        os.setsid()
    *streams, folder = places
    os.fchdir(folder)
    os.close(folder)
    os.environ.clear()
    os.environ.update(request["env"])
    for own, stream in enumerate(streams):
        os.dup2(stream, own)
        os.close(stream)
    kind, what, *arguments = request["arguments"]
    sys.argv = [kind, *arguments]
    code: Any = None
    try:
        if kind == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    except SystemExit as ending:
        code = ending.code
    except BaseException:
        traceback.print_exc()
        code = 1
    # to take thousands of modules apart, which the system does at once, would cost as much as a small run
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
