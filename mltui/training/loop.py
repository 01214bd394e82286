"""The one training loop: epochs of batches, in which every player moves in turn.

The training part comes in batches, in an order that a generator of its own gives anew for every epoch. After every
epoch, never within one, the learner judges itself. Between two batches, and only there, the loop hears what is asked of
it, changes values and writes checkpoints. It goes on from one bit for bit on a processor: the order of the epoch under
way is drawn again, and the batches that are behind are passed over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from mltui.core.events import Curve
from mltui.core.hyperparameters import Value
from mltui.core.sections import Part
from mltui.core.table import Floats
from mltui.training.checkpoints import Changed, Checkpoints
from mltui.training.early_stopping import Rule
from mltui.training.look_back import LookBack
from mltui.training.network_data import Batch, Shown
from mltui.training.player import Player
from mltui.training.report import Inside, Predict, Reporter

Found = Mapping[Part, Mapping[str, float]]


class Learner(Protocol):
    """What the loop trains.

    Attributes:
        players: they move at every batch, in this order.
        shown: the training part. batch_size: rows of a batch at the most. epochs: how many there are to be.
        rule: which epoch is kept, and when the patience ends.
        known: by part, the scores of the rows that were judged last, as `report.Pictures.look` takes them.
    """

    players: Sequence[Player]
    shown: Shown
    batch_size: int
    epochs: int
    rule: Rule
    known: Mapping[Part, Floats]

    def judge(self, epoch: int) -> tuple[Found, float | None]:
        """The points of the live curves, by part and name, and the number that the rule goes by, if there is one."""
        ...

    def change(self, key: str, value: Value) -> Value:
        """Set a value (dotted key) from the next batch on; the value before.

        Raises:
            InputError: where it cannot be that value, or cannot be changed.
        """
        ...

    def values(self) -> dict[str, Value]:
        """What `change` can set, by dotted key, as it is now."""
        ...

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Scores of inputs at the present weights."""
        ...

    def inside(self, points: NDArray[np.float32] | None, plane: NDArray[np.float32] | None = None) -> Any:
        """What the networks hold, as `report.Inside`."""
        ...


class Loop:
    """Trains a learner; made anew for each model of a run.

    Attributes:
        at: where training is on the axis of epochs, a fraction within one.

    Args:
        seed: of the order of the batches.
    """

    def __init__(self, learner: Learner, reporter: Reporter, checkpoints: Checkpoints, seed: int) -> None:
        self._learner, self._reporter, self._checkpoints = learner, reporter, checkpoints
        self._order = torch.Generator(learner.shown.device).manual_seed(seed)
        self._order_before = self._order.get_state()
        self._look_back = LookBack({player.name: player.module for player in learner.players}, learner.rule)
        self._replay: deque[Changed] = deque(checkpoints.replay)
        self._size = min(learner.batch_size, len(learner.shown))
        self._epoch, self._batch = 1, 0
        self._heard = True  # what is asked before the first batch is heard where the start is reported
        self.at = 0.0

    def begin(self, curves: Sequence[Curve]) -> None:
        """Start, or go on from where an earlier attempt has left it.

        Args:
            curves: what the learner's points are of.

        Raises:
            Stopped: where the run is asked to stop before its first step.
        """
        left = self._checkpoints.left
        if left is not None:
            self._restore(left.tensors, left.facts, left.epoch, left.batch, left.step)
        self._reporter.start(curves, self._learner.epochs, self._change)
        self._change_again()
        if left is None:
            self._look(0)

    def run(self) -> None:
        """All epochs that are left, or as many as the rule allows.

        Raises:
            Stopped: where the run is asked to stop and keep.
        """
        while self._epoch <= self._learner.epochs:
            self._train()
            if self._judge():
                return
            self._epoch += 1
            self._batch = 0

    def restore_best(self) -> None:
        """Give the networks the weights of the epoch that is kept; without patience those they have."""
        best = self._learner.rule.best
        if self._look_back.restore() and best is not None:
            self.at = float(best)

    # -- an epoch ------------------------------------------------------------------------------------------------
    def _train(self) -> None:
        """The rest of the present epoch."""
        players = self._learner.players
        for player in players:
            player.module.train()
        for batch in self._batches():
            for player in players:
                player.step(batch)
        self.at = float(self._epoch)

    def _batches(self) -> Iterator[Batch]:
        """The batches from the present one on, each once all that is asked before it is done."""
        behind, base = self._batch, self._epoch - 1
        self._order_before = self._order.get_state()
        share = 1 / -(-len(self._learner.shown) // self._size)
        for number, batch in enumerate(self._learner.shown.batches(self._size, self._order)):
            if number < behind:
                continue
            self._batch, self.at = number, base + number * share
            if self._heard:
                self._heard = False
            else:
                self._between()
            for player in self._learner.players:
                player.begin(self.at)
            yield batch

    def _between(self) -> None:
        """What is asked before the next batch."""
        self._change_again()
        self._reporter.checkpoint(self.at)
        if self._checkpoints.due():
            self.write_checkpoint()

    def _change_again(self) -> None:
        """What an earlier attempt was asked to change before the next batch."""
        while self._replay and (self._replay[0].epoch, self._replay[0].batch) <= (self._epoch, self._batch):
            again = self._replay.popleft()
            self._reporter.change(self.at, again.key, again.value)

    def _change(self, key: str, value: Value) -> dict[str, Any]:
        before = self._learner.change(key, value)
        return {"before": before, "epoch": self._epoch, "batch": self._batch}

    # -- after an epoch ------------------------------------------------------------------------------------------
    def _judge(self) -> bool:
        """Report the curves' points; whether the rule ends the training here."""
        found, monitored = self._learner.judge(self._epoch)
        self._reporter.metrics(self._epoch, found)
        reached = found["train"]["loss"] if monitored is None else monitored
        for player in self._learner.players:
            player.judged(-reached if monitored is not None and self._learner.rule.higher else reached)
        if monitored is not None and self._look_back.better(self._epoch, monitored):
            self._reporter.kept(self._epoch)
        self._look(self._epoch)
        return monitored is not None and self._learner.rule.exhausted(self._epoch)

    def _look(self, epoch: int) -> None:
        predict: Predict = self._learner.predict
        inside: Inside = self._learner.inside
        self._reporter.look(epoch, predict, lasting=True, inside=inside, known=self._learner.known)

    # -- checkpoints ---------------------------------------------------------------------------------------------
    def write_checkpoint(self) -> None:
        """Write down the state before the next batch; first what it came to is said, which will not be said again."""
        self._reporter.flush()
        tensors = {"order": self._order_before, **_random(self._learner.shown.device), **self._look_back.tensors()}
        facts: dict[str, Any] = {"rule": self._learner.rule.facts(), "values": self._learner.values(), "players": {}}
        for player in self._learner.players:
            state = player.state()
            tensors |= {f"player/{player.name}/{name}": values for name, values in state.tensors.items()}
            facts["players"][player.name] = dict(state.facts)
        arrays = {name: values.detach().cpu().numpy() for name, values in tensors.items()}
        self._checkpoints.write(self._epoch, self._batch, self.at, arrays, facts)

    def _restore(
        self, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any], epoch: int, batch: int, step: float
    ) -> None:
        tensors = {name: torch.from_numpy(values.copy()) for name, values in arrays.items()}
        for key, value in facts["values"].items():
            self._learner.change(key, value)
        for player in self._learner.players:
            prefix = f"player/{player.name}/"
            own = {name.removeprefix(prefix): values for name, values in tensors.items() if name.startswith(prefix)}
            player.restore(own, facts["players"][player.name])
        self._look_back.take(tensors)
        self._learner.rule.restore(facts["rule"])
        if self._learner.rule.best is not None:
            self._reporter.kept(self._learner.rule.best)
        self._order.set_state(tensors["order"])
        _restore_random(tensors, self._learner.shown.device)
        self._epoch, self._batch, self.at = epoch, batch, step


def _random(device: torch.device) -> dict[str, torch.Tensor]:
    """The state of the generators that dropout and noise draw from."""
    states = {"random/cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["random/cuda"] = torch.cuda.get_rng_state(device)
    return states


def _restore_random(tensors: Mapping[str, torch.Tensor], device: torch.device) -> None:
    torch.set_rng_state(tensors["random/cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random/cuda"], device)
