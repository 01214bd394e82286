"""Keys of the user's own: checked against the commands, and every command's key as the eye reads it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from mltui.core.errors import InputError, nearest
from mltui.ui.commands import COMMANDS, Command

_QUIT = Command("quit", "ctrl+q", "^q", lambda now: "quit", "Leave; what trains goes on.")
_KNOWN = {command.action: command for command in (*COMMANDS, _QUIT)}
_TAKEN = {**{str(n): "the setup and the views" for n in range(10)}, "down": "the form", "ctrl+p": "the palette"}
_SEEN = {"enter": "↵", "escape": "esc", "up": "↑", "down": "↓", "left": "←", "right": "→"}
_NAMED = frozenset(str(key.value) for key in Keys)
_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})


def checked(keys: Mapping[str, str]) -> dict[str, str]:
    """The keys of config.toml by action, under Textual's names: `.` as well as `full_stop` is one.

    Raises:
        InputError: for an action or a key that does not exist, and for a key that would mean two things.
    """
    keymap: dict[str, str] = {}
    for action, given in keys.items():
        if action not in _KNOWN:
            raise InputError(f"keys: there is no action {action!r}; {nearest(action, _KNOWN)}", key="keys")
        named = [_named(action, part) for part in ([given] if given == "," else given.split(","))]
        keymap[action] = ",".join(named)
    meant = dict(_TAKEN)
    for action, command in _KNOWN.items():
        for key in keymap.get(action, command.keys).split(","):
            if key in meant:
                raise InputError(
                    f"keys: {words(key)} would be both {meant[key]} and {action}; give one of them another key",
                    key="keys",
                )
            meant[key] = action
    return keymap


def _named(action: str, given: str) -> str:
    """A key under the name that Textual has for it."""
    key = given.strip()
    if len(key) == 1 and not key.isalnum():
        name = unicodedata.name(key, key).lower().replace(" ", "_").replace("-", "_")
        key = KEY_NAME_REPLACEMENTS.get(name, name)
    *modifiers, last = key.split("+")
    if last and _MODIFIERS.issuperset(modifiers) and (key in _NAMED or last in _NAMED or key_to_character(last)):
        return key
    raise InputError(
        f'keys.{action}: there is no key {given!r}; one is named such as "g", "f5" or "ctrl+g"', key="keys"
    )


def shown(action: str, keymap: Mapping[str, str]) -> str:
    """A command's key as the eye reads it, its partner's after it; empty where the key line leaves it out."""
    command = _KNOWN[action]
    actions = (action, command.partner) if command.partner else (action,)
    if not command.shown or not any(one in keymap for one in actions):
        return command.shown
    return " ".join(words(keymap.get(one, _KNOWN[one].keys).split(",")[0]) for one in actions)


def words(key: str) -> str:
    """A key as the eye reads it.

    >>> [words(key) for key in ("g", "ctrl+g", "enter", "full_stop", "f5")]
    ['g', '^g', '↵', '.', 'f5']
    """
    *modifiers, last = key.split("+")
    seen = _SEEN.get(last) or key_to_character(last) or last
    seen = last if not seen.isprintable() or seen.isspace() else seen
    return "^" + seen if modifiers == ["ctrl"] else "+".join([*modifiers, seen])
