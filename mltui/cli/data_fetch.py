"""`mltui data fetch NAME`: bring a public dataset here, once its address and licence are agreed to."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output
from mltui.core.errors import InputError, nearest

if TYPE_CHECKING:
    from mltui.data.public import Public


def _declare(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="a public dataset: higgs, zenodo_5126747")
    parser.add_argument("--to", metavar="DIR", default=".", help="the folder to put it into (default: this one)")
    parser.add_argument("--address", metavar="URL", help="another address than the one that is known")
    parser.add_argument("--checksum", metavar="HASH", help="what the file must be: sha256:… or md5:…")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.data.public import PUBLIC, fetched, found

    output = Output.chosen(arguments)
    if arguments.name not in PUBLIC:
        raise InputError(f"there is no public dataset {arguments.name!r}; {nearest(arguments.name, PUBLIC)}")
    entry = PUBLIC[arguments.name]
    address = arguments.address or entry.address
    if address is None:
        raise InputError(f"the address of {entry.name} is on its page, {entry.page}; give it with --address")
    path = found(entry, address)
    if path is None:
        folder = Path(arguments.to).expanduser().absolute()
        if not arguments.yes and not _agreed(entry, address, folder):
            return 1
        path = fetched(entry, folder, address, arguments.checksum)
    output.document({"name": entry.name, "file": str(path), "licence": entry.licence, "page": entry.page})
    output.line(str(path))
    output.line("[data]")
    output.line(f'files = ["{path}"]')
    for line in entry.reading:
        output.line(line)
    return 0


def _agreed(entry: Public, address: str, folder: Path) -> bool:
    """Whether the user wants it from there.

    Raises:
        InputError: where nobody can be asked.
    """
    size = f", about {entry.size}" if entry.size else ""
    said = f"{entry.title}{size}, licence {entry.licence}, see {entry.page}; from {address} to {folder}"
    if sys.stdin is None or not sys.stdin.isatty():
        raise InputError(f"{said}: nobody can be asked here; add --yes if that is right")
    print(f"{said}\nFetch it? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    print("nothing was fetched", file=sys.stderr)
    return False


COMMAND = Command(
    "data fetch",
    "NAME [--to DIR] [--address URL] [--checksum HASH] [--yes] [--json]",
    "Fetch a public dataset, checked, and say how it is read.",
    _declare,
    _run,
)
