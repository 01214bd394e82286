"""What every writer does, and the care that all of them share: nothing half done is left, and errors are sentences."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.prediction import Format
from mltui.data.writers import csv, parquet, root

Columns = Mapping[str, np.dtype[Any]]
Piece = Mapping[str, NDArray[Any]]
_FULL = {errno.ENOSPC: "no space is left on the disk", errno.EDQUOT: "the disk quota is used up"}

_QUOTED = re.compile(r"os error (\d+)")
_NO_SYNC = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


class Writer(Protocol):
    """A file that is being written."""

    def write(self, piece: Piece) -> None:
        """Add some rows: the columns that were declared, all of one length."""
        ...


class WritingError(Exception):
    """A file that could not be written to its end, for want of room or by a fault of the disk: one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


_Open = Callable[[BinaryIO, Path, Columns], AbstractContextManager[Writer]]
_OPEN: dict[Format, _Open] = {"root": root.open_, "parquet": parquet.open_, "csv": csv.open_}
"""From a new file, a folder that is not there yet for what is wanted only meanwhile, and the columns to a writer, which
writes the rest when it is left."""


@contextlib.contextmanager
def opened(path: Path, columns: Columns, format: Format) -> Iterator[Writer]:
    """A new file to write into; when that has gone well it appears under its name at one stroke.

    Args:
        columns: each with its type: float64, float32, or a signed whole number.

    Raises:
        InputError: where a file of that name is there already, or its folder cannot be written.
        WritingError: where the disk is full or refuses on the way.
    """
    _check_free(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    aside = beside.with_suffix(".pieces")
    try:
        file = open(beside, "x+b")  # noqa: SIM115 - closed below, before it is renamed
    except OSError as error:
        raise InputError(f"{path} cannot be written: {_why(error)}") from None
    try:
        with file, contextlib.ExitStack() as stack:
            with _refused(path):
                writer = stack.enter_context(_OPEN[format](file, aside, columns))
            yield _Guarded(writer, path)
            with _refused(path):
                stack.pop_all().close()
                file.close()
        with _refused(path):
            _to_disk(beside)
        _check_free(path)  # another may have written it meanwhile
        with _refused(path):
            beside.rename(path)
    finally:
        beside.unlink(missing_ok=True)
        shutil.rmtree(aside, ignore_errors=True)


def _check_free(path: Path) -> None:
    if os.path.lexists(path):
        raise InputError(f"{path} is already there and is not overwritten; remove it, or name another folder")


class _Guarded:
    """A writer whose refusals are sentences."""

    def __init__(self, writer: Writer, path: Path) -> None:
        self._writer, self._path = writer, path

    def write(self, piece: Piece) -> None:
        with _refused(self._path):
            self._writer.write(piece)


@contextlib.contextmanager
def _refused(path: Path) -> Iterator[None]:
    """Turn what the system or a library says into one sentence; libraries wrap the system's errors in their own."""
    try:
        yield
    except Exception as error:
        raise WritingError(f"{path} could not be written: {_why(error)}") from error


def _to_disk(path: Path) -> None:
    """Wait until it is safe there: a full disk or quota may show only now."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(handle)


def _why(error: Exception) -> str:
    """The system's reason, which libraries quote in errors of their own; else what the library says."""
    quoted = _QUOTED.search(str(error))
    number = int(quoted[1]) if quoted else getattr(error, "errno", None)
    if number:
        return _FULL.get(number, os.strerror(number).lower())
    return " ".join(str(error).split())[:120].rstrip(" .") or type(error).__name__
