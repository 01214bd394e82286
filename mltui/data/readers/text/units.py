"""Takes a column's name apart into a title and a unit, where it tells one."""

from __future__ import annotations

import re

_SYMBOL = (
    r"[kMGTP]?eV|m|cm|mm|[uµμ]m|nm|pm|fm|km|mi|ft|in|inch|inches|ly|k?pc|Mpc|au|AU|s|sec|ms|[uµμ]s|ns|ps|fs|min|h|hrs?|"
    r"hours?|d|days?|weeks?|months?|yrs?|years?|k?g|mg|[uµμ]g|t|lbs?|oz|K|C|F|°[CF]|deg[CF]|A|mA|[uµμ]A|[mk]?V|[mkM]?W|"
    r"kWh|[kM]?J|k?N|[hkM]?Pa|m?bar|atm|psi|[kMG]?Hz|m?rad|deg|degrees|°|sr|m?T|G|mol|m?M|m?[lL]|[munpf]?b|ohm|Ω|p?F|H|"
    r"%|percent|percentage|pct|ppm|ppb|dB|o/oo|‰|mph|kmh|kph|c?m2|c?m3|\$|€|£|USD|EUR|counts?|events|people|px|pixels|"
    r"bits|bytes|[kMG]B|c|c\^?2|mag|dex|sigma|arcsec|arcmin"
)
_POWER = r"(?:\^?-?\d+|\*\*-?\d+|[⁻²³¹])?"
_UNIT = re.compile(rf"(?:\d+\s?)?(?:{_SYMBOL}|1){_POWER}(?:\s?[/*·.⋅ ]\s?(?:{_SYMBOL}|\d+){_POWER})*")
_BRACKETED = re.compile(r"(?P<title>.+?)[\s_]*\[(?P<unit>[^\[\]]{1,24})\]")
_IN_ROUND = re.compile(r"(?P<title>.+?)[\s_]*\((?P<unit>[^()]{1,24})\)")
_DIVIDED = re.compile(r"(?P<title>[^/]+?)\s*/\s*\(?(?P<unit>[^()]{2,16}|[msKVANJWTgh°%])\)?")


def title_and_unit(name: str) -> tuple[str, str]:
    """The title and unit in a name such as "pt [GeV]", "Body Mass (g)" or "E/GeV"; both empty where it tells no unit.

    Square brackets hold a unit whatever it is; round ones, and what follows a stroke, only where it is one that is
    known, for people also write CO(GT) and S/B.
    """
    if (match := _BRACKETED.fullmatch(name)) and not match["unit"].strip().isdigit():
        return match["title"], match["unit"].strip()
    for pattern in (_IN_ROUND, _DIVIDED):
        if (match := pattern.fullmatch(name)) and _UNIT.fullmatch(match["unit"].strip()):
            return match["title"], match["unit"].strip()
    return "", ""


def unit_alone(text: str) -> str:
    """The unit that a field in a line of units holds, without brackets; empty where it is none."""
    bare = text.strip()
    inner = bare[1:-1].strip() if bare[:1] + bare[-1:] in ("[]", "()") else bare
    if inner != bare and inner not in ("", "-"):
        return inner
    return inner if _UNIT.fullmatch(inner) else ""
