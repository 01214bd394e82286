"""One declaration of a setting, from which its check, parsing, formatting, stepping and help all come."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mltui.core import written
from mltui.core.errors import InputError, nearest

Scalar = bool | int | float | str
Item = Scalar | tuple[Scalar, ...]
Entry = Mapping[str, Item | Mapping[str, Item]]
Value = Item | tuple[Entry, ...] | Entry | None
Condition = tuple[str, tuple[Scalar, ...]]
Kind = Literal[
    "integer",
    "number",
    "boolean",
    "choice",
    "choices",
    "text",
    "columns",
    "integers",
    "names",
    "scalars",
    "table",
    "entries",
]

_LONGEST_SHOWN = 80
"""Characters of a wrong value that a sentence repeats."""
_LISTS: dict[Kind, type | tuple[type, ...]] = {"integers": int, "names": str, "scalars": (int, float, str)}
_WORDS: dict[Kind, str] = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "text": "text",
    "columns": "a name or a list of names",
    "integers": "whole numbers",
    "names": "a list of names",
    "scalars": "a list of numbers or texts",
    "table": "a table",
    "entries": "a list of tables",
}


@dataclass(frozen=True, kw_only=True)
class Hyperparameter:
    """A named setting: type, default, bounds, scale and one line of help.

    `low` and `high` are inclusive unless `above` or `below` says otherwise; they bound every element of a list.
    `optional` admits None, which a form shows as an empty field and a file as an absent key (or "none"). Of `choices`
    the kind "choice" takes one, "choices" one or more in an order that means something; "none" stands alone there.
    "columns" takes the name of one, which stays a text, or a list of several, each of them once.
    `only` is a dotted key with values: the setting means something only where that other one has one of them, and keeps
    its default elsewhere. `first` is where stepping up from 0 leads on a log scale, and down from there to 0.
    """

    name: str
    kind: Kind
    default: Value
    help: str
    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    log: bool = False
    optional: bool = False
    expert: bool = False
    only: Condition | None = None
    first: float | None = None

    # -- checking ------------------------------------------------------------------------------------------------
    def check(self, value: object) -> Value:
        """Return the value in its canonical type.

        Raises:
            ValueError: with a phrase that follows the name, such as ``must be above 0, not -0.1``.
        """
        if value is None or (value == "none" and self.optional and "none" not in self.choices):
            if self.optional:
                return None
            raise ValueError(f"must be {self.wanted()}, not empty")
        if self.kind in _LISTS:
            return self._check_list(value)
        if self.kind == "choices":
            return self._check_choices(value)
        if self.kind == "columns":
            return self._check_columns(value)
        if self.kind in ("table", "entries"):
            return self._check_tables(value)
        return self._check_scalar(value)

    def _check_tables(self, value: object) -> Value:
        if self.kind == "table":
            return _table(written.table(value) if isinstance(value, str) else value)
        value = written.entries(value) if isinstance(value, str) else value
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise ValueError(f"must be {self.wanted()}, not {shown(value)}")
        return tuple(_table(entry, nested=True) for entry in value)

    def _check_list(self, value: object) -> tuple[Scalar, ...]:
        items = [value] if isinstance(value, str) else value
        wanted = _LISTS[self.kind]
        if not isinstance(items, Sequence):
            raise ValueError(f"must be {self.wanted()}, not {shown(value)}")
        for item in items:
            if isinstance(item, bool) or not isinstance(item, wanted):
                raise ValueError(f"must be {self.wanted()}, not {shown(item)}")
            if isinstance(item, int | float):
                if isinstance(item, int) and not _finite(item):
                    raise ValueError(f"must be {self.wanted()}, not {shown(item)}")
                self._check_bounds(item)
        return tuple(items)

    def _check_columns(self, value: object) -> Value:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, Sequence):
            raise ValueError(f"must be {self.wanted()}, not {shown(value)}")
        for place, item in enumerate(items):
            if not isinstance(item, str):
                raise ValueError(f"must be {self.wanted()}, not {shown(item)}")
            if item in items[:place]:
                raise ValueError(f"has {item} twice; name each column once")
        if list(items) in ([], ["none"]):
            return self.check(None)
        return items[0] if len(items) == 1 else tuple(items)

    def _check_choices(self, value: object) -> tuple[str, ...]:
        items = list(written.pieces(value)) if isinstance(value, str) else value
        if not isinstance(items, Sequence):
            raise ValueError(f"must be {self.wanted()}, not {shown(value)}")
        if not items:
            raise ValueError(f"must be {self.wanted()}, not empty")
        for item in items:
            if not isinstance(item, str):
                raise ValueError(f"must be {self.wanted()}, not {shown(item)}")
            self._check_choice(item)
        if "none" in items and len(items) > 1:
            raise ValueError("is none or a list of others, not both")
        return tuple(items)

    def _check_choice(self, value: str) -> str:
        if value not in self.choices:
            raise ValueError(f"cannot be {shown(value)}; {nearest(value, self.choices)}")
        return value

    def _check_scalar(self, value: object) -> Scalar:
        if self.kind == "boolean" and isinstance(value, bool):
            return value
        if self.kind == "text" and isinstance(value, str):
            return value
        if self.kind == "choice" and isinstance(value, str):
            return self._check_choice(value)
        if self.kind in ("integer", "number") and isinstance(value, int | float) and not isinstance(value, bool):
            return self._check_number(value)
        raise ValueError(f"must be {self.wanted()}, not {shown(value)}")

    def _check_number(self, value: int | float) -> int | float:
        if not _finite(value):
            raise ValueError(f"must be {self.wanted()}, not {shown(value)}")
        if self.kind == "integer":
            if value != int(value):
                raise ValueError(f"must be {self.wanted()}, not {shown(value)}")
            value = int(value)
        else:
            value = float(value)
        self._check_bounds(value)
        return value

    def _check_bounds(self, value: int | float) -> None:
        wrong = (
            (self.low is not None and value < self.low)
            or (self.high is not None and value > self.high)
            or (self.above is not None and value <= self.above)
            or (self.below is not None and value >= self.below)
        )
        if wrong:
            raise ValueError(f"must be {self.wanted()}, not {shown(value)}")

    # -- words ---------------------------------------------------------------------------------------------------
    def wanted(self) -> str:
        """What a right value is, in words: ``a number above 0``, ``one of relu, tanh``."""
        if self.kind in ("choice", "choices"):
            words = ("one of " if self.kind == "choice" else "one or more of ") + ", ".join(self.choices)
        else:
            words = " ".join(part for part in (_WORDS[self.kind], self.range()) if part)
        return words + (" or none" if self.optional else "")

    def range(self) -> str:
        """The bounds in words: ``from 1 to 500``, ``above 0``, or nothing."""
        if self.low is not None and self.high is not None:
            return f"from {shown(self.low)} to {shown(self.high)}"
        words = [
            f"{word} {shown(bound)}"
            for word, bound in (
                ("at least", self.low),
                ("above", self.above),
                ("at most", self.high),
                ("below", self.below),
            )
            if bound is not None
        ]
        return " and ".join(words)

    # -- text ----------------------------------------------------------------------------------------------------
    def parse(self, text: str) -> Value:
        """Read what a person typed into a field.

        Raises:
            ValueError: as `check`.
        """
        text = text.strip()
        if not text and self.optional:
            return None
        if self.kind in _LISTS or self.kind in ("choices", "columns"):
            inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
            return self.check([_scalar(item, self.kind) for item in written.pieces(inner)])
        if self.kind in ("text", "choice"):
            return self.check(text)
        if self.kind in ("table", "entries"):
            return self.check(text)
        return self.check(_scalar(text, self.kind))

    def format(self, value: Value) -> str:
        """The text of a value as a field shows it; `parse` reads it back."""
        if isinstance(value, str) and self.kind == "columns":
            value = (value,)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, Mapping):
            return written.from_table(value)
        if isinstance(value, tuple):
            entries = [item for item in value if isinstance(item, Mapping)]
            if entries:
                return written.from_entries(entries)
            line = ", ".join(_item(item, self.kind) for item in value if not isinstance(item, Mapping | tuple))
            return f"[{line}]" if line.startswith("[") and line.endswith("]") else line
        return shown(value) if isinstance(value, int | float) else str(value)

    # -- stepping ------------------------------------------------------------------------------------------------
    def step(self, value: Value, direction: int) -> Value:
        """The next sensible value up (+1) or down (-1): 1, 2, 5, 10 … on a log scale, else a round share of the size.

        A value at its bound stays; no value steps to the default, or the lowest; kinds without order stay as they are,
        and so do several choices; a single one turns to the next.
        """
        if self.kind in ("boolean", "choice"):
            return self._turned(value, direction)
        if self.kind == "choices" and isinstance(value, tuple) and len(value) == 1:
            return self.check(self._turned(value[0], direction))
        if self.kind not in ("integer", "number") or not isinstance(value, int | float):
            return self._first() if value is None else value
        moved = self._moved(value, direction)
        moved = round(moved) if self.kind == "integer" else float(f"{moved:.12g}")
        if self.kind == "integer" and moved == value:
            moved += direction
        try:
            return self.check(self._clipped(moved))
        except ValueError:
            return value

    def _moved(self, value: int | float, direction: int) -> int | float:
        if self.first is not None and value < self.first * (1 if direction > 0 else 1 + 1e-9):
            return self.first if direction > 0 else 0
        if self.log and value > 0:
            return _step_125(float(value), direction)
        return value + direction * self._linear_step()

    def _turned(self, value: Value, direction: int) -> Value:
        """The next of all that can be chosen, none among them where that is allowed."""
        every: list[Value] = [None] if self.optional else []
        every += [True, False] if self.kind == "boolean" else self.choices
        return every[(every.index(value) + direction) % len(every)] if value in every else every[0]

    def _first(self) -> Value:
        """Where stepping starts from no value: the default, else the lowest value."""
        if self.default is None and self.low is not None:
            return self.check(self.low)
        return self.default

    def _clipped(self, value: float) -> float:
        if self.low is not None:
            value = max(value, self.low)
        if self.high is not None:
            value = min(value, self.high)
        return value

    def _linear_step(self) -> float:
        if self.kind == "integer":
            return 1
        low = self.low if self.low is not None else self.above
        high = self.high if self.high is not None else self.below
        if low is None or high is None:
            return 0.1
        return float(10.0 ** math.floor(math.log10((high - low) / 10)))


def _table(value: object, *, nested: bool = False) -> Entry:
    """A table with plain values and lists of them; nested: and with tables of such.

    Raises:
        ValueError: as `Hyperparameter.check`.
    """
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a table, not {shown(value)}")
    table: dict[str, Item | Mapping[str, Item]] = {}
    for name, given in value.items():
        if nested and isinstance(given, Mapping):
            table[str(name)] = _table(given)  # type: ignore[assignment]
            continue
        item = tuple(given) if isinstance(given, list | tuple) else given
        for scalar in item if isinstance(item, tuple) else (item,):
            if not isinstance(scalar, bool | int | float | str):
                raise ValueError(f"has {shown(scalar)} for {name}, and must have a text, a number or a list of them")
        table[str(name)] = item
    return table


def _step_125(value: float, direction: int) -> float:
    """The neighbour of a value in 1, 2, 5, 10, 20, 50 …"""
    decade = math.floor(math.log10(value)) - 1
    grid = [m * 10.0 ** (decade + d) for d in range(4) for m in (1, 2, 5)]
    if direction > 0:
        return next(g for g in grid if g > value * (1 + 1e-9))
    return next(g for g in reversed(grid) if g < value * (1 - 1e-9))


def _item(value: Scalar, kind: Kind) -> str:
    """One item of a list as a field shows it, in quotes where it would not be read back without them."""
    if isinstance(value, int | float):
        return shown(value)
    return written.quoted(value, signs="") if _scalar(value, kind) == value else json.dumps(value)


def _scalar(text: str, kind: Kind) -> object:
    """A typed scalar as TOML reads it, else the text itself (also for numbers such as 1e-3 or 1_000)."""
    text = text.strip()
    if kind in ("names", "columns") and not text.startswith('"'):
        return text
    if kind in ("integer", "integers", "number", "scalars"):
        for read in (int, float):
            try:
                return read(text)
            except ValueError:
                continue
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        return text


def _finite(value: int | float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def shown(value: object) -> str:
    """A wrong value as a sentence repeats it: short."""
    if isinstance(value, int) and not _finite(value):
        return "a number of hundreds of digits"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e6:
            return f"{int(value)}"
        short = f"{value:.6g}"
        return short if float(short) == value else repr(value)
    words = repr(value) if isinstance(value, str) else str(value)
    return words if len(words) <= _LONGEST_SHOWN else f"{words[: _LONGEST_SHOWN - 4]} ..."


def check_all(declared: Sequence[Hyperparameter], given: Mapping[str, object], *, section: str) -> dict[str, Value]:
    """Check a whole section against its declarations and fill in the defaults.

    Raises:
        InputError: for an unknown key or a wrong value; its `key` is dotted, its sentence starts with it.
    """
    by_name = {h.name: h for h in declared}
    for name in given:
        if name not in by_name:
            raise InputError(f"unknown key {section}.{name}; {nearest(name, by_name)}", key=f"{section}.{name}")
    values: dict[str, Value] = {}
    for name, hyperparameter in by_name.items():
        if name not in given:
            values[name] = hyperparameter.default
            continue
        try:
            values[name] = hyperparameter.check(given[name])
        except ValueError as error:
            raise InputError(f"{section}.{name} {error}", key=f"{section}.{name}") from None
    return values
