"""The one writer of a run's events: every line reaches the file whole, late rather than never."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

from mltui.core.events import Event
from mltui.record.files import to_disk, why, write_all
from mltui.record.folder import RunFolder
from mltui.record.reader import parse

SYNC_SECONDS = 3.0


class EventWriter:
    """Appends events to a run's file. Safe to call from any thread; never raises once it is made.

    A line goes to the file at once. Every few seconds a thread of its own brings the lines to safety (fsync, close,
    open anew), so that other hosts see them and a refusal that shows only then is noticed. What is not yet known to be
    safe is kept in memory and written again, the same bytes at the same place, until it is.
    """

    def __init__(self, folder: RunFolder, attempt: int, *, every: float = SYNC_SECONDS) -> None:
        """Continue a run's events, or begin them.

        Raises:
            OSError: where the file of an earlier attempt cannot be read or its torn last line cut off.
        """
        self._path, self._steered = folder.events, folder.steered
        self._attempt = attempt
        self._safe, self._seq = _end_of(self._path)
        self._unsaved = bytearray()  # the bytes from offset _safe on
        self._written = 0  # how many of them the system has taken
        self._reach = self._safe  # as far as this writer has ever written
        self._usurped = False
        self._handle: int | None = None
        self._trouble = ""
        self._lock = threading.Lock()
        self._syncing = threading.Lock()
        self._leave = threading.Event()
        self._every = every
        self._thread = threading.Thread(target=self._keep_safe, name="mltui-events", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str:
        """One sentence while lines wait in memory because the file system refuses them; empty when all is well."""
        return self._trouble

    @property
    def usurped(self) -> bool:
        """Whether somebody else has written into the file, as after this process was taken for dead: it then writes
        no more."""
        return self._usurped

    def emit(self, kind: str, **fields: Any) -> Event:
        """Append an event and return it as it was numbered and timed."""
        with self._lock:
            event = Event(self._seq, self._attempt, kind, time.time(), fields)
            self._seq += 1
            line = json.dumps(event.document(), allow_nan=False, separators=(",", ":"), default=str)
            self._unsaved += line.encode() + b"\n"
            if not self._trouble:
                self._write()
            if kind in ("started", "changed"):
                self._mark(steered=kind == "changed")
        return event

    def flush(self) -> bool:
        """Bring every line to safety now; say whether that went well."""
        with self._syncing:
            with self._lock:
                self._write()
                handle, self._handle = self._handle, None
                end = self._written
            if handle is None:
                return not self._unsaved
            try:
                try:
                    to_disk(handle)
                finally:
                    os.close(handle)
            except OSError as error:
                with self._lock:
                    self._written = 0
                    self._refused(error)
                return False
            with self._lock:
                del self._unsaved[:end]
                self._safe += end
                self._written -= end
                if self._written == len(self._unsaved):
                    self._trouble = ""
                return not self._unsaved

    def close(self, patience: float = 5.0) -> bool:
        """Bring every line to safety, trying again for `patience` seconds; say whether that went well."""
        self._leave.set()
        self._thread.join()
        until = time.monotonic() + patience
        while not self.flush():
            if time.monotonic() >= until:
                return False
            time.sleep(min(0.2, patience))
        return True

    def _mark(self, *, steered: bool) -> None:
        """Have lists tell, without reading every event, that a value was changed; a new start takes that back."""
        with contextlib.suppress(OSError):
            if steered:
                self._steered.touch(mode=0o600)
            else:
                self._steered.unlink(missing_ok=True)

    def _write(self) -> None:
        """Hand the system what it has not taken yet. The lock is held."""
        if self._written == len(self._unsaved) or self._usurped:
            return
        try:
            if self._handle is None:
                self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            if os.fstat(self._handle).st_size > self._reach:
                self._usurped = True
                return
            self._reach = max(self._reach, self._safe + len(self._unsaved))
            write_all(self._handle, bytes(self._unsaved[self._written :]), self._safe + self._written)
            self._written = len(self._unsaved)
        except OSError as error:
            self._refused(error)

    def _refused(self, error: OSError) -> None:
        self._trouble = f"The run goes on, but its reports wait in memory: {why(error)} ({self._path})."

    def _keep_safe(self) -> None:
        while not self._leave.wait(self._every):
            self.flush()


def _end_of(path: Path) -> tuple[int, int]:
    """Where the next line goes and its number; a torn last line, or one that a crash left as zeros, is cut off."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0, 0
    with os.fdopen(handle, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        reach = 1 << 16
        while True:
            start = max(0, size - reach)
            file.seek(start)
            end, seq = _last_whole(file.read(size - start), from_start=start == 0)
            if seq is not None or start == 0:
                break
            reach *= 4
        if start + end < size:
            file.truncate(start + end)
        return start + end, 0 if seq is None else seq + 1


def _last_whole(tail: bytes, *, from_start: bool) -> tuple[int, int | None]:
    """In the tail of a file: the end of its last whole line, and the highest number of an event in it."""
    lines = tail.split(b"\n")[:-1]
    while lines and b"\0" in lines[-1]:
        lines.pop()
    end = sum(len(line) + 1 for line in lines)
    events = [parse(line) for line in (lines if from_start else lines[1:])]
    return end, max((event.seq for event in events if event is not None), default=None)
