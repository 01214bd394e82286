"""Where a command's words go: one JSON document, plain lines, or styled rows on a terminal."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from mltui.cli.command import Parser
from mltui.core.text import clean

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from mltui.plots.look import Look

Mode = Literal["json", "plain", "terminal"]
STDOUT = "standard output"
WIDTH_AT_MOST = 120
PICTURE_HEIGHT = 16
CELL_AT_MOST = 60


def declare_output(parser: Parser) -> None:
    """Add --json and --plain."""
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    parser.add_argument("--plain", action="store_true", help="plain lines, for screen readers and logs")


class Output:
    """What a command prints on standard output."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode

    @classmethod
    def chosen(cls, arguments: Namespace) -> Output:
        """The output the arguments and the terminal ask for."""
        if arguments.json:
            return cls("json")
        return cls("terminal" if draws(sys.stdout) and not arguments.plain else "plain")

    @property
    def pictures(self) -> bool:
        """Whether pictures are wanted."""
        return self.mode == "terminal"

    def document(self, document: Mapping[str, Any]) -> None:
        """Print the document, where documents are wanted."""
        if self.mode == "json":
            from mltui.core.events import finite

            say(json.dumps(finite(document), indent=2, allow_nan=False))

    def line(self, text: str = "") -> None:
        """Print one line, where lines are wanted; what came from data in it must be clean."""
        if self.mode != "json":
            say(text)

    def text(self, text: str, indent: str = "", hanging: str = "") -> None:
        """Print a paragraph that may come from data: on a terminal wrapped to its width, else as one line.

        Args:
            indent: what every line begins with. hanging: what lines after the first have besides.
        """
        if self.mode == "terminal":
            width = max(20, min(terminal_console().width, WIDTH_AT_MOST))
            for line in textwrap.wrap(shown(text), width, initial_indent=indent, subsequent_indent=indent + hanging):
                self.line(line)
        else:
            self.line(indent + shown(text))

    def rows(self, rows: Iterable[Text]) -> None:
        """Print rows of a picture, on a terminal only."""
        if self.mode == "terminal":
            console = terminal_console()
            with naming_stdout():
                for row in rows:
                    console.print(row, no_wrap=True, overflow="crop", crop=True)

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[str] = ()) -> None:
        """Print a table: columns aligned, those named in `right` to the right; no lines, no colours but in its head.

        Cells are shown literally. On a terminal too narrow for it the last columns are cut, in plain lines never.
        """
        if self.mode == "json":
            return
        from rich.cells import cell_len

        cells = [[_clipped(shown(cell)) for cell in row] for row in rows]
        widths = [max([len(head), *(cell_len(row[i]) for row in cells)]) for i, head in enumerate(heads)]
        to_right = [head in set(right) for head in heads]

        def laid(row: Sequence[str]) -> str:
            pads = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
            fitted = (p + c if flush else c + p for c, p, flush in zip(row, pads, to_right, strict=True))
            return "  ".join(fitted).rstrip()

        if self.mode == "plain":
            for row in [list(heads), *cells]:
                self.line(laid(row))
            return
        from rich.text import Text

        self.rows([Text(laid(list(heads)), style="bold"), *(Text(laid(row)) for row in cells)])


def say(text: str) -> None:
    """Print one line at once, with ``?`` for what standard output's encoding does not know.

    Raises:
        OSError: naming standard output.
    """
    with naming_stdout():
        print(text.encode(encoding(), "replace").decode(encoding()), flush=True)


@contextmanager
def naming_stdout() -> Iterator[None]:
    """Give an error of writing the name of standard output, which the system leaves out."""
    try:
        yield
    except OSError as error:
        raise type(error)(error.errno, error.strerror, STDOUT) from None


def draws(stream: Any) -> bool:
    """Whether a stream is a terminal that understands escape codes."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


def encoding() -> str:
    """The encoding of standard output."""
    return sys.stdout.encoding or "utf-8"


def shown(text: object) -> str:
    """Text that came from data or a file, made safe to print: control characters visible, no escape codes."""
    return clean(text)


def _clipped(cell: str) -> str:
    """A cell that leaves room for its neighbours; a name may be thousands of characters long."""
    return cell if len(cell) <= CELL_AT_MOST else f"{cell[: CELL_AT_MOST - 3]}..."


def terminal_console() -> Console:
    """A console on standard output that interprets nothing in the text it is given."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=False)


def picture_size() -> tuple[int, int]:
    """Width and height of one picture on this terminal."""
    console = terminal_console()
    return max(20, min(console.width, WIDTH_AT_MOST)), max(6, min(PICTURE_HEIGHT, console.height - 4))


def look() -> Look:
    """How pictures look here: ASCII where asked for or where nothing else can be written, colours if any."""
    from mltui.plots.look import Look
    from mltui.runs.home import Config

    ascii_only = Config.load().ascii or not encoding().lower().replace("-", "").startswith("utf")
    system = terminal_console().color_system
    colours: Literal["none", "16", "full"] = "full" if system in ("256", "truecolor") else "16" if system else "none"
    if os.environ.get("NO_COLOR"):
        colours = "none"
    return Look(ascii=ascii_only, colours=colours)
