"""Settings as a person reads them: what a file would hold, what is allowed, and what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mltui.cli.output import Output
from mltui.core.conditions import condition

if TYPE_CHECKING:
    from mltui.core.hyperparameters import Condition, Hyperparameter


def print_settings(
    output: Output, section: str, settings: Mapping[str, Hyperparameter], declared: Mapping[str, Hyperparameter]
) -> None:
    """Each setting as a file would hold its default, what it takes and what it does, led by the file's section.

    Args:
        settings: of the section, by dotted key; `declared` are all that there are.
    """
    if not settings:
        return
    whole = _condition_of_all(section, list(settings.values()))
    output.line()
    output.line(f"[{section}]{_condition(whole, declared).replace(', ', '    ', 1)}")
    for h in settings.values():
        only = _condition(h.only if h.only != whole else None, declared)
        output.text(f"{h.name} = {_default(h)}    {h.wanted()}{', expert' if h.expert else ''}{only}")
        output.text(h.help, indent="    ")


def _condition_of_all(section: str, settings: Sequence[Hyperparameter]) -> Condition | None:
    """What all settings of a section depend on, directly or through others of the section."""
    first = settings[0].only
    within = all(h.only == first or (h.only is not None and h.only[0].startswith(section)) for h in settings)
    return first if within else None


def _condition(only: Condition | None, declared: Mapping[str, Hyperparameter]) -> str:
    return f", {condition(only, declared[only[0]])}" if only else ""


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
