"""Numbers, times and data-borne text as words on a screen."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mltui.core import text
from mltui.core.members import each, kind

NOTHING = "–"
ROWS = "training_size"
"""The axis of models that are fitted once: their curve runs along the number of training rows."""
clean = text.clean
_WITH_UNIT = frozenset({"loss", "rmse", "mae"})


def number(value: float | None, digits: int = 3, *, ascii: bool = False) -> str:
    """A number with as many digits as it deserves; a dash for None and what is not finite.

    >>> [number(v) for v in (0.99123, 1240, 3.2e-4, 12.345, 1.5e9, 0)]
    ['0.991', '1,240', '3.2e-4', '12.3', '1.5e9', '0']
    """
    if value is None or not math.isfinite(value):
        return "-" if ascii else NOTHING
    size = abs(value)
    if size == 0:
        return "0"
    if float(value).is_integer() and size < 1e6:
        return f"{int(value):,}"
    if size >= 1e6 or size < 1e-3:
        return exponent(value, max(digits - 2, 0))
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    return f"{value:,.{decimals}f}"


def fixed(value: float | None, decimals: int = 3, *, ascii: bool = False) -> str:
    """A number with a fixed count of decimals, for a column of shares; a dash for None."""
    if value is None or not math.isfinite(value):
        return "-" if ascii else NOTHING
    return f"{value:,.{decimals}f}"


def amount(value: float | None, *, ascii: bool = False) -> str:
    """A number of events: whole where there are ten or more.

    >>> [amount(v) for v in (2_999_700.4, 80.6, 4.56, None)]
    ['2,999,700', '81', '4.56', '–']
    """
    known = value is not None and 10 <= abs(value) < 1e9
    return f"{value:,.0f}" if known else number(value, ascii=ascii)


def measured(value: float | None, error: float | None, *, ascii: bool = False) -> tuple[str, str]:
    """A number with as many digits as its statistical error deserves, and the error with two.

    The error is empty where there is none.

    >>> measured(1234.5, 13.21), measured(0.8712, 0.0123), measured(88.1, 0), measured(2e7, 3100.0)
    (('1,234', '13'), ('0.871', '0.012'), ('88.1', ''), ('20,000,000', '3,100'))
    """
    if value is None or error is None or not math.isfinite(value) or not math.isfinite(error) or error <= 0:
        return number(value, ascii=ascii), ""
    if max(abs(value), error) >= 1e9 or error < 1e-6:
        return number(value, 4, ascii=ascii), number(error, 2, ascii=ascii)
    decimals = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:,.{decimals}f}", f"{error:,.{decimals}f}"


def metric(name: str, value: float | None, *, ascii: bool = False) -> str:
    """A metric's value as it stands everywhere: shares with three decimals, what has a unit with three digits.

    >>> [metric(n, v) for n, v in (("auc", 1.0), ("accuracy", 0.8698), ("loss", 0.00233), ("brier", 2.1e-4))]
    ['1.000', '0.870', '0.00233', '2.1e-4']
    """
    tiny = value is not None and 0 < abs(value) < 5e-4
    if name in _WITH_UNIT or tiny or (value is not None and abs(value) >= 1000):
        return number(value, ascii=ascii)
    return fixed(value, ascii=ascii)


def threshold(value: float) -> str:
    """A threshold: two decimals, and so many more as a finer one needs to be told from its neighbours.

    >>> [threshold(v) for v in (0.5, 0.8349, 0.01372, 0.99963)]
    ['0.50', '0.8349', '0.0137', '0.99963']
    """
    edge = min(abs(value), abs(1 - value)) or 1.0
    finest = max(4, 2 - math.floor(math.log10(edge)) - 1)
    exact = next((places for places in range(2, finest) if round(value, places) == value), min(finest, 12))
    return f"{value:.{exact}f}"


def exponent(value: float, decimals: int = 1) -> str:
    """A number as mantissa and power of ten, without the filling zeros.

    >>> exponent(0.00032), exponent(1e9)
    ('3.2e-4', '1e9')
    """
    mantissa, power = f"{value:.{decimals}e}".split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(power)}"


def percent(share: float | None, *, ascii: bool = False) -> str:
    """A share as a percentage: two digits where they say something, never 100 % for less than all.

    >>> [percent(v) for v in (0.5, 0.034, 0.9996, 1, 0.0004)]
    ['50 %', '3.4 %', '>99.9 %', '100 %', '<0.1 %']
    """
    if share is None or not math.isfinite(share):
        return "-" if ascii else NOTHING
    value = 100 * share
    if 0 < value < 0.1:
        return "<0.1 %"
    if 99.9 < value < 100:
        return ">99.9 %"
    if value in (0, 100) or 9.95 <= value < 99.5:
        return f"{value:.0f} %"
    return f"{value:.1f} %"


def count(value: float, noun: str, plural: str = "") -> str:
    """A count with its noun.

    >>> count(1, "row"), count(1240, "row"), count(3, "class", "classes")
    ('1 row', '1,240 rows', '3 classes')
    """
    return f"{value:,.0f} {noun if value == 1 else plural or noun + 's'}"


def axis(name: str, count: float = 1) -> str:
    """What the steps of a run are, as many as there are; along the training size rows, along a setting its values.

    >>> axis("epoch"), axis("tree", 2), axis("training_size", 120)
    ('epoch', 'trees', 'training rows')
    """
    noun = "training row" if name == ROWS else name
    return noun if count == 1 else f"{noun}s"


def place(name: str, step: float) -> str:
    """A step of a run by its name.

    >>> place("epoch", 37), place("epoch", 4087.7), place("training_size", 120)
    ('epoch 37', 'epoch 4,087', '120 training rows')
    """
    return count(step, axis(name)) if name == ROWS else f"{axis(name)} {reached(step)}"


def reached(step: float) -> str:
    """How far a run is; of many steps one that is only begun does not count.

    >>> reached(0.947), reached(47374.7)
    ('0.947', '47,374')
    """
    return number(math.floor(step) if 100 <= step < math.inf else step)


def member(names: Sequence[str], place: int, of: str = "/") -> str:
    """Which of a run's models is trained; nothing where it trains one.

    >>> member(["fold 1", "fold 2", "refit"], 1), member(["fold 1", "refit"], 1), member([""], 0)
    ('fold 2/2', 'refit', '')
    >>> member(["seed 7", "seed 8"], 1)
    'seed 8 (2/2)'
    """
    if not 0 <= place < len(names):
        return ""
    name, every = names[place], each(names)
    if name not in every:
        return name
    return f"{name}{of}{len(every)}" if kind(names) == "fold" else f"{name} ({place + 1}{of}{len(every)})"


def clock(seconds: float | None, *, ascii: bool = False) -> str:
    """A time left or passed as minutes and seconds, or hours, or days.

    >>> clock(7), clock(3723), clock(90000)
    ('0:07', '1:02:03', '1 d 1 h')
    """
    if seconds is None or not math.isfinite(seconds):
        return "-" if ascii else NOTHING
    whole = max(0, round(seconds))
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


_LONGEST = 3600 * 1_000_000
"""Longer times, as damaged files may claim, are written as numbers are."""


def duration(seconds: float | None, *, ascii: bool = False) -> str:
    """How long something took, in the unit that fits.

    >>> duration(0.0123), duration(3.21), duration(128), duration(7384)
    ('12 ms', '3.2 s', '2 min 8 s', '2 h 3 min')
    """
    if seconds is None or not math.isfinite(seconds):
        return "-" if ascii else NOTHING
    if seconds < 0.9995:
        return f"{1000 * max(seconds, 0):.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min" if whole < _LONGEST else f"{number(seconds / 3600)} h"


def rate(per_second: float | None, noun: str, *, ascii: bool = False) -> str:
    """A speed: ``1,240 epochs/s``; below one a second, per minute."""
    if per_second is None or not math.isfinite(per_second):
        return "-" if ascii else NOTHING
    if 0 < per_second < 1:
        return f"{number(60 * per_second, 2)} {noun}s/min"
    return f"{number(round(per_second) if per_second >= 10 else per_second, 2)} {noun}s/s"


def size(count: float) -> str:
    """A size in bytes, in the unit that fits.

    >>> size(900), size(1_240_000)
    ('900 B', '1.2 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 999.5:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 9.95 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def brief(labels: Sequence[str]) -> list[str]:
    """Labels for little room: without what they all begin with, where something is left of each.

    >>> brief(["cultivar 1", "cultivar 2"]), brief(["signal", "sideband"])
    (['1', '2'], ['signal', 'sideband'])
    """
    if len(labels) < 2:
        return list(labels)
    first, last = min(labels), max(labels)
    common = next(
        (place for place, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first)
    )
    if common < 3 or common >= min(map(len, labels)):
        return list(labels)
    return [label[common:] for label in labels]
