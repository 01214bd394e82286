"""What the rows weigh in the fit: from the weights of the data to those that an estimator or a loss is given.

In this order: negative weights are kept, set to zero or taken without their sign; the classes are brought to equal
sums, if that is asked for; and all is scaled to mean 1, so that a learning rate or a penalty means the same whatever
the unit of the weights. A row of weight zero is not in the fit. Metrics and curves never see these weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import Preprocess
from mltui.core.table import Floats

NEGATIVE = "preprocess.negative_weights"
BALANCE = "preprocess.balance"


@dataclass(frozen=True)
class Asked:
    """What is asked of the fit's weights, and the words to refuse in.

    Attributes:
        negative: keep, drop or absolute.
        balance: whether the classes are to have equal sums.
        classes: the labels; empty for regression.
        key: the experiment's key that the weights came from.
    """

    negative: str = "keep"
    balance: bool = False
    classes: tuple[str, ...] = ()
    key: str = "data.weight"

    @classmethod
    def of(cls, preprocess: Preprocess, classes: tuple[str, ...], key: str) -> Asked:
        """As the [preprocess] section says.

        Raises:
            InputError: where classes are to be balanced and there are none.
        """
        balance = preprocess.balance == "classes"
        if balance and not classes:
            raise InputError(
                f'{BALANCE} = "classes" brings classes to equal sums of weights, and a regression has none; '
                "leave it none",
                key=BALANCE,
            )
        return cls(preprocess.negative_weights, balance, classes, key)


def signed(weights: Floats, negative: str) -> Floats:
    """The weights, shape (rows,), with the negative ones kept, set to 0 (drop) or made positive (absolute).

    >>> signed(np.array([2.0, -1.0, 0.5]), "drop")
    array([2. , 0. , 0.5])
    """
    if negative == "drop":
        return np.maximum(weights, 0.0)
    return np.abs(weights) if negative == "absolute" else weights


def counted(weights: Floats) -> Floats:
    """1 for every row that weighs anything, for a model that can only have a row or not."""
    return np.where(weights != 0, 1.0, 0.0)


def scaled(weights: Floats, target: NDArray[np.generic], balance: bool) -> Floats:
    """The weights with mean 1 over all rows given, each class's sum the same where they are to be balanced.

    A class of sum S among K that occur in n rows is divided by S K / n, so that its sum becomes n / K: for rows
    without weights what scikit-learn calls class_weight="balanced".

    Args:
        weights: shape (rows,), of a positive sum, and where balanced of one in each class.
        target: shape (rows,), the class codes; not looked at without balance.

    >>> scaled(np.array([1.0, 3.0, 6.0, 2.0]), np.array([0, 0, 0, 1]), balance=True)
    array([0.2, 0.6, 1.2, 2. ])
    """
    if not balance:
        return weights / np.mean(weights)
    codes = target.astype(np.int64, copy=False)
    sums = np.bincount(codes, weights)
    occurring = np.count_nonzero(np.bincount(codes))
    divisors: Floats = (sums * (occurring / len(weights)))[codes]
    return np.divide(weights, divisors, out=divisors)


def refuse_unfit(given: Floats, weights: Floats, target: NDArray[np.generic], asked: Asked) -> None:
    """Say so where nothing can be learnt by these weights.

    A class whose weights add up to nothing or less has no probability that a model could learn, nor can it be
    balanced.

    Args:
        given: shape (rows,), the weights as the data have them.
        weights: the same after `signed`.

    Raises:
        InputError: where they do not add up to something positive, in all or in one of the classes that occur.
    """
    if not weights.sum() > 0:
        raise _nothing_left(given, weights, "", asked)
    codes = target.astype(np.int64, copy=False) if asked.classes else np.zeros(0, np.int64)
    sums, rows = np.bincount(codes, weights if len(codes) else None), np.bincount(codes)
    for code in np.flatnonzero(rows):
        if not sums[code] > 0:
            of_class = codes == code
            raise _nothing_left(given[of_class], weights[of_class], asked.classes[code], asked)


def _nothing_left(given: Floats, weights: Floats, label: str, asked: Asked) -> InputError:
    rows = f"{len(given):,} training rows" + (f" of class {label}" if label else "")
    if not weights.any() and not given.any():
        return InputError(
            f"the {rows} all have weight 0, so that nothing can be learnt from them; look at {asked.key}", key=asked.key
        )
    if asked.negative == "drop":
        left = f"no row of class {label} in the training part" if label else "no row in the training part"
        return InputError(
            f'{NEGATIVE} = "drop" leaves {left}: none of the {len(given):,} has a positive weight; '
            f'"absolute" keeps them, or choose another {asked.key}',
            key=NEGATIVE,
        )
    return InputError(
        f"the weights of the {rows} add up to {weights.sum():.3g}; training needs a positive sum"
        f'{" in every class" if label else ""}: set {NEGATIVE} to "drop" or "absolute", or choose more rows or '
        f"another {asked.key}",
        key=NEGATIVE,
    )
