"""A description of data on a terminal or in plain lines: what it is, columns, classes, ranking, problems, reading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mltui.cli.output import Output, look, picture_size, shown
from mltui.cli.settings import print_settings

MOST_COLUMNS, MOST_CLASSES, MOST_RANKED, MOST_PROBLEMS, MOST_FILES = 40, 20, 10, 20, 5
"""What is printed of long lists; --json has everything."""
_NAME, _LABEL, _LEAST = 28, 20, 6
_DAY = 10
"""The letters of a date without its time."""
_PLAIN_WIDTH, _BESIDES = 100, 22
"""The cells of a line where nobody says how wide, and those of a row beside its name, kind and range."""
Document = Mapping[str, Any]


def told(output: Output, found: Document, ranked: Sequence[Document]) -> None:
    """Print a description, where lines are wanted.

    Args:
        output: where to. found: what `training.describe` says. ranked: its features by separation, best first.
    """
    if output.mode == "json":
        return
    from mltui.plots.words import count

    parts = [count(found["rows"], "row"), count(len(found["columns"]), "column"), _learnt(found)]
    output.text(f"{_short(found['title'], 60)}: {', '.join(parts)}")
    if found["about"]:
        output.text(found["about"])
    _card(output, found)
    _files(output, found["files"])
    _columns(output, found["columns"])
    _classes(output, found)
    _samples(output, found)
    _ranking(output, ranked)
    _problems(output, found["problems"])
    _reading(output, found)
    _picture(output, found)


def _card(output: Output, found: Document) -> None:
    """Where a dataset of the catalogue is from, and what can be set of it."""
    from mltui.data.catalogue import CATALOGUE

    dataset = CATALOGUE.get(found["name"]) if not found["files"] else None
    if dataset is not None:
        options = {f"data.options.{h.name}": h for h in dataset.options}
        output.text(f"{dataset.source}.")
        print_settings(output, "data.options", options, options)


def _learnt(found: Document) -> str:
    if not found["task"]:
        return "no target chosen"
    guessed = " (guessed)" if "target" in found["guessed"] else ""
    return f"{found['task']} of {_short(found['target'], 40)}{guessed}"


def _short(text: object, width: int) -> str:
    """Text from a file, shown literally and cut."""
    words = shown(text)
    return words if len(words) <= width else f"{words[: width - 3]}..."


def _more(output: Output, left: int, noun: str, kinds: str = "") -> None:
    """Say how many of a long list are not printed."""
    from mltui.plots.words import count

    if left > 0:
        output.line(
            f"and {count(left, f'more {noun}', 'more classes' if noun == 'class' else '')}{kinds}; --json has all"
        )


def _files(output: Output, files: Sequence[Document]) -> None:
    from mltui.plots.words import size

    for file in files[:MOST_FILES]:
        said = "" if file["bytes"] is None else f", {size(file['bytes'])}"
        output.text(f"{shown(file['path'])}{said}")
    _more(output, len(files) - MOST_FILES, "file")


def _columns(output: Output, columns: Sequence[Document]) -> None:
    from rich.cells import cell_len

    from mltui.plots.words import percent

    output.line()
    shown_columns = columns[:MOST_COLUMNS]
    width = picture_size()[0] if output.pictures else _PLAIN_WIDTH
    names = [cell_len(_short(_name(column), _NAME)) for column in shown_columns]
    kinds = [cell_len(column["kind"]) for column in shown_columns]
    room = max(_LABEL, width - max(names, default=0) - max(kinds, default=0) - _BESIDES)
    rows = [
        (
            _short(_name(column), _NAME),
            column["kind"],
            "" if column["role"] == "unused" else column["role"],
            percent(column["missing"] / column["rows"]) if column["missing"] and column["kind"] != "list" else "",
            extent(column, room),
        )
        for column in shown_columns
    ]
    output.table(("column", "kind", "role", "missing", "range"), rows, right=("missing",))
    left = Counter(column["kind"] for column in columns[MOST_COLUMNS:])
    counted = ", ".join(f"{count:,} {kind}" for kind, count in left.most_common())
    _more(output, len(columns) - MOST_COLUMNS, "column", f" ({counted})")


def _name(column: Document) -> str:
    name, unit = str(column["name"]), column["unit"]
    return f"{name} [{unit}]" if unit and f"[{unit}]" not in name and f"({unit})" not in name else name


def extent(column: Document, room: int) -> str:
    """The smallest and largest value, or the first labels, or why there are none, in so many cells."""
    from mltui.plots.words import number

    if column["categories"]:
        return _labels(column["categories"], column["distinct"] or 0, room)
    if column["first"] is not None:
        whole = f"{column['first']} to {column['last']}"
        return whole if len(whole) <= room else f"{column['first'][:_DAY]} to {column['last'][:_DAY]}"
    if column["low"] is None:
        return _short(column["why"], room)
    if column["low"] == column["high"]:
        return f"{number(column['low'])} in every row"
    shape = f", {' x '.join(str(side) for side in column['shape'])}" if column["shape"] else ""
    lists = ", in lists" if column["kind"] == "list" else ""
    return f"{number(column['low'])} to {number(column['high'])}{shape}{lists}"


def _labels(labels: Sequence[str], distinct: int, room: int) -> str:
    """As many labels as there is room for, at least one, and how many more there are."""
    from rich.cells import cell_len

    short = [_short(label, _LABEL) for label in labels]
    for count in range(len(short), 0, -1):
        more = max(distinct, len(labels)) - count
        said = ", ".join(short[:count]) + (f" and {more:,} more" if more else "")
        if cell_len(said) <= room:
            return said
    rest = f" and {more:,} more" if more else ""
    return f"{_short(labels[0], max(_LEAST, room - len(rest)))}{rest}"


def _classes(output: Output, found: Document) -> None:
    classes = found["classes"]
    if not classes:
        return
    output.line()
    heads = _amounts_of(found, classes)
    rows = [(_short(c["label"], _NAME), f"{c['rows']:,}", *_amounts(c, heads)) for c in classes[:MOST_CLASSES]]
    output.table(("class", "rows", *heads), rows, right=("rows", *heads))
    _more(output, len(classes) - MOST_CLASSES, "class")


def _amounts_of(found: Document, held: Sequence[Document]) -> list[str]:
    """What is told of weighted rows: their sum, the effective number of events, the share of negative ones if any."""
    if not found["weight"]:
        return []
    return ["weight", "effective", *(["negative"] if any(each["negative"] for each in held) else [])]


def _amounts(held: Document, heads: Sequence[str]) -> list[str]:
    from mltui.plots.words import amount

    percent = f"{100 * held['negative']:.3g} %"
    return [percent if h == "negative" else "" if held[h] is None else amount(held[h]) for h in heads]


def _samples(output: Output, found: Document) -> None:
    """Where each class or process comes from."""
    samples = found["samples"]
    if not samples:
        return
    from mltui.plots.words import amount

    output.line()
    expected = None if found["luminosity"] is None else f"events in {found['luminosity']:g}/fb"
    heads, rows = _amounts_of(found, samples), []
    for sample in samples[:MOST_CLASSES]:
        files = ", ".join(_short(name, _NAME) for name in sample["files"][:2])
        place = f"{files}{' ...' if len(sample['files']) > 2 else ''}"
        tree = f", {_short(sample['tree'], _LABEL)}" if sample["tree"] else ""
        events = [] if expected is None else ["" if sample["expected"] is None else amount(sample["expected"])]
        rows.append(
            (
                _short(sample["process"], _NAME),
                f"{sample['rows']:,}",
                *_amounts(sample, heads),
                *events,
                f"{place}{tree}",
            )
        )
    right = ("rows", *heads, *([] if expected is None else [expected]))
    output.table(("process", *right, "from"), rows, right=right)
    _more(output, len(samples) - MOST_CLASSES, "sample")


def _ranking(output: Output, ranked: Sequence[Document]) -> None:
    if not ranked:
        return
    output.line()
    if output.pictures:
        from mltui.plots.ranking import ranking

        width, _ = picture_size()
        output.rows(ranking(ranked, width, min(len(ranked), MOST_RANKED) + 1, look()))
    else:
        from mltui.plots.words import metric

        rows = [
            (_short(r["label"], _NAME), metric("separation", r["separation"]), metric("auc", r["auc"]))
            for r in ranked[:MOST_RANKED]
        ]
        output.table(("variable", "separation", "auc"), rows, right=("separation", "auc"))
    _more(output, len(ranked) - MOST_RANKED, "variable")


def _problems(output: Output, problems: Sequence[str]) -> None:
    if problems:
        output.line()
    for problem in problems[:MOST_PROBLEMS]:
        output.text(f"note: {problem}", hanging="      ")
    _more(output, len(problems) - MOST_PROBLEMS, "note")


def _reading(output: Output, found: Document) -> None:
    """How the files were read, and the [data] key that overrules each guess."""
    form = found["format"]
    if not form["reader"]:
        return
    output.line()
    which = f", {_short(form['table'], _NAME)}" if form["table"] and not found["samples"] else ""
    hint = "; where a guess is wrong, say what is right under [data]:" if form["guesses"] else ""
    output.text(f"read as {form['reader']}{which}{hint}")
    for key, value in form["guesses"].items():
        output.text(f"{key} = {_toml(value)}", indent="  ")
    others = [name for name in form["tables"] if name != form["table"]]
    if others and not found["samples"]:
        listed = ", ".join(_short(name, _NAME) for name in others[:MOST_FILES])
        output.text(f"other tables there: {listed}{' ...' if len(others) > MOST_FILES else ''}", indent="  ")
    for note in form["notes"]:
        output.text(note, indent="  ")


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        pairs = [f"{_key(name)} = {_toml(item)}" for name, item in list(value.items())[:MOST_FILES]]
        return f"{{ {', '.join(pairs)}{', ...' if len(value) > MOST_FILES else ''} }}"
    if isinstance(value, list):
        more = ", ..." if len(value) > MOST_FILES else ""
        return f"[{', '.join(_toml(item) for item in value[:MOST_FILES])}{more}]"
    return f'"{_short(value, 40)}"' if isinstance(value, str) else str(value)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{_short(name, 40)}"'


def _picture(output: Output, found: Document) -> None:
    if output.pictures and found["preview"]:
        from mltui.plots.preview import preview

        width, height = picture_size()
        output.line()
        output.rows(preview(found, width, height, look()))
