"""Which machine this is, and whether a process that was recorded is still the same and alive; standard library only
on Linux."""

from __future__ import annotations

import functools
import os
import socket
from pathlib import Path


def host() -> str:
    """This machine's name."""
    return socket.gethostname()


@functools.cache
def boot() -> str:
    """What two processes share exactly when a pid means the same to both: one start of one machine, one set of pids."""
    try:
        identity = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{identity}:{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        import psutil

        return session_elsewhere(_kernel_session(), host(), psutil.boot_time())


def session_elsewhere(kernel: str, machine: str, booted: float) -> str:
    """The same where there is no /proc.

    Args:
        kernel: the kernel's own name for this session, or empty where it has none.
        machine: its name.
        booted: when it started; a time that moves whenever the clock is set, so only the last resort.
    """
    return f"{kernel}:0" if kernel else f"{machine}@{booted:.0f}:0"


def _kernel_session() -> str:
    """macOS's identity of this start of the machine; empty elsewhere."""
    if os.uname().sysname != "Darwin":
        return ""
    import subprocess

    try:
        done = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def start_time(pid: int) -> float | None:
    """When a living process started, in seconds since the machine did; None where it does not live.

    A process that has ended but was not yet waited for counts as ended.
    """
    if pid <= 0:
        return None
    try:
        words = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return None if words[0] in "ZX" else int(words[19]) / os.sysconf("SC_CLK_TCK")
    except (FileNotFoundError, ProcessLookupError):
        if os.path.exists("/proc/self/stat"):
            return None
    except (OSError, IndexError, ValueError):
        return None
    return _start_time_elsewhere(pid)


def _start_time_elsewhere(pid: int) -> float | None:
    """The same where there is no /proc."""
    import psutil

    try:
        process = psutil.Process(pid)
        ended = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return None if ended else process.create_time() - psutil.boot_time()
    except psutil.Error:
        return None


def lives(pid: int, started: float) -> bool:
    """Whether the process with this pid is the one that started then, and not a later one that got its number."""
    now = start_time(pid)
    return now is not None and abs(now - started) < 1.0
