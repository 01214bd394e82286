"""A way to read files without mltui: what it gives, and the lines that say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers.raw import Raw
from mltui.export.script import Script

Array = NDArray[Any]


@dataclass(frozen=True)
class Way:
    """One way.

    Attributes:
        found: what it gives: an array for each column that is used, a missing number NaN, a missing text empty.
        write: writes the lines that leave the same in ``data``.
    """

    found: Mapping[str, Array]
    write: Callable[[Script], None]


def alike(found: Array, raw: Raw) -> bool:
    """Whether a column as a library gives it holds what mltui's reader gives: the same numbers, truth values, texts.

    Args:
        found: missing numbers are NaN, missing texts empty. Whole numbers may have become floating ones.
    """
    if raw.categories is not None:
        labels = np.array([*raw.categories, ""], object)[raw.values]
        return found.dtype.kind in "OU" and found.shape == labels.shape and bool((found == labels).all())
    kinds = "b" if raw.values.dtype.kind == "b" else "iuf"
    if found.dtype.kind not in kinds or found.shape != raw.values.shape:
        return False
    return np.array_equal(found.astype(np.float64), raw.values.astype(np.float64), equal_nan=True)
