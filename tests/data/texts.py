"""Writes small texts and reads them by the public door of the text reader."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mltui.data.readers import text
from mltui.data.readers.raw import How, Listing, Raw


class _Nan:
    """Equal to every NaN, so that columns with missing numbers can be compared as lists."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Nan) or (isinstance(other, float) and math.isnan(other))

    __hash__ = None  # type: ignore[assignment]


NAN = _Nan()


def plain(raw: Raw) -> list[Any]:
    """A column as Python values, with None for a missing text."""
    values = raw.values.tolist()
    if raw.categories is None:
        return list(values)
    return [raw.categories[code] if code >= 0 else None for code in values]


@dataclass
class Seen:
    """What the reader makes of a text."""

    path: Path
    how: How
    listing: Listing
    values: dict[str, list[Any]]
    odd: dict[str, int]

    @classmethod
    def of(cls, path: Path, *, read: bool = True, **how: Any) -> Seen:
        with text.READER.open(path, How(**how)) as source:
            seen = cls(path, How(**how), source.listing, {}, {})
        if read:
            seen.again(list(seen.listing.names))
        return seen

    def again(self, names: Sequence[str], *, rows: int | None = None, size: int | None = None) -> dict[str, list[Any]]:
        with text.READER.open(self.path, self.how) as source:
            self.values = {name: [] for name in names}
            self.odd = dict.fromkeys(names, 0)
            entry = 0
            for chunk in source.chunks(names, rows=rows, size=size):
                assert chunk.entry.tolist() == list(range(entry, entry + len(chunk)))
                entry += len(chunk)
                assert list(chunk.columns) == list(names)
                for name, raw in chunk.columns.items():
                    assert len(raw) == len(chunk)
                    self.values[name] += plain(raw)
                    self.odd[name] += raw.odd
        return self.values

    @property
    def names(self) -> list[str]:
        return [field.name for field in self.listing.fields]

    @property
    def kinds(self) -> list[str]:
        return [field.kind for field in self.listing.fields]

    @property
    def columns(self) -> list[list[Any]]:
        return list(self.values.values())


def seen(
    folder: Path, content: str | bytes, *, name: str = "t.csv", newline: str = "\n", encoding: str = "utf-8", **how: Any
) -> Seen:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.replace("\n", newline).encode(encoding))
    return Seen.of(path, **how)
