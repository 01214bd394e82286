"""Named arrays in an .npz file, read without trusting it: no pickle, no more bytes than promised."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.record.files import replace_file

Arrays = dict[str, NDArray[np.generic]]


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], *, sync: bool = True) -> None:
    """Replace the file with these arrays, uncompressed.

    Raises:
        OSError: where it cannot be written; the old file then stands.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
    replace_file(path, buffer.getvalue(), sync=sync)


def load_arrays(path: Path, *, limit: int) -> Arrays:
    """The arrays of a file that holds at most `limit` bytes of them.

    Raises:
        FileNotFoundError: where there is none.
        ValueError: where the file is not such a file, is larger, or holds anything but plain arrays.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > limit:
                raise ValueError(f"holds more than {limit >> 20} MiB")
            return {member.filename.removesuffix(".npy"): _array(archive, member) for member in members}
    except (FileNotFoundError, ValueError):
        raise
    except Exception as error:  # a damaged or hostile archive can make zipfile and NumPy raise almost anything
        raise ValueError(f"cannot be read: {error}") from None


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[np.generic]:
    with archive.open(member) as file:
        array: NDArray[np.generic] = np.lib.format.read_array(
            io.BytesIO(file.read(member.file_size)), allow_pickle=False
        )
    if array.dtype.kind not in "biufU":
        raise ValueError(f"{member.filename} holds something other than numbers or text")
    return array
