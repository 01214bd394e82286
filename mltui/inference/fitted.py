"""What every fitted model can do: score rows, and be written into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats

Inputs = NDArray[np.float32]


class Fitted(Protocol):
    """A fitted model.

    Attributes:
        kept: the step whose model this is, or None where the model has no steps.
    """

    kept: float | None

    def predict(self, x: Inputs) -> Floats:
        """Scores, shape (rows,): the positive class's probability, or the value; (rows, classes) for many classes.

        For several targets the values are of shape (rows, targets).
        """
        ...

    def save(self, folder: Path) -> None:
        """Write the model into an existing folder, without pickle."""
        ...
