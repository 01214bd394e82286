"""Damaged and lying files of every format: a description or one sentence, in bounded time and memory.

``python -m tests.data.test_fuzz_files 1234`` makes the file of that number anew and shows what becomes of it.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from tests.data.fuzz_reader import Reader, attempted, judged
from tests.data.fuzz_seeds import checksummed, envelopes, mutated, seeds

NORMAL, LONG = 60, 10_000
RENEWED = 400
"""A process reads so many files, so that what libraries keep of each does not add up."""
MOST_FAILURES = 10


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A good file of every format."""
    folder = tmp_path_factory.mktemp("good")
    paths = [folder / f"good_{place}.{seed.ending}" for place, seed in enumerate(seeds())]
    for path, seed in zip(paths, seeds(), strict=True):
        path.write_bytes(seed.file)
    return paths


def failures(numbers: Iterable[int], good: list[Path], folder: Path) -> list[str]:
    """The files that ended in anything but a description or a sentence, with their numbers; they stay in the folder."""
    found: list[str] = []
    with ExitStack() as stack:
        reader: Reader | None = None
        for number in numbers:
            if reader is None:
                reader = stack.enter_context(Reader(folder))
                reader.warm(good)
            path = made(number, folder)
            said = reader.ask(str(path))
            if said.startswith("!"):
                found.append(f"{path}: {said}")
            else:
                path.unlink()
            if said.startswith(("!dead", "!hang")) or reader.read >= RENEWED:
                stack.pop_all().close()
                reader = None
            if len(found) == MOST_FAILURES:
                break
    return found


def made(number: int, folder: Path) -> Path:
    """A damaged file, by its number."""
    ending, data = mutated(number)
    path = folder / f"fuzzed_{number}.{ending}"
    path.write_bytes(data)
    return path


def test_damaged_files_end_in_a_description_or_a_sentence(good: list[Path], tmp_path: Path) -> None:
    assert failures(range(NORMAL), good, tmp_path) == []


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_ten_thousand_damaged_files_end_in_a_description_or_a_sentence(good: list[Path], tmp_path: Path) -> None:
    assert failures(range(LONG), good, tmp_path) == []


@pytest.mark.parametrize("kind", ["tree", "ntuple"])
def test_a_small_root_file_that_claims_many_rows_is_refused(kind: str, good: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "liar.root"
    path.write_bytes(_claiming(10**8, kind, tmp_path / "honest.root"))
    with Reader(tmp_path) as reader:
        reader.warm(good)
        said = reader.ask(str(path))
    assert not said.startswith("!"), said
    assert said != "described"
    assert path.name in said


def _claiming(rows: int, kind: str, path: Path) -> bytes:
    """A ROOT file of three rows that says it has more, everywhere and with sound checksums."""
    import uproot

    with uproot.recreate(path) as file:
        if kind == "tree":
            file.mktree("events", {"x": np.float64}).extend({"x": np.zeros(3)})
        else:
            file.mkrntuple("events", {"x": np.zeros(3)})
    honest = path.read_bytes()
    assert len(honest) < (3_000 if kind == "ntuple" else 25_000)  # uproot describes its classes in full in each tree
    order: Literal["big", "little"] = "big" if kind == "tree" else "little"
    claimed = honest.replace((3).to_bytes(8, order), rows.to_bytes(8, order))
    assert claimed != honest
    return claimed if kind == "tree" else checksummed(envelopes(honest), claimed)


def test_truth_values_stored_as_other_bytes_than_0_and_1_are_true(tmp_path: Path) -> None:
    import h5py

    from mltui.core.sections import Data
    from mltui.data.part import Wanted
    from tests.data.frames import gather

    stored = np.array([0, 1, 2, 255], np.uint8).view(np.bool_)
    np.savez(tmp_path / "a.npz", x=np.zeros(4), y=stored)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["y"] = np.zeros(4), stored
    for name in ("a.npz", "a.h5"):
        frame = gather(Data(files=(name,)), tmp_path, lambda listing: Wanted(listing.names))
        assert frame.columns["y"].values.view(np.uint8).tolist() == [0, 1, 1, 1]


def test_a_dead_and_a_hanging_process_are_noticed(tmp_path: Path) -> None:
    with Reader(tmp_path, seconds=0.2) as reader:
        reader.process.send_signal(signal.SIGSTOP)
        assert reader.ask("nothing.csv").startswith("!hang")
    with Reader(tmp_path) as reader:
        reader.process.kill()
        assert reader.ask("nothing.csv").startswith("!dead")


def test_a_traceback_a_warning_and_too_much_memory_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mltui.core.errors import InputError
    from tests.data import fuzz_reader

    def fails(path: Path) -> str:
        raise ValueError(path)

    def warns(_: Path) -> str:
        np.log(np.zeros(1))
        return "described"

    def takes_too_much(_: Path) -> str:
        try:
            raise MemoryError
        except MemoryError:
            raise InputError("it does not fit into memory") from None

    monkeypatch.setattr(fuzz_reader, "_described", fails)
    assert attempted("a.csv").startswith("!traceback")
    monkeypatch.setattr(fuzz_reader, "_described", warns)
    assert judged(tmp_path).startswith("!warning")
    monkeypatch.setattr(fuzz_reader, "_described", takes_too_much)
    assert judged(tmp_path).startswith("!memory")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for number in range(int(sys.argv[1]), int(sys.argv[-1]) + 1):
            print(number, judged(made(number, Path(folder))))
