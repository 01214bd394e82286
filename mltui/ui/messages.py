"""What a widget asks of the screen: an intent each, with its meaning documented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.message import Message

from mltui.core.hyperparameters import Value


@dataclass
class Typed(Message):
    """A text was typed into a row; sent at every key.

    Attributes:
        key: the dotted key the row writes.
        text: the whole text as it stands.
    """

    key: str
    text: str


@dataclass
class Stepped(Message):
    """A row's value shall go one step up (+1) or down (-1)."""

    key: str
    direction: int


@dataclass
class ListWanted(Message):
    """The list of what a row can be set to shall open."""

    key: str


@dataclass
class DataPut(Message):
    """Keys of the data shall be set in the form, as one edit.

    Attributes:
        values: by key, without `data.`; None empties one.
    """

    values: Mapping[str, Value]


@dataclass
class RowLeft(Message):
    """A row gives the focus away; with `direction` to the row above (-1) or below (+1), with 0 to nobody."""

    direction: int


@dataclass
class TypingChanged(Message):
    """A row began or ended taking text, or enter there opens something else than before."""

    typing: bool


@dataclass
class Asked(Message):
    """A command was clicked. `action` is the screen's action, without `action_`."""

    action: str


@dataclass
class TabChosen(Message):
    """A tab was clicked; `name` is `setup` or a view's."""

    name: str
