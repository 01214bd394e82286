"""From a file or the form's document to a checked experiment, with the catalogues that say what can be named."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment, Known
from mltui.core.hyperparameters import Value
from mltui.core.source import Source
from mltui.record.files import why

if TYPE_CHECKING:
    from mltui.record.state import Change

LARGEST = 1 << 20


@functools.cache
def known() -> Known:
    """Every dataset and model of the catalogues."""
    from mltui.inference import asked

    return asked.known()


def load(path: Path, settings: Iterable[str] = ()) -> Experiment:
    """Read an experiment file, with ``KEY=VALUE`` settings laid over it.

    Raises:
        InputError: where it cannot be read or does not say a whole experiment.
    """
    try:
        source = Source(str(path), read_text(path))
        source.parsed()
    except InputError as error:
        raise _for_data(path) or error from None
    return Experiment.parse(source, known(), settings)


def _for_data(path: Path) -> InputError | None:
    """What to say of a data file where an experiment is wanted."""
    from mltui.data.readers.registry import READERS

    if not (path.name.lower().endswith(tuple(e for r in READERS for e in r.endings)) and path.is_file()):
        return None
    return InputError(
        f'{path} is a file of data, not an experiment; an experiment names it, as in files = ["{path.name}"] under '
        f"[data], and mltui data describe {path} shows what it holds"
    )


def check(document: Mapping[str, Any]) -> Experiment:
    """Build an experiment from the form's document, by the same rules as a file's.

    Raises:
        InputError: with the dotted key at fault in `key`.
    """
    return Experiment.check(document, known())


def steered(experiment: Experiment, changes: Iterable[Change]) -> Experiment:
    """The experiment as a run has it now that was changed while it trained."""
    sections: dict[str, dict[str, Value]] = {
        "model": dict(experiment.model.hyperparameters),
        "training": dict(experiment.training),
    }
    for change in changes:
        section, _, name = change.key.partition(".")
        if name in sections.get(section, {}):
            sections[section][name] = change.value
    model = replace(experiment.model, hyperparameters=sections["model"])
    return replace(experiment, model=model, training=sections["training"])


def read_text(path: Path) -> str:
    """The text of an experiment file.

    Raises:
        InputError: where it is absent, a folder, too large, or not a text.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise InputError(f"there is no experiment file {path}") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; an experiment is a .toml file") from None
    except (OSError, ValueError) as error:
        reason = why(error) if isinstance(error, OSError) else str(error)
        raise InputError(f"{path} cannot be read: {reason}") from None
    if len(content) > LARGEST:
        raise InputError(f"{path} is larger than 1 MiB; an experiment file is a short TOML text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise InputError(f"{path} is not a text; an experiment is a TOML text in UTF-8")
    return text
