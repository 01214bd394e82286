"""What the models of a run are called: one for each fold or seed, and one on train and validation together."""

from __future__ import annotations

from collections.abc import Sequence

REFIT = "refit"
"""What the model is called that was trained on train and validation together."""
KINDS = ("fold", "seed")
"""Of what a run may train a model each; the names begin with it."""


def fold_name(fold: int) -> str:
    """What the model is called that a fold, counted from 0, was held out of."""
    return f"fold {fold + 1}"


def seed_name(seed: int) -> str:
    """What the model is called that was trained with a seed, one of several."""
    return f"seed {seed}"


def kind(names: Sequence[str]) -> str:
    """``fold`` or ``seed`` where these models are one for each of them; empty where there is one alone.

    >>> kind(["fold 1", "fold 2", "refit"]), kind(["seed 7", "seed 8"]), kind([""])
    ('fold', 'seed', '')
    """
    first = names[0].partition(" ")[0] if names else ""
    return first if first in KINDS else ""


def each(names: Sequence[str]) -> list[str]:
    """Those of these models that are one for each fold or seed: a refit is none of them."""
    of = kind(names)
    return [name for name in names if of and name.startswith(f"{of} ")]
