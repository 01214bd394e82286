"""Says of a dataset or of files what the lab shows before a run: columns, classes, problems, a preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mltui.core.events import finite
from mltui.core.sections import Data
from mltui.data.catalogued import dataset_of
from mltui.data.preview import preview
from mltui.data.readers.raw import Field
from mltui.data.samples import luminosity
from mltui.training.expected import amounts, samples
from mltui.training.facts import Facts, facts
from mltui.training.findings import Finding
from mltui.training.head import days, head
from mltui.training.problems import problems
from mltui.training.subject import Subject, look
from mltui.training.suggested import samples_like, suggested
from mltui.training.variables import images

_SHOWN_LABELS = 50
_EMPTY = Facts(rows=0, missing=0)


def describe(data: Data, folder: Path, points: int = 400) -> dict[str, Any]:
    """What there is to know before a run, as plain JSON values.

    Files may be described without a target: then an obvious one is guessed and said under `guessed`. `problems` holds
    a sentence for each thing a user should know, `findings` the same with the kind and the columns. Of large files
    only the first rows are looked at, as `problems` says; `rows` counts all, in text by estimate. `suggested` is what
    taking the hints would put into [data]. `head` holds the first rows as text. `preview` at most `points` rows of two
    telling features.

    Raises:
        InputError: where nothing can be read, or a key that the user set is wrong.
    """
    return document(look(data, folder), points)


def document(subject: Subject, points: int = 400) -> dict[str, Any]:
    """What there is to know of data that were looked at; as `describe`."""
    frame = subject.frame
    known = {name: facts(raw) for name, raw in frame.columns.items()}
    alike = samples_like(subject)
    found = problems(subject, known, alike)
    plain: dict[str, Any] = finite(
        {
            **_name(subject),
            "columns": _columns(subject, known),
            "guessed": dict(subject.guessed),
            "problems": [finding.sentence for finding in found],
            "findings": [_finding(finding) for finding in found],
            "format": _format(subject),
            "luminosity": luminosity(subject.data),
            "samples": samples(subject),
            "suggested": suggested(subject, found, alike),
            "head": head(subject),
            **_learnt(subject),
            "preview": None if subject.table is None else preview(subject.table, points) or _pictures(subject),
        }
    )
    return plain


def _pictures(subject: Subject) -> dict[str, Any] | None:
    """In place of rows in a plane, where all features are images: what the first of them looks like in each class."""
    return {"images": images(subject, subject.features[0])} if subject.features else None


def _name(subject: Subject) -> dict[str, Any]:
    data, paths = subject.data, subject.frame.paths
    if data.dataset is not None:
        dataset = dataset_of(data)
        said = {"name": dataset.name, "title": dataset.title, "about": dataset.about, "source": dataset.source}
        return {**said, "files": []}
    names = [Path(str(path)).name for path in paths]
    return {
        "name": names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more",
        "title": names[0] if len(names) == 1 else f"{len(names)} files",
        "about": "",
        "source": str(paths[0].parent) if isinstance(paths[0], Path) else str(paths[0]),
        "files": [{"path": str(path), "bytes": _bytes(path)} for path in paths],
    }


def _bytes(path: Path | str) -> int | None:
    return path.stat().st_size if isinstance(path, Path) else None


def _finding(finding: Finding) -> dict[str, Any]:
    return {"kind": finding.kind, "columns": list(finding.columns), "sentence": finding.sentence}


def _format(subject: Subject) -> dict[str, Any]:
    listing = subject.frame.listing
    return {
        "reader": "" if subject.data.dataset is not None else subject.reader,
        "table": listing.table,
        "tables": list(listing.tables),
        "guesses": dict(listing.guesses),
        "notes": list(subject.frame.notes),
    }


# The columns


def _columns(subject: Subject, known: Mapping[str, Facts]) -> list[dict[str, Any]]:
    frame = subject.frame
    names = dict.fromkeys([*frame.fields, *frame.columns])
    if subject.data.dataset is not None:
        targets = subject.data.targets
        names = dict.fromkeys([*(n for n in names if n not in targets), *targets])
    roles = _roles(subject)
    return [_column(subject, name, known.get(name, _EMPTY), roles.get(name, "unused")) for name in names]


def _roles(subject: Subject) -> dict[str, str]:
    """What each column is for, of those that are for something."""
    data, fit = subject.data, subject.data.training_weight
    weights = [weight for weight in (data.weight, *(sample.weight for sample in data.samples)) if weight]
    roles = {**dict.fromkeys(subject.features, "feature"), **({fit: "training weight"} if fit else {})}
    roles |= {data.process: "process"} if data.process else {}
    return {**roles, **dict.fromkeys(weights, "weight"), **dict.fromkeys(data.targets, "target")}


def _column(subject: Subject, name: str, fact: Facts, role: str) -> dict[str, Any]:
    raw = subject.frame.columns.get(name)
    field = subject.frame.fields.get(name, Field(name))
    about = subject.about(name)
    dates = raw is not None and raw.date and fact.low is not None
    ends = days(np.array([fact.low, fact.high])) if dates else [None, None]
    return {
        "name": name,
        "title": about.title,
        "unit": about.unit,
        "label": about.label,
        "kind": field.kind,
        "expression": name not in subject.frame.fields,
        "role": role,
        "why": subject.reasons.get(name, "") if role == "unused" else "",
        "shape": list(field.shape),
        "rows": fact.rows,
        "missing": fact.missing,
        "low": fact.low,
        "high": fact.high,
        "mean": fact.mean,
        "std": fact.std,
        "first": ends[0],
        "last": ends[1],
        "distinct": fact.distinct,
        "categories": list((raw.categories or ())[:_SHOWN_LABELS]) if raw is not None else [],
    }


# What is learnt


def _learnt(subject: Subject) -> dict[str, Any]:
    target, table, data = subject.target, subject.table, subject.data
    rows = len(subject.frame) if table is None else len(table)
    if subject.frame.whole is not None:
        rows = min(subject.frame.whole, data.rows or subject.frame.whole)
    return {
        "task": None if target is None else target.task,
        "rows": rows,
        "target": subject.target_name or None,
        "targets": list(subject.data.targets),
        "weight": (table.weight_name if table is not None else data.weight) or None,
        "positive": subject.classes[1] if len(subject.classes) == 2 else None,
        "classes": _classes(subject),
        "training_weight": data.training_weight,
        "features": list(subject.features),
    }


def _classes(subject: Subject) -> Sequence[dict[str, Any]]:
    table = subject.table
    if table is None or not table.classes:
        return []
    return [
        {"label": label, **amounts(table.weights, table.target == code)} for code, label in enumerate(table.classes)
    ]
