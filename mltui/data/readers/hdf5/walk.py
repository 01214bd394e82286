"""Goes through the groups of an HDF5 file without ever leaving it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from mltui.data.readers.hdf5 import attributes
from mltui.data.readers.hdf5.stored import Stored

_MOST_OBJECTS = 100_000
_DEEPEST = 50


@dataclass
class Found:
    """What a file holds.

    Attributes:
        groups: by path, the datasets that lie directly in each, by name.
        pandas: the groups that pandas wrote, by path.
        singles: the paths of datasets with a single value.
        notes: of what was passed over.
    """

    groups: dict[str, dict[str, Stored]] = field(default_factory=dict)
    pandas: dict[str, Any] = field(default_factory=dict)
    singles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)


def walk(file: Any, file_bytes: int) -> Found:
    """Every group and dataset that hard links lead to; other links are noted and not followed.

    Raises:
        ValueError: where there are too many to be looked through.
    """
    found = Found()
    _known(file, found)
    waiting = deque([("", file, 0)])
    while waiting:
        path, group, depth = waiting.popleft()
        for name in group:
            inner = f"{path}/{name}".lstrip("/")
            thing = _linked(group, name, inner, found)
            if thing is None or _known(thing, found):
                continue
            if not hasattr(thing, "shape"):
                if (
                    depth < _DEEPEST
                    and attributes.text(thing, "CLASS") != "TINDEX"
                    and not _of_pandas(inner, thing, found)
                ):
                    waiting.append((inner, thing, depth + 1))
            elif thing.shape:
                found.groups.setdefault(path, {})[printable(name)] = Stored(inner, thing, file_bytes)
            else:
                found.singles.append(inner)
    return found


def _linked(group: Any, name: str, path: str, found: Found) -> Any:
    """The group or dataset of this name, None where it lies elsewhere or cannot be opened."""
    import h5py

    try:
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            found.notes.append(
                f"{printable(path)} is in another file, {printable(link.filename)}, and is not followed."
            )
            return None
        if isinstance(link, h5py.SoftLink):
            found.notes.append(f"{printable(path)} is only another name for {printable(link.path)}.")
            return None
        thing = group.get(name)
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        found.notes.append(f"{printable(path)} cannot be opened: {str(error)[:80]}")
        return None
    return thing if isinstance(thing, h5py.Group | h5py.Dataset) else None


def _known(thing: Any, found: Found) -> bool:
    """Whether the thing was met under another name, which groups that hold themselves would be without end."""
    import h5py

    place = h5py.h5o.get_info(thing.id).addr
    if place in found.seen:
        return True
    found.seen.add(place)
    if len(found.seen) > _MOST_OBJECTS:
        raise ValueError(f"it has more than {_MOST_OBJECTS:,} groups and datasets")
    return False


def _of_pandas(path: str, group: Any, found: Found) -> bool:
    if not attributes.text(group, "pandas_type"):
        return False
    found.pandas[path] = group
    return True


def printable(name: str) -> str:
    """A name that can be written as UTF-8, whatever bytes the file has."""
    return name.encode(errors="replace").decode()
