"""Which rows the form has: what the chosen data and model declare, under the keys they write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mltui.core.experiment import NAME, SEED
from mltui.core.hyperparameters import Hyperparameter
from mltui.core.sections import Data, Preprocess, Split, declared
from mltui.data.catalogue import CATALOGUE
from mltui.models.catalogue import CARDS

OWN = "own files"
_FILE_BASICS = ("files", "target", "features", "weight")
_FILE_EXPERTS = ("tree", "positive", "exclude", "missing", "rows", "task")
_CATALOGUE_EXPERTS = ("features", "exclude", "rows")
_DATA = {h.name: h for h in declared(Data)}


@dataclass(frozen=True)
class Field:
    """One row of the form: the dotted key it writes, the heading it stands under, and its declaration."""

    key: str
    section: str
    declared: Hyperparameter
    expert: bool

    @property
    def label(self) -> str:
        """The name as a person says it."""
        return self.declared.name.replace("_", " ")


def rows(document: Mapping[str, Any]) -> Iterator[Field]:
    """Every row of the form for an experiment being written, experts included, in the order they are shown."""
    data = document.get("data", {})
    names = (*CATALOGUE, OWN)
    default = next(iter(CATALOGUE))
    dataset = CATALOGUE.get(str(data.get("dataset")))
    about = dataset.about if dataset else "Your own files: csv, parquet or root."
    yield Field("data.dataset", "data", _choice("dataset", names, default, _first_sentence(about)), False)
    yield from _data_rows(data)
    card = CARDS.get(str(document.get("model", {}).get("name", "")))
    yield Field(
        "model.name", "model", _choice("model", tuple(CARDS), "mlp", _first_sentence(card.about) if card else ""), False
    )
    if card is not None:
        yield from (Field(f"model.{h.name}", "model", h, h.expert) for h in card.hyperparameters)
        yield from (Field(f"training.{h.name}", "training", h, h.expert) for h in card.training)
    yield Field("seed", "training", SEED, True)
    yield from (Field(f"split.{h.name}", "split", h, True) for h in declared(Split))
    yield from (Field(f"preprocess.{h.name}", "preprocess", h, True) for h in declared(Preprocess))
    yield Field("name", "experiment", NAME, True)


def _data_rows(data: Mapping[str, Any]) -> Iterator[Field]:
    card = CATALOGUE.get(str(data.get("dataset")))
    if card is not None:
        yield from (Field(f"data.options.{h.name}", "data", h, h.expert) for h in card.options)
        yield from (Field(f"data.{name}", "data", _DATA[name], True) for name in _CATALOGUE_EXPERTS)
        return
    root = any(str(name).split("?")[0].endswith(".root") for name in data.get("files", ()))
    basics = ("files", "tree", "target", "features", "weight") if root else _FILE_BASICS
    yield from (Field(f"data.{name}", "data", _DATA[name], False) for name in basics)
    yield from (Field(f"data.{name}", "data", _DATA[name], True) for name in _FILE_EXPERTS if name not in basics)


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "."


def _choice(name: str, choices: tuple[str, ...], default: str, help: str) -> Hyperparameter:
    return Hyperparameter(name=name, kind="choice", default=default, choices=choices, help=help)
