"""The limits that control groups, version 1 or 2, set to this process: memory, processor time, number of tasks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

ROOT = Path("/")
_UNLIMITED = 1 << 60
_MEMORY_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Of version 2 and 1: the limit, what is used under it, and in memory.stat what of that can be dropped at once."""


def memory_limits() -> list[tuple[int, int]]:
    """Each limit in bytes that holds for this process, with what is used under it.

    Copies of files that nobody has looked at lately do not count as used: the system drops them where room is needed.
    """
    found = []
    for folder in _folders("memory", ("memory",)):
        for limit_name, used_name, droppable in _MEMORY_FILES:
            limit = _number(folder / limit_name)
            if limit is not None and limit < _UNLIMITED:
                used = _number(folder / used_name) or 0
                found.append((limit, max(0, used - _statistic(folder / "memory.stat", droppable))))
    return found


def cpu_quota() -> float | None:
    """The smallest quota in cores, or None."""
    quotas = []
    for folder in _folders("cpu", ("cpu", "cpu,cpuacct")):
        quotas += [_cpu_max(folder), _cfs(folder)]
    return min((quota for quota in quotas if quota), default=None)


def tasks_left() -> int | None:
    """How many processes and threads may still be started, or None where nothing limits them."""
    left = []
    for folder in _folders("pids", ("pids",)):
        most, now = _number(folder / "pids.max"), _number(folder / "pids.current")
        if most is not None and now is not None:
            left.append(max(0, most - now))
    return min(left, default=None)


def _folders(controller: str, mounts: Iterable[str]) -> list[Path]:
    """This process's control group folders and all those above them, whose limits count too."""
    try:
        lines = (ROOT / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
    mounted = ROOT / "sys/fs/cgroup"
    folders: list[Path] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            folders += _upwards(mounted, path)
        elif controller in controllers.split(","):
            folders += [folder for mount in mounts for folder in _upwards(mounted / mount, path)]
    return folders


def _upwards(mounted: Path, path: str) -> list[Path]:
    parts = [part for part in path.split("/") if part not in ("", "..")]
    return [mounted.joinpath(*parts[:depth]) for depth in range(len(parts), -1, -1)]


def _cpu_max(folder: Path) -> float | None:
    words = _words(folder / "cpu.max")
    return int(words[0]) / int(words[1]) if len(words) == 2 and words[0] != "max" else None


def _cfs(folder: Path) -> float | None:
    quota, period = _words(folder / "cpu.cfs_quota_us"), _words(folder / "cpu.cfs_period_us")
    return int(quota[0]) / int(period[0]) if quota and period and int(quota[0]) > 0 else None


def _statistic(path: Path, name: str) -> int:
    words = _words(path)
    found = [value for key, value in zip(words[::2], words[1::2], strict=False) if key == name]
    return int(found[0]) if found and found[0].isdigit() else 0


def _number(path: Path) -> int | None:
    words = _words(path)
    return int(words[0]) if len(words) == 1 and words[0].isdigit() else None


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except OSError:
        return []
