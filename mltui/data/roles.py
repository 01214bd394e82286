"""Decides which columns are features: those the user named, or those that do not look like something else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from mltui.core.errors import InputError, nearest
from mltui.core.sections import Data
from mltui.data.beside import NOTHING, Beside
from mltui.data.expression import Expression, ExpressionError, parse
from mltui.data.part import Wanted
from mltui.data.readers.raw import Field, Listing
from mltui.data.samples import TARGET, labelled
from mltui.data.titles import check_titles

_GLOB = frozenset("*?[")
_PLAIN = re.compile(r"[^\W\d][\w.]*")
_NO_FEATURE = {
    "date": "holds dates; named as a feature it is the number of days since 1970",
    "text": "holds text of its own in each row",
    "list": "holds a list in each row",
}
_KEY = "data.features"


def candidates(data: Data, listing: Listing, beside: Beside = NOTHING) -> list[str]:
    """What may be a feature, by name and kind alone: columns and expressions, each under its name or text, in order.

    Args:
        beside: what is read for the split; its columns are features only where data.features names them.

    Raises:
        InputError: for names that no column has, for expressions that do not fit, and for a target or a weight among
            the features.
    """
    return list(_chosen(data, listing, beside))


def wanted(data: Data, listing: Listing, beside: Beside = NOTHING) -> Wanted:
    """Everything that a run reads: the target, the candidates, and what the split goes by.

    Raises:
        InputError: as `candidates`; and for a title of nothing.
    """
    chosen = _chosen(data, listing, beside)
    columns = [name for name, expression in chosen.items() if expression is None]
    everything = [field.name for field in listing.fields]
    weights = [weight for weight in (data.weight, data.training_weight) if weight]
    check_titles(data.titles, [*everything, *chosen, *weights, *beside.terms, *([TARGET] if labelled(data) else [])])
    expressions = {text: expression for text, expression in chosen.items() if expression is not None}
    more = {text: each for text, each in beside.terms.items() if text not in chosen and text not in data.targets}
    for text, each in more.items():
        if isinstance(each.meant, str):
            columns.append(text)
        else:
            expressions[text] = each.meant
    keys = {text: each.key for text, each in more.items()}
    return Wanted(tuple(dict.fromkeys([*data.targets, *columns])), expressions, keys)


def why_not(field: Field) -> str:
    """Why a column is no feature unless it is asked for, by its kind, in words that follow "it"; else nothing."""
    return field.why if field.kind == "unusable" else _NO_FEATURE.get(field.kind, "")


def named(patterns: Iterable[str], names: Sequence[str], key: str, unusable: Mapping[str, str]) -> list[str]:
    """The names that a list of names and globs means, in the list's order, each once.

    Raises:
        InputError: for a pattern that nothing matches, or a name whose column cannot be used.
    """
    chosen: dict[str, None] = {}
    known = set(names)
    for pattern in patterns:
        if pattern in known:
            chosen[pattern] = None
            continue
        if pattern in unusable:
            raise InputError(f"{key}: the column {pattern} cannot be used, it {unusable[pattern]}", key=key)
        matches = [name for name in names if fnmatchcase(name, pattern)]
        if not matches:
            raise InputError(f"{key}: there is no column {pattern!r}; {nearest(pattern, names)}", key=key)
        chosen.update(dict.fromkeys(matches))
    return list(chosen)


def _chosen(data: Data, listing: Listing, beside: Beside) -> dict[str, Expression | None]:
    """The candidates; an expression where it is one."""
    _check_roles(data, listing)
    every = listing.by_name
    excluded = set(named(data.exclude, (*every, *data.features), "data.exclude", {}))
    chosen: dict[str, Expression | None] = {}
    for feature in data.features:
        chosen.update(_meant(feature, every))
    for text, expression in chosen.items():
        for name in () if expression is None else expression.names:
            if name in data.targets:
                raise InputError(f"{_KEY}: {text} uses {name}, which is {_the(data)}", key=_KEY)
    if not data.features:
        chosen = {name: None for name, field in every.items() if not why_not(field)}
    others = {*data.targets, data.weight, data.training_weight, *(sample.weight for sample in data.samples), *excluded}
    others.update({*beside.columns, *data.spectators, data.process}.difference(data.features))
    kept = {name: e for name, e in chosen.items() if name not in others}
    if chosen and not kept and data.exclude:
        raise InputError("data.exclude leaves no column to learn from", key="data.exclude")
    return kept


def _check_roles(data: Data, listing: Listing) -> None:
    names = listing.names
    weights = (("weight", data.weight), ("training weight", data.training_weight))
    said = [(name, _the(data)) for name in data.targets] + [(name, f"the {role}") for role, name in weights if name]
    for name, role in said:
        if name in data.features:
            raise InputError(f"{_KEY} has {name}, which is {role}", key=_KEY)
    for name in data.targets:
        _check_target(name, names, listing)
    for role, weight in weights:
        if weight in data.targets:
            key = f"data.{role.replace(' ', '_')}"
            raise InputError(f"{key} is {weight}, which is {_the(data)}", key=key)


def _the(data: Data) -> str:
    return "the target" if len(data.targets) == 1 else "a target"


def _check_target(name: str, names: Sequence[str], listing: Listing) -> None:
    if name not in names and len(pieces := [piece.strip() for piece in name.split(",")]) > 1 and {*pieces} <= {*names}:
        asked = ", ".join(f'"{piece}"' for piece in pieces)
        raise InputError(
            f"data.target: there is no column {name!r}; several targets are a list: target = [{asked}]",
            key="data.target",
        )
    named([_literal(name, names)], names, "data.target", listing.unusable)
    kind = listing.by_name[name].kind
    if kind in ("list", "image"):
        raise InputError(
            f"the target {name} holds {'a' if kind == 'list' else 'an'} {kind} in each row, and must hold one value",
            key="data.target",
        )


def _literal(name: str, names: Sequence[str]) -> str:
    """A single column's name, which is no glob: its signs stand for themselves."""
    return name if name in names else re.sub(r"[\[*?]", lambda sign: f"[{sign.group()}]", name)


def _meant(feature: str, every: Mapping[str, Field]) -> dict[str, Expression | None]:
    """What one entry of the features means: a column, columns by a glob, or an expression, tried in this order.

    Two stars are a power, and brackets after a column of lists or images an index: never a glob.
    """
    if feature in every:
        _check_feature(every[feature])
        return {feature: None}
    before = feature.partition("[")[0]
    power_or_index = "**" in feature or (before in every and every[before].kind in ("list", "image"))
    matches = [] if power_or_index else [name for name in every if fnmatchcase(name, feature)]
    expression = _expression(feature, every, tolerant=bool(matches))
    if matches and expression is not None:
        raise InputError(
            f"{_KEY}: {feature} may mean the column {matches[0]} or an expression; with spaces around its signs it is "
            "an expression, else name the columns",
            key=_KEY,
        )
    if expression is not None:
        return {feature: expression}
    usable = [name for name in matches if every[name].kind not in ("unusable", "list", "text")]
    for name in matches[: 0 if usable else 1]:
        _check_feature(every[name])
    return dict.fromkeys(usable)


def _expression(text: str, every: Mapping[str, Field], *, tolerant: bool) -> Expression | None:
    """The text as an expression over the columns; None where it is none and need not be.

    Raises:
        InputError: naming the character, or the nearest column where the text is but a name or a glob.
    """
    try:
        expression = parse(text)
        expression.check(every)
    except ExpressionError as error:
        if tolerant:
            return None
        if _PLAIN.fullmatch(text) or (_GLOB & set(text) and not set(text) & set("() ") and "**" not in text):
            raise InputError(f"{_KEY}: there is no column {text!r}; {nearest(text, every)}", key=_KEY) from None
        raise InputError(f"{_KEY}: {error.sentence}", key=_KEY) from None
    return expression


def _check_feature(field: Field) -> None:
    """Refuse a column that cannot be a feature as it stands."""
    name = field.name
    if field.kind == "unusable":
        raise InputError(f"{_KEY}: the column {name} cannot be used, it {field.why}", key=_KEY)
    if field.kind == "list":
        as_name = name if _PLAIN.fullmatch(name) else f"`{name}`"
        raise InputError(
            f"{_KEY}: the column {name} holds a list in each row; write {as_name}[0], len({as_name}), sum({as_name}) "
            f"or max({as_name})",
            key=_KEY,
        )
    if field.kind == "text":
        raise InputError(
            f'{_KEY}: the column {name} holds text of its own in each row; with kinds = {{ {name} = "category" }} '
            "its texts are labels",
            key=_KEY,
        )
