"""Decodes Thrift's compact protocol, in which Parquet writes its footer and page headers, within the bytes given."""

from __future__ import annotations

from collections.abc import Sequence

Struct = dict[int, "Thing"]
Thing = int | bool | bytes | list["Thing"] | Struct
_DEEPEST = 40
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_WHOLE = (4, 5, 6)
_NESTED = (_LIST, _SET, _MAP, _STRUCT)


class Decoder:
    """A cursor over bytes.

    Attributes:
        place: of the next byte.
    """

    def __init__(self, data: Sequence[int], place: int, stop: int) -> None:
        self._data = data
        self._stop = min(stop, len(data))
        self.place = place

    def struct(self, depth: int = 0) -> Struct:
        """The structure that begins here, its values by field number.

        Raises:
            ValueError: where the bytes are none.
        """
        found: Struct = {}
        number = 0
        while head := self._byte():
            step = head >> 4
            number = number + step if step else self._zigzag()
            kind = head & 15
            found[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Thing:
        if kind in _WHOLE:
            return self._zigzag()
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind in _NESTED:
            return self._nested(kind, depth + 1)
        if kind == _DOUBLE:
            return self._bytes(8)
        if kind in (_TRUE, _FALSE, _BYTE):  # as elements of lists these take a byte
            return self._byte()
        raise ValueError("a value of no known type")

    def _nested(self, kind: int, depth: int) -> Thing:
        self._check_depth(depth)
        if kind == _STRUCT:
            return self.struct(depth)
        return self._map(depth) if kind == _MAP else self._list(depth)

    def _list(self, depth: int) -> list[Thing]:
        head = self._byte()
        count = head >> 4
        if count == 15:
            count = self._varint()
        self._check(count)  # an element takes a byte at least
        return [self._value(head & 15, depth) for _ in range(count)]

    def _map(self, depth: int) -> list[Thing]:
        count = self._varint()
        self._check(count)
        kinds = self._byte() if count else 0
        return [self._value(kind, depth) for _ in range(count) for kind in (kinds >> 4, kinds & 15)]

    def _byte(self) -> int:
        if self.place >= self._stop:
            raise ValueError("cut short")
        self.place += 1
        return self._data[self.place - 1]

    def _bytes(self, count: int) -> bytes:
        self._check(count)
        self.place += count
        return bytes(self._data[self.place - count : self.place])

    def _check_depth(self, depth: int) -> None:
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")

    def _check(self, count: int) -> None:
        if count > self._stop - self.place:
            raise ValueError("cut short")

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("a number of too many bytes")

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
