"""A TOML text with the name of where it came from, able to say on which line a key stands."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mltui.core.errors import InputError
from mltui.core.written import pieces

_NOT_READ = (ValueError, RecursionError)
"""What the parser raises: mistakes of syntax are ValueErrors, and so are whole numbers of thousands of digits."""
_POINTED = re.compile(r"[+-]?([0-9]+\.|\.[0-9]+)([eE][+-]?[0-9]+)?")
"""Numbers that TOML does not know."""
_PARSED_AT_MOST = 4_000_000
"""Signs that the search for a line may parse, which is about a second."""


@dataclass(frozen=True)
class Source:
    """A TOML document and the name to call it by in a sentence."""

    name: str
    text: str

    def parsed(self) -> dict[str, Any]:
        """The document as a dictionary.

        Raises:
            InputError: with the line and column of the first mistake of syntax.
        """
        try:
            return tomllib.loads(self.text)
        except _NOT_READ as error:
            raise InputError(f"{self.name} is not valid TOML: {_said(error)}") from None

    def line_of(self, key: str) -> int | None:
        """The 1-based line on which a dotted key's statement begins, or None where it is not found.

        Longer and longer heads of the document are parsed until one holds the key: the statement began on the line
        after the last head that parsed without it. In a document of thousands of lines that would take too long: there
        only the first hundreds are searched.
        """
        path, left = key.split("."), _PARSED_AT_MOST
        lines = [line.removesuffix("\r") for line in self.text.split("\n")]  # TOML knows no other line ends
        parsed_until = 0
        for count in range(1, len(lines) + 1):
            left -= sum(map(len, lines[:count]))
            if left < 0:
                return None
            try:
                head = tomllib.loads("\n".join(lines[:count]))
            except _NOT_READ:
                continue
            if _holds(head, path):
                return parsed_until + 1
            parsed_until = count
        return None

    def locate(self, error: InputError) -> InputError:
        """The same error, its sentence led by this document's name and the line of the key."""
        line = self.line_of(error.key) if error.key else None
        where = f"{self.name}, line {line}" if line else self.name
        return InputError(f"{where}: {error.sentence}", key=error.key)


def _holds(document: Any, path: list[str]) -> bool:
    for name in path:
        if isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        elif isinstance(document, dict) and name in document:
            document = document[name]
        else:
            return False
    return True


def override(document: dict[str, Any], settings: Iterable[str]) -> list[str]:
    """Apply ``KEY=VALUE`` settings to a document in place and return the dotted keys that were set.

    A value is read as TOML, and so are numbers such as .05 and 5.; a bare word is a string, also in a list. In a list
    of tables a number names one: data.samples.0.weight.

    Raises:
        InputError: for a setting without ``=`` or a key through something that is not a table.
    """
    keys = []
    for setting in settings:
        key, equals, text = setting.partition("=")
        key = key.strip()
        if not equals or not all(key.split(".")):
            raise InputError(f"--set {setting}: write KEY=VALUE, such as training.learning_rate=0.1")
        table: Any = document
        *parents, last = key.split(".")
        for parent in parents:
            table = _inner(table, parent)
            if not isinstance(table, dict | list):
                raise InputError(f"--set {setting}: {parent} is not a table", key=key)
        if isinstance(table, list):
            raise InputError(f"--set {setting}: write the key of one table, such as {key}.weight", key=key)
        table[last] = _value(key, text.strip())
        keys.append(key)
    return keys


def _inner(table: Any, name: str) -> Any:
    """A table's part, made where it is not there; of a list of tables one that is there, or None."""
    if isinstance(table, list):
        return table[int(name)] if name.isdecimal() and int(name) < len(table) else None
    return table.setdefault(name, {})


def _value(key: str, text: str) -> Any:
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in text):  # line ends; bytes of the shell that are not UTF-8
        raise InputError(f"--set {key}: the value must be printable text, not {text!r}", key=key)
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        return _bare(text)
    except _NOT_READ as error:
        raise InputError(f"--set {key}: {_said(error)}", key=key) from None


def _bare(text: str) -> Any:
    """What is no TOML as a person means it: a list of bare words, a number that begins or ends with its point, text."""
    if text.startswith("[") and text.endswith("]"):
        return [_item(piece) for piece in pieces(text[1:-1])]
    return _item(text)


def _item(text: str) -> Any:
    if _POINTED.fullmatch(text):
        return float(text)
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except _NOT_READ:
        return text


def _said(error: Exception) -> str:
    if isinstance(error, tomllib.TOMLDecodeError):
        return str(error)
    return "its brackets are nested too deeply" if isinstance(error, RecursionError) else "a number has too many digits"
