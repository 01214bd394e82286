"""Looks at the files that are to be scored: how each is read, what of it is needed, which rows the run knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from mltui.core.errors import InputError
from mltui.core.prediction import Format, Request
from mltui.core.sections import Data
from mltui.data.files import found, located
from mltui.data.part import Wanted
from mltui.data.plan import opened
from mltui.data.readers.raw import NoRows, Reader
from mltui.data.readers.registry import reader_of
from mltui.data.stream import Stream
from mltui.inference.features import Bound, Features
from mltui.inference.known import FileRows, Known
from mltui.inference.members import Members
from mltui.inference.outputs import format_like, placed

_LOOK_ROWS = 1_000
"""So many rows of each file are taken through everything before the first file is scored."""
_READING_KEYS = ("header", "columns", "separator", "decimal", "encoding", "skip")


@dataclass(frozen=True)
class Input:
    """One file that is to be scored, looked at.

    Attributes:
        data: how it is to be read.
        bound: the run's features among its columns; None for a file without a row.
        rows: how many it has; of a text about.
        known: which of its rows the run knows.
        out: where its scores go.
    """

    path: Path | str
    data: Data
    bound: Bound | None
    rows: int
    known: FileRows
    out: Path
    format: Format

    @property
    def name(self) -> str:
        """The file's name, for a sentence."""
        return Path(str(self.path)).name


class Looking:
    """Looks at everything, so that a mistake is told before any work.

    Args:
        members, known, features: what the run has.
        request: what is to be scored.
    """

    def __init__(self, members: Members, known: Known, features: Features, request: Request) -> None:
        self._members, self._known, self._features, self._request = members, known, features, request

    def inputs(self) -> Iterator[Input]:
        """Every file of the request, in the order in which they were named.

        Raises:
            InputError: for a file that cannot be read or lacks a column, or an output that is there already.
        """
        request = self._request
        paths = found(request.files, request.folder, "files")
        readers = [reader_of(path, "files") for path in paths]
        if request.tree is not None and not any("tree" in reader.keys for reader in readers):
            raise InputError(f"--tree {request.tree} is for files that hold several tables, and none of these does")
        formats = [request.format or format_like(reader) for reader in readers]
        outs = placed(paths, readers, formats, request.folder / request.out)
        for path, reader, format, out in zip(paths, readers, formats, outs, strict=True):
            data = self._section(path, reader)
            try:
                data, bound, rows = self._look(path, data)
            except NoRows as empty:
                if not empty.names:
                    raise
                self._features.check_names(empty.names, Path(str(path)).name)
                yield Input(path, data, None, 0, FileRows(), out, format)
            else:
                yield Input(path, data, bound, rows, self._known.rows(path, data.tree), out, format)

    def _look(self, path: Path | str, data: Data) -> tuple[Data, Bound, int]:
        """How a file is to be read, what of it is needed, and about how many rows it has."""
        with opened(data, Path()) as plan:
            kinds = self._features.kinds(plan.listing.by_name)
        data = replace(data, kinds=kinds)
        with opened(data, Path()) as plan:
            bound = self._features.bound(plan.listing.by_name, Path(str(path)).name)
            for piece in Stream(plan, Wanted(bound.columns), limits=[_LOOK_ROWS], size=_LOOK_ROWS):
                _, table = bound.table(piece.columns, len(piece))
                self._members.score(table, np.arange(min(1, len(table))))
                break
            return data, bound, plan.rows

    def _section(self, path: Path | str, reader: Reader) -> Data:
        """The run's section for one new file: what says how to read goes only where the run's files are alike."""
        run = self._members.experiment.data
        alike = reader.name == self._reader
        said = {key: getattr(run, key) for key in _READING_KEYS if alike and key in reader.keys}
        tree = None
        if "tree" in reader.keys:
            tree = self._request.tree or (self._tree if alike else None)
        return Data(files=(str(path),), missing=run.missing, tree=tree, **said)

    @cached_property
    def _reader(self) -> str:
        """What reads the run's own files; empty for a dataset of the catalogue."""
        if self._members.experiment.data.dataset is not None or not self._known.files:
            return ""
        try:
            return reader_of(located(self._known.files[0])).name
        except InputError:
            return ""

    @cached_property
    def _tree(self) -> str | None:
        """The one tree that the run's rows are from; None where it names none, or several."""
        run = self._members.experiment.data
        trees = {sample.tree or run.tree for sample in run.samples} or {run.tree}
        return trees.pop() if len(trees) == 1 else None
