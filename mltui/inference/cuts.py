"""Rectangular cuts that were found: asked for scores, written as JSON and read back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from mltui.core.table import Floats
from mltui.inference.fitted import Inputs
from mltui.models.card import ModelCard
from mltui.models.rectangles import Rectangles
from mltui.record.files import replace_file

FORMAT = 1
CUTS = "cuts.json"


class FittedCuts:
    """Rectangles with the number that were found."""

    def __init__(self, rectangles: Rectangles) -> None:
        self.rectangles = rectangles
        self.kept: float | None = len(rectangles.efficiencies)

    def predict(self, x: Inputs) -> Floats:
        """Scores, shape (rows,), as `Rectangles.scores` says."""
        return self.rectangles.scores(x)

    def save(self, folder: Path) -> None:
        """Write each rectangle with its efficiency and, of each input, its bounds; no bound is null."""
        found = self.rectangles
        each = zip(found.efficiencies, found.lower, found.upper, strict=True)
        cuts = [{"efficiency": float(e), "lower": _plain(low), "upper": _plain(up)} for e, low, up in each]
        document = {"format": FORMAT, "cuts": cuts}
        replace_file(folder / CUTS, json.dumps(document, indent=2, allow_nan=False).encode() + b"\n")


def load(folder: Path, _card: ModelCard) -> FittedCuts:
    """Read back what `FittedCuts.save` wrote.

    Raises:
        OSError, ValueError, KeyError, TypeError: where the folder does not hold such cuts.
    """
    cuts = json.loads((folder / CUTS).read_text(encoding="utf-8"))["cuts"]
    return FittedCuts(
        Rectangles(
            np.array([cut["efficiency"] for cut in cuts], np.float64),
            np.array([_bounds(cut["lower"], -np.inf) for cut in cuts]),
            np.array([_bounds(cut["upper"], np.inf) for cut in cuts]),
        )
    )


def _plain(bounds: Floats) -> list[float | None]:
    return [float(bound) if np.isfinite(bound) else None for bound in bounds]


def _bounds(bounds: list[float | None], without: float) -> list[float]:
    return [without if bound is None else float(bound) for bound in bounds]
