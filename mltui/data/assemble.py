"""Makes a table of a frame: codes the target, drops rows without one, draws rows, chooses the features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.core.table import Column, ColumnKind, Floats, Integers, Table
from mltui.data import processes as origins
from mltui.data import samples
from mltui.data.frame import Frame
from mltui.data.readers.raw import Raw
from mltui.data.suspects import MOST_TEXTS, left_out, too_large
from mltui.data.target import Target, coded_together
from mltui.data.titles import titled

_ROWS_SEED = 1
LARGEST_WEIGHT = 1e100  # squares of many such, scaled to the whole data, are numbers still


def assemble(
    frame: Frame, data: Data, candidates: list[str], *, others: Iterable[str] = (), drawn_from: int | None = None
) -> tuple[Table, dict[str, str]]:
    """The table that `data` asks for, and the candidates that were left out, each with the reason.

    Args:
        others: what else of the frame the table keeps, by name or text.
        drawn_from: of how many rows those of the frame were drawn already, as data.rows asks.

    Raises:
        InputError: for a target, a weight or features that cannot serve.
    """
    target, name = coded(frame, data)
    _check_weights(frame, data)
    rows = np.flatnonzero(target.present)
    whole = drawn_from or len(rows)
    if drawn_from is None and data.rows is not None and data.rows < len(rows):
        rows = rows[drawn(len(rows), data.rows)]
    if len(rows) < len(frame):
        frame, target = frame.take(rows), target.take(rows)
    if data.rows is not None:
        check_classes(target, data.rows)
    asked_for = bool(data.features) or data.dataset is not None
    reasons = {} if asked_for else left_out({n: frame.columns[n] for n in candidates}, target, name)
    features = [n for n in candidates if n not in reasons]
    if not features:
        raise _nothing_left(reasons, frame)
    if asked_for:
        _check_features(features, frame)
    return made(frame, data, features, others, target, name, whole), reasons


def coded(frame: Frame, data: Data) -> tuple[Target, str]:
    """The coded target of all rows of a frame, from its columns or the samples' labels, and what it is called.

    Raises:
        InputError: where it cannot serve.
    """
    raws = target_of(frame, data)
    return coded_together(raws, data.task, data.positive), ", ".join(raws)


def target_of(frame: Frame, data: Data) -> Mapping[str, Raw]:
    """The target of all rows of a frame, its columns or the samples' labels, by what each is called."""
    if samples.labelled(data):
        return {samples.TARGET: samples.target(data, frame.sample)}
    return {name: frame.columns[name] for name in data.targets}


def drawn(whole: int, rows: int) -> Integers:
    """So many random row numbers below a whole, sorted; always the same ones."""
    return np.sort(np.random.default_rng(_ROWS_SEED).choice(whole, rows, replace=False))


def made(
    frame: Frame,
    data: Data,
    features: Iterable[str],
    others: Iterable[str],
    target: Target,
    target_name: str,
    whole: int = 0,
) -> Table:
    """The table of a frame, once it is known what is to be learnt of it and from what.

    Args:
        target: of each row of the frame.
        whole: of how many rows those of the frame were drawn.

    Raises:
        InputError: where the column of data.process cannot serve.
    """
    features = list(features)
    target_title, target_unit = titled(target_name, frame.fields.get(target_name), data.titles)
    weight_name = _weight_name(data) if frame.weights is not None else ""
    processes, process = origins.by_row(frame, data)
    files, trees, file = _origins(frame, data)
    weights, training_weights = (_scaled(each, whole) for each in (frame.weights, frame.training_weights))
    return Table(
        columns=tuple(_column(name, frame, data) for name in features),
        values={name: _values(frame.columns[name]) for name in features},
        task=target.task,
        target=target.values,
        target_name=target_name,
        target_title=target_title,
        target_unit=target_unit,
        targets=tuple(_titled(name, frame, data) for name in target.names),
        classes=target.classes,
        weights=weights,
        training_weights=training_weights,
        scaled_up=max(1.0, whole / max(1, len(frame))),
        weight_name=weight_name,
        weight_title=titled(weight_name, frame.fields.get(weight_name), data.titles)[0],
        files=files,
        trees=trees,
        file=file,
        entry=frame.entry,
        processes=processes,
        process=process,
        luminosity=samples.luminosity(data),
        others={name: _beside(frame.columns[name]) for name in others},
    )


def _titled(name: str, frame: Frame, data: Data) -> Column:
    title, unit = titled(name, frame.fields.get(name), data.titles)
    return Column(name, unit=unit, title=title)


def _scaled(weights: Floats | None, whole: int) -> Floats | None:
    """The weights of rows drawn from so many."""
    return weights if weights is None or whole <= len(weights) else weights * (whole / len(weights))


def _origins(frame: Frame, data: Data) -> tuple[tuple[str, ...], tuple[str, ...], Integers]:
    """The files, the tree of each where samples name any, and each row's index into them.

    A file stands twice where samples take two trees of it, so that a file and an entry still are one row.
    """
    names = tuple(str(path) for path in frame.paths)
    trees = [sample.tree or data.tree or "" for sample in data.samples]
    if not any(trees):
        return names, (), frame.file
    known = sorted(set(trees))
    tree = np.array([known.index(name) for name in trees], np.int64)[frame.sample]
    pairs, file = np.unique(frame.file * len(known) + tree, return_inverse=True)
    places = [divmod(int(pair), len(known)) for pair in pairs]
    return tuple(names[at] for at, _ in places), tuple(known[of] for _, of in places), file.astype(np.int64)


def _weight_name(data: Data) -> str:
    """The one name or expression of the weight; a word for it where the samples say different ones, or none."""
    said = {sample.weight or data.weight or "1" for sample in data.samples} or {data.weight or "1"}
    if said == {"1"} and samples.luminosity(data) is not None:
        return "expected events"
    return said.pop() if len(said) == 1 else "weight"


def check_classes(target: Target, rows: int) -> None:
    """See that rows drawn at random have every class.

    Raises:
        InputError: where they do not.
    """
    if target.task == "classification" and len(np.unique(target.values)) < len(target.classes):
        raise InputError(f"data.rows = {rows} leaves a class without a row; take more", key="data.rows")


def _nothing_left(reasons: dict[str, str], frame: Frame) -> InputError:
    said = [f"{name} {reason}" for name, reason in {**reasons, **frame.unusable}.items()]
    why = f" ({'; '.join(said[:3])})" if said else ""
    return InputError(f"no column is left to learn from{why}; name some in data.features", key="data.features")


def _check_features(features: list[str], frame: Frame) -> None:
    for name in features:
        raw = frame.columns[name]
        what = f"the column {name}" if name in frame.fields else f"the feature {name}"
        if raw.empty:
            raise InputError(f"{what} has no value in any row", key="data.features")
        if raw.categories is None and (reason := too_large(raw)):
            raise InputError(
                f"{what} {reason}; where one stands for a missing value, put it into data.missing",
                key="data.features",
            )
        if raw.categories is not None and len(raw.categories) > MOST_TEXTS:
            raise InputError(
                f"{what} has {len(raw.categories):,} different texts, at most {MOST_TEXTS:,} can be used",
                key="data.features",
            )


def _column(name: str, frame: Frame, data: Data) -> Column:
    field, raw = frame.fields.get(name), frame.columns[name]
    title, unit = titled(name, field, data.titles)
    kind: ColumnKind = "number"
    if raw.categories is not None:
        kind = "ordered" if field is not None and field.kind == "ordered" else "category"
    elif raw.values.ndim > 1:
        kind = "image"
    return Column(name, kind, unit or ("d" if raw.date else ""), raw.categories or (), title, raw.values.shape[1:])


def _values(raw: Raw) -> NDArray[np.generic]:
    """The values as they were read; infinities count as missing."""
    values = raw.values
    if values.dtype.kind != "f" or not np.isinf(values).any():
        return values
    return np.where(np.isinf(values), np.asarray(np.nan, values.dtype), values)


def _beside(raw: Raw) -> NDArray[np.generic]:
    """The values, or the codes of texts as numbers: of both NaN is missing, so that -1 is a value like any other."""
    if raw.categories is None:
        return _values(raw)
    codes = raw.values.astype(np.float64)
    codes[codes == -1] = np.nan
    return codes


def _check_weights(frame: Frame, data: Data) -> None:
    """See that every weight is a number; what the fit makes of negative ones is its own affair."""
    name, key = _weight_name(data), _weight_key(data)
    check_finite(frame.training_weights, f"training weight {data.training_weight}", "data.training_weight")
    check_finite(frame.weights, f"weight {name}", key)
    total = 1.0 if frame.weights is None else float(frame.weights.sum())
    if not total > 0:
        raise InputError(f"the weights {name} add up to {total:g}, and must add up to more than 0", key=key)


def check_finite(weights: Floats | None, what: str, key: str) -> None:
    """See that every weight is a number, small enough for sums of its square.

    Raises:
        InputError: with the key, saying in how many rows it is none, or how large the largest is.
    """
    missing = 0 if weights is None else int(np.count_nonzero(~np.isfinite(weights)))
    if weights is not None and missing:
        raise InputError(f"the {what} has no finite value in {missing:,} of {len(weights):,} rows", key=key)
    if weights is not None and len(weights) and (largest := float(max(weights.max(), -weights.min()))) > LARGEST_WEIGHT:
        said = f"the {what} is {largest:g} in size in some row, and may be at most {LARGEST_WEIGHT:g}"
        raise InputError(said, key=key)


def _weight_key(data: Data) -> str:
    places = [place for place, sample in enumerate(data.samples) if sample.weight is not None]
    return f"data.samples.{places[0]}.weight" if places and data.weight is None else "data.weight"
