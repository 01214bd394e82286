"""Every sentence that a description has for its user, the most important first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mltui.core.sections import Data
from mltui.training import findings, leaks
from mltui.training.expected import on_expected, unbalanced
from mltui.training.facts import Facts
from mltui.training.findings import Finding, told
from mltui.training.subject import Subject
from mltui.training.suggested import weight_like

_ODD = {"date": "no date", "ordered": "none of its labels"}
"""What a value is that does not fit its column, by the column's kind."""


def problems(subject: Subject, facts: Mapping[str, Facts], samples: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """What a user should know of the data, from what was read of them.

    Args:
        facts: of every column that was read, by name. samples: two that look like signal and background, or none.
    """
    columns = {name: subject.frame.columns[name] for name in subject.features}
    found = [*_extent(subject), *(_two_samples(samples) or [*_one_table(subject), *_without_target(subject)])]
    found += [*_weight(subject), *on_expected(subject)]
    found += _on_target(subject, facts)
    found += findings.on_columns(columns, facts)
    found += [*_left_out(subject), *_odd(subject), *_rows(subject)]
    return found


def _on_target(subject: Subject, facts: Mapping[str, Facts]) -> list[Finding]:
    frame, target = subject.frame, subject.target
    if target is None:
        return []
    features = {name: frame.columns[name] for name in subject.features}
    made = subject.data.dataset is not None  # its classes are apart by choice
    found = [] if made else leaks.on_target(features, facts, target, subject.target_name, frame.weights)
    found += unbalanced(target, frame.weights)
    if frame.weights is not None and subject.table is not None:
        found += leaks.on_weights(frame.weights, subject.table.weight_name, target)
    return found


def _extent(subject: Subject) -> list[Finding]:
    frame = subject.frame
    if frame.whole is None:
        return []
    read = len(frame) + frame.cut_away
    each = "" if len(frame.paths) == 1 else " of the files together, a share of each"
    said = f"Told from the first {read:,} of {frame.whole:,} rows{each}; a run reads them all."
    return [Finding("extent", (), said)]


def _two_samples(samples: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Signal and background that lie apart."""
    names = [str(sample.get("tree") or Path(sample["files"][0]).name) for sample in samples]
    if not names:
        return []
    said = f"{names[0]} and {names[1]} look like signal and background; as data.samples each becomes a class."
    return [Finding("samples", (), said)]


def _one_table(subject: Subject) -> list[Finding]:
    """A table that was chosen among several."""
    listing = subject.frame.listing
    if "tree" not in listing.guesses:
        return []
    others = [name for name in listing.tables if name != listing.table]
    said = f"Of {len(listing.tables):,} tables this is {listing.table}, not {told(others)}; data.tree says which."
    return [Finding("table", (), said)]


def _without_target(subject: Subject) -> list[Finding]:
    if subject.trouble:
        return [Finding("target", subject.data.targets or (subject.target_name,), subject.trouble)]
    guess = subject.guessed.get("target")
    if guess is not None:
        return [Finding("target", (guess,), f"No target is chosen; {guess} looks like it.")]
    if subject.target is None:
        return [Finding("target", (), "No target is chosen: say which column is to be learnt.")]
    return []


def _weight(subject: Subject) -> list[Finding]:
    weight = weight_like(subject) if not _weighted(subject.data) else None
    if weight is None:
        return []
    return [Finding("weight", (weight,), f"{weight} looks like event weights; choose it as the weight to use it.")]


def _weighted(data: Data) -> bool:
    return data.weight is not None or any(sample.weight is not None for sample in data.samples)


def _left_out(subject: Subject) -> list[Finding]:
    """A sentence for each reason, naming its first columns."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    unusable = subject.frame.unusable
    used = {
        subject.target_name,
        *subject.data.targets,
        subject.data.weight,
        subject.data.training_weight,
        subject.data.process,
        *subject.features,
    }
    if not _weighted(subject.data):
        used.add(weight_like(subject))
    for name, reason in subject.reasons.items():
        if name in used:
            continue
        alike = "has too many different texts" if reason.endswith("different texts") else reason
        by_reason.setdefault(("unusable" if name in unusable else "left out", alike), []).append(name)
    said = []
    for (fate, alike), names in by_reason.items():
        verb, each = ("is", "it") if len(names) == 1 else ("are", "each")
        reason = subject.reasons[names[0]] if len(names) == 1 else alike
        said.append(Finding(fate.replace(" ", "_"), tuple(names), f"{told(names)} {verb} {fate}: {each} {reason}."))
    return said


def _odd(subject: Subject) -> list[Finding]:
    """Values that do not fit their column."""
    said = []
    for name, count in subject.frame.odd.items():
        field = subject.frame.fields.get(name)
        what = _ODD.get("number" if field is None else field.kind, "no number")
        are, they = ("value that is", "it counts") if count == 1 else ("values that are", "they count")
        said.append(Finding("odd", (name,), f"{name} has {count:,} {are} {what}; {they} as missing."))
    return said


def _rows(subject: Subject) -> list[Finding]:
    """Rows that are not used."""
    frame, target = subject.frame, subject.target
    said = []
    if frame.cut_away:
        total = len(frame) + frame.cut_away
        said.append(Finding("cut", (), f"The cut takes {frame.cut_away:,} of {total:,} rows away."))
    without = 0 if target is None else int((~target.present).sum())
    if without:
        names = subject.data.targets or (subject.target_name,)
        lack = f"have no {names[0]}" if len(names) == 1 else f"lack one of {', '.join(names)}"
        said.append(Finding("rows", names, f"{without:,} of {len(frame):,} rows {lack} and are not used."))
    return said
