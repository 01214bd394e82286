"""The worker's sign of life: one small file, replaced at one stroke."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mltui.record import process
from mltui.record.files import open_plain, replace_file

FORMAT = 1


@dataclass(frozen=True)
class Status:
    """What a worker says of itself.

    Attributes:
        state: starting, training, paused, finished, stopped or failed.
        host, boot, pid, started: which process it is; `started` in seconds since the machine's start.
        heartbeat: a counter that grows while the worker lives; readers judge it by their own clock.
        attempt: which start or resume this is.
        memory, peak_memory, processor_seconds, running_threads: what it takes of the machine, in bytes and seconds; 0
            where an older mltui did not say.
        message: one sentence where there is something to say, such as why reports cannot be written.
    """

    format: int = FORMAT
    state: str = "starting"
    host: str = ""
    boot: str = ""
    pid: int = 0
    started: float = 0.0
    heartbeat: int = 0
    attempt: int = 1
    message: str = ""
    memory: int = 0
    peak_memory: int = 0
    processor_seconds: float = 0.0
    running_threads: int = 0

    @property
    def resources(self) -> dict[str, Any]:
        """What it takes of the machine, by the names of the resources event; empty where it does not say."""
        names = ("memory", "peak_memory", "processor_seconds", "running_threads")
        return {name: getattr(self, name) for name in names} if self.peak_memory else {}

    @classmethod
    def here(cls, state: str, *, attempt: int, heartbeat: int = 0, message: str = "") -> Status:
        """The status of this very process."""
        pid = os.getpid()
        started = process.start_time(pid) or 0.0
        return cls(FORMAT, state, process.host(), process.boot(), pid, started, heartbeat, attempt, message)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Status:
        """The status from its JSON; unknown fields are ignored, absent ones have their defaults.

        Raises:
            ValueError, TypeError: where a field is not what it should be.
        """
        known = {name: type(default)(document.get(name, default)) for name, default in asdict(cls()).items()}
        status = cls(**known)
        if not 0 <= status.pid < 2**31:
            raise ValueError("no such pid")
        return status


def write_status(path: Path, status: Status) -> None:
    """Replace the status.

    Raises:
        OSError: where it cannot be written; the old one then stands.
    """
    replace_file(path, json.dumps(asdict(status)).encode() + b"\n")


def read_status(path: Path) -> Status | None:
    """The last status, or None where there is none or it cannot be read."""
    document = read_object(path)
    try:
        return None if document is None else Status.read(document)
    except (ValueError, TypeError, OverflowError):
        return None


def read_object(path: Path, limit: int = 1 << 16) -> dict[str, Any] | None:
    """The JSON object in a small file, or None where there is none."""
    try:
        with open_plain(path) as file:
            document = json.loads(file.read(limit), parse_constant=lambda _: None)
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
