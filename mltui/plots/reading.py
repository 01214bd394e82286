"""How data were read, in lines of text: problems, guesses with the keys that overrule them, notes, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from mltui.core import written
from mltui.core.hyperparameters import shown
from mltui.plots import words
from mltui.plots.grid import cells
from mltui.plots.look import Look
from mltui.plots.sentences import wrapped


def reading(description: Mapping[str, Any], data: Mapping[str, Any], width: int, look: Look) -> list[Text]:
    """How the data were read: problems, what was guessed with the key that overrules it, what is there, notes.

    Args:
        description: of the data.
        data: the keys of the data as the user has them.
        width: cells a line at most.
        look: what the terminal can show.
    """
    lines: list[Text] = []
    sections = (_problems, _suggested, _guesses, _said_by_user, _notes, _classes, _samples, _source)
    for section in sections:
        found = section(description, data, width, look)
        if found:
            lines += [*([Text("", end="")] if lines else []), *found]
    return lines


def _head(title: str, width: int, look: Look) -> list[Text]:
    return wrapped(title, width, look, role="strong")


def _clean(value: Any, look: Look) -> str:
    return words.clean(value, ascii=look.ascii)


def _problems(description: Mapping[str, Any], data: Mapping[str, Any], width: int, look: Look) -> list[Text]:
    found = [_clean(sentence, look) for sentence in description.get("problems") or ()]
    if not found:
        return _head("No problems found", width, look)
    lines = _head(words.count(len(found), "thing") + " to know before training", width, look)
    for sentence in found:
        lines += wrapped(sentence, width, look, mark=look.sign("▲", "!"), role="bad", indent=1)
    return lines


def _guesses(description: Mapping[str, Any], data: Mapping[str, Any], width: int, look: Look) -> list[Text]:
    """What was guessed, each under the key that overrules it in the form and in the file."""
    form = description.get("format") or {}
    guesses = form.get("guesses") or {}
    reader = _clean(form.get("reader") or "", look)
    head = f"Read as {reader}" if reader else "How it was read"
    if not guesses:
        return _head(head, width, look) if reader else []
    lines = _head(f"{head}; guessed, and overruled in the form or the file by", width, look)
    return lines + _table(
        [(f"data.{_clean(key, look)}", _value(held, look)) for key, held in guesses.items()], width, look
    )


def _said_by_user(description: Mapping[str, Any], data: Mapping[str, Any], width: int, look: Look) -> list[Text]:
    told = [
        (f"data.{key}", _value(held, look)) for key, held in data.items() if held not in (None, "", "none", [], {}, ())
    ]
    told = [entry for entry in told if entry[0] not in ("data.dataset", "data.files", "data.samples")]
    return [*_head("Said by you", width, look), *_table(told, width, look)] if told else []


def _suggested(description: Mapping[str, Any], data: Mapping[str, Any], width: int, look: Look) -> list[Text]:
    found = description.get("suggested") or {}
    if not found:
        return []
    rows = [(f"data.{_clean(key, look)}", _value(held, look)) for key, held in found.items()]
    return [*_head("It looks like; g takes it into the form", width, look), *_table(rows, width, look)]


def _value(held: Any, look: Look) -> str:
    if isinstance(held, list | tuple) and held and all(isinstance(item, Mapping) for item in held):
        return _clean(written.from_entries(held), look)
    if isinstance(held, list | tuple):
        return ", ".join(_value(item, look) for item in held[:20]) + (" and more" if len(held) > 20 else "")
    if isinstance(held, Mapping):
        return ", ".join(f"{_clean(key, look)} = {_value(item, look)}" for key, item in list(held.items())[:20])
    return _clean(held if isinstance(held, str) else shown(held), look)


def _notes(description: Mapping[str, Any], data: Mapping[str, Any], width: int, look: Look) -> list[Text]:
    notes = (description.get("format") or {}).get("notes") or ()
    lines: list[Text] = []
    for note in notes:
        lines += wrapped(_clean(note, look), width, look, mark=look.sign("·", "-"), role="label", indent=1)
    return [*_head("Noticed while reading", width, look), *lines] if lines else []


def _classes(description: Mapping[str, Any], data: Mapping[str, Any], width: int, look: Look) -> list[Text]:
    found = list(description.get("classes") or ())
    rows = [
        (
            _clean(entry.get("label", ""), look),
            words.count(entry.get("rows") or 0, "row") + (_weighted(entry, look) if description.get("weight") else ""),
        )
        for entry in found[:50]
    ]
    target = _clean(description.get("target") or "the target", look)
    head = "Classes" if description.get("samples") else f"Classes of {target}"
    return [*_head(head, width, look), *_table(rows, width, look)] if rows else []


def _weighted(entry: Mapping[str, Any], look: Look) -> str:
    """The sum of weights, what it is worth in equal events, and how many weights are negative."""
    said = f", weight {words.number(entry.get('weight'), 4, ascii=look.ascii)}"
    if entry.get("effective") is not None:
        said += f", worth {words.number(entry['effective'], 4, ascii=look.ascii)} equal ones"
    negative = entry.get("negative") or 0
    return said + (f", {100 * negative:.3g} % of them negative" if negative else "")


def _samples(description: Mapping[str, Any], data: Mapping[str, Any], width: int, look: Look) -> list[Text]:
    rows = []
    for entry in description.get("samples") or ():
        process = entry.get("process")
        name = _clean(entry.get("label") or "", look)
        name += f" / {_clean(process, look)}" if process and process != entry.get("label") else ""
        files = entry.get("files")
        counted = words.count(len(files) if isinstance(files, list) else files or 0, "file")
        expected, of = entry.get("expected"), description.get("luminosity")
        events = f", {words.number(expected, 4, ascii=look.ascii)} events in {of:g}/fb" if expected is not None else ""
        rows.append((name, f"{words.count(entry.get('rows') or 0, 'row')} of {counted}{events}"))
    return [*_head("Samples", width, look), *_table(rows, width, look)] if rows else []


def _source(description: Mapping[str, Any], data: Mapping[str, Any], width: int, look: Look) -> list[Text]:
    lines: list[Text] = []
    for key in ("about", "source"):
        if description.get(key):
            lines += wrapped(_clean(description[key], look), width, look, role="label", indent=1)
    files = [
        (_clean(file.get("path", ""), look), words.size(file["bytes"]) if file.get("bytes") is not None else "")
        for file in description.get("files") or ()
    ]
    if files:
        lines += [*([Text("", end="")] if lines else []), *_table([(size, path) for path, size in files], width, look)]
    tables = (description.get("format") or {}).get("tables") or ()
    if len(tables) > 1:
        named = ", ".join(_clean(name, look) for name in tables[:100])
        lines += wrapped(f"tables in it: {named}; data.tree chooses", width, look, role="label", indent=1)
    return [*_head("Where it comes from", width, look), *lines] if lines else []


def _table(rows: Sequence[tuple[str, str]], width: int, look: Look) -> list[Text]:
    """Names with their values under each other, the values wrapped."""
    wide = min(max((cells(name) for name, _ in rows), default=0), max(width // 2, 1))
    lines = []
    for name, value in rows:
        head = wrapped(name, wide + 1, look, indent=1)
        body = wrapped(value, max(width - wide - 4, 1), look)
        for place in range(max(len(head), len(body))):
            left = head[place].plain if place < len(head) else ""
            line = Text(left + " " * max(wide + 3 - cells(left), 1), look.style("label"), end="")
            line.append(body[place].plain if place < len(body) else "", look.style("strong"))
            lines.append(line)
    return lines
