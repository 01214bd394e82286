"""What a run reports: events by kind, and the curves that a run declares when it starts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

EVENT_FORMAT = 1
Axis = Literal["epoch", "step", "tree", "iteration", "training_size"]
CurvePart = Literal["train", "validation", "test", "out_of_bag"]
OUT_OF_BAG: CurvePart = "out_of_bag"
CURVE_PARTS: tuple[Literal["train", "validation", "out_of_bag"], ...] = ("train", "validation", "out_of_bag")
STEPS = frozenset({"epoch", "step", "tree", "iteration"})
"""The axes along which one model grows; along any other, such as training_size, each point is of a model of its own."""


@dataclass(frozen=True)
class Curve:
    """One line a run will draw: a metric of a part, along an axis. `better` says which way is good.

    Out of bag are rows of the training part, each judged by the trees that were not grown on it. `member` names one of
    the run's models where it trains several: ``fold 1``, ``seed 7``, ``refit``.
    """

    name: str
    part: Literal["train", "validation", "out_of_bag"]
    axis: str
    better: Literal["lower", "higher"]
    member: str = ""

    def document(self) -> dict[str, str]:
        """The curve as JSON holds it."""
        return {"name": self.name, "part": self.part, "axis": self.axis, "better": self.better, "member": self.member}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Curve:
        """The curve from its JSON; unknown fields are ignored."""
        return cls(
            str(document["name"]), document["part"], document["axis"], document["better"], document.get("member", "")
        )


@dataclass(frozen=True)
class Event:
    """One fact. `fields` depends on the kind:

    started: format, run, model, task, dataset, axis, total (steps or null), curves, parts (rows of each), classes,
        features, controls (what it can be asked for: pause, step, batch, stop), changeable (the dotted keys of the
        settings that can be changed while it trains), model_title, target (with its unit), target_name, of several
        targets also targets (their names) and target_labels (with their units), weighted;
        members (the names of the models where there are several, in order), processes (of all rows, as core.process
        has them), process_names (what the rows' processes are an index into), luminosity (in 1/fb, where the weights
        are expected events), duplicates (by part, how many of its rows equal a training row)
    pipeline: steps (what is done to the inputs, in order), variables (each before) and outputs (after), as
        data.pipeline says
    progress: axis (list of steps), columns (one list a declared curve, null for a gap), rate (steps a second),
        done (0 to 1, of all members together), seconds_left (or null), kept (the best step so far, or absent); member
        (index into the members; its curves alone are in columns then) and the total of its axis; before the started
        event only reading (0 to 1): the share of the data that is read
    snapshot: files (the kept snapshots, [step, file] in order of time: thinning may have dropped earlier ones)
    evaluated: part, metrics, opening (test only: how many times it has now been opened), spread (mean and deviation
        of each metric over the folds or seeds), yields (as evaluation.yields), variations (by name, as
        evaluation.variations), importance (as core.permutation has it); what an event of the part does not have stays
        as it was said before
    changed: step, key, value, before (what it was until then), epoch and batch (the numbers of those that come next),
        member (index into the members, where there are several)
    paused, continued: step
    resumed: step, from (the step of the checkpoint that training goes on from: what was said of later ones is void),
        member (index of the model that it is of; those after it begin anew; absent: the first)
    warning: message
    finished, stopped: step, kept (the step whose model was kept, or null; of several models the rounded mean), seconds
        (of all attempts together)
    failed: message (one sentence), cause (input, memory, disk, diverged, died, crash), log (the file to look in)
    """

    seq: int
    attempt: int
    kind: str
    time: float
    fields: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The event as one flat JSON object; what is not a finite number is null."""
        head = {"seq": self.seq, "attempt": self.attempt, "kind": self.kind, "time": self.time}
        return {**head, **finite(dict(self.fields))}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Event:
        """The event from its JSON object.

        Raises:
            KeyError: where seq, attempt, kind or time is absent.
        """
        fields = {k: v for k, v in document.items() if k not in ("seq", "attempt", "kind", "time")}
        return cls(int(document["seq"]), int(document["attempt"]), str(document["kind"]), document["time"], fields)


def finite(value: Any) -> Any:
    """Plain JSON values: NumPy numbers and arrays as Python's, NaN and infinities as None."""
    if isinstance(value, Mapping):
        return {str(k): finite(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return finite(value.tolist())
    if isinstance(value, list | tuple):
        return [finite(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
