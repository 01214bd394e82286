"""The door: `mltui` and `python -m mltui`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    raise SystemExit(2)


if __name__ == "__main__":
    sys.exit(main())
