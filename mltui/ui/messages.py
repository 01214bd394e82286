"""What a widget asks of the screen: an intent each, with its meaning documented."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from textual.message import Message

from mltui.core.hyperparameters import Value
from mltui.views.base import Change


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
        choose: from the keys of the data as the form has them when the message is heard, so that each of several
            quick keys goes on from the one before: values by key, without `data.`, None empties one; or why it
            cannot be, one sentence.
    """

    choose: Callable[[Mapping[str, Any]], Mapping[str, Value] | str]


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


@dataclass
class ViewTurned(Message):
    """A key of a view's own changes what is looked at, or how."""

    change: Change
