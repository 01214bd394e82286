"""What a command is: its name, its one line of help, its arguments and what it does."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from mltui.core.errors import InputError, nearest

OpenLab = Callable[[Path | None, str | None], int]


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one sentence, with the nearest name for a mistyped option."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(prog=prog, description=description, allow_abbrev=False)
        self._known = ["--help"]

    def add_argument(self, *names: Any, **declaration: Any) -> argparse.Action:
        """Declare an argument, and remember its name for `nearest`."""
        action = super().add_argument(*names, **declaration)
        if hasattr(self, "_known"):  # argparse declares --help while it is being built
            self._known += [name for name in action.option_strings if name.startswith("--")]
        return action

    def error(self, message: str) -> NoReturn:
        """Raise the complaint as one sentence.

        Raises:
            InputError: always.
        """
        raise InputError(f"{self.prog}: {message}; {self.prog} --help shows what it takes")

    def read(self, argv: Sequence[str]) -> argparse.Namespace:
        """The arguments, read.

        Raises:
            InputError: for an argument that is unknown, missing or malformed.
        """
        arguments, left = self.parse_known_intermixed_args(list(argv))
        if left and left[0].startswith("-"):
            option = left[0].partition("=")[0]
            raise InputError(f"{self.prog}: unknown option {option}; {nearest(option, self._known)}")
        if left:
            self.error(f"unexpected argument {left[0]!r}")
        return arguments


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        name: as it is typed, such as ``run`` or ``runs list``.
        usage: the arguments as the overview shows them.
        help: one line.
        declare: adds its arguments to a parser.
        run: does it and returns the exit code; the namespace also holds `open_lab`.
    """

    name: str
    usage: str
    help: str
    declare: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]

    def __call__(self, argv: Sequence[str], open_lab: OpenLab) -> int:
        """Read the arguments and do it.

        Raises:
            InputError: for arguments that do not fit.
        """
        parser = Parser(f"mltui {self.name}".strip(), self.help)
        self.declare(parser)
        arguments = parser.read(argv)
        arguments.open_lab = open_lab
        return self.run(arguments)
