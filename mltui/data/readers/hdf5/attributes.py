"""What the attributes of an HDF5 object say: names of columns, units, titles, and how values are packed."""

from __future__ import annotations

import math
import pickletools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from mltui.data.readers.hdf5.sound import unsound
from mltui.data.readers.words import decoded

_NAMES = (
    "columns", "column_names", "colnames", "names", "field_names", "fields", "properties", "labels", "features",
    "feature_names", "variables", "branches", "header", "keys",
)  # fmt: skip
_UNITS = ("units", "unit", "Units", "Unit", "UNITS", "UNIT")
_TITLES = ("long_name", "title", "Title", "label", "description", "Description", "TITLE", "standard_name")
_LONGEST_TITLE = 80
_LARGEST = 1 << 24
_NOT_A_UNIT = ("1", "none", "None", "-", "unitless", "dimensionless")


def value(thing: Any, name: str) -> Any:
    """An attribute's value, None where there is none that can be read."""
    try:
        found = thing.attrs.get_id(name)
        if unsound(found.get_type()) or found.get_storage_size() > _LARGEST:
            return None
        return thing.attrs[name]
    except (OSError, TypeError, ValueError, KeyError, RuntimeError):
        return None


def text(thing: Any, name: str) -> str:
    """An attribute that is one text; else nothing."""
    found = value(thing, name)
    if isinstance(found, np.ndarray) and found.size == 1:
        found = found.reshape(-1)[0]
    if isinstance(found, bytes):
        return decoded(found).strip()
    return found.strip() if isinstance(found, str) else ""


def number(thing: Any, name: str) -> float | None:
    """An attribute that is one finite number; else None."""
    found = value(thing, name)
    if isinstance(found, np.ndarray | np.generic) and found.size == 1 and found.dtype.kind in "iuf":
        plain = float(found.reshape(-1)[0])
        return plain if math.isfinite(plain) else None
    return None


def column_names(thing: Any, columns: int) -> tuple[str, ...]:
    """The names of a 2-D dataset's columns: an attribute of as many different texts, telling names first."""
    others = sorted(set(_attribute_names(thing)) - {*_NAMES, *_UNITS, *_TITLES, "DIMENSION_LABELS"})
    for name in (*_NAMES, *others):
        found = value(thing, name)
        words = _words(found) if name in _NAMES or isinstance(found, np.ndarray) else ()
        if len(words) == columns and len(set(words)) == columns and all(words):
            return words
    return ()


def units(thing: Any, columns: int) -> tuple[str, ...]:
    """A unit for each column of a dataset, where an attribute tells as many."""
    for name in _UNITS:
        words = _words(value(thing, name))
        if columns > 1 and len(words) == columns:
            return tuple("" if word in _NOT_A_UNIT else word for word in words)
    return ()


def unit(thing: Any) -> str:
    """The unit of a dataset that is one column."""
    found = next((word for name in _UNITS if (word := text(thing, name))), "")
    return "" if found in _NOT_A_UNIT else found


def title(thing: Any) -> str:
    """What a plot may call a dataset that is one column."""
    found = next((word for name in _TITLES if (word := text(thing, name))), "")
    return found if len(found) <= _LONGEST_TITLE and "\n" not in found else ""


def pickled_texts(thing: Any, name: str) -> tuple[str, ...]:
    """The texts in a pickled attribute, as PyTables keeps lists of names, without unpickling anything."""
    found = value(thing, name)
    if isinstance(found, np.generic | np.ndarray) and found.dtype.kind in "SV" and found.size == 1:
        found = bytes(found.reshape(-1)[0])
    if isinstance(found, str):
        found = found.encode("latin-1", errors="replace")
    return tuple(_texts(found)) if isinstance(found, bytes) else ()


def _texts(pickled: bytes) -> Iterator[str]:
    try:
        for operation, argument, _ in pickletools.genops(pickled):
            if "UNICODE" in operation.name or "STRING" in operation.name:
                yield argument if isinstance(argument, str) else bytes(argument or b"").decode(errors="replace")
    except ValueError:
        return


def _attribute_names(thing: Any) -> list[str]:
    try:
        return list(thing.attrs)
    except (OSError, RuntimeError):
        return []


def _words(found: Any) -> tuple[str, ...]:
    """The texts of an attribute: of an array of them, or between the commas or spaces of one."""
    if isinstance(found, np.ndarray) and found.ndim == 1 and found.dtype.kind in "SUO":
        return tuple(_decoded(word) for word in found.tolist())
    if isinstance(found, np.ndarray | np.generic) and found.size == 1 and found.dtype.kind in "SU":
        found = found.reshape(-1)[0].item()
    if isinstance(found, bytes | str):
        return tuple(word.strip() for word in re.split(r"[,;\s]+", _decoded(found).strip("[] ")))
    return ()


def _decoded(word: object) -> str:
    plain = decoded(word) if isinstance(word, bytes) else str(word)
    return plain.rstrip("\0").strip().strip("'\"")
