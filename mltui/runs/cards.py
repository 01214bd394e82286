"""The graphics cards of this machine as NVIDIA's management library tells of them, where it can be asked."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_DRIVER = Path("/proc/driver/nvidia/gpus")
LACKING = "pip install 'mltui[nvidia]' shows the graphics cards"


@dataclass(frozen=True)
class Card:
    """One graphics card.

    Attributes:
        memory, used: bytes.
        busy: the share of time in which it computed lately, 0 to 1; None where it does not say.
        processes: bytes by pid, as far as the driver tells.
    """

    name: str
    memory: int
    used: int
    busy: float | None = None
    processes: Mapping[int, int] = field(default_factory=dict)


def there() -> bool:
    """Whether the kernel drives any card of NVIDIA; no library is asked."""
    try:
        return bool(os.listdir(_DRIVER))
    except OSError:
        return os.path.exists("/dev/nvidia0")


def cards() -> tuple[Card, ...] | None:
    """Every card, none where the machine has none; None where there are some that cannot be asked about."""
    library = _library()
    if library is None:
        return None if there() else ()
    try:
        return tuple(_card(library, number) for number in range(library.nvmlDeviceGetCount()))
    except library.NVMLError:
        return None


@functools.cache
def _library() -> Any:
    """The library, ready to be asked, or None; a driver is asked for once."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    return pynvml


def _card(library: Any, number: int) -> Card:
    handle = library.nvmlDeviceGetHandleByIndex(number)
    memory = library.nvmlDeviceGetMemoryInfo(handle)
    name = library.nvmlDeviceGetName(handle)
    busy, processes = None, {}
    with contextlib.suppress(library.NVMLError):
        busy = library.nvmlDeviceGetUtilizationRates(handle).gpu / 100
    with contextlib.suppress(library.NVMLError):
        found = library.nvmlDeviceGetComputeRunningProcesses(handle)
        processes = {one.pid: int(one.usedGpuMemory or 0) for one in found}
    text = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    return Card(text, int(memory.total), int(memory.used), busy, processes)
