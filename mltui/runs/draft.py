"""The form's draft: what was typed last, kept so that a lost line loses nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from mltui.record.files import private_folder, replace_file, why

_NAME = "draft.toml"


def load(home: Path) -> dict[str, Any]:
    """The draft as a nested document, as `Experiment.check` takes it, unchecked; empty where there is none to read."""
    try:
        return tomllib.loads((home / _NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def save(home: Path, document: Mapping[str, Any]) -> str:
    """Keep a draft. Empty when that went well; else one sentence, and the lab goes on without."""
    try:
        private_folder(home)
        replace_file(home / _NAME, tomli_w.dumps(_plain(document)).encode(errors="replace"))
    except OSError as error:
        return f"the form cannot be kept in {home}: {why(error)}"
    return ""


def _plain(value: Any) -> Any:
    """What TOML can hold: no None, lists for tuples, text for whatever else."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value if v is not None]
    return value if isinstance(value, bool | int | float | str) else str(value)
