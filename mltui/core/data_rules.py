"""Which keys of the [data] section go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mltui.core.errors import InputError, nearest
from mltui.core.hyperparameters import Hyperparameter, check_all
from mltui.core.sections import Data, Sample, Variation, declared


def read_data(given: Mapping[str, Any]) -> Data:
    """The [data] section, each key by its own declaration.

    Raises:
        InputError: with the dotted key at fault in `key`.
    """
    checked = check_all(declared(Data), given, section="data")
    entries: Any = checked["samples"]
    samples = tuple(_sample(entry, f"data.samples.{place}") for place, entry in enumerate(entries))
    varied: Any = checked["variations"]
    variations = tuple(_variation(entry, f"data.variations.{place}") for place, entry in enumerate(varied))
    return Data(**{**checked, "samples": samples, "variations": variations})  # type: ignore[arg-type]


def _sample(entry: Mapping[str, Any], where: str) -> Sample:
    sample = Sample(**check_all(declared(Sample), entry, section=where))  # type: ignore[arg-type]
    if not sample.files:
        raise InputError(f'{where} needs files, such as files = ["signal.root"]', key=where)
    if (sample.cross_section is None) != (sample.generated is None):
        has, lacks = ("cross_section", "generated") if sample.generated is None else ("generated", "cross_section")
        raise InputError(f"{where} has {has} and needs {lacks} too: their ratio scales the weights", key=where)
    return sample


def _variation(entry: Mapping[str, Any], where: str) -> Variation:
    variation = Variation(**check_all(declared(Variation), entry, section=where))  # type: ignore[arg-type]
    if not variation.name:
        raise InputError(f'{where} needs a name, such as name = "JES_up"', key=where)
    if not (variation.replace or variation.files or variation.weight):
        raise InputError(
            f"{where} ({variation.name}) says nothing that varies: it needs replace, files or weight", key=where
        )
    if variation.replace and variation.files:
        raise InputError(f"{where} ({variation.name}) has both replace and files; keep one", key=where)
    if variation.generated is not None and not variation.files:
        raise InputError(
            f"{where}.generated is of other files, and {variation.name} has none; leave it out",
            key=f"{where}.generated",
        )
    return variation


def check_data(given: Mapping[str, Any], datasets: Mapping[str, tuple[Hyperparameter, ...]]) -> Data:
    """The [data] section, each key by its own declaration, and all of them together.

    Args:
        datasets: of the catalogue, each with its options.

    Raises:
        InputError: with the dotted key at fault in `key`.
    """
    data = read_data(given)
    sources = [name for name in ("dataset", "files", "samples") if getattr(data, name)]
    if not sources:
        raise InputError(
            'data needs a dataset from the catalogue (dataset = "moons"), files (files = ["events.csv"]) or samples',
            key="data",
        )
    if len(sources) > 1:
        raise InputError(f"data has both {sources[0]} and {sources[1]}; keep one", key=f"data.{sources[1]}")
    _check_variations(data)
    if data.process is not None and data.samples:
        raise InputError(
            "data.process names a column, and the entries of data.samples say the process; keep one", key="data.process"
        )
    if data.luminosity is not None and not any(sample.cross_section for sample in data.samples):
        raise InputError(
            "data.luminosity scales cross-sections, and no entry of data.samples has a cross_section",
            key="data.luminosity",
        )
    if data.dataset is None:
        if data.options:
            raise InputError("data.options belong to a catalogue dataset, not to files", key="data.options")
        _check_labels(data)
        return data
    if data.dataset not in datasets:
        raise InputError(
            f"there is no dataset {data.dataset!r}; {nearest(str(data.dataset), datasets)}", key="data.dataset"
        )
    return replace(data, options=check_all(datasets[data.dataset], data.options, section="data.options"))


def _check_labels(data: Data) -> None:
    """Samples are told apart by their labels, or by a target column in their files."""
    for place, sample in enumerate(data.samples):
        where = f"data.samples.{place}"
        if not data.targets and sample.label is None:
            raise InputError(
                f'{where} needs a label, such as label = "signal", where data.target names no column', key=where
            )
        if data.targets and sample.label is not None:
            raise InputError(
                f"{where}.label says what the rows are, and so does data.target; keep one", key="data.target"
            )


def _check_variations(data: Data) -> None:
    names: set[str] = set()
    processes = list(dict.fromkeys(name for sample in data.samples if (name := sample.process or sample.label)))
    for place, variation in enumerate(data.variations):
        where = f"data.variations.{place}"
        _check_name(variation, names, where)
        names.add(variation.name)
        _check_process(variation, processes, where)
        if variation.files and data.dataset is not None:
            raise InputError(f"{where}.files is for files; leave it out with a dataset", key=f"{where}.files")
        if variation.files and data.samples and variation.process is None:
            raise InputError(f"{where} ({variation.name}) needs process: whose files these replace", key=where)
        if variation.generated is not None and variation.process not in _scaled(data):
            raise InputError(
                f"{where}.generated scales a cross-section, and the varied process has none; leave it out",
                key=f"{where}.generated",
            )
        if variation.files and variation.generated is None and variation.process in _scaled(data):
            raise InputError(
                f"{where} ({variation.name}) needs generated, the sum of weights before any cut of its own files: they "
                f"take the cross-section of {variation.process}",
                key=where,
            )


def _check_name(variation: Variation, names: set[str], where: str) -> None:
    if variation.name in names:
        raise InputError(f"two entries of data.variations are called {variation.name!r}", key=f"{where}.name")
    if variation.name == "nominal":
        raise InputError(
            f"{where} is called nominal, as the data themselves are beside it; give it another name",
            key=f"{where}.name",
        )


def _check_process(variation: Variation, processes: list[str], where: str) -> None:
    if variation.process is None or variation.process in processes:
        return
    said = nearest(variation.process, processes) if processes else "process is for data of several samples"
    raise InputError(
        f"{where}.process is {variation.process!r}, which no entry of data.samples names; {said}",
        key=f"{where}.process",
    )


def _scaled(data: Data) -> set[str | None]:
    """The processes that have a cross-section."""
    return {sample.process or sample.label for sample in data.samples if sample.cross_section is not None}
