"""How pictures look: the colours, line styles and marks of every role, in each kind of terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rich.style import Style

Colours = Literal["none", "16", "full"]
Role = str
"""What a mark means: train, validation, test, out_of_bag, member (one model of several), refit (on train and
validation), previous_train, previous_validation, axis, label, strong, accent, dim, good, bad, or class0 to class9."""

CLASSES = 10
"""So many classes have colours and marks of their own; later ones share them in turn."""

# Okabe and Ito's palette, lightened or darkened to stand out from the background, keeps apart for every kind of
# colour vision; the parts take its green and purple, two classes its blue and orange.
_DARK: Mapping[Role, str] = {
    "train": "#4fd6a8",
    "validation": "#e38fc4",
    "test": "#f0e442",
    "out_of_bag": "#6cc0f5",
    "member": "#96668a",
    "refit": "#36a07c",
    "previous_train": "#7d8a86",
    "previous_validation": "#8d818a",
    "axis": "#7f868c",
    "label": "#b4bac0",
    "dim": "#8a9097",
    "accent": "#f0e442",
    "good": "#4fa8e0",
    "bad": "#e6893a",
    "class0": "#6cc0f5",
    "class1": "#ffb000",
    "class2": "#3fcf9f",
    "class3": "#e38fc4",
    "class4": "#f0e442",
    "class5": "#ff7d4d",
    "class6": "#b9c4ff",
    "class7": "#c8a27a",
    "class8": "#9be37d",
    "class9": "#d8dde2",
}
_LIGHT: Mapping[Role, str] = {
    "train": "#00734f",
    "validation": "#a02c7c",
    "test": "#6b5f00",
    "out_of_bag": "#005a96",
    "member": "#c08fb0",
    "refit": "#4f9f83",
    "previous_train": "#8c9692",
    "previous_validation": "#998e96",
    "axis": "#7a8086",
    "label": "#4a5056",
    "dim": "#71777d",
    "accent": "#7a4b00",
    "good": "#0067a8",
    "bad": "#b34a00",
    "class0": "#005a96",
    "class1": "#b34a00",
    "class2": "#00734f",
    "class3": "#a02c7c",
    "class4": "#6b5f00",
    "class5": "#c02020",
    "class6": "#4a4fb0",
    "class7": "#7a5230",
    "class8": "#3f7a1f",
    "class9": "#3a4046",
}
_SIXTEEN_DARK: Mapping[Role, str] = {
    "train": "bright_green",
    "validation": "bright_magenta",
    "test": "bright_cyan",
    "out_of_bag": "bright_blue",
    "member": "magenta",
    "refit": "green",
    "accent": "bright_yellow",
    "good": "bright_blue",
    "bad": "bright_yellow",
    "class0": "bright_blue",
    "class1": "bright_yellow",
    "class2": "bright_green",
    "class3": "bright_magenta",
    "class4": "bright_cyan",
    "class5": "bright_red",
    "class6": "blue",
    "class7": "yellow",
    "class8": "green",
    "class9": "default",
}
_SIXTEEN_LIGHT: Mapping[Role, str] = {
    **{role: name.removeprefix("bright_") for role, name in _SIXTEEN_DARK.items()},
    "member": "bright_magenta",
    "refit": "bright_green",
    "accent": "red",
    "bad": "red",
    "class1": "red",
    "class5": "default",
    "class6": "bright_blue",
    "class7": "bright_red",
    "class8": "bright_magenta",
    "class9": "bright_black",
}
_DIM = frozenset({"member", "refit", "previous_train", "previous_validation", "axis", "dim"})
_BOLD = frozenset({"strong", "accent"})

_MARKS = "○●△▲□■▽▼☆★"
_VALIDATION_MARKS = "◇◆"
_ASCII_MARKS = {2: ("ox", "OX"), CLASSES: ("0123456789", "ABCDEFGHIJ")}
_SAMPLES: Mapping[Role, tuple[str, str]] = {
    "train": ("━━", "**"),
    "validation": ("╍╍", "oo"),
    "test": ("┄┄", "++"),
    "out_of_bag": ("┄┄", "++"),
    "member": ("──", "::"),
    "refit": ("┄┄", "--"),
    "previous_train": ("··", ".."),
    "previous_validation": ("··", ",,"),
}
_DASHES: Mapping[Role, tuple[int, int]] = {
    "validation": (4, 2),
    "test": (2, 2),
    "out_of_bag": (2, 2),
    "refit": (3, 2),
    "previous_train": (1, 2),
    "previous_validation": (1, 4),
}
_CLASS_DASHES: tuple[tuple[int, int] | None, ...] = (None, (5, 2), (2, 2), (8, 3), (1, 2))


@dataclass(frozen=True)
class Look:
    """What the terminal can show: ASCII only or any sign, how many colours, on dark or light."""

    ascii: bool = False
    colours: Colours = "full"
    dark: bool = True

    def style(self, role: Role) -> Style:
        """The style of a role. With colours "none" it is only bold or dim."""
        return _style(role, self.colours, self.dark)

    def sign(self, sign: str, plain: str) -> str:
        """A sign, or what stands for it in ASCII."""
        return plain if self.ascii else sign

    def sample(self, role: Role) -> str:
        """Two cells of a line of this role, for a legend."""
        if role.startswith("class"):
            mark = self.mark(int(role.removeprefix("class")), CLASSES)
            return mark * 2 if self.ascii else f"━{mark}"
        return self.sign(*_SAMPLES.get(role, ("━━", "--")))

    def dash(self, role: Role) -> tuple[int, int] | None:
        """How many dots of a line are drawn and left out in turn; None for a solid line."""
        if role.startswith("class"):
            return _CLASS_DASHES[int(role.removeprefix("class")) % len(_CLASS_DASHES)]
        return _DASHES.get(role)

    def mark(self, code: int, classes: int, *, validation: bool = False) -> str:
        """The mark of a row by its class and part; two classes differ by filling, the parts by shape.

        With more classes the shape tells the class, and the caller underlines the validation part.
        """
        code %= CLASSES
        if self.ascii:
            return _ASCII_MARKS[2 if classes <= 2 else CLASSES][validation][code]
        if validation and classes <= 2:
            return _VALIDATION_MARKS[code]
        return _MARKS[code]


@lru_cache(maxsize=256)
def _style(role: Role, colours: Colours, dark: bool) -> Style:
    bold, dim = role in _BOLD or None, role in _DIM or None
    if colours == "none":
        return Style(bold=bold, dim=dim)
    if role.startswith("class"):
        role = f"class{int(role.removeprefix('class')) % CLASSES}"
    if colours == "16":
        name = (_SIXTEEN_DARK if dark else _SIXTEEN_LIGHT).get(role)
        return Style(color=name, bold=bold, dim=None if name else dim)
    return Style(color=(_DARK if dark else _LIGHT).get(role), bold=bold)
