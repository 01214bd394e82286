"""Reads whole frames for tests, from the files that a [data] section names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mltui.core.sections import Data
from mltui.data.frame import Frame, collect
from mltui.data.part import Wanted
from mltui.data.plan import opened
from mltui.data.readers.raw import Listing


def gather(
    data: Data,
    folder: Path,
    choose: Callable[[Listing], Wanted],
    *,
    at_most: Callable[[int], int] | None = None,
    guess_table: bool = False,
) -> Frame:
    """What `choose` takes from the listing; of so many rows as `at_most` says for so many columns."""
    with opened(data, folder, guess_table=guess_table) as plan:
        wanted = choose(plan.listing)
        return collect(plan, wanted, at_most=None if at_most is None else at_most(wanted.width))
