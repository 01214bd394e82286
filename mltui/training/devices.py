"""Where a run computes: how many threads are its fair share of the machine, and which device."""

from __future__ import annotations

import math
import os
import platform
from pathlib import Path

from mltui.core.errors import InputError

MODEST = 2
"""Threads a run takes where nobody says: a login node belongs to everybody."""


def machine_share(root: Path = Path("/")) -> int:
    """The cores this process may use: what affinity and the control group's quota leave, at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(root)
    return max(1, min(cores, math.ceil(quota)) if quota else cores)


def threads(asked: int | None) -> tuple[int, str]:
    """The threads a run uses, with a sentence where that is fewer than asked for.

    What the experiment asks for comes first, then MLTUI_THREADS, then a modest share.
    """
    share = machine_share()
    named = os.environ.get("MLTUI_THREADS", "")
    if asked is None and named.isascii() and named.isdigit() and int(named) > 0:
        asked = int(named)
    if asked is None:
        return min(MODEST, share), ""
    if asked > share:
        return share, f"{asked} threads were asked for; this machine's share is {share}, so the run uses {share}"
    return asked, ""


def limit_threads(count: int, *, torch: bool) -> None:
    """Hold the numerical libraries that are loaded, and torch if it is used, to so many threads."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=count)
    if torch:
        from torch import set_num_threads

        set_num_threads(count)


def choose(asked: str) -> str:
    """The device to train on, by torch's name; auto is the first graphics card, else the processor.

    Raises:
        InputError: where the device that is asked for is not there.
    """
    if asked == "cpu":
        return "cpu"
    import torch

    cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    metal = torch.backends.mps.is_available()
    if asked == "auto":
        return "cuda:0" if cards else "mps" if metal else "cpu"
    if asked == "mps" and metal:
        return "mps"
    number = int(asked.partition(":")[2] or 0)
    if asked.startswith("cuda") and number < cards:
        return f"cuda:{number}"
    there = ["auto", "cpu", *(f"cuda:{n}" for n in range(cards)), *(["mps"] if metal else [])]
    raise InputError(
        f"training.device is {asked}, which this machine does not have; it offers {', '.join(there)}",
        key="training.device",
    )


def make_repeatable(device: str) -> None:
    """Have a graphics card give the same numbers in every run; to be called before its first use."""
    if device.startswith("cuda"):
        import torch

        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=True)


def describe(device: str) -> str:
    """The device in words, such as the name of its processor."""
    if device.startswith("cuda"):
        import torch

        return str(torch.cuda.get_device_name(torch.device(device)))
    return _processor()


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _quota(root: Path) -> float | None:
    """The smallest quota in cores that this process's control groups set, version 1 or 2, or None."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            found += [_cpu_max(folder) for folder in _upwards(root / "sys/fs/cgroup", path)]
        elif "cpu" in controllers.split(","):
            for mounted in ("cpu", "cpu,cpuacct"):
                found += [_cfs(folder) for folder in _upwards(root / "sys/fs/cgroup" / mounted, path)]
    return min((quota for quota in found if quota), default=None)


def _upwards(mounted: Path, path: str) -> list[Path]:
    """A control group's folder and all those above it, whose limits count too."""
    parts = [part for part in path.split("/") if part not in ("", "..")]
    return [mounted.joinpath(*parts[:depth]) for depth in range(len(parts), -1, -1)]


def _cpu_max(folder: Path) -> float | None:
    words = _words(folder / "cpu.max")
    return int(words[0]) / int(words[1]) if len(words) == 2 and words[0] != "max" else None


def _cfs(folder: Path) -> float | None:
    quota, period = _words(folder / "cpu.cfs_quota_us"), _words(folder / "cpu.cfs_period_us")
    return int(quota[0]) / int(period[0]) if quota and period and int(quota[0]) > 0 else None


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except OSError:
        return []
