"""One line about a run, for lists: read from the head and the tail of its events, never the whole of a long file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mltui.core.errors import InputError
from mltui.core.events import EVENT_FORMAT, Event
from mltui.core.experiment import data_name
from mltui.evaluation.headline import headlines
from mltui.record.files import open_plain
from mltui.record.folder import RunFolder
from mltui.record.reader import parse
from mltui.record.state import KEPT, Phase, RunState, anew, fold
from mltui.record.status import FORMAT as STATUS_FORMAT
from mltui.record.status import read_status
from mltui.runs.follow import interrupted
from mltui.runs.judge import Judge, Launched, Verdict

_HEAD = 1 << 18
_TAIL = 1 << 16
_LONGEST_TAIL = 1 << 22
_BULK = (b'"kind":"progress"', b'"kind":"snapshot"')


@dataclass(frozen=True)
class RunSummary:
    """A run in a list.

    Attributes:
        when: when it started (or was created), in seconds since 1970.
        seconds: how long it trained, once it has ended.
        metrics: the validation part's headline numbers.
        since: from when on it is in this phase. host: the machine its worker is or was on, or of a run that is queued
            the one that it waits for; empty where nothing says.
        message: why it failed, one sentence. died: whether its worker is gone without a last word.
        steered: whether a value was changed while it trained.
        place: of a run that is queued, where it stands in the queue, from 1.
    """

    id: str
    name: str
    dataset: str
    model: str
    task: str
    phase: Phase
    when: float
    seconds: float | None
    metrics: Mapping[str, float]
    folder: Path
    message: str = ""
    since: float | None = None
    host: str = ""
    died: bool = False
    steered: bool = False
    place: int | None = None


def summarise(folder: RunFolder) -> RunSummary:
    """The summary of a run; where the folder does not say, texts are empty."""
    state = _fold_ends(folder)
    asked = _asked(folder, whole=not state.started)
    launched = Launched.read(folder)
    awaited = launched is not None and 0 < state.attempt < launched.attempt
    verdict = Judge(folder).verdict() if awaited or not state.ended else Verdict("lives")
    if awaited and not (verdict.life == "lives" and launched is not None and launched.exit is not None):
        state = anew(state)
    died = verdict.life in ("dead", "silent")
    if died:
        state = interrupted(state, verdict.sentence, folder)
    elif verdict.life == "queued":
        state = replace(state, phase="queued")
    status = verdict.status or read_status(folder.status)
    return RunSummary(
        id=folder.id,
        name=str(asked.get("name", "")),
        dataset=str(state.started.get("dataset") or data_name(_section(asked, "data"))),
        model=str(state.started.get("model") or _section(asked, "model").get("name") or ""),
        task=str(state.started.get("task") or ""),
        phase=state.phase,
        when=state.begun if state.begun is not None else _created(folder),
        seconds=state.seconds,
        metrics=_headline(state),
        folder=folder.path,
        message=state.message,
        since=state.since,
        host=status.host if status is not None else "",
        died=died,
        steered=state.steered or folder.steered.exists(),
    )


def started_of(folder: RunFolder) -> Mapping[str, Any]:
    """The fields of the run's first started event; none where it has not started."""
    try:
        with open_plain(folder.events) as file:
            for line in file:
                event = parse(line) if b"started" in line and line.endswith(b"\n") else None
                if event is not None and event.kind == "started":
                    return event.fields
    except OSError:
        pass
    return {}


def refuse_newer(folder: RunFolder) -> None:
    """Leave a run alone that a newer mltui made.

    Raises:
        InputError: where its format is newer than this mltui's.
    """
    status = read_status(folder.status)
    first = next(iter(_ends(folder)), None)
    formats = [status.format if status else 0, 0]
    if first is not None and isinstance(first.fields.get("format"), int):
        formats[1] = first.fields["format"]
    if formats[0] > STATUS_FORMAT or formats[1] > EVENT_FORMAT:
        raise InputError(
            f"run {folder.id} was made by a newer mltui (format {max(formats)}); this one can only look at it"
        )


def _fold_ends(folder: RunFolder) -> RunState:
    return fold(RunState(), _ends(folder))


def _ends(folder: RunFolder) -> list[Event]:
    """The first event and the last ones, without the bulk of progress in between; enough to hold the evaluation."""
    try:
        with open_plain(folder.events) as file:
            size = os.fstat(file.fileno()).st_size
            first = _first(file.read(_HEAD))
            reach = _TAIL
            while True:
                start = max(0, size - reach)
                file.seek(start)
                lines = file.read(size - start).split(b"\n")[:-1]
                last = [parse(line) for line in lines if not any(kind in line for kind in _BULK)]
                if start == 0 or reach >= _LONGEST_TAIL or _tells_enough(last):
                    break
                reach *= 8
    except OSError:
        return []
    return [event for event in (first, *last) if event is not None]


def _tells_enough(last: Sequence[Event | None]) -> bool:
    """Whether these last events hold the validation part's numbers, or belong to a run that has none yet."""
    events = [event for event in last if event is not None]
    evaluated = [event.fields for event in events if event.kind == "evaluated"]
    judged = any(fields.get("part") == "validation" and "metrics" in fields for fields in evaluated)
    return judged or not (evaluated or any(event.kind in KEPT for event in events))


def _first(head: bytes) -> Event | None:
    """The first event that tells more than how far the reading of the data is."""
    for line in head.split(b"\n"):
        if not any(kind in line for kind in _BULK):
            return parse(line)
    return None


def _asked(folder: RunFolder, *, whole: bool) -> dict[str, Any]:
    """The resolved experiment; only the lines before its first section, where that is enough."""
    try:
        with open_plain(folder.resolved) as file:
            text = file.read(1 << 20).decode()
        return tomllib.loads(text if whole else text.partition("\n[")[0])
    except (OSError, ValueError, RecursionError):
        return {}


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name)
    return section if isinstance(section, Mapping) else {}


def _headline(state: RunState) -> dict[str, float]:
    metrics, names = state.metrics.get("validation", {}), headlines(state.started.get("task"))
    return {name: float(metrics[name]) for name in names if isinstance(metrics.get(name), int | float)}


def _created(folder: RunFolder) -> float:
    try:
        return folder.path.stat().st_mtime
    except OSError:
        return 0.0
