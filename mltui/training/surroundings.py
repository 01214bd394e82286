"""What a run records of the world it ran in: the files it read, its parts, its device, the versions behind it."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import mltui
from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.data.files import found, located
from mltui.data.readers.registry import with_beside
from mltui.record import process
from mltui.record.files import replace_file, why
from mltui.record.folder import RunFolder
from mltui.training import devices
from mltui.training.prepare import Prepared
from mltui.training.problem import Problem

HASHED_BYTES = 256 << 20
"""Larger files are told apart by size and time of change, without a hash: reading them twice would cost minutes."""
_LIBRARIES = (
    ("numpy", "numpy"),
    ("scipy", "scipy"),
    ("sklearn", "scikit-learn"),
    ("torch", "torch"),
    ("polars", "polars"),
    ("uproot", "uproot"),
    ("skops", "skops"),
    ("safetensors", "safetensors"),
    ("xgboost", "xgboost"),
    ("xgboost", "xgboost-cpu"),
    ("lightgbm", "lightgbm"),
)
"""Modules and the distributions that bring them."""


def write_resolved(folder: RunFolder, prepared: Prepared, first: Problem) -> None:
    """Write resolved.toml anew, with a [resolved] table: rows by part, threads, device, files with size and sha256.

    `on_disk` is said where the rows were too many for memory: their batches then come in another order.

    Args:
        first: the problem of the first model, or the only one.

    Raises:
        OSError: where it cannot be written.
    """
    asked = prepared.asked
    resolved: dict[str, Any] = {
        "rows": {part: len(rows) for part, rows in prepared.divided.parts.items()},
        "threads": first.threads,
        "device": first.device,
    }
    if any(rows.on_disk for rows in first.parts.values()):
        resolved["on_disk"] = True
    if asked.data.dataset is None:
        paths = [*map(located, prepared.divided.table.files), *_varied(asked, folder.path)]
        resolved["files"] = [_identity(str(path)) for path in dict.fromkeys(with_beside(paths))]
    replace_file(folder.resolved, replace(asked, resolved=resolved).to_toml().encode())


def _varied(asked: Experiment, folder: Path) -> Iterator[Path | str]:
    """The files of the systematic variations."""
    for place, variation in enumerate(asked.data.variations):
        if variation.files:
            yield from found(variation.files, folder, f"data.variations.{place}.files")


def check_files(asked: Experiment) -> None:
    """Compare the data files with what the run recorded of them.

    Raises:
        InputError: where one is gone or has changed since.
    """
    for recorded in asked.resolved.get("files", ()):
        path = str(recorded["path"])
        try:
            now = _identity(path)
        except FileNotFoundError:
            raise InputError(f"{path}, which this run was trained on, is no longer there") from None
        except OSError as error:
            raise InputError(f"{path}, which this run was trained on, cannot be read: {why(error)}") from None
        by = "sha256" if "sha256" in recorded else "modified"
        if (now["bytes"], now.get(by)) != (recorded["bytes"], recorded.get(by)):
            raise InputError(
                f"{path} has changed since this run was trained on it; its rows may be divided otherwise now, so "
                "the test part would not be the sealed one: put the old file back, or run the experiment again"
            )


def _identity(name: str) -> dict[str, Any]:
    if "://" in name:
        return {"path": name, "bytes": 0, "told_by": "its address"}
    path = Path(name)
    now = path.stat()
    identity: dict[str, Any] = {"path": str(path), "bytes": now.st_size, "modified": now.st_mtime}
    if now.st_size <= HASHED_BYTES:
        with path.open("rb") as file:
            identity["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    else:
        identity["told_by"] = "size and time of change: the file is too large to be read twice"
    return identity


def write_environment(folder: RunFolder, device: str, threads: int) -> None:
    """Write environment.json: the versions of what this process has loaded, host, platform, device.

    Raises:
        OSError: where it cannot be written.
    """
    document = {
        "mltui": mltui.__version__,
        "python": platform.python_version(),
        "libraries": dict(_versions(sys.modules)),
        "host": process.host(),
        "platform": platform.platform(),
        "device": device,
        "device_name": devices.describe(device),
        "threads": threads,
    }
    replace_file(folder.environment, json.dumps(document, indent=2).encode() + b"\n")


def _versions(loaded: Iterable[str]) -> Iterable[tuple[str, str]]:
    for module, distribution in _LIBRARIES:
        if module in loaded:
            try:
                yield distribution, metadata.version(distribution)
            except metadata.PackageNotFoundError:
                continue
