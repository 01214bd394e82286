"""Commands to a running worker: one small file each in the run folder, taken in the order they were sent."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from mltui.record.files import private_folder, replace_file
from mltui.record.folder import RunFolder
from mltui.record.status import read_object

Kind = Literal["pause", "continue", "step", "stop"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Command:
    """One command."""

    kind: Kind


class _Clock:
    """Times that never repeat within a process, so that two quick commands keep their order."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def tick(self) -> int:
        with self._lock:
            self._last = max(time.time_ns(), self._last + 1)
            return self._last


_CLOCK = _Clock()


def send(folder: RunFolder, command: Command) -> None:
    """Leave a command for the worker.

    Raises:
        OSError: where the run folder cannot be written.
    """
    private_folder(folder.control)
    name = f"{_CLOCK.tick():020d}-{os.getpid()}.json"
    replace_file(folder.control / name, json.dumps(asdict(command)).encode() + b"\n")


def take(folder: RunFolder) -> list[Command]:
    """The commands that wait, oldest first; each is handed out once. Cheap where there are none, and never raises."""
    try:
        names = sorted(name for name in os.listdir(folder.control) if name.endswith(".json"))
    except OSError:
        return []
    commands = []
    for name in names:
        path = folder.control / name
        document = read_object(path)
        try:
            path.unlink()
        except OSError:  # somebody else took it, or it cannot be taken and would come again and again
            continue
        if document is not None and document.get("kind") in KINDS:
            commands.append(Command(document["kind"]))
    return commands
