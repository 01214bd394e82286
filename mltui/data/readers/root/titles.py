"""What a branch's title says: a title for plots and a unit, where it is more than ROOT's default."""

from __future__ import annotations

import re

LONGEST = 60
"""A longer text describes the column rather than titles it, and would fill an axis; it is left out."""
_LEAVES = re.compile(r"[^\s/]+/[A-Za-z](\[[^\]]*\])?(:[^\s/:]+(/[A-Za-z](\[[^\]]*\])?)?)*")
_PREFIX = r"(?:[yzafpnuµμmcdkMGTPE]|da)?"
_ATOM = (
    rf"(?:{_PREFIX}(?:eV|m|s|Hz|V|A|T|K|g|b|rad|J|W|Pa|N|C)|c|deg|degrees?|°|%|min|h|d|rad|sr|photons?|p\.?e\.?|ADC)"
)
_UNIT = re.compile(rf"(?:1\s?/\s?)?{_ATOM}(?:(?:\^|\*\*)?-?\d)?(?:\s?[*/·. ]\s?{_ATOM}(?:(?:\^|\*\*)?-?\d)?)*")
_SHAPE = re.compile(r"(\[\w*\])+$")
_LETTERS = frozenset("ms")
"""Units of one letter that may stand in round brackets or after "in": other letters there are something else."""
_ENDING = re.compile(
    r"^(?P<title>.*?)(?P<gap>[\s,;:]*)(?:\[(?P<square>[^\[\]]*)\]|\((?P<round>[^()]*)\)|,? in (?P<word>\S+))$"
)


def title_and_unit(name: str, said: str) -> tuple[str, str]:
    """The title and the unit that a branch's own title holds; "" for what it does not say.

    ROOT's default title repeats the name, or the list of leaves ("pt/F", "jet_pt[njet]/F", "x/F:y/I"); a title that
    is only the end of the name ("pt" for Electron_pt) would say less than the name. Both count as none.

    >>> title_and_unit("jet_pt", "Jet pT (GeV)")
    ('Jet pT', 'GeV')
    >>> title_and_unit("m_jj", "m_jj/F")
    ('', '')
    """
    text = " ".join(said.split())
    if _LEAVES.fullmatch(text):
        return "", ""
    text, unit = _divided(text)
    says_more = text and not name.casefold().endswith(_SHAPE.sub("", text).casefold()) and len(text) <= LONGEST
    return (text if says_more else ""), unit


def _divided(text: str) -> tuple[str, str]:
    """A text without its unit, and the unit; a single letter is one only where nothing else can be meant."""
    found = _ENDING.match(text)
    if not found:
        return text, ""
    square, attached = found["square"], bool(found["square"] and not found["gap"])
    unit = (square if square is not None else found["round"] or found["word"] or "").strip()
    alone = unit in _LETTERS if square is None else not attached
    if not _UNIT.fullmatch(unit) or (len(unit) == 1 and not alone):
        return text, ""
    return found["title"], unit
