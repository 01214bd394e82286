"""What the tests of ROOT files share: the files that ship with them, and how one is opened and read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot

from mltui.core.errors import InputError
from mltui.data.readers.raw import Chunk, How, Listing, Raw
from mltui.data.readers.root import READER

FILES = Path(__file__).parent / "files" / "root"


def listing(path: Path | str, how: How | None = None) -> Listing:
    with READER.open(path, how or How()) as source:
        return source.listing


def chunks(path: Path | str, *names: str, how: How | None = None, **asked: Any) -> list[Chunk]:
    with READER.open(path, how or How()) as source:
        return list(source.chunks(names or source.listing.names, **asked))


def column(path: Path | str, name: str, how: How | None = None) -> Raw:
    (chunk,) = chunks(path, name, how=how)
    return chunk.columns[name]


def texts(raw: Raw) -> list[str]:
    assert raw.categories is not None
    return [raw.categories[code] if code >= 0 else "" for code in raw.values]


def refusal(path: Path | str, how: How | None = None) -> InputError:
    """The error that opening and reading it all ends in."""
    with pytest.raises(InputError) as caught:
        chunks(path, how=how)
    assert str(caught.value).isprintable()
    return caught.value


def tree(path: Path, columns: dict[str, Any], name: str = "events", **options: Any) -> Path:
    with uproot.recreate(path, **options) as file:
        file.mktree(name, columns)
    return path


def ntuple(path: Path, columns: dict[str, Any], name: str = "events", **options: Any) -> Path:
    with uproot.recreate(path, **options) as file:
        file[name] = ak.Array(columns)
    return path


def patched(path: Path, old: bytes, new: bytes) -> Path:
    """The file with some of its bytes replaced, wherever they are."""
    data = path.read_bytes()
    assert old in data
    assert len(old) == len(new)
    path.write_bytes(data.replace(old, new))
    return path


def numbered(rows: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.arange(rows, dtype=np.float64)
