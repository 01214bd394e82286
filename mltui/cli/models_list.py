"""`mltui models list`: the models of the catalogue."""

from __future__ import annotations

from argparse import Namespace

from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output


def _declare(parser: Parser) -> None:
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.models.catalogue import CARDS

    output = Output.chosen(arguments)
    models = [
        {"name": card.name, "title": card.title, "family": card.family, "tasks": list(card.tasks), "about": card.about}
        for card in CARDS.values()
    ]
    output.document({"models": models})
    rows = [(card.name, card.title, card.family, ", ".join(card.tasks)) for card in CARDS.values()]
    output.table(("model", "title", "family", "tasks"), rows)
    return 0


COMMAND = Command("models list", "[--json]", "The models of the catalogue.", _declare, _run)
