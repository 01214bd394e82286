"""A process that reads files whose names come over a pipe, and says of each what became of it."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

SECONDS = 30.0
"""A file may take so long; most take a few hundredths, but the machine may be busy."""
ROOM = 400_000_000
"""So many bytes a small file may make the process take beyond what its libraries have taken for good files."""


def judged(path: Path) -> str:
    """What became of a file: "described", or the one sentence; what is wrong begins with an exclamation mark."""
    from mltui.core.errors import InputError

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            said = _described(path)
        except InputError as error:
            said = _sentence(error)
    return f"!warning: {warned[0].message} ({warned[0].filename}:{warned[0].lineno})" if warned else said


def _described(path: Path) -> str:
    from mltui.core.sections import Data
    from mltui.data.frame import collect
    from mltui.data.part import Wanted
    from mltui.data.plan import opened
    from mltui.data.readers.raw import How
    from mltui.data.readers.registry import reader_of
    from mltui.training.describe import describe

    data = Data(files=(path.name,))
    document = describe(data, path.parent)
    json.dumps(document, allow_nan=False)
    with opened(data, path.parent, guess_table=True) as plan:
        frame = collect(plan, Wanted(plan.listing.names))
    with reader_of(path).open(path, How(guess_table=True)) as source:
        lengths = {len(raw) for raw in frame.columns.values()} | {len(frame)}
        by_chunk = sum(len(chunk) for chunk in source.chunks(source.listing.names, size=10))
    assert lengths == {by_chunk}, (lengths, by_chunk)
    return "described"


def _sentence(error: Exception) -> str:
    from mltui.core.text import clean

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return f"!memory: {error}"
        cause = cause.__cause__ or cause.__context__
    said = clean(error)
    return said if 10 < len(said) < 600 and "Traceback" not in said else f"!sentence: {said}"


def answer() -> None:
    """Answer each name of a file with a line of JSON, and the line "bound" by bounding the memory from there on.

    What libraries print goes to standard error.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(attempted(line.strip())), file=answers, flush=True)


def attempted(line: str) -> str:
    """What became of a file, or of bounding the memory."""
    try:
        return _bound() if line == "bound" else judged(Path(line))
    except BaseException:
        return f"!traceback: {traceback.format_exc()}"


def _bound() -> str:
    """Let the process take no more than ROOM beyond what it has.

    RLIMIT_DATA counts what a process itself may write; RLIMIT_AS would count what libraries reserve and never touch,
    gigabytes for the arenas of their threads, and files mapped into memory.
    """
    if sys.platform == "linux":
        import resource

        lines = Path("/proc/self/status").read_text().splitlines()
        taken = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData"))
        resource.setrlimit(resource.RLIMIT_DATA, (taken + ROOM, taken + ROOM))
    return "bound"


class Reader:
    """The process, from the parent's side; as a context manager it is ended whatever it does."""

    def __init__(self, folder: Path, seconds: float = SECONDS) -> None:
        self._stderr = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed on leaving
        self.seconds = seconds
        self.process = subprocess.Popen(
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            cwd=folder,
            env={**os.environ, "POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        self.read = 0
        """How many files it was asked for."""

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        self._stderr.close()

    def warm(self, good: Sequence[Path]) -> None:
        """Read good files, so that libraries have what they need, then bound the memory."""
        for path in good:
            said = self.ask(str(path))
            assert said == "described", (path.name, said)
        assert self.ask("bound") == "bound"
        self.read = 0

    def ask(self, line: str) -> str:
        """The answer to the name of a file; "!hang" or "!dead" where there is none."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.read += 1
        try:
            self.process.stdin.write(f"{line}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            return self._last_words()
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            if not waiting.select(self.seconds):
                return f"!hang: no answer after {self.seconds} seconds"
        said = self.process.stdout.readline()
        return str(json.loads(said)) if said.endswith(b"\n") else self._last_words()

    def _last_words(self) -> str:
        code = self.process.wait()
        self._stderr.seek(0)
        return f"!dead: exit code {code}, {self._stderr.read()[-400:].decode(errors='replace')}"


if __name__ == "__main__":
    answer()
