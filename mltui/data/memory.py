"""How much memory a run may take, and whether a table will fit into it, asked before its rows are read."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from mltui.core.errors import InputError
from mltui.data import cgroups

VARIABLE = "MLTUI_MEMORY"
"""The environment variable that bounds what a run may take, such as 2GB."""
_STATUS = Path("/proc/self/status")
PEAK = 2.5
"""What a run on a table in memory takes at its peak, in sizes of the table: its columns, the pieces they are joined
from, the matrix of single precision, and that matrix shuffled."""
_LITTLE = 2_000_000
_LIBRARIES, _LIBRARIES_ASK = 300_000_000, 480_000_000
"""What the libraries that read and train use, and what they ask for, once they are loaded."""
_USED = 0.6
"""The share of the memory asked for that is used, about."""
_SIZE = re.compile(r"(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>[kmgt]?)(?P<binary>i?)b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def available() -> int:
    """Bytes that this process may still take.

    The least of what is free in the machine, what its control groups leave, what the limits of the shell leave
    (`ulimit -v`, `ulimit -d`), and what MLTUI_MEMORY leaves.
    """
    return max(0, min([*_used_limits(), *_asked_limits()]))


def left() -> int:
    """Bytes that this process may take for data: what is available, less what libraries will still take.

    Of what a shell's limit leaves only a share counts: it holds what is asked for, and allocators ask for more than
    they use, and keep it.
    """
    coming = "torch" not in sys.modules
    used = min(_used_limits()) - coming * _LIBRARIES
    asked = [_USED * (limit - coming * _LIBRARIES_ASK) for limit in _asked_limits()]
    return max(0, int(min([used, *asked])))


def bound() -> int | None:
    """The bytes of its own that MLTUI_MEMORY lets a process take, or None.

    Raises:
        InputError: where it is not a size.
    """
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return None
    try:
        return read_size(text)
    except ValueError as error:
        raise InputError(f"{VARIABLE} {error}") from None


def read_size(text: str) -> int:
    """Bytes from words such as 2GB, 500 MB or 1.5GiB; a plain number is bytes.

    Raises:
        ValueError: with a phrase that follows the setting's name.
    """
    match = _SIZE.fullmatch(text.strip())
    size = 0
    if match:
        base = 1024 if match["binary"] and match["unit"] else 1000
        size = int(float(match["number"]) * base ** _POWERS[match["unit"].lower()])
    if not 0 < size < 1 << 62:
        raise ValueError(f"must be a size such as 2GB or 500MB, not {text!r}")
    return size


def fits(needed: float) -> bool:
    """Whether so many bytes may be taken; few always may, else nothing at all could run in a narrow place."""
    return needed <= _LITTLE or needed <= left()


def room(rows: int, row_bytes: float) -> bool:
    """Whether a run may hold a table of so many rows in memory.

    Args:
        row_bytes: what one row of the columns that are needed takes.
    """
    return fits(rows * row_bytes * PEAK)


def too_large(learner: str, rows: int, width: str, row_bytes: float) -> InputError:
    """What to say where a model that needs all rows in memory at once is given more than fit.

    Args:
        learner: the model. width: how wide a row is, such as "29 columns".
        row_bytes: what it takes for each row.
    """
    free = left()
    rows_that_fit = rounded_down(free / row_bytes)
    fewer = f"set data.rows = {rows_that_fit} or fewer, " if rows_that_fit >= 10 else ""
    return InputError(
        f"{learner} needs all rows in memory at once: {rows:,} rows of {width} take {shown(rows * row_bytes)}, and "
        f"{shown(free)} is free; {fewer}choose fewer features, or take an mlp, which learns from disk",
        key="data.rows",
    )


def rounded_down(count: float) -> int:
    """A number in two digits, not larger than it is.

    >>> rounded_down(98_765.4), rounded_down(7)
    (98000, 7)
    """
    whole = int(count)
    unit: int = 10 ** max(0, len(str(whole)) - 2)
    return whole // unit * unit


def shown(count: float) -> str:
    """Bytes in words.

    >>> shown(1_234_000)
    '1.23 MB'
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def _used_limits() -> list[int]:
    """What each limit on memory that is used leaves."""
    import psutil

    found = [int(psutil.virtual_memory().available), *(limit - used for limit, used in cgroups.memory_limits())]
    most = bound()
    return found if most is None else [*found, most - _own("RssAnon")]


def _asked_limits() -> list[int]:
    """What each limit on memory that is asked for leaves: those of the shell."""
    import resource

    limits = ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData"))
    soft = [(resource.getrlimit(limit)[0], used) for limit, used in limits]
    return [limit - _own(used) for limit, used in soft if limit != resource.RLIM_INFINITY]


def _own(name: str) -> int:
    """What this process takes, by a line of its status; where the system keeps none, by psutil's nearest figure."""
    try:
        found = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii", errors="replace"), re.MULTILINE)
    except OSError:
        found = None
    if found:
        return int(found[1]) * 1024
    import psutil

    memory = psutil.Process().memory_info()
    return int(memory.rss if name == "RssAnon" else memory.vms)
