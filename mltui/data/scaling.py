"""Learns the steps that scale the inputs of a model, each from what those before it make of the training rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mltui.core.table import Floats
from mltui.data.fitting import Stream

CARRYING = ("standard", "minmax", "robust")
"""Steps that only shift and stretch each input by itself."""
MOST_TURNED = 2_000
"""More inputs than these are not turned to principal components: that takes their number cubed."""
_QUANTILES = 1_000
_STILL = 1e-13
"""An input that varies by this share of its mean does so but for the rounding of double precision."""
_ROUNDING = 1e-6
"""Inputs that cancel to this share of their spreads do so but for the rounding of single precision."""


def learn(names: Sequence[str], stream: Stream) -> tuple[Any, ...]:
    """Fitted scikit-learn transformers for named steps, in order; "none" is no step.

    - standard, minmax: from all rows, in parts.
    - robust: by the quartiles of all rows; after a quantile or pca step by those of a fixed random sample.
    - quantile: to a Gaussian by the quantiles of a fixed random sample. The inputs are brought to the scale of their
      quartiles first, since QuantileTransformer takes what lies within 1e-7 of its ends for the end itself.
    - pca: turned to principal components, all that vary; none is scaled.
    """
    stream.passes = len(names) + names.count("quantile")
    with np.errstate(all="ignore"):
        for name in names:
            if name != "none":
                _LEARN[name](stream)
    return tuple(stream.steps)


def codes_steps(names: Sequence[str]) -> tuple[str, ...]:
    """The steps that apply to the numbers of encoded categories.

    These are no quantities, so that pca leaves them out, and where others become Gaussian they become standard.
    """
    return tuple("standard" if name == "quantile" else name for name in names if name != "pca")


def needs_quartiles(names: Sequence[str]) -> bool:
    """Whether a robust step comes while every input still stands for itself."""
    return "robust" in names and all(name in CARRYING for name in names[: names.index("robust")])


def _standard(stream: Stream) -> None:
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    for part in stream.parts():
        scaler.partial_fit(part)
    stream.add(scaler, carries=True)


def _minmax(stream: Stream) -> None:
    from sklearn.preprocessing import MinMaxScaler

    scaler = MinMaxScaler()
    for part in stream.parts():
        scaler.partial_fit(part)
    stream.add(scaler, carries=True)


def _robust(stream: Stream) -> None:
    from sklearn.preprocessing import RobustScaler

    # the quartiles of these five rows are the quartiles themselves
    stream.add(RobustScaler().fit(stream.quartiles()[[0, 0, 1, 2, 2]]), carries=True)


def _quantile(stream: Stream) -> None:
    from sklearn.preprocessing import QuantileTransformer

    _robust(stream)
    sample = _spread_out(stream.sample())
    quantiles = min(_QUANTILES, len(sample))
    gaussian = QuantileTransformer(n_quantiles=quantiles, output_distribution="normal", subsample=None)
    stream.add(gaussian.fit(sample))


def _spread_out(sample: Floats) -> Floats:
    """The sample with values on both sides of an input that does not vary, so that it becomes 0 and no extreme."""
    if len(sample) == 1:
        sample = np.repeat(sample, 2, axis=0)
    flat = sample.min(axis=0) == sample.max(axis=0)
    return np.where(flat, sample + np.linspace(-1, 1, len(sample))[:, None], sample)


def _pca(stream: Stream) -> None:
    """Turn to principal components (Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 14.5.1).

    The products of the inputs about their means are summed up part by part (Chan, Golub, LeVeque, 1983). Directions in
    which the rows do not vary are left out: whitened they would be rounding errors at full size.
    """
    from sklearn.decomposition import PCA

    rows, mean, products = 0, np.zeros(stream.inputs), np.zeros((stream.inputs, stream.inputs))
    for part in stream.parts():
        middle = part.mean(axis=0)
        centred, share = part - middle, len(part) / (rows + len(part))
        products += centred.T @ centred + rows * share * np.outer(middle - mean, middle - mean)
        mean = mean + share * (middle - mean)
        rows += len(part)
    products[:, np.diag(products) <= rows * (_STILL * mean) ** 2] = 0
    turned = _turned(products)
    # PCA learns the same from two rows for each direction, which stand for all in mean and covariance
    size = np.sqrt((2 * len(turned) - 1) / (2 * max(1, rows - 1)))
    pca = PCA(len(turned), svd_solver="full").fit(mean + size * np.vstack([turned, -turned]))
    stream.add(pca)
    stream.inputs = len(turned)


def _turned(products: Floats) -> Floats:
    """Principal directions as long as the square root of the sum of squares along them; at least one.

    They are found by way of the correlations, which know no units, so that an input of small numbers is not lost in the
    rounding of a large one. The products with an input that does not vary are 0.
    """
    lengths = np.sqrt(np.diag(products))
    lengths = np.where(lengths > 0, lengths, np.inf)
    shares, directions = np.linalg.eigh(products / np.outer(lengths, lengths))
    varying = shares > max(_ROUNDING**2, 10 * len(shares) * np.finfo(np.float64).eps)
    if not varying.any():
        return np.zeros((1, len(products)))
    root = np.sqrt(shares[varying])[:, None] * directions[:, varying].T * np.where(np.isinf(lengths), 0, lengths)
    _, along, found = np.linalg.svd(root, full_matrices=False)
    kept: Floats = along[:, None] * found
    return kept


_LEARN: Mapping[str, Callable[[Stream], None]] = {
    "standard": _standard,
    "minmax": _minmax,
    "robust": _robust,
    "quantile": _quantile,
    "pca": _pca,
}
