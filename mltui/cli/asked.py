"""What a run was asked to do, as its folder says it, whether or not it could be asked of this mltui today."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mltui.core.errors import InputError
from mltui.core.experiment import data_name

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder


@dataclass(frozen=True)
class Asked:
    """The few words of an experiment that a run is told by; empty where the document does not say them."""

    name: str = ""
    model: str = ""
    data: str = ""
    dataset: str | None = None
    files: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    target: str | None = None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Asked:
        """From an experiment's document, an old or a strange one too."""
        data, model = (_table(document.get(name)) for name in ("data", "model"))
        samples = data.get("samples")
        sources = [data, *map(_table, samples if isinstance(samples, list) else ())]
        lists = [_list(source.get("files")) for source in sources]
        return cls(
            name=_text(document.get("name")) or "",
            model=_text(model.get("name")) or "",
            data=data_name(data),
            dataset=_text(data.get("dataset")),
            files=tuple(str(name) for files in lists for name in files),
            options=_table(data.get("options")),
            target=_text(data.get("target")) or ", ".join(map(str, _list(data.get("target")))) or None,
        )

    @classmethod
    def read(cls, folder: RunFolder) -> Asked:
        """What the run's folder says.

        Raises:
            InputError: where its resolved.toml cannot be read.
        """
        from mltui.core.source import Source
        from mltui.runs.experiments import read_text

        return cls.of(Source(str(folder.resolved), read_text(folder.resolved)).parsed())

    @classmethod
    def of_any(cls, folder: RunFolder) -> Asked:
        """What the run's folder says; nothing of a damaged one, which is then told by its events alone."""
        try:
            return cls.read(folder)
        except InputError:
            return cls()


def as_asked(text: str, settings: Sequence[str]) -> str:
    """An experiment file verbatim, led by the settings laid over it as comments."""
    return "".join(f"# mltui run --set {json.dumps(setting)}\n" for setting in settings) + text


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
