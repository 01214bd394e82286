"""Makes a table of a frame: codes the target, drops rows without one, chooses the features, draws rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError, nearest
from mltui.core.sections import Data
from mltui.core.table import Column, Floats, Table
from mltui.data.frame import Frame
from mltui.data.readers.raw import Raw
from mltui.data.roles import MOST_LABELS, left_out, too_large
from mltui.data.target import code

_ROWS_SEED = 1


def assemble(frame: Frame, data: Data, candidates: list[str]) -> tuple[Table, dict[str, str]]:
    """The table that `data` asks for, and the candidates that were left out, each with the reason.

    Raises:
        InputError: for a target, a weight or features that cannot serve.
    """
    target_name = data.target or ""
    target = code(frame.columns[target_name], target_name, data.task, data.positive)
    reasons: dict[str, str] = {}
    if not data.features:
        reasons = left_out({name: frame.columns[name] for name in candidates}, target, target_name)
    features = [name for name in candidates if name not in reasons]
    _check_features(features, reasons, frame)
    table = Table(
        columns=tuple(_column(name, frame.columns[name]) for name in features),
        values={name: _values(frame.columns[name]) for name in features},
        task=target.task,
        target=target.values,
        target_name=target_name,
        classes=target.classes,
        weights=_weights(frame.columns[data.weight], data.weight) if data.weight else None,
        weight_name=data.weight or "",
        files=tuple(str(path) for path in frame.paths),
        file=frame.file,
        entry=frame.entry,
    )
    table = table.take(np.flatnonzero(target.present)) if not target.present.all() else table
    return drawn(table, data.rows), reasons


def drawn(table: Table, rows: int | None) -> Table:
    """So many random rows in their order, always the same ones, weights scaled up to the whole table's."""
    if rows is None or rows >= len(table):
        return table
    chosen = np.sort(np.random.default_rng(_ROWS_SEED).choice(len(table), rows, replace=False))
    part = table.take(chosen)
    if table.task == "classification" and len(np.unique(part.target)) < len(table.classes):
        raise InputError(f"data.rows = {rows} leaves a class without a row; take more", key="data.rows")
    if part.weights is None:
        return part
    return replace(part, weights=part.weights * (len(table) / rows))


def _check_features(features: list[str], reasons: dict[str, str], frame: Frame) -> None:
    if not features:
        said = [f"{name} {reason}" for name, reason in {**reasons, **frame.unusable}.items()]
        why = f" ({'; '.join(said[:3])})" if said else ""
        raise InputError(f"no column is left to learn from{why}; name some in data.features", key="data.features")
    for name in features:
        raw = frame.columns[name]
        if raw.missing.all():
            raise InputError(f"the column {name} has no value in any row", key="data.features")
        if raw.categories is None and (reason := too_large(raw)):
            raise InputError(
                f"the column {name} {reason}; where one stands for a missing value, put it into data.missing",
                key="data.features",
            )
        if raw.categories is not None and len(raw.categories) > MOST_LABELS:
            raise InputError(
                f"the column {name} has {len(raw.categories):,} different texts, at most {MOST_LABELS:,} can be used",
                key="data.features",
            )


def _column(name: str, raw: Raw) -> Column:
    return Column(name) if raw.categories is None else Column(name, "category", categories=raw.categories)


def _values(raw: Raw) -> NDArray[np.generic]:
    return raw.numbers() if raw.categories is None else raw.values


def _weights(raw: Raw, name: str) -> Floats:
    if raw.categories is not None:
        shown = raw.categories[0] if raw.categories else "nothing"
        raise InputError(f"the weight {name} holds text such as {shown!r}, and must be numbers", key="data.weight")
    missing = int(raw.missing.sum())
    if missing:
        raise InputError(
            f"the weight {name} has no finite value in {missing:,} of {len(raw.values):,} rows", key="data.weight"
        )
    values = raw.numbers()
    if not values.sum() > 0:
        raise InputError(
            f"the weights {name} add up to {values.sum():g}, and must add up to more than 0", key="data.weight"
        )
    return values


def no_target(names: tuple[str, ...], guess: str | None) -> InputError:
    """What to say where no target is chosen."""
    hint = f', such as target = "{guess}"' if guess else f"; {nearest('', names)}"
    return InputError(f"data.target must name the column to learn{hint}", key="data.target")
