"""Text that came with data, made safe to show."""

from __future__ import annotations

import unicodedata

_PLAIN = str.maketrans(
    {"≤": "<=", "≥": ">=", "≠": "!=", "×": "x", "·": ".", "→": "->", "←": "<-", "−": "-", "–": "-", "±": "+-"}
)
_DANGEROUS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: object, *, ascii: bool = False, limit: int = 1000) -> str:
    """Data-borne text made safe to show literally: one line, no control or invisible signs, no escape codes.

    Signs that terminals join with their neighbours (joiners, flags, skin tones) count as invisible, since joined
    signs take another width than their parts. A control character becomes its picture (␛), any other sign that has
    no face of its own becomes �. In ASCII a sign becomes the letters it is made of, a Greek letter its name, a sign of
    mathematics what stands for it, all else ``?``.
    """
    if ascii:
        text = unicodedata.normalize("NFKD", str(text)[:limit].translate(_PLAIN)).translate(_PLAIN)
        text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return "".join(_visible(sign, ascii) for sign in str(text)[:limit])[:limit]


def _visible(sign: str, ascii: bool) -> str:
    if " " <= sign <= "~":
        return sign
    if ascii:
        return _name_of(sign)
    if sign < " ":
        return chr(0x2400 + ord(sign))
    joined = "\U0001f1e6" <= sign <= "\U0001f1ff" or "\U0001f3fb" <= sign <= "\U0001f3ff"
    return "�" if joined or unicodedata.category(sign) in _DANGEROUS else sign


def _name_of(sign: str) -> str:
    """A Greek letter's name, capital where the letter is; of any other sign a question mark."""
    name = unicodedata.name(sign, "")
    if not name.startswith("GREEK ") or " LETTER " not in name:
        return "?"
    last = name.rsplit(" ", 1)[1].lower()
    return last.capitalize() if " CAPITAL " in name else last
