"""What choosing a column means for the keys of the data: as a feature, as target, as weight, as of another kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from mltui.core.hyperparameters import Value
from mltui.plots.words import clean

KINDS = ("number", "category", "ordered", "date", "text")
"""What a column may be taken for by one word, in the order in which a key goes through them."""
_LISTS = "holds a list in each row"
_PLAIN = re.compile(r"[^\W\d][\w.]*")
"""Other names are in backticks where an expression has them."""
Chosen = Mapping[str, Value] | str
"""Values by key without `data.`, or why it cannot be, one sentence."""


def ticked(data: Mapping[str, Any], columns: Sequence[Mapping[str, Any]], name: str) -> Chosen:
    """A column as a feature, or no longer as one.

    As long as no features are named, what is left out is named instead. Globs and expressions stay as they are.

    Args:
        data: the keys of the data as the form has them.
        columns: as the description tells them.
        name: of the column.
    """
    column = _of(columns, name)
    role = column.get("role")
    if barred := _no_feature(column, name):
        return barred
    features, excluded = _names(data, "features"), _names(data, "exclude")
    if role == "feature" and name not in excluded:  # the description may be of a moment ago
        return _unticked(features, excluded, name)
    if any(other != name and fnmatchcase(name, other) for other in excluded):
        glob = next(other for other in excluded if other != name and fnmatchcase(name, other))
        return f"{clean(glob)} in exclude leaves it out; change that in the form."
    kept = tuple(other for other in excluded if other != name)
    if name in excluded and (not features or _means(features, name)):
        return {"exclude": kept}
    if not features:  # it was left out by its looks: from now on the features are named
        features = tuple(str(entry["name"]) for entry in columns if entry.get("role") == "feature")
    named = features if _means(features, name) else (*features, name)
    return {"features": named, **({"exclude": kept} if name in excluded else {})}


def _no_feature(column: Mapping[str, Any], name: str) -> str:
    """Why a column cannot be a feature."""
    role, kind = column.get("role"), column.get("kind")
    if role in ("target", "weight"):
        return f"{clean(name)} is the {role}; {'t' if role == 'target' else 'w'} takes that back."
    if kind == "list" and role != "feature":
        return f"{clean(name)} {_LISTS}: {_of_list(name)}, typed under features, can be one."
    if kind in ("unusable", "text"):
        return f"{clean(name)} cannot be a feature: it {clean(column.get('why') or 'holds too many texts')}."
    return ""


def _unticked(features: tuple[str, ...], excluded: tuple[str, ...], name: str) -> Chosen:
    if name not in features:
        return {"exclude": (*excluded, name)}
    rest = tuple(other for other in features if other != name)
    if not rest:
        return "One feature at least is needed."
    return {"features": rest, "exclude": (*excluded, name)} if _means(rest, name) else {"features": rest}


def taken(
    data: Mapping[str, Any], columns: Sequence[Mapping[str, Any]], role: str, name: str, *, also: bool = False
) -> Chosen:
    """A column as the target or the weight, or no longer as that.

    Args:
        data, columns, name: as for `ticked`.
        role: `target` or `weight`.
        also: as one target more, beside those there are; where there are several it always is.
    """
    if data.get("dataset"):
        return f"The {role} of a catalogue's dataset is fixed."
    if role == "target" and data.get("samples"):
        return "The samples tell the classes apart; there is no other target."
    held = _names(data, role)
    if name in held:
        return {role: _one_or_several(tuple(other for other in held if other != name))}
    barred = _barred(_of(columns, name), role)
    several = role == "target" and bool(held) and (also or len(held) > 1)
    barred = barred or (_no_number(columns, (*held, name)) if several else "")
    if barred:
        return barred
    values: dict[str, Value] = {role: (*held, name) if several else name}
    other = "weight" if role == "target" else "target"
    if name in (others := _names(data, other)):
        values[other] = _one_or_several(tuple(each for each in others if each != name))
    features = _names(data, "features")
    if name in features:
        values["features"] = tuple(entry for entry in features if entry != name)
    if role == "target" and data.get("positive"):
        values["positive"] = None
    return values


def _no_number(columns: Sequence[Mapping[str, Any]], names: tuple[str, ...]) -> str:
    """Why these columns cannot be targets together."""
    kinds = {name: str(_of(columns, name).get("kind", "number")) for name in names}
    odd = next((name for name, kind in kinds.items() if kind != "number"), None)
    return "" if odd is None else f"Several targets are numbers; {clean(odd)} is of the kind {clean(kinds[odd])}."


def _one_or_several(names: tuple[str, ...]) -> Value:
    return names if len(names) > 1 else names[0] if names else None


def _barred(column: Mapping[str, Any], role: str) -> str:
    name, kind = clean(column.get("name", "")), column.get("kind")
    if kind == "unusable":
        return f"{name} cannot be used: it {clean(column.get('why') or 'cannot be read')}."
    if kind == "list":
        return f"{name} {_LISTS}: {_of_list(str(column.get('name', '')))} has one value."
    if role == "weight" and kind != "number":
        return f"Weights are numbers; {name} is of the kind {clean(kind)}."
    return ""


def next_kind(data: Mapping[str, Any], column: Mapping[str, Any], guessed: str = "") -> Chosen:
    """A column taken for the next kind it may be; after the last one as guessed again.

    Args:
        data: the keys of the data as the form has them.
        column: as the description tells it.
        guessed: its kind by the guess, where that is known.
    """
    name, kind = str(column.get("name")), column.get("kind")
    if data.get("dataset"):
        return "The kinds of a catalogue's columns are known."
    kinds = dict(data.get("kinds") or {})
    held = kinds.pop(name, None)
    if held is None and kind not in KINDS:
        return f"{clean(name)} is of the kind {clean(kind)}; it can be taken for nothing else."
    order = [other for other in KINDS if other != (guessed if held is not None else kind)]
    if held is None:
        kinds[name] = order[0]
    elif held in order[:-1]:
        kinds[name] = order[order.index(held) + 1]
    return {"kinds": kinds}


def _of_list(name: str) -> str:
    """What makes a number of a column of lists, as one writes it."""
    written = name if _PLAIN.fullmatch(name) else f"`{name}`"
    return f"{clean(written)}[0], len({clean(written)}) or max({clean(written)})"


def _of(columns: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    return next((column for column in columns if column.get("name") == name), {})


def _names(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    held = data.get(key) or ()
    if isinstance(held, str):
        return () if held == "none" else (held,)
    return tuple(map(str, held)) if isinstance(held, list | tuple) else ()


def _means(patterns: tuple[str, ...], name: str) -> bool:
    return any(pattern == name or fnmatchcase(name, pattern) for pattern in patterns)
