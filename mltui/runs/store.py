"""The run store: new folders under the next whole number, found again, listed, deleted."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mltui.core.errors import InputError, nearest
from mltui.core.experiment import Experiment
from mltui.core.text import clean
from mltui.record import frames
from mltui.record.files import private_folder, replace_file, why
from mltui.record.folder import RunFolder
from mltui.record.state import ENDED
from mltui.runs.judge import Judge
from mltui.runs.summary import RunSummary, refuse_newer, summarise
from mltui.runs.ticket import tickets

_HIGHEST = ".highest"
_Known = tuple[tuple[object, object], RunSummary]
"""What tells whether a run's files have changed, and its summary as it was read from them."""


class Store:
    """The runs of one home. Whatever else lies in its folders is left alone."""

    def __init__(self, home: Path) -> None:
        self.root = home / "runs"
        self._known: dict[Path, _Known] = {}

    def create(self, experiment: Experiment, asked: str, folder: Path) -> RunFolder:
        """Make the folder of a new run.

        Args:
            experiment: what will run.
            asked: the text it came from, kept verbatim.
            folder: what the experiment's file names are relative to.

        Raises:
            InputError: where the store cannot be written, or the files' names cannot be written down.
        """
        resolved = absolute(experiment, folder)
        try:
            text = resolved.to_toml().encode()
        except UnicodeEncodeError:
            raise InputError(
                f"the data lie in a folder whose name is not UTF-8 ({clean(folder)}), which a run cannot write down; "
                "give it another name",
                key="data.files",
            ) from None
        try:
            run = self._claim()
        except OSError as error:
            raise self._refused(error) from None
        try:
            for part in (run.attempts, run.control):
                private_folder(part)
            replace_file(run.experiment, asked.encode(errors="replace"))
            replace_file(run.resolved, text)
        except OSError as error:
            shutil.rmtree(run.path, ignore_errors=True)
            raise self._refused(error) from None
        frames.sweep()
        return run

    def folders(self) -> Sequence[RunFolder]:
        """Every run's folder, newest first."""
        found = [(int(path.name), path) for path in self._entries() if os.path.lexists(path / "resolved.toml")]
        return [RunFolder(path) for _, path in sorted(found, reverse=True)]

    def find(self, ref: str) -> RunFolder:
        """The run that an id, a unique beginning of one, `latest`, or the path of a run folder names.

        Raises:
            InputError: where there is none, or more than one.
        """
        if os.sep in ref:
            return _at_path(Path(os.path.expanduser(ref)))
        folders = {folder.id: folder for folder in self.folders()}
        if not folders:
            raise InputError(f"there are no runs yet in {self.root}; mltui run EXPERIMENT.toml makes one")
        if ref == "latest":
            return next(iter(folders.values()))
        if ref in folders:
            return folders[ref]
        begun = [run for run in folders if ref and run.startswith(ref)]
        if len(begun) == 1:
            return folders[begun[0]]
        if begun:
            raise InputError(f"{ref} may mean any of the runs {', '.join(sorted(begun, key=int))}; write the whole id")
        raise InputError(f"there is no run {ref!r}; {nearest(ref, [*folders, 'latest'])}")

    def delete(self, folder: RunFolder, *, unbegun: bool = False) -> None:
        """Remove a run and all it holds. Its number is not given out again.

        Args:
            unbegun: whether it is known that no worker has it, nor will.

        Raises:
            InputError: where it still trains, is not of this store, a newer mltui made it, or it cannot be removed.
        """
        if folder.path.parent.parent.resolve() != self.root.resolve() or folder.path not in self._entries():
            raise InputError(f"{folder.path} is not a run of the store {self.root}; only those can be deleted")
        refuse_newer(folder)
        life = "dead" if unbegun else Judge(folder).verdict().life
        if life == "queued":
            raise InputError(f"run {folder.id} waits in the queue; mltui queue cancel {folder.id} takes it out")
        if life == "waiting" and summarise(folder).phase == "waiting":
            raise InputError(f"run {folder.id} is just being started; wait a minute, then delete it")
        if life == "lives":
            raise InputError(f"run {folder.id} still trains; stop it first: mltui runs stop {folder.id}")
        frames.forget(folder)
        going = folder.path.with_name(f".deleted-{folder.id}-{os.getpid()}")
        try:
            self._remember(int(folder.id))
            folder.path.rename(going)
            shutil.rmtree(going)
        except OSError as error:
            raise InputError(f"run {folder.id} cannot be deleted: {why(error)}") from None

    def list(self) -> Sequence[RunSummary]:
        """Every run: those that wait for their turn in the order of the queue, then the others, newest first.

        One that has said its last word is read again only where its files have changed.
        """
        known, self._known = self._known, {}
        order = {ticket.run: (place, ticket.host) for place, ticket in enumerate(tickets(self.root.parent))}
        found = [self._summary(folder, known.get(folder.path)) for folder in self.folders()]
        queued = sorted((run for run in found if run.phase == "queued"), key=lambda run: order.get(run.id, (0, "")))
        named = [replace(run, place=at, host=order.get(run.id, (0, ""))[1]) for at, run in enumerate(queued, 1)]
        return [*named, *(run for run in found if run.phase != "queued")]

    def _summary(self, folder: RunFolder, known: _Known | None) -> RunSummary:
        stamps = (_stamp(folder.events), _stamp(folder.launch))
        if known is None or known[0] != stamps:
            summary = summarise(folder)
            if summary.phase not in ENDED or summary.died:  # what is not said may change without a word in the files
                return summary
            known = (stamps, summary)
        self._known[folder.path] = known
        return known[1]

    def _claim(self) -> RunFolder:
        """Take the next number by making its folder: two processes never get the same."""
        number = max([self._highest(), *(int(path.name) for path in self._entries())]) + 1
        while True:
            month = private_folder(self.root / time.strftime("%Y-%m"))
            path = month / str(number)
            try:
                path.mkdir(mode=0o700)
            except FileExistsError:
                number += 1
                continue
            # At the turn of a month, another process may have taken the number in the other month's folder.
            if any(other.name == path.name and other.parent != month for other in self._entries()):
                path.rmdir()
                number += 1
                continue
            return RunFolder(path)

    def _entries(self) -> Sequence[Path]:
        """The folders that are named as runs are."""
        months = [m for m in _folders_in(self.root) if len(m.name) == 7 and m.name[:4].isdigit() and m.name[4] == "-"]
        return [Path(run.path) for month in months for run in _folders_in(Path(month.path)) if _is_number(run.name)]

    def _highest(self) -> int:
        """The highest number of a deleted run."""
        try:
            text = (self.root / _HIGHEST).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return 0
        return int(text) if _is_number(text) else 0

    def _remember(self, number: int) -> None:
        if number > self._highest():
            replace_file(self.root / _HIGHEST, f"{number}\n".encode())

    def _refused(self, error: OSError) -> InputError:
        return InputError(
            f"the run cannot be kept in {self.root}: {why(error)}; make room there, or set MLTUI_HOME to another folder"
        )


def absolute(experiment: Experiment, folder: Path) -> Experiment:
    """The experiment with every file name in it, which are relative to a folder, made absolute.

    Those are the names of the data, of their samples and variations, and of the split's test files.
    """
    data, split = experiment.data, experiment.split
    samples = tuple(replace(sample, files=absolute_names(sample.files, folder)) for sample in data.samples)
    variations = tuple(replace(each, files=absolute_names(each.files, folder)) for each in data.variations)
    return replace(
        experiment,
        data=replace(data, files=absolute_names(data.files, folder), samples=samples, variations=variations),
        split=replace(split, test_files=absolute_names(split.test_files, folder)),
    )


def absolute_document(document: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """A draft, checked or not, with every file name in it made absolute."""
    made = dict(document)
    for name in ("data", "split"):
        if isinstance(document.get(name), Mapping):
            made[name] = absolute_section(document[name], folder)
    return made


def absolute_section(section: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """A draft's section, checked or not, with its file names and those of its entries made absolute."""
    made = dict(section)
    for name in ("files", "test_files"):
        if isinstance(section.get(name), list | tuple):
            made[name] = absolute_names(section[name], folder)
    for name in ("samples", "variations"):
        if isinstance(section.get(name), list | tuple):
            made[name] = [
                absolute_section(entry, folder) if isinstance(entry, Mapping) else entry for entry in section[name]
            ]
    return made


def absolute_names(files: Sequence[str], folder: Path) -> tuple[str, ...]:
    """File names and globs as absolute paths; addresses such as root:// stay."""
    return tuple(name if "://" in name else os.path.abspath(folder / os.path.expanduser(name)) for name in files)


def _folders_in(path: Path) -> Sequence[os.DirEntry[str]]:
    with contextlib.suppress(OSError), os.scandir(path) as entries:
        return [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
    return []


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) < 16 and not name.startswith("0")


def _at_path(path: Path) -> RunFolder:
    folder = RunFolder(path.absolute())
    if not path.is_dir():
        raise InputError(f"there is no run folder {path}")
    if not folder.resolved.exists() and not folder.events.exists():
        raise InputError(f"{path} is not a run folder; one holds resolved.toml and events.jsonl")
    for part in (folder.resolved, folder.events, folder.status, folder.launch, folder.predictions, folder.checkpoint):
        if part.exists() and not part.is_file():
            raise InputError(f"{part} is no plain file, as it should be in a run folder; it is left alone")
    return folder
