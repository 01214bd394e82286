"""What `mltui doctor` looks at, each finding with its words and, where something is wrong, its advice."""

from __future__ import annotations

import importlib.metadata
import locale
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from typing import Any

from mltui import __version__
from mltui.cli import logout, machine, store_check
from mltui.core.errors import InputError
from mltui.plots.words import size

LIBRARIES = ("textual", "rich", "plotext", "numpy", "scikit-learn", "torch", "polars", "uproot", "skops")


@dataclass(frozen=True)
class Fact:
    """One finding: its name and plain value for the document, its words for a person, its advice if any."""

    name: str
    value: Any
    words: str
    advice: str = ""


def examined() -> dict[str, list[Fact]]:
    """Every finding, by section."""
    return {
        "terminal": _terminal(),
        "python": _python(),
        "machine": [*_memory(), *_threads()],
        "store": _store(),
        "devices": _devices(),
        "logout": _logout(),
    }


def _terminal() -> list[Fact]:
    window = shutil.get_terminal_size()
    term = os.environ.get("TERM", "")
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    encoding = (sys.stdout.encoding or "").lower()
    unicode = encoding.replace("-", "").startswith("utf")
    small = on_terminal and (window.columns < 80 or window.lines < 24)
    drawable = term not in ("", "dumb", "unknown")
    return [
        Fact("terminal", on_terminal, "yes" if on_terminal else "no: input or output is redirected"),
        Fact(
            "size",
            [window.columns, window.lines],
            f"{window.columns} columns, {window.lines} rows",
            "the lab wants 80 columns and 24 rows at least" if small else "",
        ),
        Fact("TERM", term, term or "not set", "" if drawable else "TERM names no terminal that can be drawn on"),
        Fact("colours", *_colours()),
        Fact(
            "unicode",
            unicode,
            f"{'yes' if unicode else 'no'} ({encoding or 'unknown'}, locale {locale.setlocale(locale.LC_CTYPE)})",
            "" if unicode else "text is not written as UTF-8; set LANG to C.UTF-8, or MLTUI_ASCII=1 for plain pictures",
        ),
    ]


def _colours() -> tuple[str, str]:
    if os.environ.get("NO_COLOR"):
        return "none", "none, as NO_COLOR asks"
    from rich.console import Console

    system = Console(force_terminal=True).color_system
    name = {"standard": "16", "256": "256", "truecolor": "truecolor", "windows": "16"}.get(system or "", "none")
    hint = "" if os.environ.get("COLORTERM") else "; COLORTERM is not set, which ssh does not forward"
    return name, f"{name}{hint}"


def _python() -> list[Fact]:
    versions = {name: _version(name) for name in LIBRARIES}
    facts = [
        Fact("mltui", __version__, __version__),
        Fact("python", platform.python_version(), f"{platform.python_version()} ({sys.executable})"),
        Fact("system", platform.platform(), platform.platform()),
    ]
    for name, version in versions.items():
        absent = "" if version else f"{name} is not installed; install mltui again"
        facts.append(Fact(name, version, version or "not installed", absent))
    return facts


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _memory() -> list[Fact]:
    memory = machine.memory()
    words = f"{size(memory.free)} free of {size(memory.usable)}"
    if memory.limit is not None:
        words += f" (limited by the system's cgroup; the machine has {size(memory.machine)})"
    scarce = memory.free < 1 << 30
    return [
        Fact(
            "memory",
            {"free": memory.free, "usable": memory.usable, "machine": memory.machine, "limit": memory.limit},
            words,
            "less than 1 GB of memory is free; a network's worker alone wants about 0.5 GB" if scarce else "",
        )
    ]


def _threads() -> list[Fact]:
    try:
        share = machine.threads()
    except InputError as error:  # wrong settings are a finding too
        return [Fact("threads", None, "not known", error.sentence)]
    if share is None:
        return [Fact("threads", None, "not known", "the worker could not be started; install mltui again")]
    words = f"{share.used} for a run; {share.allowed} of {share.cores} cores may be used"
    return [Fact("threads", {"used": share.used, "allowed": share.allowed, "cores": share.cores}, words)]


def _store() -> list[Fact]:
    found = store_check.store()
    facts = [
        Fact("path", found.path, found.path),
        Fact("writable", not found.problem, "no" if found.problem else "yes", found.problem),
    ]
    if found.free is not None:
        scarce = found.free < 200 << 20
        facts.append(
            Fact(
                "disk",
                {"free": found.free, "file_system": found.file_system},
                f"{size(found.free)} free ({found.file_system or 'unknown file system'})",
                f"less than 200 MB is free for runs in {found.path}; MLTUI_HOME moves them" if scarce else "",
            )
        )
    facts += _cache()
    facts.append(Fact("quota", found.quota, found.quota or "none that could be found out"))
    return facts


def _cache() -> list[Fact]:
    """What tables larger than memory take on the disk."""
    try:
        found = store_check.cache()
    except InputError as error:  # wrong settings are a finding too
        return [Fact("cache", None, "not known", error.sentence)]
    tables = f"{found.entries} entr{'y' if found.entries == 1 else 'ies'} of tables larger than memory"
    words = f"{size(found.used)} in {tables}, at most {size(found.most)} ({found.path})"
    return [
        Fact(
            "cache",
            {"path": str(found.path), "used": found.used, "entries": found.entries, "most": found.most},
            words if found.entries else f"empty, at most {size(found.most)} ({found.path})",
        )
    ]


def _devices() -> list[Fact]:
    found = machine.devices()
    names = found.names or ["no GPU"]
    return [Fact("devices", {"cpu": True, "gpu": found.names}, f"cpu; {', '.join(names)}", found.problem)]


def _logout() -> list[Fact]:
    found = logout.survival()
    return [Fact("survives", found.survives, found.words, found.advice)]
