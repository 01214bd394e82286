"""Compares an RNTuple's own descriptions with their checksums, before the library follows what they say."""

from __future__ import annotations

from typing import Any

from mltui.core.errors import InputError
from mltui.data.readers.root.leaves import unpacked_bytes
from mltui.data.readers.root.source import Bytes

_CHECKSUM = 8
"""Bytes of the XXH3 checksum at the end of every envelope; see BinaryFormatSpecification.md of ROOT's RNTuple."""


def compare(ntuple: Any, source: Bytes) -> None:
    """Compare the header, the footer and every list of pages with its checksum.

    The library reads the lists in them item by item, as many as they claim, and looks at the checksum last or never.

    Raises:
        InputError: where one does not fit.
    """
    for part in ("Header", "Footer"):
        seek, packed, unpacked = (int(ntuple.member(f"f{what}{part}")) for what in ("Seek", "NBytes", "Len"))
        _compare(source, seek, packed, unpacked)
    for group in ntuple.footer.cluster_group_records:
        link = group.page_list_link
        _compare(source, int(link.locator.offset), int(link.locator.num_bytes), int(link.env_uncomp_size))


def _compare(source: Bytes, seek: int, packed: int, unpacked: int) -> None:
    import xxhash
    from uproot.compression import decompress
    from uproot.source.chunk import Chunk
    from uproot.source.cursor import Cursor

    source.seek(seek)
    held = source.read(packed)
    if len(held) != packed or unpacked_bytes(held, unpacked) != unpacked:
        raise _damaged(source)
    if packed != unpacked:
        chunk = decompress(Chunk.wrap(None, held), Cursor(0), {}, packed, unpacked)
        held = chunk.raw_data.tobytes()
    if xxhash.xxh3_64_intdigest(held[:-_CHECKSUM]) != int.from_bytes(held[-_CHECKSUM:], "little"):
        raise _damaged(source)


def _damaged(source: Bytes) -> InputError:
    return InputError(
        f"{source.name} is damaged: the description of its RNTuple has a wrong checksum", key="data.files"
    )
