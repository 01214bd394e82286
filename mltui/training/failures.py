"""Why a run failed: one sentence, a cause, an exit code."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from mltui.core.errors import InputError
from mltui.record.files import why
from mltui.record.folder import RunFolder
from mltui.training.problem import TrainingError

MEMORY = "; fewer rows (data.rows), a smaller model or a smaller batch_size would fit"


@dataclass(frozen=True)
class Failure:
    """A failure in words.

    Attributes:
        cause: input, memory, disk, diverged or crash.
        code: the worker's exit code: 2 where the user can put it right in the experiment, else 1.
        puzzling: whether the traceback is worth keeping.
    """

    message: str
    cause: str
    code: int = 1
    puzzling: bool = False

    @classmethod
    def of(cls, error: Exception, folder: RunFolder) -> Failure:
        """The failure that an exception means."""
        if isinstance(error, InputError):
            return cls(error.sentence, "input", 2)
        if isinstance(error, TrainingError):
            return cls(error.sentence, error.cause, 2 if error.cause == "input" else 1)
        if _out_of_memory(error):
            where = "the graphics card's memory" if "CUDA" in str(error) else "memory"
            return cls(f"{where} was not enough for this run{MEMORY}", "memory", puzzling=True)
        if isinstance(error, OSError):
            place = error.filename or folder.path
            return cls(f"{place} could not be read or written: {why(error)}", "disk", puzzling=True)
        first = (str(error).strip().splitlines() or ["no message"])[0][:200]
        return cls(
            f"an error inside mltui or a library ended the run: {type(error).__name__}: {first}", "crash", puzzling=True
        )


def _out_of_memory(error: Exception) -> bool:
    """Also torch's own errors, which are RuntimeErrors, told by what they say so that torch need not be loaded."""
    said = str(error)
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or (isinstance(error, ImportError) and ("failed to map segment" in said or "Cannot allocate memory" in said))
        or (isinstance(error, RuntimeError) and ("can't allocate memory" in said or "out of memory" in said))
    )
