"""The machine's memory, threads and devices, as far as this process may use them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from mltui.data import cgroups

DEVICE_PATIENCE = 60.0
"""Seconds that a driver may take to tell its devices."""
_ASK_DEVICES = (
    "import json, torch\n"
    "names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] "
    "if torch.cuda.is_available() else []\n"
    "names += ['Apple GPU (mps)'] if torch.backends.mps.is_available() else []\n"
    "print(json.dumps(names))"
)
_ASK_THREADS = (
    "import json\n"
    "from mltui.training import devices\n"
    "print(json.dumps([devices.machine_share(), devices.threads(None)[0]]))"
)


@dataclass(frozen=True)
class Memory:
    """Bytes of memory: in the machine, the cgroup's limit if any, what may be used, and how much of that is free."""

    machine: int
    limit: int | None
    usable: int
    free: int


@dataclass(frozen=True)
class Threads:
    """Cores of the machine, those this process may use, and the threads that a run takes by default."""

    cores: int
    allowed: int
    used: int


@dataclass(frozen=True)
class Devices:
    """The GPUs' names, and what went wrong in asking for them."""

    names: list[str]
    problem: str = ""


def memory() -> Memory:
    """The memory this process may use, by the machine and by its cgroup."""
    total = psutil.virtual_memory()
    limit, used = min(cgroups.memory_limits(), default=(total.total, 0))
    if limit >= total.total:
        return Memory(total.total, None, total.total, total.available)
    return Memory(total.total, limit, limit, max(0, min(limit - used, total.available)))


def threads() -> Threads | None:
    """The cores this process may use and the threads of a run, as the worker itself counts them; None if it fails."""
    from mltui.runs.home import Config
    from mltui.runs.launch import environment

    try:
        share, used = json.loads(_asked(_ASK_THREADS, environment(Config.load().threads)))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Threads(os.cpu_count() or 1, int(share), int(used))


def devices() -> Devices:
    """The GPUs that torch can use, asked in a process of its own: a driver may be slow, or bring a process down."""
    try:
        return Devices([str(name) for name in json.loads(_asked(_ASK_DEVICES))])
    except subprocess.TimeoutExpired:
        return Devices([], f"the GPU driver did not answer within {DEVICE_PATIENCE:.0f} s; runs can use the cpu")
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1:]
        return Devices([], f"torch could not be asked for devices: {''.join(said)}")


def _asked(code: str, env: Mapping[str, str] | None = None) -> str:
    """What a Python of its own prints last when it runs this code."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=DEVICE_PATIENCE,
        check=True,
        env=env,
    )
    return done.stdout.strip().rpartition("\n")[2]
