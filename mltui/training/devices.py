"""Where a run computes: how many threads are its fair share of the machine, and which device."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from mltui.core.errors import InputError
from mltui.data import processors


def machine_share() -> int:
    """The cores this process may use."""
    return processors.share()


def threads(asked: int | None) -> tuple[int, str]:
    """The threads a run uses, with a sentence where that is fewer than asked for.

    What the experiment asks for comes first, then MLTUI_THREADS, then a modest share.
    """
    share = machine_share()
    named = os.environ.get("MLTUI_THREADS", "")
    if asked is None and named.isascii() and named.isdigit() and int(named) > 0:
        asked = int(named)
    if asked is None:
        return min(processors.MODEST, share), ""
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


def choose(asked: str, *, worth_a_card: bool = True) -> str:
    """The device to train on, by torch's name; auto is the first graphics card, else the processor.

    Args:
        asked: the experiment's word.
        worth_a_card: whether there is so much to do that a graphics card pays; if not, auto is the processor.

    Raises:
        InputError: where the device that is asked for is not there.
    """
    if asked == "cpu" or (asked == "auto" and not worth_a_card):
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
