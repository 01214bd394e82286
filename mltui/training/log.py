"""The worker's log: everything printed goes there, and a log that cannot be written never ends a run."""

from __future__ import annotations

import contextlib
import faulthandler
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Forgiving(io.FileIO):
    """Drops what the file system refuses: on a full disk, a warning is worth less than the run."""

    def write(self, data: ReadableBuffer, /) -> int:
        with contextlib.suppress(OSError):
            return super().write(data)
        return memoryview(data).nbytes


def log_everything_to(path: Path) -> None:
    """Point standard output and error at a log, whoever started this process, and leave a trace of crashes.

    Raises:
        OSError: where the log cannot be opened.
    """
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    sys.stdout = _stream(1)
    sys.stderr = _stream(2)
    faulthandler.enable()


def _stream(number: int) -> io.TextIOWrapper:
    raw = _Forgiving(number, "w", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", write_through=True)
