"""What the views look at: one run at one moment, with the choices of the person who looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mltui.core.sample import Sample
from mltui.core.sections import Task
from mltui.core.snapshot import Scores, Snapshot
from mltui.plots.look import Look
from mltui.record.followed import Tracks
from mltui.record.state import RunState
from mltui.views.picked import Picked

EARLIER = 3
"""So many runs before are kept to compare with."""


@dataclass(frozen=True, eq=False)
class Before:
    """A run that was in view before: its id, its classes, and what its model said of the part to judge by."""

    run: str
    classes: tuple[str, ...]
    scores: Scores


if TYPE_CHECKING:
    from mltui.runs.resources import Resources


@dataclass(frozen=True, eq=False)
class Shown:
    """A run and how it is looked at. A new value is made by `dataclasses.replace`; two are equal only if the same.

    Attributes:
        state: the run, folded from its events; `RunState()` before the first run.
        snapshot: what the model says at the moment looked at: the live frame, the kept snapshot under the cursor, or
            the final predictions. Replace it only when there is another one: views compare it by identity.
        sample: the raw rows of the run's fixed sample, or None. sampled: by part, what the model says of them at the
            moment looked at, in their order; a part is absent where that is not known.
        picked: which rows a person asked for, and which are followed. tracks: what kept snapshots say of the latter.
        previous: the run before, drawn dim behind the curve. previous_title: what changed since then, such as
            ``learning_rate 0.03 → 0.1``.
        earlier: runs that were in view before, the last one first.
        threshold: from which score on a row counts as the positive class, 0 to 1.
        metric: which metric the curve draws; empty or unknown: the run's first.
        cursor: the step looked back at, or None at the present.
        look: characters and colours.
        forms: by the name of a view in which of its forms it is drawn; its usual one where nothing is said.
        variable: the name of the variable that pictures of one are of; empty or unknown: the foremost.
        part: of which part the pictures of one are, where it has scores; validation, where there is one, if empty.
        target: which of several targets the pictures of one are of, by its place.
        log: whether the curve's axis is logarithmic.
        neighbours: of a model that asks neighbours, whose are shown in the surface: a row's, from 1, or 0 for no one's.
        hidden: whose sight of the rows the network's view shows: a hidden layer's, from 1, or 0 for the network itself.
        task, classes, weighted: what the run learns; of the run on the screen, not of the form.
        resources: what the run and its machine use, as last looked at; None where nobody did.
        log_lines: the end of the worker's log.
        starting: whether a run has been asked for; its first event ends that without being told.
        unanswered: for how many seconds the run's folder has not answered, as on a mount that hangs; 0 where it does.
    """

    state: RunState = field(default_factory=RunState)
    snapshot: Snapshot | None = None
    sample: Sample | None = None
    sampled: Mapping[str, Scores] = field(default_factory=dict)
    picked: Picked = field(default_factory=Picked)
    tracks: Tracks | None = None
    previous: RunState | None = None
    previous_title: str = ""
    earlier: tuple[Before, ...] = ()
    threshold: float = 0.5
    metric: str = ""
    cursor: float | None = None
    look: Look = field(default_factory=Look)
    forms: Mapping[str, str] = field(default_factory=dict)
    variable: str = ""
    part: str = ""
    target: int = 0
    log: bool = False
    hidden: int = 0
    neighbours: int = 0
    task: Task = "classification"
    classes: tuple[str, ...] = ()
    weighted: bool = False
    log_lines: tuple[str, ...] = ()
    resources: Resources | None = None
    starting: bool = False
    unanswered: int = 0

    @property
    def awaited(self) -> bool:
        """Whether a run has been asked for and has not said its first word."""
        return self.starting and not self.state.started and not self.state.ended

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the metrics the run draws curves of, in the order it declared them; `m` goes through them."""
        return tuple(dict.fromkeys(curve.name for curve in self.state.curves))

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of several targets, with their units; none for one alone. `t` goes through them."""
        return tuple(str(label) for label in self.state.started.get("target_labels") or ())

    @property
    def of_target(self) -> int:
        """The place of the target that pictures of one are of."""
        return self.among(len(self.targets))

    def among(self, targets: int) -> int:
        """That place where a picture knows of so many targets: one of the run before may know of fewer."""
        return self.target if self.target < targets else 0

    @property
    def target_name(self) -> str:
        """Its name with its unit; empty before a run has said it."""
        return self.targets[self.of_target] if self.targets else str(self.state.started.get("target") or "")

    @property
    def curve_metric(self) -> str:
        """The metric the curve draws now; empty before a run has declared any."""
        return self.metric if self.metric in self.metrics else next(iter(self.metrics), "")

    @property
    def hidden_layers(self) -> int:
        """How many hidden layers the network at this moment has, as far as that is kept."""
        layers = self.snapshot.layers if self.snapshot else None
        return max(0, len(layers.names) - 1) if layers else 0

    @property
    def hidden_layer(self) -> int:
        """Whose sight of the rows the network's view shows at this moment: a hidden layer's, from 1, or 0."""
        return min(self.hidden, self.hidden_layers)

    @property
    def gist(self) -> tuple[object, ...]:
        """What of the run decides which views and keys there are."""
        state, snapshot = self.state, self.snapshot
        return (
            state.phase, state.run, id(state.started), state.changes, bool(state.variations), self.task, self.classes,
            self.cursor, snapshot is None,
            snapshot is not None and snapshot.surface is not None,
            snapshot is not None and snapshot.layers is not None, self.hidden, self.hidden_layers,
            snapshot is not None and snapshot.found is not None and snapshot.found.kinds, self.neighbours,
            any(step < (self.cursor or state.step) for step, _ in state.snapshots),
            bool(state.importance), bool(self.sampled), tuple(self.forms.items()),
            self.picked, self.sample is None,
        )  # fmt: skip
