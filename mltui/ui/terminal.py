"""The terminal: whether there is one, what it can do, and how nothing but the screen is ever written to it."""

from __future__ import annotations

import io
import os
import select
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

LOG_LIMIT = 1_000_000  # bytes; a longer log becomes lab.log.1 at the next start
Colours = Literal["none", "16", "full"]


def refusal(environ: Mapping[str, str] = os.environ) -> str | None:
    """Why the lab cannot open here, one sentence, or None where it can."""
    if not (is_tty(0) and (is_tty(2) or is_tty(1))):
        return "the lab needs a terminal on its input and output; without one, use mltui run EXPERIMENT.toml"
    term = environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        named = f"TERM={term}" if term else "TERM is not set"
        return (
            f"the lab needs a terminal that can place its cursor ({named}); without one, use mltui run EXPERIMENT.toml"
        )
    return None


def colours(environ: Mapping[str, str] = os.environ) -> Colours:
    """How many colours the terminal shows, by what it says of itself."""
    if environ.get("NO_COLOR"):  # empty counts as not set: no-color.org
        return "none"
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return "full"
    return "full" if "256" in environ.get("TERM", "") or environ.get("TERM", "").endswith("-direct") else "16"


def prepare(environ: os._Environ[str] = os.environ) -> None:
    """Set what Textual reads when it is imported; what the user set stays."""
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    if not environ.get("NO_COLOR"):  # Textual goes by its presence
        environ.pop("NO_COLOR", None)
    environ.setdefault("TEXTUAL_FPS", "30")
    environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    if colours(environ) == "16":
        environ.setdefault("TEXTUAL_COLOR_SYSTEM", "standard")


@contextmanager
def guarded(log: Path | None) -> Iterator[None]:
    """Keep the screen to the lab: whatever else prints on descriptors 1 and 2 lands in the log until the end.

    Textual writes to `sys.__stderr__`, so that one is pointed at a copy of the terminal.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    screen = _Screen.on(os.dup(2 if is_tty(2) else 1))
    kept = {fd: os.dup(fd) for fd in (1, 2)}
    modes = _modes(screen.fileno())
    streams = (sys.__stdout__, sys.__stderr__)
    sink = _open_log(log)
    try:
        for fd in kept:
            os.dup2(sink, fd)
        os.close(sink)
        sys.__stdout__ = sys.__stderr__ = screen  # type: ignore[misc]
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        sys.__stdout__, sys.__stderr__ = streams  # type: ignore[misc]
        for fd, copy in kept.items():
            os.dup2(copy, fd)
            os.close(copy)
        with suppress(OSError, termios.error):  # the terminal may be gone
            if modes is not None:
                termios.tcsetattr(screen.fileno(), termios.TCSANOW, modes)
        with suppress(OSError):
            screen.close()


class _Screen(io.TextIOWrapper):
    """The terminal to write to. What one that is gone does not take is lost: the writer must not end by it, as the lab
    would then wait for the writer for ever."""

    @classmethod
    def on(cls, descriptor: int) -> _Screen:
        return cls(io.BufferedWriter(io.FileIO(descriptor, "w")), encoding="utf-8", errors="replace")

    def write(self, text: str, /) -> int:
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def gone(descriptor: int = 0) -> bool:
    """Whether the terminal that was there has been closed at its other end, of which no signal need tell."""
    events = select.poll()
    events.register(descriptor, 0)
    return bool(events.poll(0))


def _modes(terminal: int) -> list[Any] | None:
    """How the terminal takes keys, or None where it is none: Textual that was stopped and went on notes its own modes
    as those to go back to."""
    try:
        return termios.tcgetattr(terminal)
    except (OSError, termios.error):
        return None


def _open_log(log: Path | None) -> int:
    if log is not None:
        with suppress(OSError):
            if log.exists() and log.stat().st_size > LOG_LIMIT:
                log.replace(log.with_name(log.name + ".1"))
            return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return os.open(os.devnull, os.O_WRONLY)


def is_tty(fd: int) -> bool:
    """Whether a descriptor is a terminal."""
    try:
        return os.isatty(fd)
    except OSError:
        return False
