"""How lists, tables and entries are written on one line, in a field or after --set, and read back."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_QUOTES = re.compile(_QUOTED)
_CLOSES = {")": "(", "]": "["}
_TREE_AFTER = re.compile(r"(?P<file>.+\.\w+):(?P<tree>[^:]+)")
"""A file with the table in it after a colon; the colon of an address has no ending before it."""


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
        elif sign in "([":
            opened.append(place)
        elif sign in _CLOSES:
            while opened and text[opened[-1]] != _CLOSES[sign]:
                opened.pop()
            if opened:
                found[opened.pop()] = place
        place += 1
    return found


def quoted(text: str, *, signs: str = ",=[]") -> str:
    """A text as one piece: in quotes where it would not be read back without them.

    Args:
        signs: those that mean something where it is to stand; those within a piece's brackets are its own.
    """
    groups = _groups(text)
    brackets = sum(sign in "()[]" for sign in text)
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
    """Samples written as ``label = file, label = file:tree``.

    Raises:
        ValueError: as `table`.
    """
    found = []
    for piece in pieces(text):
        label, value = _assigned(piece)
        match = _TREE_AFTER.fullmatch(str(value))
        entry: dict[str, Any] = {"label": label, "files": [match["file"] if match else str(value)]}
        found.append({**entry, "tree": match["tree"]} if match else entry)
    return found


def from_entries(values: Sequence[Mapping[str, Any]]) -> str:
    """The line that `entries` reads back; it holds label, files and tree, and nothing else of an entry."""
    return ", ".join(
        f"{quoted(str(entry.get('label', '')))} = {quoted(name + (f':{tree}' if (tree := entry.get('tree')) else ''))}"
        for entry in values
        for name in entry.get("files", ())
    )


def _assigned(piece: str) -> tuple[str, Any]:
    match = re.fullmatch(rf"(?P<name>{_QUOTED}|[^=]+?)\s*=\s*(?P<value>.+)", piece, re.DOTALL)
    if match is None:
        raise ValueError(f"must be written name = value, name = value, not {piece!r}")
    name = match["name"]
    return str(_read(name)) if name.startswith('"') else name, _read(match["value"])


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
