"""Follows a run folder: its events folded and its worker judged, the same for a living run and a finished one."""

from __future__ import annotations

import math
import time
from dataclasses import replace

from mltui.record.folder import RunFolder
from mltui.record.reader import EventReader
from mltui.record.state import RunState, anew, fold, thinned, unbegun
from mltui.record.status import read_status
from mltui.runs.judge import Judge, Launched, Verdict, last_sign

JUDGE_SECONDS = 0.5
PATIENCE_SECONDS = 2.0
PIECE = 1 << 20
"""Bytes of events that are read and folded at a time, so that a long run needs no more memory than its curves."""
CATCH_UP_SECONDS = 0.3
"""How long one poll may catch up with a long run, where the whole of it is not asked for at once."""


class Follower:
    """What is known of a run, brought up to date by `poll`.

    A worker that died without a last word shows as phase "interrupted", with one sentence and the log to look in.
    Should it be heard of again, as one on another machine may be, the run goes on. A run whose next attempt has been
    launched waits for that one's first word.
    """

    def __init__(self, folder: RunFolder, *, patience: float = PATIENCE_SECONDS, most: int | None = None) -> None:
        """Follow a run.

        Args:
            patience: as `Judge` has it.
            most: how many points of a curve are kept at the most; a longer one is thinned as `Series.thinned` does it.
        """
        self.folder = folder
        self._reader = EventReader(folder)
        self._judge = Judge(folder, patience=patience)
        self._most = most
        self._told = RunState()
        self._shown = self._told
        self._judged: float | None = None
        self._verdict = Verdict("lives")
        self._launched = 0

    def poll(self, *, whole: bool = True) -> RunState:
        """The run as it stands; the very same object while nothing is new. One `stat` between two judgements.

        Args:
            whole: else a long run is caught up with over several polls, and until then stands as
                it stood.
        """
        before = (self._told, self._verdict, self._awaited)
        self._read(whole)
        if self._reader.behind:
            self._verdict, self._shown = Verdict("lives"), self._told
            return self._shown
        if self._told.ended and not self._awaited:
            self._verdict = Verdict("lives")
        if self._judged is None or time.monotonic() - self._judged >= JUDGE_SECONDS:
            launched = Launched.read(self.folder)
            self._launched = launched.attempt if launched is not None else 0
            if self._awaited or not self._told.ended:
                self._verdict = self._judge.verdict()
                if self._verdict.life == "lives" and launched is not None and launched.exit is not None:
                    self._launched = 0  # the one that was launched has left the run to another, which is at work
            self._judged = time.monotonic()
            self._read(True)  # the last words may have been written between the two looks
        told, verdict, awaited = before
        if self._told is not told or self._verdict != verdict or self._awaited != awaited:
            self._shown = self._merged()
        return self._shown

    @property
    def _awaited(self) -> bool:
        """Whether another attempt has been launched of which there is no word yet."""
        return 0 < self._told.attempt < self._launched

    def _read(self, whole: bool) -> None:
        until = math.inf if whole else time.monotonic() + CATCH_UP_SECONDS
        while True:
            events = self._reader.poll(PIECE)
            if events:
                self._told = thinned(fold(self._told, events), self._most)
            if not self._reader.behind or time.monotonic() >= until:
                return

    def _merged(self) -> RunState:
        state = self._told if self._told.run else replace(self._told, run=self.folder.id)
        state = anew(state) if self._awaited else state
        status = self._verdict.status or read_status(self.folder.status)
        state = replace(state, host=status.host if status is not None else "")
        if state.ended or self._verdict.life in ("lives", "waiting"):
            return self._troubled(state)
        if self._verdict.life == "queued":
            return replace(state, phase="queued")
        if status is not None and status.attempt == state.attempt and not state.resources:
            state = replace(state, resources=status.resources)
        return interrupted(state, self._verdict.sentence, self.folder)

    def _troubled(self, state: RunState) -> RunState:
        """With what the worker cannot write into its events, such as that nothing can be written."""
        trouble = "" if state.ended else self._verdict.sentence
        new = trouble and trouble not in state.warnings
        return replace(state, warnings=(*state.warnings, trouble)) if new else state


def interrupted(state: RunState, sentence: str, folder: RunFolder) -> RunState:
    """The state of a run whose worker is gone without a last word, since it was last heard of."""
    log = str(folder.log) if folder.log.exists() else ""
    state = replace(state, since=last_sign(folder, state.since))
    if state.left is not None:
        return unbegun(state, "interrupted", message=sentence, cause="died", log=log)
    return replace(state, phase="interrupted", message=sentence, cause="died", log=log, rate=None, seconds_left=None)


def read_state(folder: RunFolder) -> RunState:
    """A run as it stands now."""
    return Follower(folder, patience=0.0).poll()
