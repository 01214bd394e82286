"""What is asked of a run's models: which files they are to score, and where the scores go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Format = Literal["root", "parquet", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)
"""Of the outputs."""


@dataclass(frozen=True)
class Request:
    """What is to be scored.

    Attributes:
        files: names, globs or addresses; out: the folder for the outputs, made where it is not there. Both are relative
            to `folder`.
        tree: which table of each file; None: as in the run.
        format: of the outputs; None: as each input's.
        unseal: whether rows of the sealed test part may be scored, which is then opened and counted.
    """

    files: tuple[str, ...]
    out: Path
    folder: Path
    tree: str | None = None
    format: Format | None = None
    unseal: bool = False
