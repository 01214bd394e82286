"""The models the lab offers, in the order it offers them; a new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mltui.core.errors import InputError
from mltui.core.sections import Task
from mltui.models.boosters import LIGHTGBM, XGBOOST
from mltui.models.boosting import ADABOOST, GRADIENT_BOOSTING
from mltui.models.card import ModelCard
from mltui.models.cuts import CUTS
from mltui.models.ensemble import EXTRA_TREES, HIST_GRADIENT_BOOSTING, RANDOM_FOREST
from mltui.models.gaussian import GAUSSIAN_NB, LDA, QDA
from mltui.models.least_squares import LASSO, LEAST_SQUARES_CLASSIFIER, POLYNOMIAL_REGRESSION, RIDGE
from mltui.models.linear import LINEAR_REGRESSION, LOGISTIC_REGRESSION
from mltui.models.mlp import MLP
from mltui.models.neighbours import KNN
from mltui.models.perceptron import PERCEPTRON
from mltui.models.svm import SVM
from mltui.models.tree import DECISION_TREE

CARDS: Mapping[str, ModelCard] = {
    card.name: card
    for card in (
        MLP,
        LOGISTIC_REGRESSION,
        LINEAR_REGRESSION,
        POLYNOMIAL_REGRESSION,
        RIDGE,
        LASSO,
        LEAST_SQUARES_CLASSIFIER,
        PERCEPTRON,
        LDA,
        QDA,
        GAUSSIAN_NB,
        SVM,
        KNN,
        DECISION_TREE,
        CUTS,
        RANDOM_FOREST,
        EXTRA_TREES,
        ADABOOST,
        GRADIENT_BOOSTING,
        HIST_GRADIENT_BOOSTING,
        XGBOOST,
        LIGHTGBM,
    )
}


def suiting(task: Task, targets: int = 1, classes: int = 2) -> tuple[str, ...]:
    """The models that do a task with so many targets or classes, by name."""
    able = [c for c in CARDS.values() if task in c.tasks]
    return tuple(c.name for c in able if (targets == 1 or c.several) and (classes <= 2 or c.many_classes))


def refuse_unsuited(card: ModelCard, task: Task, targets: Sequence[str], classes: int = 0) -> None:
    """See that a model does what the target asks for.

    Args:
        targets: the names of the columns to learn.
        classes: how many the target has; 0 for a regression.

    Raises:
        InputError: naming the models that do.
    """
    able = ", ".join(suiting(task, len(targets), classes))
    if task not in card.tasks:
        said = f"the target {targets[0]} asks" if len(targets) == 1 else f"the targets {', '.join(targets)} ask"
        raise InputError(
            f"{card.name} does {' and '.join(card.tasks)}, but {said} for {task}; models that do it: {able}",
            key="model.name",
        )
    if len(targets) > 1 and not card.several:
        raise InputError(
            f"{card.name} learns one target, and there are {len(targets)} ({', '.join(targets)}); name one in "
            f"data.target, or take a model that learns several: {able}",
            key="model.name",
        )
    if classes > 2 and not card.many_classes:
        raise InputError(
            f"{card.name} tells two classes apart, and {targets[0]} has {classes}; take rows of two of them by "
            f"data.cut, or a model that does many: {able}",
            key="model.name",
        )


def declared() -> dict[str, ModelCard]:
    """The models by name, as an experiment's check wants them."""
    return dict(CARDS)
