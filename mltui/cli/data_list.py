"""`mltui data list`: the datasets of the catalogue."""

from __future__ import annotations

from argparse import Namespace

from mltui.cli.command import Command, Parser
from mltui.cli.models_describe import settings_document
from mltui.cli.output import Output, declare_output


def _declare(parser: Parser) -> None:
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.data.catalogue import CATALOGUE, UNUSABLE

    output = Output.chosen(arguments)
    datasets = [
        {
            "name": card.name,
            "title": card.title,
            "family": card.family,
            "task": card.task,
            "about": card.about,
            "source": card.source,
            "options": settings_document(card.options),
        }
        for card in CATALOGUE.values()
    ]
    output.document({"datasets": datasets})
    rows = [
        (card.name, card.title, card.family, card.task, ", ".join(o.name for o in card.options))
        for card in CATALOGUE.values()
    ]
    output.table(("dataset", "title", "family", "task", "options"), rows)
    for name, sentence in UNUSABLE.items():
        output.line(f"{name}: {sentence}")
    return 0


COMMAND = Command("data list", "[--json]", "The datasets of the catalogue.", _declare, _run)
