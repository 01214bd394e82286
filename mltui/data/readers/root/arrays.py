"""Makes plain columns of awkward's arrays, as uproot gives them for trees and for RNTuples."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers.raw import Raw


def raw(array: Any) -> Raw:
    """A column of numbers, of arrays of numbers or of lists of numbers."""
    import awkward

    if array.layout.is_list and not array.layout.is_regular:
        counts = np.asarray(awkward.num(array), np.int64)
        return Raw(_plain(awkward.flatten(array)), offsets=np.concatenate([[0], np.cumsum(counts)]))
    values = _plain(array)
    return Raw(values.reshape(len(values)) if values.size == len(values) else values)


def is_text(array: Any) -> bool:
    """Whether it holds texts."""
    import awkward

    return "string" in str(awkward.type(array))


def _plain(array: Any) -> NDArray[Any]:
    """Numbers as `Raw` has them: unsigned ones in the next larger signed type, beyond int64 as float64; no gaps."""
    import awkward

    if not array.layout.is_numpy and "?" in str(awkward.type(array)):
        array = awkward.fill_none(awkward.values_astype(array, np.float64), np.nan, axis=None)
    values: NDArray[Any] = awkward.to_numpy(array)
    if values.dtype == np.float16:
        return values.astype(np.float32)
    if values.dtype.kind == "b":
        return np.asarray(values.view(np.uint8) != 0)  # other bytes than 0 and 1 would be truths of their own
    if values.dtype.kind != "u" or values.ndim > 1:
        return values
    if values.dtype.itemsize < 8:
        signed = np.dtype(f"i{2 * values.dtype.itemsize}")
    else:
        signed = np.dtype(np.int64 if int(values.max(initial=0)) < 2**63 else np.float64)
    return np.asarray(values, signed)


def codes(array: Any, known: dict[bytes, int]) -> NDArray[np.int32]:
    """A code for each text; new ones are added to those known."""
    import awkward

    packed = awkward.to_packed(awkward.fill_none(array, "")).layout
    content = packed.content.data.tobytes()
    found = (known.setdefault(content[a:b], len(known)) for a, b in pairwise(packed.offsets.data.tolist()))
    return np.fromiter(found, np.int32, len(packed))


def coded(codes: NDArray[np.int32], texts: Iterable[bytes], missing: Collection[str]) -> Raw:
    """A text column from codes into texts of any order, without blanks around; what is not UTF-8 is Latin-1."""
    decoded = [_decoded(text).strip() for text in texts]
    categories = sorted({text for text in decoded if text not in missing})
    place = {text: code for code, text in enumerate(categories)}
    new = np.array([place.get(text, -1) for text in decoded] or [-1], np.int32)
    return Raw(new[codes], tuple(categories))


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")
