"""The models the lab offers, in the order it offers them; a new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from mltui.models.card import ModelCard
from mltui.models.ensemble import HIST_GRADIENT_BOOSTING, RANDOM_FOREST
from mltui.models.linear import LINEAR_REGRESSION, LOGISTIC_REGRESSION
from mltui.models.mlp import MLP
from mltui.models.neighbours import KNN
from mltui.models.perceptron import PERCEPTRON
from mltui.models.tree import DECISION_TREE

CARDS: Mapping[str, ModelCard] = {
    card.name: card
    for card in (
        MLP,
        LOGISTIC_REGRESSION,
        LINEAR_REGRESSION,
        PERCEPTRON,
        KNN,
        DECISION_TREE,
        RANDOM_FOREST,
        HIST_GRADIENT_BOOSTING,
    )
}


def declared() -> dict[str, ModelCard]:
    """The models by name, as an experiment's check wants them."""
    return dict(CARDS)
