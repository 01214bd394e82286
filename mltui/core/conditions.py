"""Which settings mean something beside the values of others: `Hyperparameter.only`, held and said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Condition, Hyperparameter, Scalar, Value, shown

Sections = Mapping[str, tuple[Sequence[Hyperparameter], Mapping[str, Value]]]
"""By the name of a section its declarations and the value of each."""


def idle(sections: Sections) -> frozenset[str]:
    """The dotted keys of the settings that mean nothing beside the others' values.

    A setting means something only where the one that it depends on does.
    """
    declared, values = _by_key(sections)
    return frozenset(key for key in declared if _unmet(key, declared, values) is not None)


def refuse_idle(sections: Sections) -> frozenset[str]:
    """The same, once all of them are at their defaults.

    Raises:
        InputError: for the first that is not, naming what it depends on.
    """
    declared, values = _by_key(sections)
    found = set()
    for key, setting in declared.items():
        unmet = _unmet(key, declared, values)
        if unmet is None:
            continue
        found.add(key)
        if values[key] != setting.default:
            raise InputError(f"{key} is for {unmet[0]} = {_any_of(unmet[1])}, {_here(unmet, values)}", key=key)
    return frozenset(found)


def condition(only: Condition, other: Hyperparameter) -> str:
    """What a setting depends on, in words: ``with optimizer adam or adamw``, ``except with schedule constant``.

    Args:
        other: the setting that it depends on; where most of its choices will do, those that will not are named.
    """
    wanted = only[1]
    rest = tuple(choice for choice in other.choices if choice not in wanted)
    if rest and len(rest) < len(wanted):
        return f"except with {other.name} {_any_of(rest)}"
    return f"with {other.name} {_any_of(wanted)}"


def _by_key(sections: Sections) -> tuple[dict[str, Hyperparameter], dict[str, Value]]:
    declared: dict[str, Hyperparameter] = {}
    values: dict[str, Value] = {}
    for section, (settings, given) in sections.items():
        declared |= {f"{section}.{h.name}": h for h in settings}
        values |= {f"{section}.{h.name}": given.get(h.name, h.default) for h in settings}
    return declared, values


def _unmet(key: str, declared: Mapping[str, Hyperparameter], values: Mapping[str, Value]) -> Condition | None:
    """The condition for a setting that is not met; of several that lead to it, the one to see to first."""
    only = declared[key].only
    if only is None:
        return None
    return _unmet(only[0], declared, values) or (None if _met(values[only[0]], only[1]) else only)


def _met(value: Value, wanted: Iterable[Scalar]) -> bool:
    held = value if isinstance(value, tuple) else (value,)
    return any(item in held for item in wanted)


def _here(unmet: Condition, values: Mapping[str, Value]) -> str:
    value = values[unmet[0]]
    listed = value if isinstance(value, tuple) else (value,)
    return f"and here that is {', '.join(map(_word, listed))}; leave it out"


def _any_of(values: Sequence[Scalar]) -> str:
    *most, last = map(_word, values)
    return f"{', '.join(most)} or {last}" if most else last


def _word(value: object) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else shown(value)
