"""Files a user asked for: where mltui was started, under a name that is not taken yet."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from mltui.core.errors import InputError


def write_new(folder: Path, stem: str, suffix: str, text: str) -> Path:
    """Write a text to stem.suffix, or stem-2.suffix and so on; never over what is there.

    Raises:
        InputError: where the folder cannot be written.
    """
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-.") or "mltui"
    for number in itertools.count(1):
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror or error}") from None
        return path
    raise AssertionError
