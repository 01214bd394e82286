"""The [training] settings of every network: how its loss is stepped down, when that ends, and where it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mltui.core.hyperparameters import Condition, Hyperparameter
from mltui.models.card import Control
from mltui.models.shared import EARLY_STOPPING, THREADS

BY_BATCH = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "nadam")
BY_SLOPE = ("gradient_descent", *BY_BATCH)
OPTIMIZERS = (*BY_SLOPE, "newton", "genetic")
DEVICES = ("auto", "cpu", "cuda", *(f"cuda:{number}" for number in range(8)), "mps")
CONTROLS: frozenset[Control] = frozenset({"pause", "step", "batch", "stop"})
CHANGEABLE = frozenset({
    "training.learning_rate", "training.weight_decay", "training.l1", "training.early_stopping", "training.noise",
})  # fmt: skip


def _with(*names: str) -> Condition:
    return "training.optimizer", names


_ADAMS = _with("adam", "adamw", "nadam")

TRAINING = (
    Hyperparameter(
        name="epochs",
        kind="integer",
        default=100,
        help="Passes over the training part; stop when the validation curve turns.",
        low=1,
        high=1_000_000,
        log=True,
    ),
    Hyperparameter(
        name="batch_size",
        kind="integer",
        default=32,
        help="Rows a step looks at: few are noisy and learn quickly, many calm and fast a row.",
        low=1,
        high=1_000_000,
        log=True,
        only=_with(*BY_BATCH),
    ),
    Hyperparameter(
        name="optimizer",
        kind="choice",
        default="adam",
        choices=OPTIMIZERS,
        help="How a step follows the slope: sgd plain, momentum rolling, adam self-scaled.",
    ),
    Hyperparameter(
        name="learning_rate",
        kind="number",
        default=0.01,
        help="Length of a step downhill: too small crawls, too large leaves the valley.",
        above=0,
        high=1000,
        log=True,
    ),
    EARLY_STOPPING,
    Hyperparameter(
        name="loss",
        kind="choice",
        default="auto",
        choices=("auto", "squared", "absolute", "huber", "cross_entropy", "hinge"),
        help="What is made small; auto: cross_entropy for classes, squared for values.",
        expert=True,
    ),
    Hyperparameter(
        name="monitor",
        kind="choice",
        default="loss",
        choices=("loss", "accuracy", "auc", "significance", "rmse", "r2"),
        help="The number of the validation part that early stopping and plateau go by.",
        expert=True,
    ),
    Hyperparameter(
        name="schedule",
        kind="choice",
        default="constant",
        choices=("constant", "step", "cosine", "one_cycle", "plateau"),
        help="How the learning rate moves: large steps to get there, small ones to settle.",
        expert=True,
    ),
    Hyperparameter(
        name="decay_every",
        kind="integer",
        default=10,
        help="Epochs from drop to drop of the learning rate; of a plateau, those without gain.",
        low=1,
        high=1_000_000,
        log=True,
        expert=True,
        only=("training.schedule", ("step", "plateau")),
    ),
    Hyperparameter(
        name="decay_factor",
        kind="number",
        default=0.5,
        help="What the learning rate is multiplied by at each drop.",
        above=0,
        below=1,
        expert=True,
        only=("training.schedule", ("step", "plateau")),
    ),
    Hyperparameter(
        name="momentum",
        kind="number",
        default=0.9,
        help="Share of the last step that rolls on: fast in ravines, far past the floor.",
        low=0,
        below=1,
        expert=True,
        only=_with("momentum", "nesterov"),
    ),
    Hyperparameter(
        name="beta1",
        kind="number",
        default=0.9,
        help="Memory of a step's direction: 0.9 averages over about 10 slopes.",
        low=0,
        below=1,
        expert=True,
        only=_ADAMS,
    ),
    Hyperparameter(
        name="beta2",
        kind="number",
        default=0.999,
        help="Memory of a weight's scale: 0.999 averages over about 1000 squared slopes.",
        low=0,
        below=1,
        expert=True,
        only=_ADAMS,
    ),
    Hyperparameter(
        name="alpha",
        kind="number",
        default=0.99,
        help="Memory of a weight's scale: 0.99 averages over about 100 squared slopes.",
        low=0,
        below=1,
        expert=True,
        only=_with("rmsprop"),
    ),
    Hyperparameter(
        name="epsilon",
        kind="number",
        default=1e-8,
        help="Added to a weight's scale, so that one without a slope takes no giant step.",
        above=0,
        high=1,
        log=True,
        expert=True,
        only=_with("rmsprop", "adam", "adamw", "nadam"),
    ),
    Hyperparameter(
        name="population",
        kind="integer",
        default=50,
        help="Networks that live at once; the better ones have the children of the next step.",
        low=2,
        high=10_000,
        log=True,
        expert=True,
        only=_with("genetic"),
    ),
    Hyperparameter(
        name="l1",
        kind="number",
        default=0.0,
        help="Pulls all weights to zero alike: those that nothing needs become exactly 0.",
        low=0,
        high=10,
        log=True,
        first=1e-4,
        expert=True,
    ),
    Hyperparameter(
        name="weight_decay",
        kind="number",
        default=0.0,
        help="Pulls weights towards zero: a smoother answer, less learnt by heart.",
        low=0,
        high=10,
        log=True,
        first=1e-4,
        expert=True,
    ),
    Hyperparameter(
        name="clip_norm",
        kind="number",
        default=None,
        help="Longest slope a step may follow; longer ones are cut to it. Empty: any.",
        above=0,
        log=True,
        optional=True,
        expert=True,
        only=_with(*BY_SLOPE),
    ),
    Hyperparameter(
        name="noise",
        kind="number",
        default=0.0,
        help="Blurs the scaled inputs of each batch by this spread, as if there were more rows.",
        low=0,
        high=10,
        log=True,
        first=0.01,
        expert=True,
    ),
    Hyperparameter(
        name="precision",
        kind="choice",
        default="single",
        choices=("single", "mixed"),
        help="mixed computes layers in 16 bits: faster for wide networks on a graphics card.",
        expert=True,
    ),
    Hyperparameter(
        name="device",
        kind="choice",
        default="auto",
        choices=DEVICES,
        help="Where to compute; auto takes a graphics card where steps are enough work.",
        expert=True,
    ),
    THREADS,
)


def with_changes(
    training: Sequence[Hyperparameter], *, without: Sequence[str] = (), **changes: dict[str, Any]
) -> tuple[Hyperparameter, ...]:
    """These declarations with some left out, and some said otherwise: by name, the fields that differ."""
    return tuple(replace(h, **changes.get(h.name, {})) for h in training if h.name not in without)


def only_with(settings: Sequence[Hyperparameter], condition: Condition) -> tuple[Hyperparameter, ...]:
    """These declarations as they are where another setting brings them; those that depend on one of them stay so."""
    return tuple(h if h.only is not None else replace(h, only=condition) for h in settings)
