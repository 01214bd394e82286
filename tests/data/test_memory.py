"""How much may be taken: the least of what machine, control groups, shell and user allow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.data import cgroups, memory

LIMITED = """
import json, resource, sys
which, limit = sys.argv[1], int(sys.argv[2])
from mltui.data import memory
import psutil
free = memory.available()
if which != "none":
    resource.setrlimit(getattr(resource, which), (limit, limit))
print(json.dumps([free, memory.available()]))
"""


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GB", 2_000_000_000), ("500 MB", 500_000_000), ("1.5GiB", 1_610_612_736), ("64k", 64_000), ("1000", 1000),
        ("1 tb", 10**12), (".5g", 500_000_000), ("10B", 10),
    ],
)  # fmt: skip
def test_sizes_are_read(text: str, size: int) -> None:
    assert memory.read_size(text) == size


@given(st.text(max_size=8))
def test_what_is_no_size_is_a_phrase(text: str) -> None:
    try:
        size = memory.read_size(text)
    except ValueError as error:
        said = str(error)
    else:
        said = "must be a size such as 2GB" if size > 0 else ""
    assert said.startswith("must be a size such as 2GB")


@pytest.mark.parametrize("which", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_a_shell_s_limit_counts(which: str) -> None:
    """400 MB less what the process has asked for already, which is little."""
    said = subprocess.run(
        [sys.executable, "-c", LIMITED, which, "400000000"], capture_output=True, check=True, text=True
    )
    free, left = json.loads(said.stdout)
    assert 0 < left < 400_000_000
    assert left < free


def test_the_user_s_bound_is_on_all_that_the_process_has_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    before = memory.available()
    monkeypatch.setenv("MLTUI_MEMORY", "10MB")
    assert memory.available() == 0, "this process alone has more"
    monkeypatch.setenv("MLTUI_MEMORY", "900TB")
    assert memory.available() == pytest.approx(before, rel=0.2)
    monkeypatch.setenv("MLTUI_MEMORY", "most of it")
    with pytest.raises(InputError, match="MLTUI_MEMORY must be a size"):
        memory.available()


@pytest.mark.parametrize(
    ("limit", "used", "statistic"),
    [
        ("memory.max", "memory.current", "anon 100\ninactive_file 700000000\nactive_file 5"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "inactive_file 1\ntotal_inactive_file 700000000"),
    ],
)
def test_copies_of_files_that_can_be_dropped_are_not_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, used: str, statistic: str
) -> None:
    place = tmp_path / "sys/fs/cgroup" / ("memory" if "limit" in limit else "")
    place.mkdir(parents=True)
    (place / limit).write_text("1000000000\n")
    (place / used).write_text("900000000\n")
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("4:memory:/\n" if "limit" in limit else "0::/\n")
    monkeypatch.setattr(cgroups, "ROOT", tmp_path)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=64 << 30))
    assert memory.available() == 100_000_000
    (place / "memory.stat").write_text(statistic + "\n")
    assert memory.available() == 800_000_000


def test_what_libraries_will_take_is_kept_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_used_limits", lambda: [900_000_000, 800_000_000])
    monkeypatch.setattr(memory, "_asked_limits", list)
    monkeypatch.setitem(sys.modules, "torch", sys)
    assert memory.left() == memory.available() == 800_000_000
    monkeypatch.delitem(sys.modules, "torch")
    assert memory.left() == 500_000_000
    monkeypatch.setattr(memory, "_asked_limits", lambda: [700_000_000])
    assert memory.available() == 700_000_000
    assert 0 < memory.left() < 220_000_000, "what is asked for is not all used"
    assert memory.fits(memory.left())
    assert not memory.fits(memory.left() + 1)


def test_few_bytes_always_have_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLTUI_MEMORY", "1MB")
    assert memory.room(1000, 8)
    assert not memory.room(1_000_000, 8)


def test_who_needs_more_than_there_is_hears_what_would_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "left", lambda: 123_456_789)
    refused = memory.too_large("random_forest", 10_000_000, "29 inputs", 348)
    assert refused.key == "data.rows"
    assert "10,000,000 rows of 29 inputs take 3.48 GB, and 123 MB is free" in refused.sentence
    assert "set data.rows = 350000 or fewer" in refused.sentence
    monkeypatch.setattr(memory, "left", lambda: 0)
    assert "data.rows" not in memory.too_large("knn", 10, "2 inputs", 24).sentence
