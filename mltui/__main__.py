"""The door: `mltui` and `python -m mltui`. It alone knows both the command line and the screen."""

from __future__ import annotations

import sys
from pathlib import Path

from mltui.cli import main as command_line


def main() -> int:
    """Run the command line, or open the lab where it asks for it, and return the exit code."""
    return command_line(sys.argv[1:], open_lab)


def open_lab(experiment: Path | None, run: str | None) -> int:
    """Open the lab, on an experiment file or on a run where one is given; the screen is imported only here."""
    from mltui.ui.app import run_app

    return run_app(experiment, run)


if __name__ == "__main__":
    sys.exit(main())
