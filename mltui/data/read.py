"""From the [data] section to a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mltui.core.errors import InputError, nearest
from mltui.core.sections import Data, Split, Variation
from mltui.core.table import Integers, Table
from mltui.data import memory, shelf
from mltui.data.assemble import assemble, check_classes, coded, drawn
from mltui.data.beside import beside
from mltui.data.frame import Frame, collect
from mltui.data.guess import guess_by_name
from mltui.data.part import Wanted
from mltui.data.plan import Plan, opened
from mltui.data.roles import candidates, wanted
from mltui.data.samples import labelled
from mltui.data.stream import Progress
from mltui.data.varied import read_varied


def read(
    data: Data,
    folder: Path,
    progress: Progress | None = None,
    *,
    learner: str | None = None,
    split: Split | None = None,
    variation: Variation | None = None,
    nominal: Table | None = None,
) -> Table:
    """The table of a catalogue dataset or of the user's files, which are relative to a folder.

    Where it does not fit into memory it lies on disk.

    Args:
        progress: told the share that is read, from 0 to 1.
        learner: a model that needs all rows in memory at once, for which such a table is refused.
        split: its test_files are read too, and what it goes by is among the table's `others`, as are the spectators.
        variation: a systematic variation to read in place of the data as they are; it needs `nominal`.
        nominal: the table without it, whose features and classes the varied one has too.

    Raises:
        InputError: with one sentence, and the key at fault.
        ValueError: for a variation without the nominal table.
    """
    if variation is not None:
        if nominal is None:
            raise ValueError("a variation is read beside the table that it varies")
        return read_varied(data, folder, variation, nominal, progress, split=split)
    with opened(data, folder, test_files=() if split is None else split.test_files) as plan:
        asked = check_target(plan)
        more = beside(split, plan.listing, asked.spectators, asked.process)
        whole = wanted(asked, plan.listing, more)
        plan.check(whole)
        only, drawn_from = selected(plan, whole)
        frame = shelf.frame(plan, whole, targets=asked.targets, only=only, progress=progress, learner=learner)
    names = candidates(asked, plan.listing, more)
    return assemble(frame, asked, names, others=more.kept, drawn_from=drawn_from)[0]


def check_target(plan: Plan) -> Data:
    """The section, once it says what is to be learnt.

    Raises:
        InputError: where it does not, with a guess.
    """
    if not plan.data.targets and not labelled(plan.data):
        names = plan.listing.names
        guess = guess_by_name(names)
        hint = f', such as target = "{guess}"' if guess else f"; {nearest('', names)}"
        raise InputError(f"data.target must name the column to learn{hint}", key="data.target")
    return plan.data


def selected(plan: Plan, whole: Wanted) -> tuple[list[Integers] | None, int | None]:
    """The entries of each part that data.rows draws, and of how many, where not all rows would fit into memory.

    For that the target and what the cuts need are read once by themselves. Where all rows fit, nothing is chosen here:
    the same rows are drawn after reading.

    Raises:
        InputError: where the cut leaves nothing, or the rows drawn lack a class.
    """
    rows = plan.data.rows
    if rows is None or memory.room(plan.rows, plan.row_bytes(whole)):
        return None, None
    targets = plan.data.targets
    seen = collect(plan, Wanted(targets or plan.listing.names[:1]), targets=targets)
    if rows >= len(seen):
        return None, None
    places = drawn(len(seen), rows)
    check_classes(coded(seen, plan.data)[0].take(places), rows)
    return _entries(seen.take(places), plan), len(seen)


def _entries(chosen: Frame, plan: Plan) -> list[Integers]:
    """The entries of each part among the rows of a frame; a part is known by its file and its sample."""
    samples = max(1, len(plan.data.samples))
    places = {path: place for place, path in enumerate(plan.paths)}
    part_of_row = chosen.file * samples + (chosen.sample if len(chosen.sample) else 0)
    order = np.argsort(part_of_row, kind="stable")
    rows, entry = part_of_row[order], chosen.entry[order]
    parts = [places[part.path] * samples + max(0, part.sample) for part in plan.parts]
    first, last = np.searchsorted(rows, parts, "left"), np.searchsorted(rows, parts, "right")
    return [entry[begin:end] for begin, end in zip(first, last, strict=True)]
