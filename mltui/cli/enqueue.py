"""From experiment files to runs in the queue: all of them, or none where one is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mltui.cli.asked import as_asked

if TYPE_CHECKING:
    from mltui.core.experiment import Experiment
    from mltui.record.folder import RunFolder


def enqueue(paths: Sequence[Path], settings: Sequence[str], *, unseal: bool) -> list[tuple[RunFolder, Experiment]]:
    """The runs that wait now, in the order of the files, with what each was asked; a dispatcher sees to them.

    Args:
        settings: laid over each file, as KEY=VALUE.

    Raises:
        InputError: where a file is wrong, and then nothing was queued; or the store cannot be written.
    """
    from mltui.models.catalogue import CARDS
    from mltui.models.library import refuse_lacking
    from mltui.runs.experiments import load, read_text
    from mltui.runs.home import Config, home
    from mltui.runs.queue import Queue

    read = [(path, load(path, settings), as_asked(read_text(path), settings)) for path in paths]
    for _, experiment, _ in read:
        refuse_lacking(CARDS[experiment.model.name])
    queue, threads = Queue(home()), Config.load().threads
    made = [
        (queue.add(experiment, text, path.resolve().parent, unseal=unseal, threads=threads), experiment)
        for path, experiment, text in read
    ]
    queue.tend()
    return made
