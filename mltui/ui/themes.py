"""How the lab is coloured: one accent for focus and next key, everything else greys, so that colour carries data."""

from __future__ import annotations

from collections.abc import Collection

from textual.theme import Theme

from mltui.core.errors import InputError, nearest
from mltui.ui.terminal import Colours

DARK = Theme(
    name="mltui-dark",
    primary="#7DB8E8",
    secondary="#9AA5B1",
    accent="#5FD7C4",
    foreground="#D8DEE6",
    background="#12151A",
    surface="#171B21",
    panel="#222831",
    success="#5FD7C4",
    warning="#E9B44C",
    error="#F08A70",
    dark=True,
    variables={"block-cursor-foreground": "#12151A", "block-cursor-background": "#5FD7C4"},
)
LIGHT = Theme(
    name="mltui-light",
    primary="#1F5F94",
    secondary="#5A6572",
    accent="#00756A",
    foreground="#1E252D",
    background="#FBFBF9",
    surface="#F3F4F2",
    panel="#E4E8EA",
    success="#00756A",
    warning="#8A5A00",
    error="#B23A1E",
    dark=False,
    variables={"block-cursor-foreground": "#FBFBF9", "block-cursor-background": "#00756A"},
)
THEMES = (DARK, LIGHT)


def theme_name(wanted: str, colours: Colours, known: Collection[str]) -> str:
    """The theme for a wish (dark, light, or a theme's name) on a terminal of so many colours; 16 are its own.

    Raises:
        InputError: for a name that nobody knows.
    """
    if wanted in known:
        return wanted
    if wanted not in ("dark", "light"):
        raise InputError(f"there is no theme {wanted!r}; {nearest(wanted, ['dark', 'light', *known])}", key="theme")
    dark = wanted != "light"
    if colours == "16":
        return "ansi-dark" if dark else "ansi-light"
    return DARK.name if dark else LIGHT.name
