"""The small jobs of a spare worker: describe data, compute what their pictures need, list a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mltui.core.data_rules import read_data
from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.data import cache
from mltui.data.files import found
from mltui.data.readers.registry import with_beside
from mltui.training.browse import AT_MOST, browse
from mltui.training.describe import document
from mltui.training.subject import look
from mltui.training.variables import Looked, pairs, variables

Job = Mapping[str, Any]
MOST_BINS, MOST_POINTS = 1_000, 100_000


class Jobs:
    """The jobs by name. The data last looked at are kept, until others are asked for or their files change."""

    def __init__(self) -> None:
        self._key = ""
        self._looked: Looked | None = None

    def table(self) -> dict[str, Callable[[Job], dict[str, Any]]]:
        """What can be asked for; each raises InputError for what is wrong with the job's data.

        describe: data, folder, points. variables: data, folder, names, bins. pairs: data, folder, names, points.
        browse: folder, pattern, at_most.
        """
        return {
            "describe": self.describe,
            "variables": self.variables,
            "pairs": self.pairs,
            "browse": self.browse,
        }

    def describe(self, job: Job) -> dict[str, Any]:
        """As `training.describe`."""
        return document(self._look(job).subject, _count(job, "points", 400, MOST_POINTS))

    def variables(self, job: Job) -> dict[str, Any]:
        """As `training.variables`."""
        return variables(self._look(job), _names(job), _count(job, "bins", 40, MOST_BINS))

    def pairs(self, job: Job) -> dict[str, Any]:
        """As `training.variables.pairs`."""
        return pairs(self._look(job).subject, _names(job) or (), _count(job, "points", 1_000, MOST_POINTS))

    def browse(self, job: Job) -> dict[str, Any]:
        """As `training.browse`."""
        return browse(Path(job["folder"]), str(job.get("pattern") or ""), _count(job, "at_most", AT_MOST, 1_000_000))

    def forget(self) -> None:
        """Let go of the data that were looked at."""
        self._key, self._looked = "", None

    def _look(self, job: Job) -> Looked:
        data, folder = read_data(job["data"]), Path(job["folder"])
        key = identity(data, folder)
        if self._looked is None or key != self._key:
            self.forget()  # before the next is read, so that never two are in memory
            self._looked = Looked(look(data, folder))
            self._key = key
        return self._looked


def identity(data: Data, folder: Path) -> str:
    """Equal as long as the section says the same and its files are as they were, by name, size and time.

    Raises:
        InputError: for a file that is not there, or that no reader takes.
    """
    paths = found(data.files, folder)
    for place, sample in enumerate(data.samples):
        paths += found(sample.files, folder, f"data.samples.{place}.files")
    return json.dumps(
        [asdict(data), str(folder), [cache.identity(path) for path in with_beside(paths)]], sort_keys=True, default=str
    )


def _names(job: Job) -> Sequence[str] | None:
    names = job.get("names")
    if names is None:
        return None
    if not isinstance(names, list | tuple):
        raise InputError("names must be a list of columns")
    return [str(name) for name in names]


def _count(job: Job, key: str, default: int, most: int) -> int:
    value = job.get(key)
    return default if value is None else max(1 if key == "bins" else 0, min(int(value), most))
