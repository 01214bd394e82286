"""Datasets that other installed packages offer under the entry point mltui.datasets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from mltui.data.card import Dataset

GROUP = "mltui.datasets"


@dataclass(frozen=True)
class Plugged:
    """What was found.

    Attributes:
        datasets: by name. unusable: by the name of an entry point a sentence on why it gives nothing.
    """

    datasets: Mapping[str, Dataset]
    unusable: Mapping[str, str]


def plugged(known: Iterable[str]) -> Plugged:
    """The cards of all entry points: each names a card, or a list of them.

    One that fails takes nothing else with it.

    Args:
        known: names that are taken.
    """
    taken, datasets, unusable = set(known), dict[str, Dataset](), dict[str, str]()
    for point in entry_points(group=GROUP):
        try:
            cards = _cards(point)
        except Exception as error:  # a stranger's code may raise anything
            said = " ".join(str(error).split()) or type(error).__name__
            unusable[point.name] = f"the datasets of {point.value} cannot be used: {said}"
            continue
        for card in cards:
            if card.name in taken:
                unusable[point.name] = f"{point.value} offers a dataset {card.name}, and there is one of that name"
                continue
            taken.add(card.name)
            datasets[card.name] = card
    return Plugged(datasets, unusable)


def _cards(point: EntryPoint) -> list[Dataset]:
    found = point.load()
    cards = [found] if isinstance(found, Dataset) else list(found)
    for card in cards:
        if not isinstance(card, Dataset):
            raise TypeError(f"it holds {type(card).__name__} where a Dataset is wanted")
    return cards
