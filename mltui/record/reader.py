"""Reads a run's events as they grow, without ever holding the file open."""

from __future__ import annotations

import json
import math
import os

from mltui.core.events import Event
from mltui.record.files import open_plain
from mltui.record.folder import RunFolder

LONGEST_LINE = 1 << 26


class EventReader:
    """Hands out the events of a run in the order of the file; the fold drops those that the file holds twice."""

    def __init__(self, folder: RunFolder) -> None:
        self._path = folder.events
        self._offset = 0
        self._seen: tuple[int, int, int] | None = None

    def poll(self) -> list[Event]:
        """The events of the lines completed since the last look; one `stat` where the file has not changed.

        A line without its end, or with the zeros that a file server shows for what has not arrived, is not there yet.
        Lines that are no events are passed over.
        """
        try:
            now = os.stat(self._path)
            seen = (now.st_ino, now.st_size, now.st_mtime_ns)
            if seen == self._seen:
                return []
            if now.st_size < self._offset:
                self._offset = 0
            events, waits = self._read()
        except OSError:
            return []
        self._seen = None if waits else seen
        return events

    def _read(self) -> tuple[list[Event], bool]:
        events: list[Event] = []
        with open_plain(self._path) as file:
            file.seek(self._offset)
            while line := file.readline(LONGEST_LINE):
                if b"\0" in line:
                    return events, True
                if not line.endswith(b"\n") and len(line) < LONGEST_LINE:
                    break
                self._offset += len(line)
                event = parse(line)
                if event is not None:
                    events.append(event)
        return events, False


def parse(line: bytes) -> Event | None:
    """The event on a line, or None where it holds none."""
    try:
        document = json.loads(line, parse_constant=lambda _: None)
        document["time"] = float(document["time"])
        event = Event.read(document)
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError, RecursionError):
        return None
    return event if math.isfinite(event.time) and event.seq >= 0 else None
