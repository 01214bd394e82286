"""A script while it is written: its imports, gathered as they are needed, and its lines, indented and wrapped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

WIDTH = 100
"""Columns that a line takes at most, but where a single piece is longer."""
_PROSE = 72
_INDENT = "    "
_STANDARD = frozenset({"math", "warnings"})
_PACKAGES = {"sklearn": "scikit-learn"}


class Script:
    """A script that is written from top to bottom."""

    def __init__(self) -> None:
        self._modules: dict[str, str] = {}
        self._names: dict[str, set[str]] = {}
        self._lines: list[str] = []
        self._depth = 0

    # -- imports -------------------------------------------------------------------------------------------------
    def need(self, module: str, *names: str, alias: str = "") -> None:
        """Import a module, under another name where one is given, or names of it."""
        if names:
            self._names.setdefault(module, set()).update(names)
        else:
            self._modules[module] = alias

    # -- lines ---------------------------------------------------------------------------------------------------
    def add(self, *lines: str) -> None:
        """These lines, at the present depth; an empty one ends a paragraph."""
        self._lines += [f"{_INDENT * self._depth}{line}" if line else "" for line in lines]

    def block(self, text: str) -> None:
        """A piece of code of several lines, as it stands."""
        self.add(*text.splitlines())

    def part(self, title: str) -> None:
        """The next part of the script begins, under a title."""
        self.add("", f"# {title} ".ljust(WIDTH - len(_INDENT) * self._depth, "-"))

    def remark(self, text: str) -> None:
        """A comment, over as many lines as it takes."""
        self.add(*(f"# {line}" for line in textwrap.wrap(text, WIDTH - 2 - len(_INDENT) * self._depth)))

    def enclosed(
        self, before: str, pieces: Sequence[str], after: str, *, own_lines: bool = False, at_most: int = WIDTH
    ) -> None:
        """Pieces between brackets, in one line where there is room; else in lines of their own, filled or one each.

        Args:
            before, after: with the brackets.
            own_lines: one piece a line, where one line is not enough.
            at_most: so many of them in one line.
        """
        whole = f"{before}{', '.join(pieces)}{after}"
        room = WIDTH - len(_INDENT) * self._depth
        if len(whole) <= room and len(pieces) <= at_most:
            self.add(whole)
            return
        inner = [f"{piece}," for piece in pieces] if own_lines else _filled(pieces, room - len(_INDENT))
        self.add(before, *(f"{_INDENT}{line}" for line in inner), after)

    @contextmanager
    def indented(self, opening: str = "") -> Iterator[None]:
        """What is written within stands deeper; behind an opening line, where there is one."""
        if opening:
            self.add(opening)
        self._depth += 1
        yield
        self._depth -= 1

    def text(self, about: Sequence[str]) -> str:
        """The whole script.

        Args:
            about: the paragraphs of its docstring.
        """
        docstring = "\n\n".join("\n".join(textwrap.wrap(paragraph, _PROSE)) for paragraph in about)
        quoted = docstring.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        ending = '\n"""' if "\n" in quoted else '"""'
        lines = [f'"""{quoted}{ending}', "", *self._imports(), *self._lines]
        return "\n".join(_spaced(lines)) + "\n"

    @property
    def packages(self) -> list[str]:
        """What must be installed for it, by the names under which that is done."""
        modules = {module.partition(".")[0] for module in (*self._modules, *self._names)} - _STANDARD
        return sorted(_PACKAGES.get(module, module) for module in modules)

    def _imports(self) -> list[str]:
        """The imports in the order that linters ask for: the standard library first, modules before names."""
        groups = []
        for standard in (True, False):
            modules = sorted(module for module in self._modules if (module in _STANDARD) is standard)
            named = sorted(module for module in self._names if (module in _STANDARD) is standard)
            lines = [f"import {m} as {self._modules[m]}" if self._modules[m] else f"import {m}" for m in modules]
            lines += [line for module in named for line in _from(module, self._names[module])]
            groups.append("\n".join(lines))
        return "\n\n".join(filter(None, groups)).splitlines()


def _from(module: str, names: set[str]) -> list[str]:
    ordered = sorted(names, key=lambda name: (name[0].islower(), name))
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {module} import (", *(f"{_INDENT}{name}," for name in ordered), ")"]


def _filled(pieces: Sequence[str], room: int) -> list[str]:
    """The pieces with commas behind them, as many in a line as there is room for."""
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + len(piece) + 2 <= room:
            lines[-1] += f" {piece},"
        else:
            lines.append(f"{piece},")
    return lines


def _spaced(lines: Sequence[str]) -> Iterator[str]:
    """The lines with no two empty ones in a row but around functions, which have two on either side."""
    empty, inside, before = 0, False, ""
    for line in lines:
        if not line:
            empty += 1
            continue
        begins = line.startswith(("def ", "@")) and not before.startswith("@")
        ends = inside and not line.startswith((" ", "def "))
        if empty or begins or ends:
            yield from [""] * (2 if begins or ends else 1)
        inside = not ends and (inside or line.startswith("def "))
        yield line
        empty, before = 0, line


def text(value: object) -> str:
    """A value as Python writes it, texts in double quotes.

    >>> text("a"), text(("a", 1.0))
    ('"a"', '["a", 1.0]')
    """
    if isinstance(value, str):
        quoted = repr(value)
        return quoted if '"' in value else f'"{quoted[1:-1]}"'.replace("\\'", "'")
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(text, value))}]"
    return repr(value)
