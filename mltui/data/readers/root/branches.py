"""The columns of a TTree: what each branch is, by its type, its name and its title."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from mltui.core.errors import InputError
from mltui.data.readers.raw import Field
from mltui.data.readers.root.baskets import claims
from mltui.data.readers.root.leaves import Group, Leaf, of_dtype, of_lists, several, told_apart, unusable
from mltui.data.readers.root.source import Bytes, clean
from mltui.data.readers.root.titles import title_and_unit
from mltui.data.readers.root.values import Texts, Values

_UNREADABLE = "is of a type that cannot be read"


def leaves_of(tree: Any, source: Bytes, missing: Collection[str], inside: int) -> list[Leaf]:
    """Every column of a tree, in order; a branch that only groups others is none, its parts are.

    Args:
        tree: uproot's.
        source: the file it lies in.
        missing: texts that mean that there is no value.
        inside: how many bytes the tree itself has.

    Raises:
        InputError: where the file is cut short, or claims more rows than it can hold.
    """
    rows = int(tree.num_entries)
    found = [branch for branch in tree.itervalues(recursive=True) if not branch.branches]
    most = max((int(branch.num_entries) for branch in found), default=0)
    if all(int(branch.num_entries) != rows for branch in found):
        holds = f"its branches hold {most} at most" if found else "it has no branches"
        raise InputError(f"{source.name} is damaged: its tree claims {rows} rows, {holds}", key="data.files")
    return told_apart(leaf for branch in found for leaf in _leaves(branch, rows, source, missing, inside))


def _leaves(branch: Any, rows: int, source: Bytes, missing: Collection[str], inside: int) -> list[Leaf]:
    name = clean(dotted(branch))
    if int(branch.num_entries) != rows:
        return [unusable(name, f"has {branch.num_entries} rows where the tree has {rows}")]
    title, unit = title_and_unit(name, clean(str(branch.title or "")))
    field = Field(name, title=title, unit=unit)
    try:
        interpretation = branch.interpretation
    except Exception:  # of the many types there are, some make the library stumble; the others are read
        return [unusable(name, _UNREADABLE)]
    found, least = _understood(branch, interpretation, field, source, missing)
    claims(branch, source, rows, least, inside)
    return found


def dotted(branch: Any) -> str:
    """A branch's name with those of the branches around it: `event.jet.pt`; without the shape that ROOT appends."""
    parts: list[str] = []
    while hasattr(branch, "top_level"):  # as branches have it, and trees not
        parts.insert(0, re.sub(r"(\[\w*\])+$", "", str(branch.name)).rstrip("."))
        branch = branch.parent
    name = before = parts[0]
    for part in parts[1:]:
        repeats = part.startswith(f"{before}.")  # ROOT puts the name of the branch around it before it, or not
        name = name.removesuffix(before) + part if repeats else f"{name}.{part}"
        before = part
    return name


def _understood(
    branch: Any, interpretation: Any, field: Field, source: Bytes, missing: Collection[str]
) -> tuple[list[Leaf], float]:
    """The columns of a branch, and how many bytes one row takes in the file at least."""
    import uproot

    if isinstance(interpretation, uproot.AsStrings):
        texts: Group = Texts(branch, source, interpretation, missing)
        return [Leaf(replace(field, kind="category"), 4, texts)], 1
    if isinstance(interpretation, uproot.AsJagged):
        return _list_leaves(branch, interpretation, field, source), 1
    if isinstance(interpretation, (uproot.AsDtype, uproot.AsDouble32, uproot.AsFloat16)):
        values: Group = Values(branch, source, interpretation)
        parts = _parts(field, np.dtype(interpretation.to_dtype))
        return [of_dtype(*part, values, member) for part, member in parts], interpretation.itemsize
    if isinstance(interpretation, Exception):
        return [unusable(field.name, _UNREADABLE)], 1
    return [several(field.name, str(interpretation.typename))], 1


def _parts(field: Field, dtype: np.dtype[Any]) -> Iterator[tuple[tuple[Field, np.dtype[Any]], str]]:
    """The columns of a structure: name.member for each, without the headers of ROOT's objects."""
    if dtype.names is None:
        yield (field, dtype), ""
        return
    for member in dtype.names:
        if not any(part.startswith("@") for part in member.split("/")):
            yield (Field(clean(f"{field.name}.{member.replace('/', '.')}")), dtype[member]), member


def _list_leaves(branch: Any, interpretation: Any, field: Field, source: Bytes) -> list[Leaf]:
    dtype = np.dtype(interpretation.content.to_dtype)
    group = Values(branch, source, interpretation)
    rows = max(1, int(branch.num_entries))
    per_row = max(0.0, float(branch.member("fTotBytes")) / rows / max(1, dtype.itemsize))
    return [of_lists(*part, per_row, group, member) for part, member in _parts(field, dtype)]
