"""Public datasets that are fetched on demand: where they are, under which licence, and how they are read."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mltui.core.errors import InputError

SHARED = "MLTUI_DATA"
"""Names a folder of datasets that is looked into before anything is fetched."""
_SECONDS = 30
_NOTE = ".sha256"


@dataclass(frozen=True, kw_only=True)
class Public:
    """One public dataset of one file.

    Attributes:
        page: where a person reads about it. address: where the file is; None: the page names it, and the user does.
        checksum: as ``algorithm:digits``; None: not known here; the first file fetched is what later ones must be.
        size: about, in words. reading: what [data] says to read it, as lines of TOML.
    """

    name: str
    title: str
    about: str
    licence: str
    page: str
    address: str | None = None
    checksum: str | None = None
    size: str = ""
    reading: tuple[str, ...] = ()


PUBLIC: Mapping[str, Public] = {
    entry.name: entry
    for entry in (
        Public(
            name="higgs",
            title="HIGGS",
            about="11 million simulated collisions with and without a Higgs boson: 21 measured and 7 derived variables "
            "(P. Baldi, P. Sadowski, D. Whiteson, Nature Communications 5 (2014) 4308).",
            licence="CC BY 4.0",
            page="https://archive.ics.uci.edu/dataset/280/higgs",
            address="https://archive.ics.uci.edu/ml/machine-learning-databases/00280/HIGGS.csv.gz",
            size="2.6 GB",
            reading=("header = false", 'target = "column_1"'),
        ),
        Public(
            name="zenodo_5126747",
            title="Zenodo record 5126747",
            about="A record of the Zenodo archive, whose page lists its files with their checksums.",
            licence="as its page says",
            page="https://zenodo.org/records/5126747",
        ),
    )
}


def fetched(entry: Public, folder: Path, address: str, checksum: str | None = None) -> Path:
    """The file of a public dataset in a folder: as it is there already, or fetched, and checked in either case.

    A file that fails its check is never left under its name.

    Args:
        address: where it is. checksum: as the user says it; None: the entry's, or that of the first file fetched.

    Raises:
        InputError: for an address or a folder that cannot serve, a file that is not what was meant, and where there is
            no network, saying how to place the file by hand.
    """
    import pooch

    path = folder / file_name(address)
    known = checksum or entry.checksum or _noted(path)
    _check_checksum(known)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be made: {error.strerror or error}") from None
    if path.exists():
        _check(path, known)
        return path
    pooch.get_logger().setLevel(logging.CRITICAL)
    downloader = pooch.HTTPDownloader(timeout=_SECONDS)
    try:
        pooch.retrieve(address, known_hash=known, fname=path.name, path=folder, downloader=downloader)
    except ValueError as error:
        raise InputError(_mismatch(address, known) if "hash" in str(error).lower() else str(error)) from None
    except OSError as error:  # requests' own errors are of this kind, too
        raise InputError(_by_hand(entry, address, path, error)) from None
    if known is None:
        Path(f"{path}{_NOTE}").write_text(f"sha256:{pooch.file_hash(str(path))}\n", encoding="ascii")
    return path


def found(entry: Public, address: str) -> Path | None:
    """The file in the folder that MLTUI_DATA names, if it is there."""
    shared = os.environ.get(SHARED)
    path = Path(shared).expanduser() / file_name(address) if shared else None
    return path if path is not None and path.is_file() else None


def file_name(address: str) -> str:
    """The name of the file at an address.

    Raises:
        InputError: where that is none of http or https, or names no file.
    """
    parts = urlsplit(address)
    name = Path(parts.path).name
    if parts.scheme not in ("http", "https") or not parts.netloc or not name:
        raise InputError(f"{address!r} is not the address of a file, such as https://example.org/events.csv")
    return name


def _noted(path: Path) -> str | None:
    note = Path(f"{path}{_NOTE}")
    return note.read_text(encoding="ascii").strip() if note.is_file() else None


def _check_checksum(checksum: str | None) -> None:
    algorithm, _, digits = (checksum or "sha256:0").partition(":")
    if algorithm not in ("sha256", "sha512", "sha1", "md5") or not digits:
        raise InputError(f"a checksum is written sha256:… or md5:…, not {checksum!r}")


def _check(path: Path, known: str | None) -> None:
    import pooch

    if known is None:
        return
    algorithm, _, digits = known.partition(":")
    if pooch.file_hash(str(path), alg=algorithm) != digits.lower():
        raise InputError(
            f"{path} is not the file that is meant: its {algorithm} is not {digits}; move it away, and it is fetched "
            "again"
        )


def _mismatch(address: str, known: str | None) -> str:
    return f"what {address} gives is not what was meant: its checksum is not {known}; nothing was kept"


def _by_hand(entry: Public, address: str, path: Path, error: OSError) -> str:
    reason = getattr(getattr(error, "response", None), "reason", None) or type(error).__name__
    return (
        f"{address} cannot be fetched ({reason}); on a machine with a network fetch it, see {entry.page}, and put it "
        f"at {path}: the same command then checks it"
    )
