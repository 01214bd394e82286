"""Runs generated scripts where mltui cannot be imported."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

BARE = """
import runpy, sys, traceback

class Shut:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "mltui":
            raise ModuleNotFoundError("there is no mltui here")

sys.meta_path.insert(0, Shut())
for path in sys.argv[1:]:
    print("==", path)
    runpy.run_path(path, run_name="__main__")
"""


def told(scripts: Iterable[str]) -> dict[str, dict[str, float]]:
    """By script, what it printed: by the words before it each value; one process runs them one after the other."""
    command = [sys.executable, "-I", "-c", BARE, *scripts]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, float]] = {}
    for line in done.stdout.splitlines():
        if line.startswith("== "):
            found[line[3:]] = {}
            lines = found[line[3:]]
        elif line.strip():
            *words, value = line.split()
            lines[" ".join(words)] = float(value)
    return found
