"""What changed between two experiments, in the few words that title the previous run's curve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mltui.core.experiment import Experiment, data_name

_FEW_NAMES = 4
_UNSAID = ("format", "name", "resolved")


def changed(before: Experiment, after: Experiment, at_most: int = 2) -> str:
    """Say what changed, such as ``learning_rate 0.03 → 0.1``; empty where nothing did.

    Where dataset or model changed, the settings that came with it go without saying; of a list of names it says which
    came and went.
    """
    one, other = before.document(whole=True), after.document(whole=True)
    said = list(_differences(one, other))
    words = [f"{name} {_change(old, new)}" for name, old, new in said[:at_most]]
    rest = len(said) - at_most
    return ", ".join(words) + (f" and {rest} more" if rest > 0 else "")


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    if data_name(one["data"]) != data_name(other["data"]):
        yield "data", data_name(one["data"]), data_name(other["data"])
    else:
        yield from _table(one["data"], other["data"])
    if one["model"]["name"] != other["model"]["name"]:
        yield "model", one["model"]["name"], other["model"]["name"]
    else:
        yield from _table(one["model"], other["model"])
        yield from _table(one["training"], other["training"])
    rest = [key for key in one if key not in (*_UNSAID, "data", "model", "training")]
    yield from _table({k: one[k] for k in rest}, {k: other[k] for k in rest})


def _table(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in dict.fromkeys((*one, *other)):
        old, new = one.get(key), other.get(key)
        if isinstance(old, Mapping) or isinstance(new, Mapping):
            yield from _table(old or {}, new or {})
        elif old != new:
            yield key, old, new


def _change(old: Any, new: Any) -> str:
    if _named(old) and _named(new) and set(old) != set(new):
        came = [name for name in new if name not in old]
        went = [name for name in old if name not in new]
        if len(came) + len(went) <= _FEW_NAMES:
            parts = (("with", came), ("without", went))
            return ", ".join(f"{word} {', '.join(names)}" for word, names in parts if names)
        return f"{len(old)} → {len(new)} names"
    return f"{_shown(old)} → {_shown(new)}"


def _named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or value in ("none", []):
        return "none"
    if isinstance(value, list):
        return ("-" if all(isinstance(item, int) for item in value) else ", ").join(_shown(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(item)}" for key, item in value.items())
    return f"{value:g}" if isinstance(value, int | float) and abs(value) < 1e6 else str(value)
