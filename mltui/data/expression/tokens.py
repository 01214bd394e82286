"""Cuts the text of an expression into numbers, texts, names and signs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from mltui.data.expression.errors import Wrong, shown

MOST_CHARACTERS = 10_000
_WORDS = {"and": "&", "or": "|", "not": "~", "&&": "&", "||": "|", "!": "~"}
_SIGNS = ("**", "//", "<=", ">=", "==", "!=", "&&", "||", *"+-*/%<>&|~!()[],")
_TOKEN = re.compile(
    r"""
      (?P<blank>\s+)
    | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<name>[^\W\d]\w*(?:\.\w+)*)
    | (?P<quoted>`(?:[^`]|``)+`)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<sign>SIGNS)
    """.replace("SIGNS", "|".join(re.escape(sign) for sign in _SIGNS)),
    re.VERBOSE | re.DOTALL,
)
_GLUED = re.compile(r"[\w.]+")
_REFUSED = {
    "^": "write ** for a power",
    "=": "write == to compare",
    "?": "write where(condition, one, other) to choose",
    ":": "write where(condition, one, other) to choose",
    ";": "write & between conditions",
    "−": "write the plain - for minus",
    "–": "write the plain - for minus",
    "×": "write * to multiply",
    "·": "write * to multiply",
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write !=",
    "“": "write plain quotes",
    "”": "write plain quotes",
    "{": "write ( and )",
    "}": "write ( and )",
}
_OTHERWISE = "a column's name with other signs than letters, digits and _ goes in backticks"
_UNCLOSED = {
    "`": "this backtick has no second one that ends the column's name",
    '"': "this quote has no second one that ends the text",
    "'": "this quote has no second one that ends the text",
}


@dataclass(frozen=True)
class Token:
    """One piece of an expression.

    Attributes:
        kind: a quoted name is never a function, a constant or a word such as `and`.
        text: a sign as the parser knows it, a name or a text without its quotes, a number's digits.
        position: of its first character, from 1.
    """

    kind: Literal["number", "text", "name", "quoted", "sign", "end"]
    text: str
    position: int

    @property
    def said(self) -> str:
        """What a sentence calls it."""
        if self.kind == "end":
            return "the end"
        return f'"{shown(self.text)}"' if self.kind == "text" else shown(self.text)


def tokens(text: str) -> list[Token]:
    """The pieces of an expression, with one of the kind `end` behind the last.

    Raises:
        Wrong: at a character that no expression has, at a quote that is not closed, and for a text that is too long.
    """
    if len(text) > MOST_CHARACTERS:
        raise Wrong(MOST_CHARACTERS + 1, f"an expression has at most {MOST_CHARACTERS:,} characters")
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise Wrong(place + 1, _UNCLOSED.get(text[place]) or _not_known(text[place]))
        if match.lastgroup != "blank":
            found.append(_token(match, text))
        place = match.end()
    found.append(Token("end", "", len(text) + 1))
    return found


def _not_known(sign: str) -> str:
    return f"{shown(sign)} is not known here; {_REFUSED.get(sign, _OTHERWISE)}"


def _token(match: re.Match[str], text: str) -> Token:
    written, position = match.group(), match.start() + 1
    if match.lastgroup == "number":
        _check_number(written, text, match.end(), position)
        return Token("number", written, position)
    if match.lastgroup == "quoted":
        return Token("quoted", written[1:-1].replace("``", "`"), position)
    if match.lastgroup == "text":
        return Token("text", re.sub(r"\\(.)", r"\1", written[1:-1], flags=re.DOTALL), position)
    if match.lastgroup == "sign" or written in _WORDS:
        return Token("sign", _WORDS.get(written, written), position)
    return Token("name", written, position)


def _check_number(written: str, text: str, end: int, position: int) -> None:
    if glued := _GLUED.match(text, end):
        raise Wrong(
            position,
            f"{shown(written + glued.group())} is no number; put a sign before {shown(glued.group())}, "
            "or a column's name that begins with a digit in backticks",
        )
    if not math.isfinite(float(written)):
        raise Wrong(position, f"{shown(written)} is too large a number")
