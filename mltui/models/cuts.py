"""Rectangular cuts, as an analysis is begun with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.models.card import ModelCard, Shape


def _cuts(hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], _shape: Shape, seed: int) -> Any:
    from mltui.models.cut_search import CutSearch

    settings: dict[str, Any] = dict(hyperparameters)
    return CutSearch(**settings, seed=seed)


CUTS = ModelCard(
    name="cuts",
    title="Rectangular cuts",
    family="cuts",
    engine="cuts",
    tasks=("classification",),
    about="A range for every feature, and a row counts as signal where it is in all of them: for each of some signal"
    " efficiencies the ranges that let the least background through, found by a genetic algorithm. Anybody can check"
    " them; correlated features are beyond them. The score is 1 less the efficiency of the tightest cuts that a row"
    " passes, so that a threshold of 0.3 keeps at least 70 % of the signal.",
    hyperparameters=(
        Hyperparameter(
            name="efficiencies",
            kind="integer",
            default=19,
            help="For how many signal efficiencies cuts are found: 19 is one every 5 %.",
            low=1,
            high=200,
            log=True,
        ),
        Hyperparameter(
            name="sides",
            kind="choice",
            default="both",
            choices=("both", "lower", "upper"),
            help="Whether a feature may be cut from below, from above, or from both.",
        ),
        Hyperparameter(
            name="nested",
            kind="boolean",
            default=True,
            help="Tighter cuts lie within looser ones, so that a score means one set of cuts.",
        ),
        Hyperparameter(
            name="population",
            kind="integer",
            default=60,
            help="Sets of cuts that live at once; the better ones shape the next generation.",
            low=10,
            high=10_000,
            log=True,
            expert=True,
        ),
        Hyperparameter(
            name="generations",
            kind="integer",
            default=60,
            help="Generations at most for each efficiency; it ends sooner where all agree.",
            low=1,
            high=100_000,
            log=True,
            expert=True,
        ),
    ),
    training=(),
    axis="iteration",
    controls=frozenset({"pause", "step", "stop"}),
    build=_cuts,
    many_classes=False,
)
