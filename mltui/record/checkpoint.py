"""Checkpoints: all that training needs to go on as if nothing had happened, in one file that is replaced at one stroke.

A file holds tensors (safetensors) and, in its header, facts (JSON); nothing is ever unpickled. Which of a run's models
are done, and so need no training any more, is a small file beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from mltui.record.files import private_part, replace_file
from mltui.record.folder import RunFolder
from mltui.record.status import read_object

FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """The state of a training between two batches.

    Attributes:
        member: which of the run's models is trained, counted from 0.
        epoch, batch: the batch that comes next: epochs count from 1, batches from 0.
        step: where that is on the axis of the curves.
        tensors: named arrays.
        facts: what JSON can hold.
    """

    member: int
    epoch: int
    batch: int
    step: float
    tensors: Mapping[str, NDArray[np.generic]]
    facts: Mapping[str, Any]


def write_checkpoint(folder: RunFolder, checkpoint: Checkpoint) -> None:
    """Replace the run's checkpoint.

    Raises:
        OSError: where it cannot be written; the old one then stands.
    """
    head = {
        "format": FORMAT,
        "member": checkpoint.member,
        "epoch": checkpoint.epoch,
        "batch": checkpoint.batch,
        "step": checkpoint.step,
        "facts": dict(checkpoint.facts),
    }
    tensors = {name: np.require(values, requirements="C") for name, values in checkpoint.tensors.items()}
    private_part(folder.checkpoints)
    replace_file(folder.checkpoint, save(tensors, {"mltui": json.dumps(head)}))


def read_checkpoint(folder: RunFolder) -> Checkpoint | None:
    """The run's checkpoint, or None where there is none that can be read."""
    try:
        with safe_open(folder.checkpoint, "numpy") as file:
            head = json.loads((file.metadata() or {})["mltui"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
        if head["format"] > FORMAT:
            return None
        member, epoch, batch = (int(head[name]) for name in ("member", "epoch", "batch"))
        return Checkpoint(member, epoch, batch, float(head["step"]), tensors, dict(head["facts"]))
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RecursionError):
        return None


def forget_checkpoint(folder: RunFolder) -> None:
    """Remove it, where there is one: nothing goes on from it any more.

    Raises:
        OSError: where it cannot be removed.
    """
    folder.checkpoint.unlink(missing_ok=True)


def write_done(folder: RunFolder, names: Sequence[str]) -> None:
    """Say which models of a run are trained and kept.

    Raises:
        OSError: where it cannot be written.
    """
    private_part(folder.checkpoints)
    replace_file(folder.done, json.dumps({"format": FORMAT, "done": list(names)}).encode() + b"\n")


def read_done(folder: RunFolder) -> tuple[str, ...]:
    """The names of the models that are trained and kept; none where nothing says so."""
    document = read_object(folder.done)
    names = document.get("done") if document else None
    return tuple(map(str, names)) if isinstance(names, list) else ()
