"""What a worker takes of the machine: memory, processor time, threads; read from the kernel, at the cost of a file."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")
_LINE = re.compile(r"^(VmHWM|VmRSS|Threads):\s+(\d+)", re.MULTILINE)


class Usage:
    """Counts from its making on; what a process took before, as a spare worker for its small jobs, is left out.

    Args:
        clock: seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        with contextlib.suppress(OSError):
            _RESET.write_bytes(b"5")  # proc(5): the peak of the memory held begins anew
        self._before = _processor_seconds()
        self._marks: list[tuple[str, float]] = [("preparing", clock())]

    def mark(self, phase: str) -> None:
        """Another part of the work begins."""
        if self._marks[-1][0] != phase:
            self._marks.append((phase, self._clock()))

    def now(self) -> dict[str, Any]:
        """memory and peak_memory (bytes), processor_seconds (of all threads and children), running_threads."""
        found = _status()
        peak = found.get("VmHWM", 0) * 1024 or _peak()
        return {
            "memory": found.get("VmRSS", 0) * 1024 or peak,
            "peak_memory": peak,
            "processor_seconds": round(_processor_seconds() - self._before, 3),
            "running_threads": found.get("Threads", 0),
        }

    def whole(self) -> dict[str, Any]:
        """The same at the end, with the seconds of each part of the work, and of a graphics card its peak memory."""
        end, parts = self._clock(), dict[str, float]()
        for (phase, begin), (_, until) in zip(self._marks, [*self._marks[1:], ("", end)], strict=True):
            parts[phase] = round(parts.get(phase, 0.0) + until - begin, 4)
        card = _card_memory()
        return {**self.now(), "phases": parts, **({"card_memory": card} if card else {})}


def _status() -> dict[str, int]:
    try:
        text = _STATUS.read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}
    return {name: int(value) for name, value in _LINE.findall(text)}


def _peak() -> int:
    """Where the kernel keeps no such file: the largest the process ever was, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _processor_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _card_memory() -> int:
    """The most that tensors on graphics cards took, in bytes; torch is not loaded for this."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return 0
    return sum(int(torch.cuda.max_memory_reserved(card)) for card in range(torch.cuda.device_count()))
