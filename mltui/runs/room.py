"""Whether this machine has room for one more run: processors, memory, tasks, graphics card, disk; by what it truly
leaves this user."""

from __future__ import annotations

import contextlib
import glob
import os
import resource
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from mltui.data import cgroups, memory, processors
from mltui.models.catalogue import CARDS
from mltui.record.folder import RunFolder
from mltui.runs import cards

AT_ONCE = 4
"""Runs of the queue at once where nobody says, however large the machine is."""
LIBRARIES = 450_000_000
"""Bytes that a worker takes before it has read anything."""
CARD = 1_500_000_000
"""Bytes of a graphics card that a small network takes, most of it for the libraries."""
TASKS = 64
"""Threads that a worker starts at most, helpers of its libraries among them."""
DISK = 100_000_000
"""Bytes of the store's disk below which nothing is started: snapshots alone may take 64 MB."""


@dataclass(frozen=True)
class Need:
    """What a run will want, as far as its experiment says.

    Attributes:
        memory: bytes. card: whether it wants a graphics card.
        pid: its worker's where it runs already, else 0.
    """

    threads: int
    memory: int
    card: bool
    pid: int = 0


def need(folder: RunFolder, threads: int | None, pid: int = 0) -> Need:
    """What a run will want.

    Args:
        threads: that it may use where its experiment does not say.
    """
    asked = _asked(folder)
    training, model = _section(asked, "training"), _section(asked, "model")
    given = training.get("threads")
    wanted = given if isinstance(given, int) and given > 0 else threads or processors.MODEST
    table = sum(map(_size, _files(_section(asked, "data"))))
    return Need(
        threads=min(wanted, processors.share()),
        memory=LIBRARIES + int(min(memory.PEAK * table, psutil.virtual_memory().total / 2)),
        card=_wants_card(str(training.get("device", "auto")), str(model.get("name", ""))),
        pid=pid,
    )


def refusal(home: Path, one: Need, running: Sequence[Need], at_once: int | None) -> str:
    """What one more run waits for, as the end of a sentence; empty where there is room for it.

    Where none of the queue runs, processors and memory are no reason to wait, or a small machine would never start.

    Args:
        running: what those of the queue that run now want.
        at_once: how many may run, or None for what the machine allows, at most `AT_ONCE`.
    """
    disk = _disk(home)
    if disk or not running:
        return disk
    most = at_once or AT_ONCE
    if len(running) >= most:
        return f"one of the {most} that may run at once to end" if most > 1 else "the run before it to end"
    taken, share = sum(other.threads for other in running), processors.share()
    if taken + one.threads > share:
        return f"processors: those that run use {taken} of the {share} that may be used, and it wants {one.threads}"
    free = memory.available() - sum(_not_yet_taken(other) for other in running)
    if free < one.memory:
        return f"memory: {memory.shown(max(free, 0))} is left, and it may want {memory.shown(one.memory)}"
    left = _tasks_left()
    if left is not None and left < TASKS:
        return f"the limit on processes and threads, which leaves {left} (ulimit -u)"
    return _card(running) if one.card else ""


def memory_free() -> int:
    """Bytes of memory that a run may take here, now."""
    return memory.available()


def disk_free(home: Path) -> int:
    """Bytes that are free on the store's disk; what a quota leaves is not known. As many as may be where none tells."""
    try:
        room = os.statvfs(home)
    except OSError:
        return 1 << 62
    return room.f_bavail * room.f_frsize


def _disk(home: Path) -> str:
    free = disk_free(home)
    return f"disk space: {memory.shown(free)} is free in {home}" if free < DISK else ""


def _not_yet_taken(other: Need) -> int:
    """What a run will still take: one that has just begun holds little yet."""
    try:
        return max(0, other.memory - int(psutil.Process(other.pid).memory_info().rss)) if other.pid else other.memory
    except psutil.Error:
        return 0


def _card(running: Sequence[Need]) -> str:
    found = cards.cards()
    sharing = [other for other in running if other.card]
    if found is None:  # how full it is cannot be known
        return "the run that may use the graphics card to end" if sharing else ""
    if not found or any(card.memory - card.used > CARD for card in found):
        return ""
    most = max(card.memory - card.used for card in found)
    return f"memory of the graphics card: {memory.shown(most)} is free"


def _tasks_left() -> int | None:
    """How many more processes and threads this user may start, or None where nothing limits them."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    limits = [cgroups.tasks_left()]
    if soft != resource.RLIM_INFINITY and os.getuid() != 0:
        limits.append(soft - _own_tasks())
    return min((limit for limit in limits if limit is not None), default=None)


def _own_tasks() -> int:
    """This user's processes and threads."""
    own, count = os.getuid(), 0
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            count += each.num_threads() if each.uids().real == own else 0
    return count


def _wants_card(device: str, model: str) -> bool:
    card = CARDS.get(model)
    if card is None or card.engine != "network":
        return False
    return device.startswith("cuda") or (device == "auto" and cards.there())


def _asked(folder: RunFolder) -> Mapping[str, Any]:
    try:
        return tomllib.loads(folder.resolved.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name)
    return section if isinstance(section, Mapping) else {}


def _files(data: Mapping[str, Any]) -> Iterator[str]:
    """The data's files, of all samples."""
    samples = data.get("samples")
    for source in (data, *(samples if isinstance(samples, list) else ())):
        names = source.get("files") if isinstance(source, Mapping) else None
        for name in names if isinstance(names, list) else ():
            yield from glob.glob(str(name)) if "://" not in str(name) else ()


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
