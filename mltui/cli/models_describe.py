"""`mltui models describe NAME`: what a model is and what can be set in it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output
from mltui.core.errors import InputError, nearest

if TYPE_CHECKING:
    from mltui.core.hyperparameters import Hyperparameter
    from mltui.models.card import ModelCard


def _declare(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="a model of `mltui models list`")
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.models.catalogue import CARDS

    card = CARDS.get(arguments.name)
    if card is None:
        raise InputError(f"there is no model {arguments.name!r}; {nearest(arguments.name, CARDS)}")
    output = Output.chosen(arguments)
    output.document(_document(card))
    _print(output, card)
    return 0


def _document(card: ModelCard) -> dict[str, Any]:
    return {
        "name": card.name,
        "title": card.title,
        "family": card.family,
        "tasks": list(card.tasks),
        "about": card.about,
        "weights": card.weights,
        "axis": card.axis,
        "controls": sorted(card.controls),
        "hyperparameters": settings_document(card.hyperparameters),
        "training": settings_document(card.training),
    }


def settings_document(settings: Sequence[Hyperparameter]) -> list[dict[str, Any]]:
    """Declared settings as JSON holds them."""
    return [
        {
            "name": h.name,
            "kind": h.kind,
            "default": h.default,
            "low": h.low,
            "high": h.high,
            "above": h.above,
            "below": h.below,
            "choices": list(h.choices),
            "log": h.log,
            "optional": h.optional,
            "expert": h.expert,
            "help": h.help,
        }
        for h in settings
    ]


def _print(output: Output, card: ModelCard) -> None:
    output.line(f"{card.title} ({card.name}), for {' and '.join(card.tasks)}")
    output.text(card.about)
    output.text(card.about_weights)
    _print_settings(output, "model", card.hyperparameters)
    _print_settings(output, "training", card.training)


def _print_settings(output: Output, section: str, settings: Sequence[Hyperparameter]) -> None:
    """Each setting as a file would hold its default, what it takes and what it does, led by the file's section."""
    if not settings:
        return
    output.line()
    output.line(f"[{section}]")
    for h in settings:
        output.text(f"{h.name} = {_default(h)}    {h.wanted()}{', expert' if h.expert else ''}")
        output.text(h.help, indent="    ")


def _default(h: Hyperparameter) -> str:
    """The default as TOML writes it."""
    if h.default is None:
        return '"none"'
    if h.kind == "choices" and isinstance(h.default, tuple):
        names = [f'"{name}"' for name in h.default]
        return names[0] if len(names) == 1 else f"[{', '.join(names)}]"
    if isinstance(h.default, tuple):
        return f"[{h.format(h.default)}]"
    return f'"{h.default}"' if isinstance(h.default, str) else h.format(h.default)


COMMAND = Command("models describe", "NAME [--json]", "What a model is and what can be set.", _declare, _run)
