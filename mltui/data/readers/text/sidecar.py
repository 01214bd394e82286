"""The weights in a file beside a text, a number a row, as LightGBM keeps them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.data.readers.raw import Field, Listing, Raw

_ENDINGS = (".weight", ".weights")
_PACKED = (".gz", ".xz", ".bz2", ".zip")
_LINES = 1 << 16


@dataclass
class Weights:
    """A file of weights beside a text.

    Attributes:
        name: of the column that they are offered as.
        of: the text's name, for sentences.
    """

    path: Path
    name: str
    of: str
    _rest: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def listed(self, listing: Listing) -> Listing:
        """The listing with the weights as one more column."""
        note = f"{self.path.name} beside it holds a weight for each row: the column {self.name}."
        return replace(
            listing,
            fields=(*listing.fields, Field(self.name)),
            notes=(*listing.notes, note),
        )

    def values(self) -> Iterator[NDArray[np.float64]]:
        """The weights in pieces.

        Raises:
            InputError: for a line that is no number.
        """
        line = 0
        self._rest = np.empty(0)
        with self.path.open("rb") as file:
            while lines := file.readlines(_LINES * 8):
                kept = [text.strip() for text in lines]
                try:
                    yield np.array([float(text) for text in kept if text])
                except ValueError:
                    bad = next(place for place, text in enumerate(kept) if text and not _is_number(text))
                    raise InputError(
                        f"{self.path.name}, line {line + bad + 1:,}: no number, and it holds the weights of {self.of}",
                        key="data.weight",
                    ) from None
                line += len(lines)

    def next(self, pieces: Iterator[NDArray[np.float64]], rows: int, done: int) -> Raw:
        """The weights of the next rows, after so many done.

        Raises:
            InputError: where there are fewer weights than rows.
        """
        have = self._rest
        while len(have) < rows:
            more = next(pieces, None)
            if more is None:
                raise InputError(
                    f"{self.path.name} has {done + len(have):,} weights, fewer than {self.of} has rows",
                    key="data.weight",
                )
            have = np.concatenate([have, more])
        self._rest = have[rows:]
        return Raw(have[:rows].copy())

    def finish(self, pieces: Iterator[NDArray[np.float64]], rows: int) -> None:
        """See that there are no weights left after the last row.

        Raises:
            InputError: where there are.
        """
        left = len(self._rest) + sum(len(piece) for piece in pieces)
        if left:
            raise InputError(
                f"{self.path.name} has {rows + left:,} weights, more than {self.of} has rows ({rows:,})",
                key="data.weight",
            )


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def beside(path: Path, names: Sequence[str]) -> Weights | None:
    """The weights beside a text, offered under a name that none of its columns has; None where there are none."""
    for found in files(path):
        column = "weight"
        while column in names:
            column = f"sidecar_{column}"
        return Weights(found, column, path.name)
    return None


def files(path: Path) -> tuple[Path, ...]:
    """The file of weights beside a text, or nothing."""
    packed = path.suffix.lower() in _PACKED
    names = [path.name, *([path.stem] if packed else [])]
    likely = (path.with_name(name + ending) for name, ending in itertools.product(names, _ENDINGS))
    found = next((file for file in likely if file.is_file() and file.stat().st_size), None)
    return () if found is None else (found,)
