"""Reads ROOT files: the flat branches of a TTree or the flat fields of an RNTuple."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mltui.core.errors import InputError, nearest
from mltui.data.readers.raw import STANDARD_MISSING, Listing, Raw, Reader, encoded, reading

_NAME = "ROOT"
_FLAT = frozenset({"string", "bool", "float", "double", "char", "byte"})
_SEVERAL = "holds several values in each row"


def look(path: Path, tree: str | None) -> Listing:
    """The tree's columns, without reading an entry.

    Raises:
        InputError: where there is no tree, or several and none is chosen, or the chosen one is not there.
    """
    import uproot

    with reading(path, _NAME), uproot.open(path) as file:
        found = _tree(path, file, tree)
        rows = int(found.num_entries)
        if not rows:
            raise InputError(f"{path.name}: the tree {found.name!r} has no rows", key="data.files")
        why = {name: _unusable(found, name) for name in _names(found)}
        return Listing(
            tuple(name for name, reason in why.items() if not reason),
            {name: reason for name, reason in why.items() if reason},
            rows,
        )


def read(
    path: Path, tree: str | None, names: Sequence[str], missing: frozenset[str], rows: int | None = None
) -> dict[str, Raw]:
    """The named columns, of the first rows or of all.

    Raises:
        InputError: where the file is damaged.
    """
    import uproot

    with reading(path, _NAME), uproot.open(path) as file:
        found = _tree(path, file, tree)
        return {name: _column(found, name, STANDARD_MISSING | missing, rows) for name in names}


def _tree(path: Path, file: Any, wanted: str | None) -> Any:
    """The tree or RNTuple that is wanted, or the only one; of several cycles the newest."""
    classes = file.classnames(recursive=True, cycle=False)
    trees = [name for name, kind in classes.items() if kind in ("TTree", "TNtuple", "TNtupleD", "ROOT::RNTuple")]
    if not trees:
        others = sorted(set(classes.values()))
        holds = f"only {', '.join(others[:5])}" if others else "nothing"
        raise InputError(f"{path.name} has no TTree and no RNTuple, it holds {holds}", key="data.files")
    if wanted is None:
        if len(trees) > 1:
            raise InputError(f"{path.name} has {len(trees)} trees, choose one of {', '.join(trees)}", key="data.tree")
        return file[trees[0]]
    if wanted.split(";")[0] not in trees:
        raise InputError(f"there is no tree {wanted!r} in {path.name}; {nearest(wanted, trees)}", key="data.tree")
    return file[wanted]


def _is_ntuple(tree: Any) -> bool:
    return not hasattr(tree, "branches")


def _names(tree: Any) -> list[str]:
    """Every column by its path; a branch that only groups others is left out, and a field's parts as well."""
    if _is_ntuple(tree):
        return [str(name) for name in tree.keys() if "." not in name and not name.startswith("_")]  # noqa: SIM118
    return [str(name) for name in tree.keys(filter_branch=lambda branch: not branch.branches)]


def _unusable(tree: Any, name: str) -> str:
    if _is_ntuple(tree):
        return _unusable_field(str(tree[name].typename))
    import uproot

    try:
        interpretation = tree[name].interpretation
    except uproot.interpretation.identify.UnknownInterpretation:
        return "is of a type that cannot be read"
    if isinstance(interpretation, uproot.AsStrings):
        return ""
    if not isinstance(interpretation, uproot.AsDtype):
        return _SEVERAL if isinstance(interpretation, uproot.AsJagged) else "is of a type that cannot be used"
    dtype = interpretation.to_dtype
    if dtype.shape:
        return _SEVERAL
    return "" if dtype.kind in "biuf" else "is of a type that cannot be used"


def _unusable_field(typename: str) -> str:
    plain = typename.removeprefix("std::")
    if plain.startswith("ROOT::RNTupleCardinality<") or plain in _FLAT or re.fullmatch(r"u?int\d+_t", plain):
        return ""
    return _SEVERAL if "<" in plain else "is of a type that cannot be used"


def _column(tree: Any, name: str, missing: frozenset[str], rows: int | None) -> Raw:
    import awkward

    # awkward rather than numpy: the one way that TTrees and RNTuples share
    array = tree[name].array(library="ak", entry_stop=rows)
    if "string" in str(awkward.type(array)):
        texts = np.array([None if text in missing else text for text in awkward.to_list(array)], dtype=object)
        return encoded(texts)
    values = awkward.to_numpy(array)
    if values.dtype.kind == "b":
        return Raw(values.astype(np.bool_))
    if values.dtype.kind in "iu" and (values.dtype.itemsize < 8 or values.max(initial=0) < 2**63):
        return Raw(values.astype(np.int64))
    return Raw(values.astype(np.float64))


READER = Reader(name=_NAME, endings=(".root",), look=look, read=read, trees=True)
