"""The rows that an estimator was fitted on, and what its inputs and outputs are called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats
from mltui.data.origins import Origins
from mltui.inference.fitted import Inputs


@dataclass(frozen=True, eq=False)
class FittedOn:
    """What an estimator learnt from.

    Attributes:
        x: shape (rows, inputs). target: shape (rows,) or (rows, targets). weights: shape (rows,), or None where it took
            none.
        origins: what the inputs are in the data.
        outputs: the labels of the classes, by code, or the names of the targets.
    """

    x: Inputs
    target: NDArray[np.generic]
    weights: Floats | None
    origins: Origins
    outputs: tuple[str, ...]

    @cached_property
    def codes(self) -> tuple[int, ...]:
        """Of the classes that were there to be learnt, in order; of a regression the places of its targets."""
        if self.target.dtype.kind in "iu":
            return tuple(np.unique(self.target).tolist())
        return tuple(range(len(self.outputs)))


def unwrapped(estimator: Any) -> tuple[Any, Any]:
    """What computes in the end, and what turns the inputs into its own before, or None."""
    if hasattr(estimator, "steps"):
        return estimator.steps[-1][1], estimator[:-1] if len(estimator.steps) > 1 else None
    return estimator, None
