"""Where runs and settings live, and the settings themselves: config.toml, overruled by the environment."""

from __future__ import annotations

import os
import sys
import threading
import tomllib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Hyperparameter, Value, check_all
from mltui.data.memory import read_size
from mltui.record.files import private_folder, why

SETTINGS = (
    Hyperparameter(name="theme", kind="text", default=None, optional=True, help="The screen's colours, by theme name."),
    Hyperparameter(name="ascii", kind="boolean", default=False, help="Draw with plain characters only."),
    Hyperparameter(
        name="threads", kind="integer", default=None, optional=True, low=1, high=1024, help="Threads a run may use."
    ),
    Hyperparameter(
        name="at_once", kind="integer", default=None, optional=True, low=1, high=1024, help="Queued runs at once."
    ),
    Hyperparameter(
        name="memory", kind="text", default=None, optional=True, help="Memory a run may take in all, such as 4GB."
    ),
    Hyperparameter(
        name="cache", kind="text", default=None, optional=True, help="How large the cache of big tables may grow."
    ),
    Hyperparameter(name="keys", kind="table", default={}, help="Keys of your own: action = key."),
)
_BOUNDS = ("memory", "cache")
"""The settings that are sizes; they reach workers by the environment."""
UNANSWERED = 3.0
"""Seconds that the file system may take to answer before it is said that it does not."""
_Found = TypeVar("_Found")
_BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def home() -> Path:
    """The folder that holds the run store and the draft, made where absent: $MLTUI_HOME, else the system's place.

    Raises:
        InputError: where it cannot be made, or a file stands in its place. A folder that can only be read is handed
            out: past runs can be looked at.
    """
    path = _place()
    try:
        return _answered(lambda: private_folder(path), path)
    except OSError as error:
        raise InputError(
            f"the folder for runs, {path}, cannot be made: {why(error)}; set MLTUI_HOME to a folder you can write"
        ) from None


def _answered(look: Callable[[], _Found], place: Path) -> _Found:
    """What a first look at a place gives, or raises; while nothing answers, that is said, and Ctrl+C leaves."""
    answer: Future[_Found] = Future()

    def work() -> None:
        try:
            answer.set_result(look())
        except BaseException as error:
            answer.set_exception(error)

    try:
        threading.Thread(target=work, name="mltui-home", daemon=True).start()
    except RuntimeError:  # the system lets the user start no more tasks
        return look()
    try:
        return answer.result(UNANSWERED)
    except TimeoutError:
        if answer.done():  # the answer itself, as of a file server that gave up
            raise
    print(f"mltui: {place} does not answer; waiting, Ctrl+C leaves", file=sys.stderr, flush=True)
    return answer.result()


def writable(path: Path) -> bool:
    """Whether new runs can be kept in this home."""
    return os.access(path, os.W_OK | os.X_OK)


def _place() -> Path:
    given = os.environ.get("MLTUI_HOME", "")
    if given:
        return Path(os.path.expanduser(given)).absolute()
    import platformdirs

    return platformdirs.user_data_path("mltui", appauthor=False)


def config_path() -> Path:
    """Where config.toml lies: in $MLTUI_HOME where that is set, else where the system keeps settings."""
    if os.environ.get("MLTUI_HOME"):
        return _place() / "config.toml"
    import platformdirs

    return platformdirs.user_config_path("mltui", appauthor=False) / "config.toml"


@dataclass(frozen=True)
class Config:
    """The user's settings.

    Attributes:
        theme: a theme's name, or None for the lab's own choice.
        ascii: draw with plain characters only.
        threads: how many threads a run may use, or None for a modest share of the machine.
        keys: by action, the key the user wants for it.
        memory: what a run may take in all, such as 4GB, or None for what is free.
        at_once: how many runs of the queue may run at once, or None for what the machine has room for.
        cache: how much of tables that are larger than memory is kept on disk, such as 50GB, or None for a share of it.
    """

    theme: str | None = None
    ascii: bool = False
    threads: int | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    memory: str | None = None
    cache: str | None = None
    at_once: int | None = None

    @classmethod
    def load(cls) -> Config:
        """The settings of config.toml, overruled by MLTUI_THEME, MLTUI_ASCII, MLTUI_THREADS, MLTUI_AT_ONCE,
        MLTUI_MEMORY, MLTUI_CACHE.

        Raises:
            InputError: naming the file or the variable, the key, and what would be right.
        """
        path = config_path()
        values = _from_file(path)
        for name in ("theme", "ascii", "threads", "at_once", *_BOUNDS):
            text = os.environ.get(f"MLTUI_{name.upper()}", "").strip()
            if text:
                values[name] = _from_text(name, text)
        keys = values.pop("keys", {})
        if not isinstance(keys, Mapping) or not all(isinstance(key, str) for key in keys.values()):
            raise InputError(f'{path}: keys must name keys by action, such as quit = "f10"', key="keys")
        return cls(**values, keys=keys)


def bounds() -> dict[str, str]:
    """MLTUI_MEMORY and MLTUI_CACHE for a worker, as config.toml says them where the environment does not.

    Settings that cannot be read are told of by `Config.load`, and say nothing here.
    """
    try:
        values = _from_file(config_path())
    except InputError:
        return {}
    named = {name: f"MLTUI_{name.upper()}" for name in _BOUNDS}
    return {named[name]: values[name] for name in _BOUNDS if values.get(name) and not os.environ.get(named[name])}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(_answered(lambda: path.read_text(encoding="utf-8"), path))
    except (FileNotFoundError, NotADirectoryError):  # a home that is no folder is `home`'s to complain of
        given = {}
    except OSError as error:
        raise InputError(f"{path} cannot be read: {why(error)}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from None
    try:
        values = dict(check_all(SETTINGS, given, section="config"))
    except InputError as error:
        raise InputError(f"{path}: {error.sentence.replace('config.', '')}", key=error.key) from None
    for name in _BOUNDS:
        try:
            _check_size(values[name])
        except ValueError as error:
            raise InputError(f"{path}: {name} {error}", key=f"config.{name}") from None
    return values


def _from_text(name: str, text: str) -> Value:
    setting = next(s for s in SETTINGS if s.name == name)
    try:
        if setting.kind == "boolean":
            return setting.check(_BOOLEANS.get(text.lower(), text))
        if name in _BOUNDS:
            _check_size(text)
        return setting.parse(text)
    except ValueError as error:
        raise InputError(f"MLTUI_{name.upper()} {error}", key=f"config.{name}") from None


def _check_size(value: object) -> None:
    if isinstance(value, str):
        read_size(value)
