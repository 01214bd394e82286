"""Reads a systematic variation of the data: the same features, classes and kinds, of other values, files or weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from mltui.core.errors import InputError
from mltui.core.sections import Data, Split, Variation
from mltui.core.table import Column, Table
from mltui.data import shelf
from mltui.data.assemble import check_finite, made, target_of
from mltui.data.beside import Beside, beside
from mltui.data.expression import Expression, ExpressionError, parse
from mltui.data.frame import Frame
from mltui.data.part import Wanted
from mltui.data.plan import Plan, opened
from mltui.data.processes import renumbered
from mltui.data.readers.raw import Listing, Raw
from mltui.data.stream import Progress
from mltui.data.target import coded_as
from mltui.data.variation import Varied, varied


def read_varied(
    data: Data,
    folder: Path,
    variation: Variation,
    nominal: Table,
    progress: Progress | None = None,
    *,
    split: Split | None = None,
) -> Table:
    """The table of a variation, with the features and the classes of the table without it.

    It has every row that the varied cuts keep, also where data.rows draws some of the nominal ones, and its weights
    are those of all these rows. Where one process alone varies it has the rows of that process only.

    Args:
        nominal: the table of the same section without the variation.
        progress: told the share that is read, from 0 to 1.
        split: as `read.read` takes it; with other files in place of data.files its test_files are not read.

    Raises:
        InputError: with one sentence and a key of the variation.
    """
    with _begun(data, folder, variation, nominal, split) as (asked, plan, more, whole):
        frame = shelf.frame(plan, whole, targets=plan.data.targets, progress=progress)
        return _assembled(frame, plan.data, nominal, more.kept, asked)


def check_varied(data: Data, folder: Path, variation: Variation, nominal: Table, *, split: Split | None = None) -> None:
    """See that a variation can be read, as far as that shows before any row is.

    Args:
        nominal, split: as `read_varied` takes them.

    Raises:
        InputError: with one sentence and a key of the variation.
    """
    with _begun(data, folder, variation, nominal, split):
        pass


@contextmanager
def _begun(
    data: Data, folder: Path, variation: Variation, nominal: Table, split: Split | None
) -> Iterator[tuple[Varied, Plan, Beside, Wanted]]:
    """The plan of a variation, checked, and what is to be read by it."""
    asked = varied(data, variation)
    test_files = () if split is None else split.test_files
    with asked.blamed(), opened(data, folder, test_files=test_files, varied=asked) as plan:
        more = beside(split, plan.listing, process=plan.data.process)
        whole = _wanted(plan, nominal, more)
        plan.check(whole)
        _check_used(plan, whole, asked)
        yield asked, plan, more, whole


def _wanted(plan: Plan, nominal: Table, more: Beside) -> Wanted:
    """Target, features and what the split goes by, each a column or an expression as it was for the nominal table."""
    expressions: dict[str, Expression] = {}
    columns = [*plan.data.targets]
    for text in nominal.features:
        expression = _expression(text, plan.listing)
        if expression is None:
            columns.append(text)
        else:
            expressions[text] = expression
    for text, asked in more.terms.items():
        if isinstance(asked.meant, str):
            columns.append(text)
        else:
            expressions[text] = asked.meant
    keys = {text: asked.key for text, asked in more.terms.items()}
    return Wanted(tuple(dict.fromkeys(columns)), expressions, keys)


def _expression(text: str, listing: Listing) -> Expression | None:
    """The expression that a feature is; None for a column, also for one that these files lack."""
    if text in listing.by_name:
        return None
    try:
        found = parse(text)
    except ExpressionError:
        return None
    return None if found.names == (text,) else found


def _check_used(plan: Plan, whole: Wanted, asked: Varied) -> None:
    replaced = asked.variation.replace
    used = {name for part in plan.unlike for name in part.used(whole)}
    if replaced and used.isdisjoint(replaced):
        key, names = asked.key("replace"), " or ".join(list(replaced)[:3])
        raise InputError(f"{key}: no feature, cut or weight uses {names}, so that nothing would vary", key=key)


def _assembled(frame: Frame, data: Data, nominal: Table, others: Iterable[str], asked: Varied) -> Table:
    columns = {column.name: column for column in nominal.columns}
    like = {name: _like(raw, columns[name]) if name in columns else raw for name, raw in frame.columns.items()}
    frame = replace(frame, columns=like)
    weight = asked.variation.weight
    weight_name = weight or nominal.weight_name
    check_finite(frame.weights, f"weight {weight_name}", "data.weight" if weight is None else asked.key("weight"))
    raws = target_of(frame, data)
    target = coded_as(raws, nominal.task, nominal.classes)
    rows = np.flatnonzero(target.present)
    if len(rows) < len(frame):
        frame, target = frame.take(rows), target.take(rows)
    table = made(frame, data, nominal.features, others, target, ", ".join(raws))
    _check_kinds(table.columns, columns)
    return replace(
        table,
        weight_name=weight_name if table.weights is not None else "",
        processes=nominal.processes,
        process=renumbered(table.processes, table.process, nominal.processes),
    )


def _like(raw: Raw, column: Column) -> Raw:
    """A column without any value as one of the nominal kind, since of itself it has none."""
    if not raw.empty or column.shape:
        return raw
    if column.kind in ("category", "ordered"):
        return Raw(np.full(len(raw), -1, np.int32), column.categories)
    return Raw(np.full(len(raw), np.nan, np.float32))


def _check_kinds(found: Iterable[Column], nominal: Mapping[str, Column]) -> None:
    for column in found:
        old = nominal[column.name]
        labelled_both = {column.kind, old.kind} <= {"category", "ordered"}
        if (column.kind != old.kind and not labelled_both) or column.shape != old.shape:
            raise InputError(
                f"the feature {column.name} is of the kind {old.kind} in the data and {column.kind} here; data.kinds "
                "says what it is in both",
                key="data.kinds",
            )
