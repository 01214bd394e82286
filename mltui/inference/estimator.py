"""A fitted estimator: asked for scores, written by skops with JSON beside it, and read back without pickle."""

from __future__ import annotations

import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor

from mltui.core.errors import InputError
from mltui.core.table import Floats
from mltui.data.skops_io import skops_io
from mltui.inference.decisions import shares
from mltui.inference.fitted import Inputs
from mltui.inference.native_threads import native_threads
from mltui.models.card import ModelCard, Shape
from mltui.models.shared import in_single
from mltui.record.files import replace_file

FORMAT = 1
ESTIMATOR = "estimator.skops"
DESCRIPTION = "estimator.json"
TRUSTED = (
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.ChebyshevDistance64",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)
"""What the catalogue's estimators consist of beyond what skops knows; anything else in a file is refused."""

_FORESTS = (ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor)


class FittedEstimator:
    """An estimator with what turns its answers into scores.

    Attributes:
        kept: the tree, or the number of training rows, whose model this is.
    """

    def __init__(self, estimator: Any, shape: Shape, kept: float | None = None, threads: int = 1) -> None:
        self.estimator = estimator
        self.shape = shape
        self.kept = kept
        self.threads = threads

    def predict(self, x: Inputs) -> Floats:
        """Scores, shape (rows,), or (rows, classes) for many classes, (rows, targets) for several targets."""
        if not len(x):
            return np.zeros(self.shape.scores(0))
        with native_threads(self.threads):
            return self._asked(x)

    def _asked(self, x: Inputs) -> Floats:
        if isinstance(self.estimator, _FORESTS):
            return self._by_blocks(x)
        return self._scores(suited(self.estimator, x))

    def _scores(self, x: NDArray[np.floating]) -> Floats:
        if not is_classifier(self.estimator):
            return np.asarray(self.estimator.predict(x), np.float64).reshape(self.shape.scores(len(x)))
        return columns(shares(self.estimator, x), self.estimator.classes_, self.shape)

    def _by_blocks(self, x: NDArray[np.floating]) -> Floats:
        """A forest asked by blocks of rows: with n_jobs its trees would be summed in the order they come."""
        blocks = np.array_split(x, min(self.threads, len(x)))
        self.estimator.n_jobs = 1
        if len(blocks) == 1:
            return self._scores(x)
        with ThreadPoolExecutor(len(blocks)) as pool:
            return np.concatenate(list(pool.map(self._scores, blocks)))

    def save(self, folder: Path) -> None:
        """Write the estimator with skops and everything else as JSON."""
        skops = skops_io()  # slow: it looks through all of scikit-learn, so not before the fit
        content = skops.dumps(self.estimator, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
        replace_file(folder / ESTIMATOR, content)
        document = {"format": FORMAT, "kept": self.kept, "shape": asdict(self.shape)}
        replace_file(folder / DESCRIPTION, json.dumps(document, indent=2).encode() + b"\n")


def load(folder: Path, card: ModelCard) -> FittedEstimator:
    """Read back what `FittedEstimator.save` wrote, or the like of another library; nothing is unpickled.

    Raises:
        InputError: where the file holds a type that is not one of the catalogue's estimators'.
        OSError, ValueError, KeyError, TypeError: where the folder does not hold such an estimator.
    """
    if card.library:
        from mltui.inference import boosters

        return boosters.load(folder, card)
    skops = skops_io()
    path = folder / ESTIMATOR
    strange = sorted(set(skops.get_untrusted_types(file=path)) - set(TRUSTED))
    if strange:
        raise InputError(f"{path} is not read: it holds {strange[0]}, which is no part of a {card.name}")
    document = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    estimator = skops.load(path, trusted=list(TRUSTED))
    return FittedEstimator(estimator, Shape(**document["shape"]), document["kept"])


def suited(estimator: Any, x: Inputs) -> NDArray[np.floating]:
    """The rows in the precision that an estimator wants."""
    return x if in_single(estimator) else x.astype(np.float64)


def columns(probabilities: Floats, present: NDArray[np.generic], shape: Shape) -> Floats:
    """Scores from the probabilities of the classes that the training rows held.

    Args:
        probabilities: shape (rows, len(present)).
        present: the codes of those classes.
        shape: with two classes the positive one's column is wanted, else one column a class.
    """
    every = np.zeros((len(probabilities), shape.classes))
    every[:, present.astype(np.int64)] = probabilities
    return every[:, 1] if shape.classes == 2 else every
