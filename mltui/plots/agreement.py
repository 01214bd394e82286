"""Whether train and validation agree, in a sentence with its probabilities."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from mltui.evaluation.overtraining import Agreement, Overtraining
from mltui.plots import words
from mltui.plots.look import Look
from mltui.plots.sentences import flowing, wrapped

_LEAST = 1e-4
"""Smaller probabilities are all alike."""
_FEW = 3
"""The probabilities of so many classes are told each; of more, the least."""


def verdict(found: Overtraining) -> str:
    """In a word or two: what stands in a title."""
    return {"agree": "train agrees", "overtrained": "overtrained", "differ": "train differs", "unknown": ""}[
        found.verdict
    ]


def agreement(found: Overtraining, width: int, look: Look) -> list[Text]:
    """One sentence, and under it the tests by class; each row as wide as asked for.

    Args:
        found: the comparison.
        width: cells a row.
        look: what the terminal can show.
    """
    if found.verdict == "unknown":
        return []
    role = {"agree": "label", "overtrained": "bad"}.get(found.verdict, "accent")
    rows = wrapped(_sentence(found, look), width, look, role=role)
    facts = [(name, value, "strong") for name, value in _tests(found, look)]
    rows += flowing(facts, width, look)
    for row in rows:
        row.pad_right(max(0, width - row.cell_len))
        row.end = ""
    return rows


def _sentence(found: Overtraining, look: Look) -> str:
    aucs = [words.metric("auc", value, ascii=look.ascii) for value in (found.train, found.validation)]
    both = f"auc {aucs[0]} and {aucs[1]}" if found.gap is not None else ""
    if found.verdict == "agree":
        return f"train and validation agree{f': {both}' if both else ''}"
    if found.verdict == "overtrained":
        return f"train is told apart better than validation, overtraining: auc {aucs[0]} against {aucs[1]}"
    return f"train and validation differ, but train is not told apart better{f': {both}' if both else ''}"


def _tests(found: Overtraining, look: Look) -> Iterator[tuple[str, str]]:
    shown = list(found.classes.items())
    if len(shown) > _FEW:
        known = [pair for pair in shown if pair[1].ks is not None]
        shown = sorted(known, key=lambda pair: pair[1].ks or 0.0)[:1]
    for label, one in shown:
        name = words.clean(label, ascii=look.ascii, limit=20)
        lead = f"least, {name}" if len(found.classes) > _FEW else name
        yield f"{lead}:", _of(one, look)


def _of(one: Agreement, look: Look) -> str:
    chi2 = f"{look.sign('χ²', 'chi2')} p {_probability(one.p, look)}" if one.p is not None else ""
    return "  ".join(filter(None, (f"KS p {_probability(one.ks, look)}", chi2)))


def _probability(value: float | None, look: Look) -> str:
    if value is None:
        return words.number(None, ascii=look.ascii)
    return "<0.0001" if value < _LEAST else words.fixed(value, 2) if value >= 0.1 else words.number(value, 2)
