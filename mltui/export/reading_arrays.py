"""ROOT, NumPy and HDF5 files, and texts of nothing but numbers, as uproot, NumPy and h5py read them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mltui.data.readers.text.source import TextSource
from mltui.export.origin import Origin
from mltui.export.script import Script, text
from mltui.export.way import Array, Way, alike

_MOST_LINES = 20
"""Before the first row of a text of numbers."""
_OF_2D = re.compile(r"(?P<base>.+)_(?P<place>\d+)")


@dataclass(frozen=True)
class _Place:
    """Where a column lies in an opened file.

    Attributes:
        code: as Python writes it, with ``{file}`` for the file and ``{name}`` for what tells the column.
        name: that, as Python writes it.
        get: the column of an opened file.
    """

    code: str
    name: str
    get: Callable[[Any], Array]


@dataclass(frozen=True)
class _Opening:
    """How files are opened.

    Attributes:
        library, alias: the module. called: what the script calls an opened file.
        code: as Python writes it, with ``{path}`` for the path.
    """

    library: str
    alias: str
    called: str
    code: str


def of_root(origin: Origin, tree: str) -> Iterator[Way]:
    """The branches of a tree."""
    import uproot

    opening = _Opening("uproot", "", "tree", f"uproot.open({{path}})[{text(tree)}]")
    with contextlib.suppress(Exception):  # uproot has many ways to stumble; then this is no way
        trees = [uproot.open(path)[tree] for path in origin.paths]
        yield _way(origin, opening, trees, lambda name: [_branch(name)])


def _branch(name: str) -> _Place:
    return _Place('{file}[{name}].array(library="np")', text(name), lambda tree: tree[name].array(library="np"))


def of_numpy(origin: Origin, _table: str) -> Iterator[Way]:
    """The arrays of an archive, or the columns of one array."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        files = [np.load(path) for path in origin.paths]
        single = isinstance(files[0], np.ndarray)
        stem, named = Path(origin.paths[0]).stem, list(origin.data.columns)

        def places(name: str) -> Iterable[_Place]:
            if single:
                return _of_array(name, files[0], "{file}", lambda file: file, stem, named)
            return _of_several(name, dict(files[0].items()), "{file}", lambda file: file, "")

        yield _way(origin, _Opening("numpy", "np", "array" if single else "arrays", "np.load({path})"), files, places)


def of_hdf5(origin: Origin, table: str) -> Iterator[Way]:
    """The datasets of a group, or the fields or columns of one dataset."""
    import h5py

    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        files = [h5py.File(path) for path in origin.paths]
        table = table or (next(iter(files[0])) if len(files[0]) == 1 else "")
        inside = f"[{text(table)}]" if table and table in files[0] else ""

        def enter(file: Any) -> Any:
            return file[table] if inside else file

        def places(name: str) -> Iterable[_Place]:
            if isinstance(enter(files[0]), h5py.Dataset):
                return _of_array(name, enter(files[0]), f"{{file}}{inside}", enter, Path(table).name, [])
            held = {key: each for key, each in enter(files[0]).items() if isinstance(each, h5py.Dataset)}
            return _of_several(name, held, f"{{file}}{inside}", enter, "[:]")

        yield _way(origin, _Opening("h5py", "", "file", "h5py.File({path})"), files, places)


def of_blanks(origin: Origin, source: TextSource) -> Iterator[Way]:
    """One text of nothing but numbers, blanks between them."""
    path, names = origin.paths[0], source.listing.names
    for skip in range(_MOST_LINES if len(origin.paths) == 1 else 0):
        with contextlib.suppress(OSError, ValueError):
            rows = np.loadtxt(path, skiprows=skip, ndmin=2)
            found = dict(zip(names, rows.T, strict=True))
            yield Way(found, lambda script, skip=skip: _write_rows(script, path, skip, names))  # type: ignore[misc]
            return


def _write_rows(script: Script, path: str, skip: int, names: Sequence[str]) -> None:
    script.need("numpy", alias="np")
    script.add(f"rows = np.loadtxt({text(path)}{f', skiprows={skip}' if skip else ''})")
    script.enclosed("data = dict(zip([", [text(name) for name in names], "], rows.T, strict=True))")


def _of_array(
    name: str, array: Any, code: str, enter: Callable[[Any], Any], stem: str, named: Sequence[str]
) -> Iterator[_Place]:
    """A field of a structured array, a column of a 2-D one, or the array itself."""
    if array.dtype.names is not None and name in array.dtype.names:
        yield _Place(f"{code}[{{name}}]", text(name), lambda file: enter(file)[name])
    match = _OF_2D.fullmatch(name)
    if array.ndim == 2 and (name in named or (match and match["base"] == stem)):
        place = named.index(name) if name in named else int(match["place"]) if match else 0
        yield _Place(f"{code}[:, {{name}}]", str(place), lambda file: enter(file)[:, place])
    if name in (stem, *named[:1]) and array.ndim == 1:
        yield _Place(f"{code}[:]", "", lambda file: enter(file)[:])


def _of_several(
    name: str, held: Mapping[str, Any], code: str, enter: Callable[[Any], Any], whole: str
) -> Iterator[_Place]:
    """An array by its name, or a column of a 2-D one."""
    if name in held:
        yield _Place(f"{code}[{{name}}]{whole}", text(name), lambda file: enter(file)[name][...])
        if whole:
            yield _Place(f"{code}[{{name}}].asstr()[:]", text(name), lambda file: enter(file)[name].asstr()[:])
        else:
            yield _Place(f"{code}[{{name}}].astype(str)", text(name), lambda file: enter(file)[name].astype(str))
    match = _OF_2D.fullmatch(name)
    if match and match["base"] in held and held[match["base"]].ndim == 2:
        base, place = match["base"], int(match["place"])
        yield _Place(f"{code}[{text(base)}][:, {{name}}]", str(place), lambda file: enter(file)[base][:, place])


def _way(origin: Origin, opening: _Opening, files: Sequence[Any], places: Callable[[str], Iterable[_Place]]) -> Way:
    """Each column from the first of its places that holds what mltui reads."""
    chosen: dict[str, _Place] = {}
    found: dict[str, Array] = {}
    for name, raw in origin.read.items():
        for place in places(name):
            values = np.concatenate([np.asarray(place.get(file)) for file in files])
            if alike(values, raw):
                chosen[name], found[name] = place, values
                break
    return Way(found, lambda script: _write(script, origin.paths, opening, chosen))


def _write(script: Script, paths: Sequence[str], opening: _Opening, places: Mapping[str, _Place]) -> None:
    script.need(opening.library, alias=opening.alias)
    called, several = opening.called, len(paths) > 1
    if several:
        script.enclosed("paths = [", [text(path) for path in paths], "]", own_lines=True)
        script.add(f"{called}s = [{opening.code.format(path='path')} for path in paths]")
    else:
        script.add(f"{called} = {opening.code.format(path=text(paths[0]))}")

    def column(place: _Place, name: str) -> str:
        one = place.code.format(file=called, name=name)
        return f"np.concatenate([{one} for {called} in {called}s])" if several else one

    alike_codes = {place.code for place in places.values()}
    if len(alike_codes) == 1 and all(place.name == text(name) for name, place in places.items()):
        code = column(next(iter(places.values())), "name")
        script.enclosed(f"data = {{name: {code} for name in [", [text(name) for name in places], "]}")
        return
    entries = [f"{text(name)}: {column(place, place.name)}" for name, place in places.items()]
    script.enclosed("data = {", entries, "}", own_lines=True)
