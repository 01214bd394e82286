"""How lists, tables and entries are written on one line, in a field or after --set, and read back."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_QUOTES = re.compile(_QUOTED)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_TREE_AFTER = re.compile(r"(?P<file>.+\.\w+):(?P<tree>[^:]+)")
"""A file with the table in it after a colon; the colon of an address has no ending before it."""

_TEXTS = ("label", "name", "process", "tree", "weight", "cut")
"""The keys of an entry whose values are texts."""
_OF_VARIATION = (*_TEXTS, "files", "generated")
"""The keys of a variation, beside which its columns stand."""
_OF_HEAD = "[]{}"
"""What means something where the file of a sample stands."""


def pieces(text: str) -> Iterator[str]:
    """What stands between the commas of a line, outside quotes and brackets; empty pieces are passed over.

    A quote or a bracket that has no second one is a letter like any other.
    """
    groups = _groups(text)
    begin = place = 0
    while place < len(text):
        if text[place] == ",":
            yield from _bare(text[begin:place])
            begin = place + 1
        place = groups.get(place, place) + 1
    yield from _bare(text[begin:])


def _bare(piece: str) -> Iterator[str]:
    if bare := piece.strip():
        yield bare


def _groups(text: str) -> dict[int, int]:
    """By the place of each quote or bracket that is opened, the place where it is closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    place = 0
    while place < len(text):
        sign = text[place]
        if sign == '"' and (quotes := _QUOTES.match(text, place)):
            found[place] = place = quotes.end() - 1
        elif sign in "([{":
            opened.append(place)
        elif sign in _CLOSES:
            while opened and text[opened[-1]] != _CLOSES[sign]:
                opened.pop()
            if opened:
                found[opened.pop()] = place
        place += 1
    return found


def quoted(text: str, *, signs: str = ",=[]{}") -> str:
    """A text as one piece: in quotes where it would not be read back without them.

    Args:
        signs: those that mean something where it is to stand; those within a piece's brackets are its own.
    """
    groups = _groups(text)
    brackets = sum(sign in "()[]{}" for sign in text)
    closed = '"' not in text and 2 * len(groups) == brackets
    plain = closed and list(pieces(text)) == [text] and not any(sign in text for sign in signs)
    return text if plain else json.dumps(text, ensure_ascii=False)


def table(text: str) -> dict[str, Any]:
    """A table written as ``name = value, name = [value, value]``.

    Raises:
        ValueError: with a phrase that follows the name, for a piece without a name or a value.
    """
    inner = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    return dict(_assigned(piece) for piece in pieces(inner))


def from_table(values: Mapping[str, Any]) -> str:
    """The line that `table` reads back."""
    return ", ".join(f"{quoted(name)} = {_from_value(value)}" for name, value in values.items())


def entries(text: str) -> list[dict[str, Any]]:
    """Samples and variations, each with a name.

    A sample is written ``label = file``, ``label = file:tree`` or ``label = [file, file]``, where it has more to say
    followed by that in braces: ``label = file {process = Z, weight = w}``. A variation is in braces alone, its
    columns with what stands in for each beside its keys: ``JES_up = {pt = pt_up, process = Z}``; a column that is
    called like a key goes into ``replace = {...}``.

    Raises:
        ValueError: as `table`; and for what is said twice.
    """
    return [_entry(*_named(piece)) for piece in pieces(text)]


def from_entries(values: Sequence[Mapping[str, Any]]) -> str:
    """The line that `entries` reads back."""
    return ", ".join(_from_variation(entry) if "name" in entry else _from_sample(entry) for entry in values)


def _entry(name: str, text: str) -> dict[str, Any]:
    head, inner = _before_braces(text)
    said = [] if inner is None else [_named(piece) for piece in pieces(inner)]
    twice = [key for place, (key, _) in enumerate(said) if key in dict(said[:place])]
    if twice:
        raise ValueError(f"says {twice[0]} twice for {name or head}")
    if not head:
        return _variation(name, said)
    entry: dict[str, Any] = {"label": name} if name else {}
    return {**entry, **_files(head), **{key: _value(key, value) for key, value in said}}


def _variation(name: str, said: Sequence[tuple[str, str]]) -> dict[str, Any]:
    keys = {key: _value(key, value) for key, value in said if key in _OF_VARIATION}
    replaced = {key: _read(value) for key, value in said if key not in (*_OF_VARIATION, "replace")}
    replaced |= next((table(value) for key, value in said if key == "replace"), {})
    return {"name": name, **({"replace": replaced} if replaced else {}), **keys}


def _files(head: str) -> dict[str, Any]:
    if _is_list(head):
        return {"files": _value("files", head)}
    file = _text(head)
    match = _TREE_AFTER.fullmatch(file)
    return {"files": [match["file"]], "tree": match["tree"]} if match else {"files": [file]}


def _value(key: str, text: str) -> Any:
    if key == "files":
        return [_text(piece) for piece in pieces(text[1:-1])] if _is_list(text) else [_text(text)]
    return _text(text) if key in _TEXTS else _read(text)


def _is_list(text: str) -> bool:
    return text.startswith("[") and text.endswith("]")


def _text(text: str) -> str:
    """A piece as the text it is, also where it looks like a number."""
    return str(_read(text)) if text.startswith('"') else text


def _before_braces(text: str) -> tuple[str, str | None]:
    """What stands before the braces that end a text, and what is in them; None where it ends with none."""
    groups = _groups(text)
    place = 0
    while place < len(text):
        if text[place] == "{" and groups.get(place) == len(text) - 1:
            return text[:place].strip(), text[place + 1 : -1]
        place = groups.get(place, place) + 1
    return text.strip(), None


def _from_sample(entry: Mapping[str, Any]) -> str:
    label, files, tree = entry.get("label"), list(entry.get("files", ())), entry.get("tree")
    rest = {key: value for key, value in entry.items() if key not in ("label", "files", "tree") and value is not None}
    if label == "":
        rest = {"label": "", **rest}
    short = f"{files[0]}:{tree}" if len(files) == 1 and tree is not None else None
    if short is not None and _files(quoted(short, signs=_OF_HEAD)) == {"files": files, "tree": tree}:
        head = quoted(short, signs=_OF_HEAD)
    else:
        rest = rest if tree is None else {"tree": tree, **rest}
        alone = len(files) == 1 and _files(quoted(files[0], signs=_OF_HEAD)) == {"files": files}
        head = quoted(files[0], signs=_OF_HEAD) if alone else _from_list(files)
    inner = ", ".join(f"{key} = {_from(key, value)}" for key, value in rest.items())
    return f"{quoted(label or '')} = {head}" + (f" {{{inner}}}" if inner else "")


def _from_variation(entry: Mapping[str, Any]) -> str:
    replaced = entry.get("replace") or {}
    clash = set(replaced) & {*_OF_VARIATION, "replace"}
    said = [f"replace = {{{from_table(replaced)}}}"] if clash else [from_table(replaced)] if replaced else []
    said += [
        f"{key} = {_from(key, value)}"
        for key, value in entry.items()
        if key not in ("name", "replace") and value not in (None, (), [])
    ]
    return f"{quoted(str(entry['name']))} = {{{', '.join(said)}}}"


def _from(key: str, value: Any) -> str:
    if key in _TEXTS:
        return quoted(str(value), signs="")
    return _from_list(list(value)) if key == "files" else _from_value(value)


def _from_list(files: Sequence[str]) -> str:
    return f"[{', '.join(quoted(file) for file in files)}]"


def _assigned(piece: str) -> tuple[str, Any]:
    name, value = _named(piece)
    return name, _read(value)


def _named(piece: str) -> tuple[str, str]:
    """A name and the text that it is given."""
    match = re.fullmatch(rf"(?P<name>{_QUOTED}|[^=]+?)\s*=\s*(?P<value>.+)", piece, re.DOTALL)
    if match is None:
        raise ValueError(f"must be written name = value, name = value, not {piece!r}")
    name = match["name"]
    return str(_read(name)) if name.startswith('"') else name, match["value"]


def _read(text: str) -> Any:
    """A piece as TOML reads it, else the text itself."""
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [_read(piece) for piece in pieces(text[1:-1])]
    try:
        value = tomllib.loads(f"v = {text}")["v"]
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, bool | int | float | str) else text


def _from_value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_from_value(item) for item in value)}]"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    text = str(value)
    return text if quoted(text) == text and isinstance(_read(text), str) else json.dumps(text, ensure_ascii=False)
