"""The cache: made once, whole or not at all, shared, bounded, and gone when it is out of date."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mltui.core.errors import InputError
from mltui.data import cache

SOMEBODY = """
import sys, time
from mltui.data import cache

def make(folder):
    print("making", flush=True)
    (folder / "a").write_bytes(bytes(1000))
    sys.stdin.readline()
    return {"by": "somebody"}

print(cache.entry({"name": sys.argv[1]}, 0, make)[1], flush=True)
sys.stdin.readline()
"""


def made(name: str, size: int = 1000, files: list[Any] | None = None) -> Path:
    """An entry of another process that has ended: nobody holds it."""
    code = (
        "import json, sys\nfrom mltui.data import cache\nkey, size = json.loads(sys.argv[1])\n"
        "print(cache.entry(key, 0, lambda f: (f / 'a').write_bytes(bytes(size)) and {})[0])"
    )
    key = {"name": name, **({} if files is None else {"files": files})}
    said = subprocess.run(
        [sys.executable, "-c", code, json.dumps([key, size])], check=True, capture_output=True, text=True
    )
    return Path(said.stdout.strip())


def never(folder: Path) -> dict[str, Any]:
    raise AssertionError("it is there already")


def names() -> set[str]:
    return {path.name for path in cache.root().iterdir() if not path.name.startswith(".")}


def test_it_is_made_once_and_then_found(mltui_home: Path) -> None:
    def make(folder: Path) -> dict[str, Any]:
        (folder / "a").write_text("content")
        return {"rows": 3}

    folder, about = cache.entry({"name": "a", "list": [1, 2]}, 7, make)
    assert folder.parent == cache.root()
    assert mltui_home in folder.parents
    assert cache.entry({"list": [1, 2], "name": "a"}, 7, never) == (folder, about)
    assert about == {"rows": 3}
    assert cache.entry({"name": "b"}, 0, lambda f: {})[0] != folder
    used = cache.usage()
    assert (used.entries, used.most > 0) == (2, True)
    assert used.used == sum(p.stat().st_size for p in cache.root().glob("[0-9a-f]*/*"))


@pytest.mark.parametrize("error", [KeyboardInterrupt(), InputError("no"), OSError(28, "No space left on device")])
def test_half_of_one_is_none(error: BaseException) -> None:
    def make(folder: Path) -> dict[str, Any]:
        (folder / "a").write_text("half")
        raise error

    with pytest.raises(BaseException) as caught:  # noqa: PT011 - whatever it is
        cache.entry({"name": "a"}, 0, make)
    if isinstance(error, OSError):
        assert "no space is left there; make room" in str(caught.value)
        assert isinstance(caught.value, InputError)
    assert not names()
    assert not list(cache.root().glob(".*.tmp"))


def test_one_that_is_damaged_is_made_anew() -> None:
    folder = made("a")
    (folder / cache.ABOUT).write_text("{")
    again, about = cache.entry({"name": "a"}, 0, lambda f: {"anew": 1})
    assert (again, about) == (folder, {"anew": 1})


def test_several_that_want_the_same_make_it_once() -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", SOMEBODY, "a"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdin is not None
    assert first.stdout is not None
    found: list[Any] = []
    asked = threading.Event()
    try:
        assert first.stdout.readline() == "making\n"
        waiting = threading.Thread(target=lambda: found.append(cache.entry({"name": "a"}, 0, never, asked.set)))
        waiting.start()
        assert asked.wait(30), "it is asked whether to go on waiting"
        assert not found
        first.stdin.write("\n")
        first.stdin.flush()
        waiting.join(30)
        assert found[0][1] == {"by": "somebody"}
    finally:
        first.communicate("\n")


def test_whoever_waits_may_give_up() -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", SOMEBODY, "a"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None

    class Enough(Exception):
        pass

    def enough() -> None:
        raise Enough

    try:
        assert first.stdout.readline() == "making\n"
        with pytest.raises(Enough):
            cache.entry({"name": "a"}, 0, never, enough)
    finally:
        first.communicate("\n\n")


def test_the_least_recently_used_go_first_and_those_in_use_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    old, middle, new = (made(name, 1_000_000) for name in ("old", "middle", "new"))
    for age, folder in enumerate((new, middle, old)):
        os.utime(folder, (time.time() - 1000 * age - 10,) * 2)
    cache.entry({"name": "old"}, 0, never)  # used just now, by this process, which lives
    monkeypatch.setenv("MLTUI_CACHE", "2.1MB")
    cache.tidy()
    assert names() == {old.name, new.name}
    monkeypatch.setenv("MLTUI_CACHE", "1kB")
    cache.tidy()
    assert names() == {old.name}
    assert cache.usage().most == 1000
    assert cache.usage("3GB").most == 3_000_000_000


def test_what_was_made_from_a_changed_file_goes_at_once(tmp_path: Path) -> None:
    data = tmp_path / "events.csv"
    data.write_text("a\n1\n")
    folder = made("a", files=[cache.identity(data)])
    other = made("b", files=[cache.identity("root://host//events.root")])
    cache.tidy()
    assert names() == {folder.name, other.name}
    data.write_text("a\n1\n2\n")
    cache.tidy()
    assert names() == {other.name}


def test_what_a_dead_process_left_unfinished_goes_and_what_is_being_made_stays() -> None:
    living = subprocess.Popen(
        [sys.executable, "-c", SOMEBODY, "a"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    dead = subprocess.Popen(
        [sys.executable, "-c", SOMEBODY, "b"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert living.stdout is not None
    assert dead.stdout is not None
    try:
        assert living.stdout.readline() == dead.stdout.readline() == "making\n"
        dead.kill()
        dead.communicate()
        for unfinished in cache.root().glob(".*.tmp"):
            os.utime(unfinished, (time.time() - 3600,) * 2)
        assert len(list(cache.root().glob(".*.tmp"))) == 2
        cache.tidy()
        assert len(list(cache.root().glob(".*.tmp"))) == 1
    finally:
        said, _ = living.communicate("\n\n")
    assert "somebody" in said


def test_a_disk_without_room_is_said_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    idle = made("idle")
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(total=real(path).total, free=1_200_000_000))
    with pytest.raises(InputError, match=r"on disk it needs 5 GB, and 1 GB may be used in .*cache.tables") as caught:
        cache.entry({"name": "a"}, 5_000_000_000, never)
    assert "MLTUI_HOME" in caught.value.sentence
    assert not idle.exists(), "what nobody uses makes room first"


def test_a_size_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLTUI_CACHE", "much")
    with pytest.raises(InputError, match="MLTUI_CACHE must be a size such as 2GB"):
        cache.usage()


def test_without_a_home_it_lies_where_the_system_keeps_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MLTUI_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert cache.root() == tmp_path / "mltui" / "tables"
    assert cache.usage().entries == 0


def test_a_home_of_a_user_that_is_not_there_is_a_folder_of_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLTUI_HOME", "~nobody.here/lab")
    assert cache.root() == Path.cwd() / "~nobody.here/lab/cache/tables"
