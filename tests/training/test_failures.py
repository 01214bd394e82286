"""Failures become one sentence with a cause and an exit code."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from mltui.core.errors import InputError
from mltui.record.folder import RunFolder
from mltui.training.failures import Failure
from mltui.training.problem import TrainingError

FOLDER = RunFolder(Path("/runs/7"))


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


CASES = [
    (InputError("there is no column x", key="data.target"), "input", 2, "there is no column x"),
    (TrainingError("weights add up to -3", cause="input"), "input", 2, "weights add up"),
    (TrainingError("the loss is no longer a number", cause="diverged"), "diverged", 1, "no longer a number"),
    (MemoryError(), "memory", 1, "memory was not enough for this run; fewer rows"),
    (OutOfMemoryError("CUDA out of memory. Tried to allocate"), "memory", 1, "the graphics card's memory was not"),
    (
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes"),
        "memory",
        1,
        "memory was not enough",
    ),
    (OSError(errno.ENOSPC, "x", "/runs/7/model/a"), "disk", 1, "/runs/7/model/a .*no space is left on the disk"),
    (ZeroDivisionError("division by zero\nand more"), "crash", 1, "ZeroDivisionError: division by zero$"),
]


@pytest.mark.parametrize(("error", "cause", "code", "sentence"), CASES, ids=[type(c[0]).__name__ for c in CASES])
def test_each_failure_in_words(error: Exception, cause: str, code: int, sentence: str) -> None:
    import re

    failure = Failure.of(error, FOLDER)
    assert (failure.cause, failure.code) == (cause, code)
    assert re.search(sentence, failure.message)
    assert "\n" not in failure.message


@pytest.mark.parametrize(
    "error",
    [
        ImportError("libtorch_python.so: failed to map segment from shared object"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
    ],
)
def test_a_library_that_finds_no_room_to_load_is_a_want_of_memory(error: Exception) -> None:
    assert Failure.of(error, FOLDER).cause == "memory"
