"""Opens the lab: the terminal made ready, the lab run in it, and a last word after the screen is restored."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from mltui.core.errors import InputError
from mltui.ui import terminal


def run_app(experiment: Path | None, attach: str | None) -> int:
    """Open the lab on an experiment file, on a run, or on the draft of last time; the exit code.

    Raises:
        InputError: where there is no terminal, no home, or no such experiment.
    """
    refused = terminal.refusal()
    if refused is not None:
        raise InputError(refused)
    from mltui.runs.home import Config, home

    config, place = Config.load(), home()
    terminal.prepare()
    from mltui.ui.application import Application

    app = Application(place, config, experiment=experiment, attach=attach, colours=terminal.colours())
    log = place / "lab.log"
    with terminal.guarded(log):
        app.run()
        code, word = app.return_code, app.return_value
        del app
        gc.collect()  # what a broken lab still has to say belongs in the log
    if code:
        print(f"mltui: the lab ended by a mistake of its own; {log} tells which", file=sys.stderr)
    elif word:
        print(word)
    return code or 0
