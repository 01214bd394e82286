"""Named arrays in an .npz file, read without trusting it: no pickle, no more bytes than promised."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.record.files import open_plain, replace_file, replacing

Arrays = dict[str, NDArray[np.generic]]
_PIECE = 1 << 20


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], *, sync: bool = True) -> None:
    """Replace the file with these arrays, uncompressed.

    Raises:
        OSError: where it cannot be written; the old file then stands.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
            archive.writestr(f"{name}.npy", member.getbuffer())
    replace_file(path, buffer.getvalue(), sync=sync)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], *, keep: Callable[[str], bool] | None = None) -> None:
    """Replace the file with these arrays, uncompressed and written piece by piece: they may be larger than memory.

    Args:
        keep: which arrays of the old file stay, by name.

    Raises:
        OSError: where it cannot be written; the old file then stands.
        ValueError: where arrays are to be kept and the old file cannot be read.
    """
    with replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        if keep is not None:
            _copy(path, archive, keep)
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def _copy(path: Path, new: zipfile.ZipFile, keep: Callable[[str], bool]) -> None:
    """Copy the members to keep of an old file, if there is one."""
    try:
        with zipfile.ZipFile(path) as old:
            kept = [member for member in old.infolist() if keep(member.filename.removesuffix(".npy"))]
            for member in kept:
                with old.open(member) as source, new.open(member.filename, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target, _PIECE)
    except FileNotFoundError:
        return
    except OSError:
        raise
    except Exception as error:  # a damaged archive can make zipfile raise almost anything
        raise ValueError(f"cannot be read: {error}") from None


def load_arrays(path: Path, *, limit: int, wanted: Callable[[str], bool] = lambda name: True) -> Arrays:
    """The arrays of a file that holds at most `limit` bytes of them.

    Args:
        wanted: which arrays are read, by name; what the others take does not count.

    Raises:
        FileNotFoundError: where there is none.
        ValueError: where the file is not such a file, is larger, or holds anything but plain arrays.
    """
    try:
        with open_plain(path) as file, zipfile.ZipFile(file) as archive:
            members = [m for m in archive.infolist() if wanted(m.filename.removesuffix(".npy"))]
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
