"""Reads a run's events as they grow, without ever holding the file open."""

from __future__ import annotations

import json
import math
import os

from mltui.core.events import Event
from mltui.record.files import open_plain
from mltui.record.folder import RunFolder

LONGEST_LINE = 1 << 26
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)  # made anew for each line it would take longer than the line


class EventReader:
    """Hands out the events of a run in the order of the file; the fold drops those that the file holds twice."""

    def __init__(self, folder: RunFolder) -> None:
        self._path = folder.events
        self._offset = 0
        self._seen: tuple[int, int, int] | None = None
        self.behind = False  # whether the last look stopped at its limit

    def poll(self, limit: float = math.inf) -> list[Event]:
        """The events of the lines completed since the last look; one `stat` where the file has not changed.

        Args:
            limit: after so many bytes the look may end, and the next one goes on from there.

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
            events, waits = self._read(limit)
        except OSError:
            return []
        self._seen = None if waits else seen
        return events

    def _read(self, limit: float) -> tuple[list[Event], bool]:
        """The next events, and whether more of what is there now is still to be read."""
        events: list[Event] = []
        end = self._offset + limit
        self.behind = False
        with open_plain(self._path) as file:
            file.seek(self._offset)
            while line := file.readline(LONGEST_LINE):
                if b"\0" in line:
                    return events, True
                if not line.endswith(b"\n") and len(line) < LONGEST_LINE:
                    break
                self._offset += len(line)
                if self._offset >= end:
                    self.behind = True
                event = parse(line)
                if event is not None:
                    events.append(event)
                if self.behind:
                    return events, True
        return events, False


def parse(line: bytes) -> Event | None:
    """The event on a line, or None where it holds none."""
    try:
        document = _DECODER.decode(line.decode())
        document["time"] = float(document["time"])
        event = Event.read(document)
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError, RecursionError):
        return None
    return event if math.isfinite(event.time) and event.seq >= 0 else None
