"""What the first picture needs, loaded while nobody waits for it."""

from __future__ import annotations

import importlib

import numpy as np

from mltui.plots.look import Look

_PLOTS = (
    "curve", "surface", "fit", "roc", "scores", "matrix", "coefficients", "tree", "importance", "numbers", "regression",
    "yields", "inputs", "variations",
)  # fmt: skip


def rehearse() -> None:
    """Import every plot and draw one curve, which loads the plotting library: a tenth of a second. Fit for a thread."""
    for name in _PLOTS:
        importlib.import_module(f"mltui.plots.{name}")
    from mltui.plots.curve import Line, curve

    ends = np.array([0.0, 1.0])
    curve([Line("train", ends, 1 - ends, "train")], 40, 10, Look(), x_label="epoch", y_label="loss")
