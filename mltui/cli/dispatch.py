"""From the words on the command line to the command that does them, and from errors to sentences and exit codes.

argparse does the reading: it is in the standard library, loads in a few milliseconds before the first paint, and the
commands are few. Each command has a parser of its own, so that only the one that is asked for is built.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mltui import __version__
from mltui.cli import (
    attach,
    code,
    data_describe,
    data_fetch,
    data_list,
    doctor,
    lab,
    models_describe,
    models_list,
    predict,
    run,
    runs_change,
    runs_delete,
    runs_list,
    runs_resume,
    runs_show,
    runs_steer,
    runs_stop,
    runs_unseal,
    show,
)
from mltui.cli.command import Command, OpenLab
from mltui.cli.output import STDOUT, say, shown
from mltui.core.errors import InputError, nearest

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        run.COMMAND,
        runs_list.COMMAND,
        runs_show.COMMAND,
        runs_stop.COMMAND,
        runs_resume.COMMAND,
        runs_change.COMMAND,
        runs_steer.PAUSE,
        runs_steer.CONTINUE,
        runs_steer.STEP,
        runs_unseal.COMMAND,
        runs_delete.COMMAND,
        attach.COMMAND,
        show.COMMAND,
        predict.COMMAND,
        code.COMMAND,
        data_list.COMMAND,
        data_describe.COMMAND,
        data_fetch.COMMAND,
        models_list.COMMAND,
        models_describe.COMMAND,
        doctor.COMMAND,
    )
}
GROUPS = {name.split()[0] for name in COMMANDS if " " in name}


def main(argv: Sequence[str], open_lab: OpenLab) -> int:
    """Do what the arguments say and return the exit code: 0 done, 1 failed, 2 bad input, 130 interrupted.

    Args:
        argv: the words after `mltui`.
        open_lab: opens the screen on an experiment file, a run, or neither.
    """
    _open_closed_streams()
    try:
        code = _guarded(argv, open_lab)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or leaving would try, and fail, once more
        if isinstance(error, BrokenPipeError):  # the reader has seen enough, as in `mltui runs list | head`
            return DONE
        _complain(f"{STDOUT}: {error.strerror}")
        return FAILED
    return code


def _open_closed_streams() -> None:
    """Stand in for standard streams that whoever started this has closed, as in `mltui run toy.toml >&-`."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115 - for as long as the process lives
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115


def _guarded(argv: Sequence[str], open_lab: OpenLab) -> int:
    try:
        return _dispatched(list(argv), open_lab)
    except InputError as error:
        _complain(error.sentence)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        _complain(f"{named}{error.strerror or error}")
        return FAILED
    except SystemExit as leaving:  # argparse leaves so after --help
        return leaving.code if isinstance(leaving.code, int) else DONE


def _dispatched(argv: list[str], open_lab: OpenLab) -> int:
    if not argv:
        return lab.COMMAND([], open_lab)
    first, rest = argv[0], argv[1:]
    if first in ("-h", "--help", "help"):
        say(overview())
        return DONE
    if first in ("-V", "--version"):
        say(f"mltui {__version__}")
        return DONE
    if first in GROUPS:
        return _in_group(first, rest, open_lab)
    if first in COMMANDS:
        return COMMANDS[first](rest, open_lab)
    if first.startswith("-"):
        raise InputError(f"mltui: unknown option {first}; {nearest(first, ['--help', '--version'])}")
    if first.endswith(".toml") or os.sep in first or Path(first).is_file():
        return lab.COMMAND(argv, open_lab)
    names = {*GROUPS, *(name for name in COMMANDS if " " not in name)}
    raise InputError(f"mltui: there is no command {first!r} and no such file; {nearest(first, names)}")


def _in_group(group: str, rest: list[str], open_lab: OpenLab) -> int:
    verbs = [name.split()[1] for name in COMMANDS if name.startswith(f"{group} ")]
    if not rest:
        raise InputError(f"mltui {group}: say what to do: {', '.join(verbs)}")
    verb, rest = rest[0], rest[1:]
    if verb in ("-h", "--help"):
        say(overview(group))
        return DONE
    if verb not in verbs:
        raise InputError(f"mltui {group}: there is no {group} {verb!r}; {nearest(verb, verbs)}")
    return COMMANDS[f"{group} {verb}"](rest, open_lab)


def overview(group: str | None = None) -> str:
    """Every command with its arguments and one line, or those of one group."""
    shown = [c for name, c in COMMANDS.items() if group is None or name.startswith(f"{group} ")]
    if group is None:
        shown.insert(0, lab.COMMAND)
    usages = [" ".join(word for word in ("mltui", c.name, c.usage) if word) for c in shown]
    lines = [line for usage, c in zip(usages, shown, strict=True) for line in (f"  {usage}", f"      {c.help}")]
    head = "mltui: the machine-learning lab that lives in a terminal.\n\n" if group is None else ""
    tail = (
        "\n\nRUN is an id, a unique beginning of one, or latest. KEY is dotted, as in training.learning_rate=0.1.\n"
        "Exit codes: 0 done, 1 the run failed, 2 bad input, 130 interrupted."
    )
    return head + "\n".join(lines) + tail


def _complain(sentence: str) -> None:
    try:
        said = shown(sentence)  # it may name columns, files or keys that hold escape codes
        print(said if said.startswith("mltui") else f"mltui: {said}", file=sys.stderr)
    except OSError:
        return  # nobody listens any more; the exit code still tells
