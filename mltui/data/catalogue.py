"""The catalogue: every dataset that can be chosen by name, in the order the lab shows them."""

from __future__ import annotations

from collections.abc import Mapping

from mltui.core.hyperparameters import Hyperparameter
from mltui.data import physics, playground, textbook
from mltui.data.card import Dataset
from mltui.data.generators import calorimeter, chirps, collisions, higgs_cp, ising, jets, statistics, tracks
from mltui.data.plugged import plugged

_OWN: Mapping[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        *playground.DATASETS,
        *statistics.DATASETS,
        *textbook.DATASETS,
        *physics.DATASETS,
        *collisions.DATASETS,
        *higgs_cp.DATASETS,
        *ising.DATASETS,
        *jets.DATASETS,
        *calorimeter.DATASETS,
        *tracks.DATASETS,
        *chirps.DATASETS,
    )
}
_PLUGGED = plugged(_OWN)
CATALOGUE: Mapping[str, Dataset] = {**_OWN, **_PLUGGED.datasets}
UNUSABLE: Mapping[str, str] = _PLUGGED.unusable
"""By the name of another package's entry point, why its datasets are not here."""


def declared() -> dict[str, tuple[Hyperparameter, ...]]:
    """Each dataset's options, as an experiment's check wants them."""
    return {name: dataset.options for name, dataset in CATALOGUE.items()}
