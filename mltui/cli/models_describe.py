"""`mltui models describe NAME`: what a model is and what can be set in it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output
from mltui.cli.settings import print_settings
from mltui.core.errors import InputError, nearest

if TYPE_CHECKING:
    from mltui.core.hyperparameters import Hyperparameter, Value
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
    from mltui.models.library import lacking

    return {
        "name": card.name,
        "title": card.title,
        "family": card.family,
        "tasks": list(card.tasks),
        "package": card.library or None,
        "installed": not lacking(card),
        "about": card.about,
        "weights": card.weights,
        "several_targets": card.several and "regression" in card.tasks,
        "axis": card.axis,
        "controls": sorted(card.controls),
        "changeable": sorted(card.changeable),
        "variants": [_variant(card, name, value) for name, value in card.variants],
        "hyperparameters": settings_document(card.hyperparameters),
        "training": settings_document(card.training),
    }


def _variant(card: ModelCard, name: str, value: Value) -> dict[str, Any]:
    """What of the model is otherwise where a setting has a value."""
    chosen = card.chosen({name: value})
    return {
        "with": {name: value},
        "weights": chosen.weights,
        "axis": chosen.axis,
        "controls": sorted(chosen.controls),
        "changeable": sorted(chosen.changeable),
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
            "only": None if h.only is None else {"key": h.only[0], "values": list(h.only[1])},
            "help": h.help,
        }
        for h in settings
    ]


def _print(output: Output, card: ModelCard) -> None:
    from mltui.models.library import lacking

    output.line(f"{card.title} ({card.name}), for {' and '.join(card.tasks)}")
    output.text(card.about)
    if "regression" in card.tasks:
        output.text(f"Of a regression it learns {'several targets at once' if card.several else 'one target'}.")
    output.text(card.about_weights)
    if card.library:
        output.text(f"{lacking(card) or f'The package {card.library} does it, which is installed'}.")
    _print_changeable(output, card)
    for name, value in card.variants:
        chosen, where = card.chosen({name: value}), f"With {name} {value}: "
        if chosen.about_weights != card.about_weights:
            output.text(f"{where}{chosen.about_weights}")
        _print_changeable(output, chosen, where)
    declared = {f"model.{h.name}": h for h in card.hyperparameters} | {f"training.{h.name}": h for h in card.training}
    for section in ("model", "training"):
        print_settings(output, section, {key: h for key, h in declared.items() if key.startswith(section)}, declared)


def _print_changeable(output: Output, card: ModelCard, where: str = "") -> None:
    if card.changeable:
        said = f"{where}what can be changed while it trains: {', '.join(sorted(card.changeable))}."
        output.text(said[0].upper() + said[1:])


COMMAND = Command("models describe", "NAME [--json]", "What a model is and what can be set.", _declare, _run)
