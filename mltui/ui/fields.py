"""Which rows the form has: what the chosen data and model declare, under the keys they write."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mltui.core.experiment import NAME, SEED, SEEDS
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Data, Preprocess, Split, declared
from mltui.data.catalogue import CATALOGUE
from mltui.models.catalogue import CARDS

OWN = "own files"
_CATALOGUE_EXPERTS = ("features", "exclude", "spectators", "cut", "kinds", "titles", "rows")
_TEXT_KEYS = ("header", "columns", "separator", "decimal", "encoding", "skip")
_TYPED_ENDINGS = (".root", ".parquet", ".pq", ".npz", ".npy", ".h5", ".hdf5", ".hdf")
_ONE_TABLE = (".parquet", ".pq", ".npy")
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
    about = dataset.about if dataset else "Your own files: text tables, Parquet, ROOT, HDF5, NumPy."
    yield Field("data.dataset", "data", _choice("dataset", names, default, _first_sentence(about)), False)
    yield from _data_rows(data)
    card = CARDS.get(str(document.get("model", {}).get("name", "")))
    yield Field(
        "model.name", "model", _choice("model", tuple(CARDS), "mlp", _first_sentence(card.about) if card else ""), False
    )
    if card is not None:
        unused = idle(document)
        settings = [("model", h) for h in card.hyperparameters] + [("training", h) for h in card.training]
        named = ((f"{section}.{h.name}", section, h) for section, h in settings)
        yield from (Field(key, section, h, h.expert) for key, section, h in named if key not in unused)
    yield Field("seed", "training", SEED, True)
    yield Field("seeds", "training", SEEDS, True)
    yield from (Field(f"split.{h.name}", "split", h, True) for h in declared(Split))
    yield from (Field(f"preprocess.{h.name}", "preprocess", h, True) for h in declared(Preprocess))
    yield Field("name", "experiment", NAME, True)


def idle(document: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the model's settings that mean nothing beside the others that the document has; they have no row."""
    model, training = document.get("model", {}), document.get("training", {})
    card = CARDS.get(str(model.get("name", "")))
    if card is None:
        return frozenset()
    return card.idle(_readable(card.hyperparameters, model), _readable(card.training, training))


def _readable(settings: Sequence[Hyperparameter], given: Mapping[str, Any]) -> dict[str, Value]:
    """The values that can be read."""
    values: dict[str, Value] = {}
    for h in settings:
        with contextlib.suppress(ValueError, KeyError):
            values[h.name] = h.check(given[h.name])
    return values


def _data_rows(data: Mapping[str, Any]) -> Iterator[Field]:
    card = CATALOGUE.get(str(data.get("dataset")))
    if card is not None:
        yield from (Field(f"data.options.{h.name}", "data", h, h.expert) for h in card.options)
        yield from (Field(f"data.{name}", "data", _DATA[name], True) for name in _CATALOGUE_EXPERTS)
        return
    basics = _own_basics(data)
    yield from (Field(f"data.{name}", "data", _DATA[name], False) for name in basics)
    named = _names(data)
    typed = bool(named) and all(name.endswith(_TYPED_ENDINGS) for name in named)
    expected = () if data.get("samples") or data.get("luminosity") else ("luminosity",)  # of their cross-sections
    left = ("dataset", "options", *basics, *(_TEXT_KEYS if typed else ()), *expected)
    yield from (Field(f"data.{name}", "data", declared, True) for name, declared in _DATA.items() if name not in left)


def _own_basics(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Where the rows come from, what is learnt of what, and which rows count."""
    if data.get("samples"):
        return ("samples", "features", "weight", "cut")
    several = any(name.endswith(_TYPED_ENDINGS) and not name.endswith(_ONE_TABLE) for name in _names(data))
    tree = ("tree",) if several or data.get("tree") else ()
    return ("files", *tree, "target", "features", "weight", "cut")


def _names(data: Mapping[str, Any]) -> list[str]:
    """The names of all files, in lower case."""
    files = [*data.get("files", ())]
    for sample in data.get("samples", ()):
        files += sample.get("files", ())
    return [str(name).lower() for name in files]


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "."


def _choice(name: str, choices: tuple[str, ...], default: str, help: str) -> Hyperparameter:
    return Hyperparameter(name=name, kind="choice", default=default, choices=choices, help=help)
