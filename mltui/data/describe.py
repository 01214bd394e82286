"""Says of a dataset or of files what the lab shows before a run: columns, classes, problems, a preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mltui.core.errors import InputError
from mltui.core.events import finite
from mltui.core.sections import Data
from mltui.core.table import Table
from mltui.data.assemble import assemble
from mltui.data.frame import Frame, gather
from mltui.data.guess import guess_target
from mltui.data.preview import preview
from mltui.data.read import dataset_of, from_catalogue
from mltui.data.readers.raw import Listing, Raw
from mltui.data.roles import candidates, left_out, like_weight

_SHOWN_LABELS = 50
MOST_ROWS, MOST_VALUES = 200_000, 20_000_000
"""Of larger files only the first rows are read: a description is wanted at once."""


def describe(data: Data, folder: Path, points: int = 400) -> dict[str, Any]:
    """What there is to know before a run, as plain JSON values.

    Files may be described without a target: then an obvious one is guessed and said under `guessed`. `problems` holds
    a sentence for each thing a user should know. Of large files only the first rows are looked at, as `problems` says;
    `rows` counts all, in text by estimate. `preview` at most `points` rows of two telling features.

    Raises:
        InputError: where nothing can be read, or a key that the user set is wrong.
    """
    document = _of_dataset(data, points) if data.dataset is not None else _of_files(data, folder, points)
    plain: dict[str, Any] = finite(document)
    return plain


def _of_dataset(data: Data, points: int) -> dict[str, Any]:
    dataset = dataset_of(data)
    table = from_catalogue(data)
    unit = {column.name: column.unit for column in table.columns}
    columns = {column.name: Raw(table.values[column.name]) for column in table.columns}
    target = Raw(table.target, table.classes or None)
    return {
        "name": dataset.name,
        "title": dataset.title,
        "about": dataset.about,
        "source": dataset.source,
        "files": [],
        "columns": [
            *(_column(name, raw, "feature", unit[name]) for name, raw in columns.items()),
            _column(table.target_name, target, "target", table.target_unit),
        ],
        "guessed": {},
        "problems": [],
        **_of_table(table, points),
    }


def _of_files(data: Data, folder: Path, points: int) -> dict[str, Any]:
    listings: list[Listing] = []

    def choose(listing: Listing) -> tuple[str, ...]:
        candidates(data, listing)
        listings.append(listing)
        return listing.names

    frame = gather(data, folder, choose, lambda columns: min(MOST_ROWS, MOST_VALUES // max(1, columns)))
    guess = guess_target(frame.columns) if data.target is None else None
    asked = replace(data, target=data.target or guess)
    features = candidates(asked, listings[0])
    problems = [*_first_rows(frame), *_guess_problems(data, guess)]
    table, reasons = _table(frame, asked, features, problems, data.target is not None and frame.whole is None)
    used = table.features if table else tuple(name for name in features if name not in reasons)
    weights = [name for name in frame.columns if like_weight(name) and frame.columns[name].categories is None]
    if data.weight is None and weights:
        problems.append(f"{weights[0]} looks like event weights; choose it as the weight to use it.")
    problems += _problems(frame, asked, used, reasons, table)
    names = [path.name for path in frame.paths]
    return {
        "name": names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more",
        "title": names[0] if len(names) == 1 else f"{len(names)} files",
        "about": "",
        "source": str(frame.paths[0].parent),
        "files": [{"path": str(path), "bytes": path.stat().st_size} for path in frame.paths],
        "columns": [
            *(_column(name, raw, _role(name, asked, used)) for name, raw in frame.columns.items()),
            *(_unusable(name) for name in frame.unusable),
        ],
        "guessed": {"target": guess} if guess else {},
        "problems": problems,
        **(_of_table(table, points) if table else _without_table(len(frame), asked, used)),
        **({"rows": min(frame.whole, data.rows or frame.whole)} if frame.whole else {}),
    }


def _first_rows(frame: Frame) -> list[str]:
    if frame.whole is None:
        return []
    each = "" if len(frame.paths) == 1 else " of the files together, a share of each"
    return [f"Told from the first {len(frame):,} of {frame.whole:,} rows{each}; a run reads them all."]


def _table(
    frame: Frame, data: Data, features: list[str], problems: list[str], chosen: bool
) -> tuple[Table | None, dict[str, str]]:
    """The table, or None where there is no target or a guessed one does not serve."""
    if data.target is None:
        return None, left_out({name: frame.columns[name] for name in features}, None, None)
    try:
        return assemble(frame, data, features)
    except InputError as error:
        if chosen:
            raise
        problems.append(_sentence(error.sentence))
        return None, {}


def _guess_problems(data: Data, guess: str | None) -> list[str]:
    if data.target is not None:
        return []
    if guess is None:
        return ["No target is chosen: say which column is to be learnt."]
    return [f"No target is chosen; {guess} looks like it."]


def _problems(
    frame: Frame, data: Data, used: tuple[str, ...], reasons: Mapping[str, str], table: Table | None
) -> list[str]:
    said = _grouped(reasons, "left out") + _grouped(frame.unusable, "unusable")
    infinite = dict.fromkeys((n for n in used if _infinite(frame.columns[n])), "has infinite values, taken as missing")
    constant = dict.fromkeys((n for n in used if _constant(frame.columns[n])), "has the same value in every row")
    said += _grouped(infinite, "used all the same") + _grouped(constant, "of no use to a model")
    without = int(frame.columns[data.target].missing.sum()) if data.target else 0
    if without and table is not None:
        said.append(f"{without:,} of {len(frame):,} rows have no {data.target} and are not used.")
    return said


def _grouped(reasons: Mapping[str, str], fate: str) -> list[str]:
    """A sentence for each reason, naming its first columns."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        kind = "has too many different texts" if reason.endswith("different texts") else reason
        by_reason.setdefault(kind, []).append(name)
    said = []
    for kind, names in by_reason.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        verb, each = ("is", "it") if len(names) == 1 else ("are", "each")
        reason = reasons[names[0]] if len(names) == 1 else kind
        said.append(f"{', '.join(names[:3])}{more} {verb} {fate}: {each} {reason}.")
    return said


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _infinite(raw: Raw) -> bool:
    return raw.categories is None and raw.values.dtype.kind == "f" and bool(np.isinf(raw.values).any())


def _constant(raw: Raw) -> bool:
    values = raw.values[~raw.missing]
    return len(values) > 0 and bool(np.all(values == values[0]))


def _role(name: str, data: Data, used: tuple[str, ...]) -> str:
    if name == data.target:
        return "target"
    if name == data.weight:
        return "weight"
    return "feature" if name in used else "unused"


def _column(name: str, raw: Raw, role: str, unit: str = "") -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": name,
        "kind": "number" if raw.categories is None else "category",
        "unit": unit,
        "role": role,
        "missing": int(raw.missing.sum()),
        "low": None,
        "high": None,
        "mean": None,
        "std": None,
        "categories": list((raw.categories or ())[:_SHOWN_LABELS]),
    }
    values = raw.numbers()[~raw.missing] if raw.categories is None else np.zeros(0)
    if len(values):
        with np.errstate(over="ignore", invalid="ignore"):
            entry |= {"low": values.min(), "high": values.max(), "mean": values.mean(), "std": values.std()}
    return entry


def _unusable(name: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"missing": 0, "low": None, "high": None, "mean": None, "std": None, "categories": []}
    return {"name": name, "kind": "unusable", "unit": "", "role": "unused", **empty}


def _of_table(table: Table, points: int) -> dict[str, Any]:
    weights = table.weights_or_ones()
    return {
        "task": table.task,
        "rows": len(table),
        "target": table.target_name,
        "weight": table.weight_name or None,
        "positive": table.classes[1] if len(table.classes) == 2 else None,
        "classes": [
            {"label": label, "rows": int(np.sum(table.target == code)), "weight": weights[table.target == code].sum()}
            for code, label in enumerate(table.classes)
        ],
        "features": list(table.features),
        "preview": preview(table, points),
    }


def _without_table(rows: int, data: Data, used: tuple[str, ...]) -> dict[str, Any]:
    return {
        "task": None,
        "rows": rows,
        "target": data.target,
        "weight": data.weight,
        "positive": None,
        "classes": [],
        "features": list(used),
        "preview": None,
    }
