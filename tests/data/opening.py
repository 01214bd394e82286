"""Opens a file with one reader and takes what it holds, as the tests of every reader want it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mltui.core.errors import InputError
from mltui.data.readers.raw import Chunk, How, Listing, Raw, Reader


@dataclass(frozen=True)
class Opening:
    """One reader."""

    reader: Reader

    def listed(self, path: Path, how: How | None = None) -> Listing:
        with self.reader.open(path, how or How()) as source:
            return source.listing

    def chunks(
        self, path: Path, how: How | None = None, names: Sequence[str] | None = None, **asked: Any
    ) -> list[Chunk]:
        with self.reader.open(path, how or How()) as source:
            return list(source.chunks(source.listing.names if names is None else names, **asked))

    def read(self, path: Path, how: How | None = None, **asked: Any) -> dict[str, Raw]:
        """All usable columns, which must come in one chunk."""
        (chunk,) = self.chunks(path, how, **asked)
        return chunk.columns

    def refused(self, path: Path, how: How | None = None, key: str = "data.files") -> str:
        """The one sentence of a file that cannot be read."""
        with pytest.raises(InputError) as caught:
            self.chunks(path, how)
        assert caught.value.key == key
        assert "\n" not in caught.value.sentence
        return caught.value.sentence


def texts(raw: Raw) -> list[str | None]:
    """A column of labels as its texts, None for missing."""
    assert raw.categories is not None
    return [None if code == -1 else raw.categories[code] for code in raw.values.tolist()]
