"""The machine-learning lab that lives in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mltui.notebook import Run

__version__ = "0.1.0"


def load(run: str | Path = "latest") -> Run:
    """A run's scores, labels, weights, history and models, for a notebook; as `mltui.notebook.load` says."""
    from mltui import notebook

    return notebook.load(run)
