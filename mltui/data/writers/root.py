"""Writes a ROOT file with one TTree named scores, ready to be a friend of the tree that was scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

TREE = "scores"


class _Root:
    """A tree that is being written; each piece becomes one basket a branch."""

    def __init__(self, tree: Any) -> None:
        self._tree = tree

    def write(self, piece: Mapping[str, NDArray[Any]]) -> None:
        """Add rows to the tree."""
        self._tree.extend(dict(piece))


@contextmanager
def open_(file: BinaryIO, aside: Path, columns: Mapping[str, np.dtype[Any]]) -> Iterator[_Root]:
    """Begin the file; `mktree`, since assigning to a name would make an RNTuple, which is no friend of a TTree."""
    import uproot

    with uproot.recreate(file) as directory:
        yield _Root(directory.mktree(TREE, {name: np.dtype(dtype) for name, dtype in columns.items()}))
