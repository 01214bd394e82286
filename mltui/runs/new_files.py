"""Files a user asked for: where mltui was started, under a name that is not taken yet."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from mltui.core.errors import InputError


def write_new(folder: Path, stem: str, suffix: str, content: str | bytes) -> Path:
    """Write a text, or bytes, to stem.suffix, or stem-2.suffix and so on; never over what is there.

    Raises:
        InputError: where the folder cannot be written.
    """
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-.") or "mltui"
    for number in itertools.count(1):
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        try:
            _write(path, content)
        except FileExistsError:
            continue
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror or error}") from None
        return path
    raise AssertionError


def write_exactly(path: Path, content: str | bytes) -> None:
    """Write to a file of this name, which must not be there yet.

    Raises:
        InputError: where it is, or cannot be written.
    """
    try:
        _write(path, content)
    except FileExistsError:
        raise InputError(f"{path} is there already; choose another name") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}") from None


def _write(path: Path, content: str | bytes) -> None:
    with path.open("xb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
