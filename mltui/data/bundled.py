"""Finds the data files that come with the package: inside it in a wheel, beside it in an editable install."""

from __future__ import annotations

from pathlib import Path

from mltui.core.errors import InputError


def bundled(name: str) -> Path:
    """The folder of a bundled dataset.

    Raises:
        InputError: where the installation lacks it.
    """
    package = Path(__file__).resolve().parents[1]
    for home in (package / "datasets", package.parent / "datasets"):
        if (home / name).is_dir():
            return home / name
    raise InputError(f"the bundled data file of {name} is missing; install mltui again", key="data.dataset")
