"""The writer and the reader of a run's events: whole lines, in order, whatever happens to the disk in between."""

from __future__ import annotations

import errno
import json
import os
import resource
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mltui.core.events import Event
from mltui.record.folder import RunFolder
from mltui.record.reader import EventReader
from mltui.record.writer import EventWriter


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


def numbers(events: list[Event]) -> list[int]:
    return [event.seq for event in events]


def test_what_is_written_is_read_and_only_once(folder: RunFolder) -> None:
    writer = EventWriter(folder, attempt=1)
    reader = EventReader(folder)
    assert reader.poll() == []
    writer.emit("started", format=1, classes=("a", "β \x1b[31m"))
    first = reader.poll()
    assert [(e.seq, e.attempt, e.kind) for e in first] == [(0, 1, "started")]
    assert first[0].fields == {"format": 1, "classes": ["a", "β \x1b[31m"]}
    writer.emit("progress", axis=[1, 2], columns=[[0.5, float("nan")]])
    assert [e.fields["columns"] for e in reader.poll()] == [[[0.5, None]]]
    assert reader.poll() == []
    assert writer.close()
    assert folder.events.stat().st_mode & 0o777 == 0o600


def test_a_folder_says_that_its_run_was_steered_until_it_is_begun_anew(folder: RunFolder) -> None:
    writer = EventWriter(folder, attempt=1)
    writer.emit("started")
    assert not folder.steered.exists()
    writer.emit("changed", step=2, key="training.learning_rate", value=0.1)
    writer.emit("progress")
    assert folder.steered.exists()
    assert writer.close()
    again = EventWriter(folder, attempt=2)
    assert folder.steered.exists()
    again.emit("started")
    assert not folder.steered.exists()
    assert again.close()


def test_a_second_attempt_continues_the_numbers_after_a_torn_line(folder: RunFolder) -> None:
    writer = EventWriter(folder, attempt=1)
    writer.emit("started")
    writer.emit("progress")
    assert writer.close()
    reader = EventReader(folder)
    with folder.events.open("ab") as file:
        file.write(b'{"seq":2,"attempt":1,"kind":"war')
    assert numbers(reader.poll()) == [0, 1]
    again = EventWriter(folder, attempt=2)
    assert again.emit("resumed", **{"from": 1}).seq == 2
    assert again.close()
    assert [(e.seq, e.attempt) for e in reader.poll()] == [(2, 2)]
    assert [json.loads(line)["seq"] for line in folder.events.read_text().splitlines()] == [0, 1, 2]


def test_numbers_continue_in_a_file_longer_than_the_tail_that_is_looked_at(folder: RunFolder) -> None:
    writer = EventWriter(folder, attempt=1)
    writer.emit("warning", message="short")
    writer.emit("warning", message="x" * 300_000)
    assert writer.close()
    again = EventWriter(folder, attempt=2)
    assert again.emit("resumed").seq == 2
    assert again.close()


def test_zeros_that_a_crash_left_are_waited_for_and_then_cut_off(folder: RunFolder) -> None:
    writer = EventWriter(folder, attempt=1)
    writer.emit("started")
    assert writer.close()
    reader = EventReader(folder)
    with folder.events.open("ab") as file:
        file.write(b"\0" * 100 + b'"}\n')
    assert numbers(reader.poll()) == [0]
    again = EventWriter(folder, attempt=2)
    again.emit("resumed")
    assert again.close()
    assert numbers(reader.poll()) == [1]


def test_lines_that_are_no_events_are_passed_over(folder: RunFolder) -> None:
    lines = [
        b"[]",
        b"not json",
        b'{"seq": 1}',
        b'{"seq":"x","attempt":1,"kind":"warning","time":1}',
        b'{"seq":-1,"attempt":1,"kind":"warning","time":1}',
        b'{"seq":1,"attempt":1,"kind":"warning","time":1e999}',
        b'{"seq":1e999,"attempt":1,"kind":"warning","time":1}',
        b"[" * 100_000,
        b'{"seq":' + b"9" * 5000 + b',"attempt":1,"kind":"x","time":1}',
        b"\xff\xfe",
        b"",
        b'{"seq":7,"attempt":1,"kind":"unheard_of","time":1,"value":NaN}',
    ]
    folder.events.write_bytes(b"\n".join(lines) + b"\n")
    events = EventReader(folder).poll()
    assert [(e.seq, e.kind, dict(e.fields)) for e in events] == [(7, "unheard_of", {"value": None})]


@given(texts=st.lists(st.text(max_size=20), min_size=1, max_size=8), place=st.integers(0, 2000))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cut_of_the_file_gives_a_beginning_of_the_events(tmp_path: Path, texts: list[str], place: int) -> None:
    folder = RunFolder(tmp_path)
    folder.events.unlink(missing_ok=True)
    writer = EventWriter(folder, attempt=1)
    for text in texts:
        writer.emit("warning", message=text)
    assert writer.close()
    whole = folder.events.read_bytes()
    cut = place % (len(whole) + 1)
    folder.events.write_bytes(whole[:cut])
    reader = EventReader(folder)
    before = reader.poll()
    assert [e.fields["message"] for e in before] == texts[: whole[:cut].count(b"\n")]
    folder.events.write_bytes(whole)
    assert [e.fields["message"] for e in before + reader.poll()] == texts


def test_many_threads_give_each_event_its_own_number_and_line(folder: RunFolder) -> None:
    writer = EventWriter(folder, attempt=1, every=0.005)
    threads = [
        threading.Thread(target=lambda: [writer.emit("warning", message="m" * 300) for _ in range(100)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.close()
    assert numbers(EventReader(folder).poll()) == list(range(400))


class BrokenDisk:
    """Makes one system call refuse its work while `broken`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> None:
        self.broken = True
        real = getattr(os, call)

        def refuse(*arguments: object) -> object:
            if self.broken:
                if call == "pwrite":  # a full disk takes a part first
                    handle, content, offset = arguments
                    real(handle, content[: len(content) // 2], offset)  # type: ignore[index,arg-type]
                if call == "close":
                    real(*arguments)
                raise OSError(number, os.strerror(number))
            return real(*arguments)

        monkeypatch.setattr(os, call, refuse)


@pytest.mark.parametrize(
    ("call", "number", "said"),
    [
        ("pwrite", errno.ENOSPC, "no space is left on the disk"),
        ("fsync", errno.EDQUOT, "quota"),
        ("close", errno.EDQUOT, "quota"),
        ("open", errno.EACCES, "ticket"),
    ],
)
def test_refused_lines_wait_in_memory_and_arrive_later(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch, call: str, number: int, said: str
) -> None:
    writer = EventWriter(folder, attempt=1, every=1000)
    writer.emit("started")
    assert writer.flush()
    reader = EventReader(folder)
    assert numbers(reader.poll()) == [0]
    with monkeypatch.context() as patch:
        disk = BrokenDisk(patch, call, number)
        for i in range(5):
            writer.emit("warning", message=f"lost? {i}")
            assert not writer.flush()
        assert said in writer.trouble
        assert writer.trouble.count(".") >= 1
        assert not writer.close(patience=0)
        disk.broken = False
        assert writer.flush()
    assert writer.trouble == ""
    assert numbers(reader.poll()) == [1, 2, 3, 4, 5]
    assert numbers(EventReader(folder).poll()) == list(range(6))
    assert folder.events.read_bytes().count(b"\n") == 6


def test_bytes_lost_after_a_refused_sync_are_written_again(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = EventWriter(folder, attempt=1, every=1000)
    writer.emit("started")
    assert writer.flush()
    safe = folder.events.stat().st_size
    writer.emit("warning", message="one")
    writer.emit("warning", message="two")
    with monkeypatch.context() as patch:
        BrokenDisk(patch, "fsync", errno.EIO)
        assert not writer.flush()
    os.truncate(folder.events, safe)  # the file server never got them
    assert writer.close()
    assert numbers(EventReader(folder).poll()) == [0, 1, 2]


def test_a_real_refusal_by_the_system_loses_nothing(folder: RunFolder) -> None:
    """The system's own limit on file sizes takes a part of the line and refuses the rest, as a full disk does."""
    writer = EventWriter(folder, attempt=1, every=1000)
    writer.emit("started")
    assert writer.flush()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (folder.events.stat().st_size + 20, hard))
    try:
        writer.emit("warning", message="m" * 100)
        writer.emit("finished")
        assert not writer.flush()
        torn = EventReader(folder).poll()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert numbers(torn) == [0]
    assert writer.trouble
    assert writer.close()
    assert numbers(EventReader(folder).poll()) == [0, 1, 2]


def test_the_thread_brings_lines_to_safety_by_itself(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = threading.Event()
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        synced.set()

    monkeypatch.setattr(os, "fsync", fsync)
    writer = EventWriter(folder, attempt=1, every=0.01)
    writer.emit("started")
    assert synced.wait(10)
    assert writer.close()


def test_what_json_cannot_hold_does_not_stop_the_training(folder: RunFolder) -> None:
    writer = EventWriter(folder, attempt=1)
    writer.emit("warning", message=Path("/a"), bad={1: object})
    assert writer.close()
    assert EventReader(folder).poll()[0].fields["message"] == "/a"


def test_polling_an_unchanged_file_costs_one_stat(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = EventWriter(folder, attempt=1)
    writer.emit("started")
    assert writer.close()
    reader = EventReader(folder)
    reader.poll()
    calls: list[str] = []
    real = os.stat
    with monkeypatch.context() as patch:

        def stat(path: Path) -> os.stat_result:
            calls.append("stat")
            return real(path)

        patch.setattr(os, "stat", stat)
        patch.setattr("builtins.open", lambda *a, **k: pytest.fail("opened"))
        assert reader.poll() == []
    assert calls == ["stat"]
