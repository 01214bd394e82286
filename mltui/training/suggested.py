"""What a look at the data suggests to put into [data]: target, weight, missing, and a sample for each class."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.data.readers.raw import How
from mltui.data.readers.registry import reader_of
from mltui.data.samples import labelled
from mltui.data.suspects import like_weight, words
from mltui.training.findings import Finding
from mltui.training.subject import Subject

_SIGNAL = re.compile("s|sig|sign|signal|signals")
_BACKGROUND = re.compile("b|bg|bkg|bkgd|back|bckg|background|backgrounds")


def suggested(subject: Subject, findings: Sequence[Finding], samples: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """By [data] key, what would go there where the user takes every hint; `samples` take the place of files.

    Args:
        findings: some of which suggest values. samples: as `samples_like` finds them.
    """
    data = subject.data
    taken: dict[str, Any] = {} if subject.trouble else dict(subject.guessed)
    if (table := subject.frame.listing.guesses.get("tree")) is not None:
        taken["tree"] = table
    if data.weight is None and (weight := weight_like(subject)):
        taken["weight"] = weight
    values = [value for finding in findings for value in _items(finding.suggests.get("missing"))]
    if values:
        taken["missing"] = [*data.missing, *dict.fromkeys(values)]
    if samples:
        return {**{key: value for key, value in taken.items() if key not in ("target", "tree")}, "samples": samples}
    return taken


def _items(value: object) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()


def weight_like(subject: Subject) -> str | None:
    """The first column that looks like event weights, or None."""
    columns = subject.frame.columns
    usable = (
        n for n, raw in columns.items() if raw.categories is None and raw.offsets is None and raw.values.ndim == 1
    )
    return next((name for name in usable if like_weight(name)), None)


def samples_like(subject: Subject) -> list[dict[str, Any]]:
    """A sample of signal and one of background, where two tables of a file or two files look like that."""
    data = subject.data
    if data.dataset is not None or labelled(data) or data.samples or (data.target and "target" not in subject.guessed):
        return []
    if data.tree is None and len(data.files) == 1 and len(subject.frame.paths) == 1:
        return _of_tables(data, subject.frame.paths[0], subject.frame.listing.tables)
    return _of_files(subject.frame.paths)


def _of_tables(data: Data, path: Path | str, tables: Sequence[str]) -> list[dict[str, Any]]:
    pair = pair_of({table: table for table in tables})
    if pair is None or not _same_columns(data, [(path, table) for table in pair]):
        return []
    files = list(data.files)
    return [
        {"label": label, "files": files, "tree": table}
        for label, table in zip(("signal", "background"), pair, strict=True)
    ]


def _of_files(paths: Sequence[Path | str]) -> list[dict[str, Any]]:
    """Several files were read together already, so that their columns agree."""
    pair = pair_of({Path(str(path)).name.partition(".")[0]: str(path) for path in paths})
    if pair is None or len(paths) != 2:
        return []
    return [{"label": label, "files": [path]} for label, path in zip(("signal", "background"), pair, strict=True)]


def pair_of(names: Mapping[str, str]) -> tuple[str, str] | None:
    """What the one name that says signal and the one that says background stand for, or None.

    >>> pair_of({"TreeS": "TreeS", "TreeB": "TreeB", "info": "info"})
    ('TreeS', 'TreeB')
    """
    signal = [value for name, value in names.items() if _says(name, _SIGNAL) and not _says(name, _BACKGROUND)]
    background = [value for name, value in names.items() if _says(name, _BACKGROUND) and not _says(name, _SIGNAL)]
    return (signal[0], background[0]) if len(signal) == len(background) == 1 else None


def _says(name: str, pattern: re.Pattern[str]) -> bool:
    return any(pattern.fullmatch(word) for word in words(name))


def _same_columns(data: Data, places: Sequence[tuple[Path | str, str]]) -> bool:
    found = []
    for path, table in places:
        try:
            with reader_of(path).open(path, How.of(data, table)) as source:
                found.append([(column.name, column.kind) for column in source.listing.fields])
        except InputError:
            return False
    return all(columns == found[0] for columns in found)
