"""Commands to a running worker: one small file each in the run folder, taken in the order they were sent."""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from mltui.core.hyperparameters import Scalar
from mltui.record.files import private_part, replace_file
from mltui.record.folder import RunFolder
from mltui.record.status import read_object

Kind = Literal["pause", "continue", "step", "batch", "change", "stop"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Command:
    """One command: wait, go on, one step or one batch further and then wait, change a value, or stop and keep.

    Attributes:
        kind: which.
        key, value: of a change, the dotted key and what it is set to; None where the setting is to have no value.
    """

    kind: Kind
    key: str = ""
    value: Scalar | None = None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Command | None:
        """The command in a JSON object, or None where there is none in it."""
        kind = document.get("kind")
        if kind not in KINDS:
            return None
        if kind != "change":
            return cls(kind)
        key, value = document.get("key"), document.get("value", ...)
        if not isinstance(key, str) or not key or not (value is None or isinstance(value, bool | int | float | str)):
            return None
        return None if isinstance(value, float) and not math.isfinite(value) else cls("change", key, value)

    def document(self) -> dict[str, Any]:
        """The command as JSON holds it."""
        return asdict(self) if self.kind == "change" else {"kind": self.kind}


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
        ValueError: where a change's value is no finite number.
    """
    private_part(folder.control)
    name = f"{_CLOCK.tick():020d}-{os.getpid()}.json"
    replace_file(folder.control / name, json.dumps(command.document(), allow_nan=False).encode() + b"\n")


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
        command = None if document is None else Command.read(document)
        if command is not None:
            commands.append(command)
    return commands
