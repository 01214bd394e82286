"""The end of a worker's log, safe to show."""

from __future__ import annotations

import os

from mltui.core.text import clean
from mltui.record.files import open_plain
from mltui.record.folder import RunFolder

_REACH = 1 << 16
_LONGEST = 500


def log_end(folder: RunFolder, lines: int = 5) -> list[str]:
    """The last lines of the worker's log that are not empty, without control characters; none where there is no log."""
    try:
        with open_plain(folder.log) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _REACH))
            text = file.read(_REACH).decode(errors="replace")
    except OSError:
        return []
    # A progress bar overwrites its line by returns: what it last showed is what counts.
    shown = (_shown(line.rstrip().rpartition("\r")[2]) for line in text.split("\n"))
    return [line for line in shown if line.strip()][-lines:] if lines > 0 else []


def _shown(line: str) -> str:
    return clean(line.replace("\t", " "), limit=_LONGEST)
