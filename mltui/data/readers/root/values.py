"""The values of a branch: uproot decodes its baskets, each after what it claims was compared with its bytes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers.raw import Raw
from mltui.data.readers.root.arrays import coded, codes, raw
from mltui.data.readers.root.baskets import Basket, Baskets, damaged
from mltui.data.readers.root.source import Bytes

_WRONG_ENDS = "has lists or texts whose ends do not fit its bytes"


class Values:
    """Numbers, or arrays or lists of them, or of structures of them."""

    def __init__(self, branch: Any, source: Bytes, interpretation: Any) -> None:
        self._branch, self._source, self._interpretation = branch, source, interpretation
        self._baskets = Baskets(branch, source, self._decoded)

    def read(self, members: Sequence[str], start: int, stop: int) -> list[Raw]:
        """See `Group`."""
        array = self._array(list(self._baskets.between(start, stop)), start, stop)
        return [raw(array[tuple(member.split("/"))] if member else array) for member in members]

    def _array(self, baskets: Sequence[Basket], start: int, stop: int) -> Any:
        """The rows of these baskets between `start` and `stop`, as awkward has them."""
        import uproot

        first, last = baskets[0].first, baskets[-1].last
        return self._interpretation.final_array(
            {place: basket.values for place, basket in enumerate(baskets)},
            max(start, first),
            min(stop, last),
            [first, *(basket.last for basket in baskets)],
            uproot.interpretation.library.Awkward(),
            self._branch,
            {},
        )

    def _decoded(self, basket: Any, first: int, last: int) -> Any:
        import uproot

        data, ends = self._laid_out(basket, first, last)
        library = uproot.interpretation.library.NumPy()
        header = basket.member("fKeylen")
        values = self._interpretation.basket_array(
            data, ends, basket, self._branch, self._branch.context, header, library, {}
        )
        if len(values) != last - first:
            raise damaged(
                self._source, self._branch, f"has a basket of {len(values)} values where {last - first} rows belong"
            )
        return values

    def _laid_out(self, basket: Any, first: int, last: int) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
        """A basket's bytes and where each row ends in them, or None where all take the same.

        Headers of objects are taken off here, since uproot 5.7 mixes up the order of members and bytes that have one.
        """
        import uproot

        data, rows = basket.data, last - first
        if isinstance(self._interpretation, uproot.AsJagged):
            ends = self._ends(basket, first, last)
            return data[: ends[-1]], ends
        size = self._interpretation.itemsize
        if isinstance(self._interpretation, uproot.AsStridedObjects) and len(data) > rows * size:
            data = np.ascontiguousarray(data.reshape(rows, -1)[:, -size:]).reshape(-1)
        return data, None

    def _ends(self, basket: Any, first: int, last: int) -> NDArray[np.int64]:
        """Where lists end: as the basket says, or a branch that counts them, whose baskets may be other ones."""
        size = self._interpretation.content.itemsize
        ends = basket.byte_offsets
        if ends is None:
            ends = np.concatenate([[0], np.cumsum(self._counts(first, last) * size)])
        ends = self._fitting(ends, basket.data, last - first)
        sizes = np.diff(ends) - self._interpretation.header_bytes
        if np.any(sizes < 0) or np.any(sizes % size):
            raise damaged(self._source, self._branch, _WRONG_ENDS)
        return ends

    def _counts(self, first: int, last: int) -> NDArray[np.int64]:
        counter = self._branch.count_branch
        if counter is None:
            raise damaged(self._source, self._branch, "does not say where its lists end")
        (counts,) = Values(counter, self._source, counter.interpretation).read([""], first, last)
        if counts.values.dtype.kind != "i":
            raise damaged(self._source, self._branch, "has lists counted by what is no whole number")
        return counts.values.astype(np.int64)

    def _fitting(self, ends: Any, data: NDArray[np.uint8], rows: int) -> NDArray[np.int64]:
        found = np.asarray(ends, np.int64)
        if len(found) != rows + 1 or found[0] or np.any(np.diff(found) < 0) or found[-1] > len(data):
            raise damaged(self._source, self._branch, _WRONG_ENDS)
        return found


class Texts(Values):
    """Texts, each with its length before it: one byte or, where that is 255 or the branch says so, four."""

    def __init__(self, branch: Any, source: Bytes, interpretation: Any, missing: Collection[str]) -> None:
        super().__init__(branch, source, interpretation)
        self._missing = missing

    def read(self, members: Sequence[str], start: int, stop: int) -> list[Raw]:
        """See `Group`; of every basket only the codes are kept."""
        known: dict[bytes, int] = {}
        found = [codes(self._array([basket], start, stop), known) for basket in self._baskets.between(start, stop)]
        return [coded(np.concatenate(found), known, self._missing) for _ in members]

    def _decoded(self, basket: Any, first: int, last: int) -> Any:
        texts = super()._decoded(basket, first, last)
        self._fitting(texts.offsets, np.frombuffer(texts.content, np.uint8), last - first)
        return texts

    def _laid_out(self, basket: Any, first: int, last: int) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
        ends = basket.byte_offsets
        if ends is None:
            ends = self._walked(basket.data.tobytes())
        return basket.data, self._fitting(ends, basket.data, last - first)

    def _walked(self, data: bytes) -> list[int]:
        """Where each text ends, by the lengths alone, at which uproot 5.7 and NumPy 2 stumble."""
        ends, place = [0], 0
        while place < len(data):
            place += self._interpretation.header_bytes
            size = 255 if self._interpretation.length_bytes == "4" else data[place]
            place += self._interpretation.length_bytes != "4"
            if size == 255:
                size = int.from_bytes(data[place : place + 4], "big")
                place += 4
            place += size
            ends.append(place)
        return ends
