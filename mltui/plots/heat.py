"""Colour maps: shares between two extremes as colours that every kind of colour vision tells apart."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from rich.color import Color
from rich.style import Style

from mltui.core.table import Floats, Integers
from mltui.plots.look import CLASSES, Look

LEVELS = 21
"""Levels of a map, odd so that the middle has its own; more would cost bytes on the wire and show nothing more."""
_DARK = ((24, 88, 142), (24, 27, 33), (150, 86, 4))
_LIGHT = ((112, 178, 226), (247, 247, 245), (244, 172, 84))
_BLOCKS = ("▒", "▒", "░", "░", " ")
_RAMP = " .:-=+*#%@"
_MARKS, _ASCII_MARKS = "·∘○◍●", ".:oO@"
_SHADES = " ░▒▓█"


def levels(values: Floats, low: float, high: float) -> Integers:
    """Values as levels 0 to LEVELS - 1 of a map; -1 for what is not a number. Any shape."""
    with np.errstate(all="ignore"):
        share = np.clip((values - low) / (high - low), 0, 1)
        return np.where(np.isfinite(share), np.round(np.nan_to_num(share) * (LEVELS - 1)), -1).astype(np.int64)


@lru_cache(maxsize=4096)
def halves(top: int, bottom: int, dark: bool) -> Style:
    """The style of an upper half block whose halves have two levels."""
    return Style(color=_colour(top, dark), bgcolor=_colour(bottom, dark))


@lru_cache(maxsize=256)
def ground(level: int, dark: bool) -> Style:
    """The style of a text on a ground of a level."""
    return Style(color="#f2f4f6" if dark else "#14181c", bgcolor=_colour(level, dark))


@lru_cache(maxsize=4096)
def class_halves(top: int, bottom: int, look: Look) -> Style:
    """The style of an upper half block whose halves belong to two classes, toned down so that points stand out."""
    return Style(color=_toned(top, look), bgcolor=_toned(bottom, look))


@lru_cache(maxsize=4096)
def tinted(top: int, bottom: int, code: int, look: Look) -> Style:
    """The style of an upper half block whose halves have two levels of one class's colour, from nothing at level 0."""
    return Style(color=_tint(top, code, look), bgcolor=_tint(bottom, code, look))


def _tint(level: int, code: int, look: Look) -> Color | None:
    full = _toned(code, look)
    if level < 0 or full is None:
        return None
    ground, share = (_DARK if look.dark else _LIGHT)[1], level / (LEVELS - 1)
    mixed = (round(share * own + (1 - share) * g) for own, g in zip(full.get_truecolor(), ground, strict=True))
    return Color.from_rgb(*mixed)


def _colour(level: int, dark: bool) -> Color | None:
    if level < 0:
        return None
    low, middle, high = _DARK if dark else _LIGHT
    share = 2 * level / (LEVELS - 1) - 1
    end = high if share > 0 else low
    red, green, blue = (round(m + abs(share) * (e - m)) for m, e in zip(middle, end, strict=True))
    return Color.from_rgb(red, green, blue)


def _toned(code: int, look: Look) -> Color | None:
    colour = look.style(f"class{code % CLASSES}").color
    if code < 0 or colour is None:
        return None
    towards = (20, 22, 26) if look.dark else (255, 255, 255)
    shares = zip(colour.get_truecolor(), towards, strict=True)
    return Color.from_rgb(*(round(0.45 * own + 0.55 * other) for own, other in shares))


def mark(level: int, look: Look) -> tuple[str, str]:
    """The mark of a row with a value to predict, from small to full, and the role whose colour it has."""
    place = round(level / (LEVELS - 1) * (len(_MARKS) - 1))
    return (_ASCII_MARKS if look.ascii else _MARKS)[place], ("class0", "class0", "label", "class1", "class1")[place]


def block(level: int) -> tuple[str, str]:
    """A level for 16 colours: a sign that is denser towards either extreme, and the class whose colour it has."""
    if level < 0:
        return " ", ""
    away = abs(2 * level - (LEVELS - 1)) / (LEVELS - 1)
    return _BLOCKS[-1 - round(away * (len(_BLOCKS) - 1))], "class0" if 2 * level < LEVELS - 1 else "class1"


def ramp(level: int, look: Look) -> str:
    """A level without colour: a sign that is denser for higher values."""
    signs = _RAMP if look.ascii else _SHADES
    return " " if level < 0 else signs[round(level / (LEVELS - 1) * (len(signs) - 1))]
