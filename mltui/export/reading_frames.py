"""Texts and Parquet files as polars reads them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mltui.data.readers.raw import STANDARD_MISSING, How
from mltui.data.readers.text.source import TextSource
from mltui.export.origin import Origin
from mltui.export.script import Script, text
from mltui.export.way import Way

if TYPE_CHECKING:
    import polars as pl

_CODINGS = {"latin-1": "latin1", "utf-16": "utf16"}
_TEXTS, _ALL = "pl.col(pl.String)", "pl.all()"


@dataclass(frozen=True)
class _Read:
    """Files in one frame, and what has been done to it, as Python writes it.

    Attributes:
        function: of polars. arguments: behind the file. after: expressions for with_columns.
    """

    frame: pl.DataFrame
    paths: tuple[str, ...]
    function: str
    arguments: tuple[str, ...]
    after: tuple[str, ...] = ()

    def then(self, code: str, expressions: Any) -> _Read:
        """The same with columns changed."""
        frame = self.frame.with_columns(expressions)
        return _Read(frame, self.paths, self.function, self.arguments, (*self.after, code))

    def way(self, names: Sequence[str]) -> Way:
        """As a way to read these columns."""
        frame = self.frame
        return Way({name: frame[name].to_numpy() for name in names}, lambda script: self._write(script, names))

    def _write(self, script: Script, names: Sequence[str]) -> None:
        script.need("polars", alias="pl")
        if len(self.paths) == 1:
            script.enclosed(f"frame = pl.{self.function}(", [text(self.paths[0]), *self.arguments], ")", own_lines=True)
        else:
            script.enclosed("files = [", [text(path) for path in self.paths], "]", own_lines=True)
            call = f"pl.{self.function}({', '.join(('file', *self.arguments))}) for file in files"
            script.enclosed("frame = pl.concat([", [call], "])")
        for code in self.after:
            script.add(f"frame = frame.with_columns({code})")
        listed = [text(name) for name in names]
        every = "frame.columns" if list(names) == self.frame.columns else ""
        if every:
            script.add(f"data = {{name: frame[name].to_numpy() for name in {every}}}")
        else:
            script.enclosed("data = {name: frame[name].to_numpy() for name in [", listed, "]}")


def of_parquet(origin: Origin) -> Iterator[Way]:
    """Parquet files."""
    import polars as pl

    names = list(origin.read)
    with contextlib.suppress(pl.exceptions.PolarsError, OSError):
        frame = pl.concat([pl.read_parquet(path, columns=names) for path in origin.paths])
        yield _worded(_Read(frame, origin.paths, "read_parquet", (f"columns={text(names)}",)), origin).way(names)


def of_text(origin: Origin, source: TextSource) -> Iterator[Way]:
    """Texts with a sign between columns: typed by polars where it can, else read as texts first."""
    import polars as pl

    names = list(origin.read)
    for given in dict.fromkeys(((), source.listing.names)):
        layout = _layout(source, How.of(origin.data), given)
        if not set(names) <= set(_columns(origin, layout)):
            continue
        for read in (_typed, _untyped):
            with contextlib.suppress(pl.exceptions.PolarsError, OSError, ValueError, TypeError):
                yield read(origin, layout).way(names)


def _columns(origin: Origin, layout: Mapping[str, Any]) -> list[str]:
    """What the columns are called where the text is read so; none where it cannot be."""
    import polars as pl

    with contextlib.suppress(pl.exceptions.PolarsError, ValueError):
        return pl.read_csv(origin.paths[0], **layout, infer_schema=False, n_rows=1).columns
    return []


def _layout(source: TextSource, how: How, names: Sequence[str]) -> dict[str, Any]:
    """How the rows are written, as arguments of read_csv, where that is not what it takes for granted."""
    dialect, guesses = source.scheme.dialect, source.listing.guesses
    header = how.header if how.header is not None else guesses.get("header", True)
    arguments: dict[str, tuple[Any, Any]] = {
        "separator": (dialect.separator, ","),
        "has_header": (bool(header), True),
        "new_columns": (list(names), []),
        "skip_rows": (how.skip or guesses.get("skip", 0), 0),
        "comment_prefix": (dialect.comment if source.scheme.untidy else None, None),
        "decimal_comma": (dialect.decimal == "," and dialect.separator != ",", False),
        "quote_char": (None, None) if dialect.quoted else (None, '"'),
        "encoding": (_CODINGS.get(source.scheme.origin.encoding, "utf8"), "utf8"),
    }
    return {name: value for name, (value, usual) in arguments.items() if value != usual}


def _csv(origin: Origin, arguments: Mapping[str, Any], said: Mapping[str, str] = {}) -> _Read:
    """Texts read with these arguments; `said` is how Python writes those that are no plain values."""
    import polars as pl

    frame = pl.concat([pl.read_csv(path, **arguments) for path in origin.paths])
    written = tuple(f"{name}={said.get(name) or text(value)}" for name, value in arguments.items())
    return _Read(frame, origin.paths, "read_csv", written)


def _typed(origin: Origin, layout: Mapping[str, Any]) -> _Read:
    """With the types that polars finds; it is told which columns are texts, and what means missing among numbers."""
    import polars as pl

    labels = {name for name, raw in origin.read.items() if raw.categories is not None}
    nulls = _meaning_missing(_csv(origin, {**layout, "infer_schema": False}).frame, set(origin.read) - labels, origin)
    arguments = {**layout, **({"null_values": nulls} if nulls else {})}
    try:
        found = _csv(origin, arguments)
    except pl.exceptions.PolarsError:  # a later row shows that a column is no whole number after all
        arguments["infer_schema_length"] = None
        found = _csv(origin, arguments)
    overruled = {name: pl.String for name in sorted(labels) if found.frame.schema[name] != pl.String}
    if overruled:
        said = f"{{{', '.join(f'{text(name)}: pl.String' for name in overruled)}}}"
        found = _csv(origin, {**arguments, "schema_overrides": overruled}, {"schema_overrides": said})
    return _worded(found, origin)


def _untyped(origin: Origin, layout: Mapping[str, Any]) -> _Read:
    """As texts without blanks around them, of which those that are numbers are turned into such."""
    import polars as pl

    found = _csv(origin, {**layout, "infer_schema": False})
    found = found.then(f"{_ALL}.str.strip_chars()", pl.all().str.strip_chars())
    nulls = _meaning_missing(found.frame, set(origin.read), origin)
    if nulls:
        found = found.then(f"{_ALL}.replace({text(nulls)}, None)", pl.all().replace(nulls, None))
    for kind, signs in (("Int64", "iu"), ("Float64", "f")):
        names = [n for n, raw in origin.read.items() if raw.categories is None and raw.values.dtype.kind in signs]
        if names:
            found = found.then(f"pl.col({text(names)}).cast(pl.{kind})", pl.col(names).cast(getattr(pl, kind)))
    return _worded(found, origin)


def _worded(found: _Read, origin: Origin) -> _Read:
    """With texts as mltui has them: without blanks around, and empty where they mean a missing value."""
    import polars as pl
    import polars.selectors as cs

    named = [name for name in (pl.Categorical, pl.Enum) if any(kind == name for kind in found.frame.schema.values())]
    if named:
        code = f"pl.col({', '.join(f'pl.{kind.__name__}' for kind in named)}).cast(pl.String)"
        found = found.then(code, pl.col(*named).cast(pl.String))
    names = [name for name in origin.read if found.frame.schema.get(name) == pl.String]
    texts = found.frame.select(names)
    if not names:
        return found
    steps: list[tuple[str, Callable[[pl.Expr], pl.Expr]]] = []
    if texts.select((cs.string() != cs.string().str.strip_chars()).any()).row(0).count(True):
        steps.append((".str.strip_chars()", lambda each: each.str.strip_chars()))
        texts = texts.with_columns(pl.all().str.strip_chars())
    if nulls := _meaning_missing(texts, set(names), origin):
        steps.append((f'.replace({text(nulls)}, "")', lambda each: each.replace(nulls, "")))
    if texts.null_count().row(0) != (0,) * len(names):
        steps.append(('.fill_null("")', lambda each: each.fill_null("")))
    if not steps:
        return found
    expression = pl.col(pl.String)
    for _, step in steps:
        expression = step(expression)
    return found.then(_TEXTS + "".join(code for code, _ in steps), expression)


def _meaning_missing(texts: pl.DataFrame, names: set[str], origin: Origin) -> list[str]:
    """The texts that mean a missing value and stand somewhere in these columns, but for the empty one."""
    import polars as pl

    known = (STANDARD_MISSING | {str(value) for value in origin.data.missing}) - {""}
    chosen = texts.select(name for name in texts.columns if name in names)
    if not chosen.width:
        return []
    return [each for each in sorted(known) if chosen.select((pl.all() == each).any()).row(0).count(True)]
