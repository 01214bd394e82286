"""Loads skops, which keeps fitted steps and estimators without pickle, and no array library with it."""

from __future__ import annotations

import sys
from typing import Any

_LIBRARIES = tuple(f"sklearn.externals.array_api_compat.{name}" for name in ("torch", "cupy", "dask"))


def skops_io() -> Any:
    """The module skops.io.

    At its import it goes through every package of scikit-learn for the names of the estimators. These here hold none,
    but each loads a whole array library: with torch's, a run without a network would take twice as long.
    """
    modules: dict[str, Any] = sys.modules
    shut = [name for name in _LIBRARIES if name not in modules]
    modules.update(dict.fromkeys(shut))  # a module that is None cannot be imported, which the search passes over
    try:
        import skops.io
    finally:
        for name in shut:
            if modules.get(name, sys) is None:
                del modules[name]
    return skops.io
