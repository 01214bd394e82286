"""What is known of one column, in lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from rich.text import Text

from mltui.plots import words
from mltui.plots.look import Look
from mltui.plots.sentences import Fact, flowing, wrapped

_FEW = 4
_LABELS = 12
"""So many labels of a category are named."""


def column_facts(
    column: Mapping[str, Any],
    width: int,
    look: Look,
    *,
    histogram: Mapping[str, Any] | None = None,
    classes: Sequence[str] = (),
    overruled: bool = False,
    ranked: Mapping[str, Any] | None = None,
    place: tuple[int, int] | None = None,
    problems: Sequence[str] = (),
) -> list[Text]:
    """A column's kind, role and statistics, why it is no feature, and what is odd about it.

    Args:
        column: as a description tells it.
        width: cells a line at most.
        look: what the terminal can show.
        histogram: of the column, for what is missing in each class and what lies outside the picture.
        classes: the labels of its rows.
        overruled: whether the user said what kind it is.
        ranked: its entry in the ranking. place: its place there, and of how many.
        problems: sentences about the column.
    """
    found = histogram or {}
    lines = flowing(chain(_what(column, overruled, look), _rank(ranked or {}, place, look)), width, look)
    lines += _warnings(column, problems, width, look)
    facts = (_numbers(column, look), _counts(column, look), _by_class(found, classes, look), _outside(found, look))
    lines += flowing(chain.from_iterable(facts), width, look)
    labels = [words.clean(label, ascii=look.ascii, limit=60) for label in column.get("categories") or ()]
    if labels:
        more = f" and {len(labels) - _LABELS} more" if len(labels) > _LABELS else ""
        lines += wrapped(", ".join(labels[:_LABELS]) + more, width, look, role="label")[:2]
    return lines


def _warnings(column: Mapping[str, Any], problems: Sequence[str], width: int, look: Look) -> list[Text]:
    """Why it is no feature and what is odd about it: what must be read where there is room for little."""
    lines: list[Text] = []
    about = [words.clean(said, ascii=look.ascii) for said in problems]
    why = words.clean(column.get("why") or "", ascii=look.ascii)
    if why and not any(why in sentence for sentence in about):
        lines += wrapped(f"not a feature: it {why}", width, look, role="label")
    for sentence in about:
        lines += wrapped(sentence, width, look, mark=look.sign("▲", "!"), role="bad")
    return lines


def _what(column: Mapping[str, Any], overruled: bool, look: Look) -> Iterator[Fact]:
    kind = words.clean(column.get("kind") or "", ascii=look.ascii)
    shape = look.sign("×", "x").join(str(size) for size in column.get("shape") or ())
    yield "", f"{kind} {shape}".strip() + (" (as you say)" if overruled else ""), "strong"
    role = words.clean(column.get("role") or "", ascii=look.ascii)
    if role and role != "unused":
        yield "", role, "good" if role == "feature" else "accent"
    else:
        yield "", "not used", "dim"


def _counts(column: Mapping[str, Any], look: Look) -> Iterator[Fact]:
    missing, distinct, rows = column.get("missing") or 0, column.get("distinct"), column.get("rows")
    if isinstance(distinct, int):
        yield "", words.count(distinct, "label" if column.get("categories") else "value"), "label"
    share = f" ({words.percent(missing / rows, ascii=look.ascii)})" if rows and missing else ""
    if missing:
        yield "missing", f"{missing:,}{share}", "bad"


def _numbers(column: Mapping[str, Any], look: Look) -> Iterator[Fact]:
    if isinstance(column.get("first"), str):
        ends = f"{column['first']} to {column.get('last') or ''}"
        yield "from", words.clean(ends, ascii=look.ascii, limit=80), "label"
        return
    low, high = column.get("low"), column.get("high")
    if isinstance(low, int | float) and isinstance(high, int | float):
        yield "from", f"{words.number(low, ascii=look.ascii)} to {words.number(high, ascii=look.ascii)}", "label"
    for key, label in (("mean", "mean"), ("std", "spread")):
        value = column.get(key)
        if isinstance(value, int | float):
            yield label, words.number(value, ascii=look.ascii), "label"


def _outside(histogram: Mapping[str, Any], look: Look) -> Iterator[Fact]:
    """The share of the rows left and right of the picture; images have no left and right."""
    if histogram.get("images"):
        return
    outside = sum(_sums(histogram, "below")) + sum(_sums(histogram, "above"))
    total = sum(map(sum, histogram.get("sums") or ())) + outside if histogram else 0.0
    if outside > 0 and total > 0:
        yield "outside the picture", words.percent(min(outside / total, 1.0), ascii=look.ascii), "label"


def _by_class(histogram: Mapping[str, Any], classes: Sequence[str], look: Look) -> Iterator[Fact]:
    """What is missing in each class, where anything is and there are a few classes."""
    missing = _sums(histogram, "missing")
    if not any(missing) or not 1 < len(classes) == len(missing) <= _FEW:
        return
    inside = [sum(row) for row in histogram["sums"]]
    for code, (label, lost) in enumerate(zip(classes, missing, strict=True)):
        total = inside[code] + lost + _sums(histogram, "below")[code] + _sums(histogram, "above")[code]
        share = words.percent(min(max(lost / total, 0.0), 1.0) if total > 0 else None, ascii=look.ascii)
        yield f"missing in {words.clean(label, ascii=look.ascii, limit=20)}", share, "label"


def _sums(histogram: Mapping[str, Any], key: str) -> list[float]:
    return [float(value or 0.0) for value in histogram.get(key) or ()]


def _rank(ranked: Mapping[str, Any], place: tuple[int, int] | None, look: Look) -> Iterator[Fact]:
    if isinstance(ranked.get("separation"), int | float):
        at = f" ({place[0]:,} of {place[1]:,})" if place else ""
        yield "separation", words.fixed(ranked["separation"], ascii=look.ascii) + at, "strong"
    if isinstance(ranked.get("correlation"), int | float):
        at = f" ({place[0]:,} of {place[1]:,})" if place else ""
        yield "correlation", words.fixed(ranked["correlation"], ascii=look.ascii) + at, "strong"
    if isinstance(ranked.get("auc"), int | float):
        yield "auc alone", words.metric("auc", ranked["auc"], ascii=look.ascii), "strong"
