"""The loop itself: several players, each with its own loss, move in turn; steps and batches are held where asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from mltui.core.events import Curve
from mltui.core.sections import Part
from mltui.core.snapshot import Layers
from mltui.core.table import Floats
from mltui.training.checkpoints import Checkpoints
from mltui.training.early_stopping import Rule
from mltui.training.loop import Loop
from mltui.training.network_data import Batch, Shown
from mltui.training.optimizers import optimiser
from mltui.training.player import Player
from mltui.training.rates import Rate
from mltui.training.report import Reporter

SETTINGS: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.02, "epochs": 60}


class Rows:
    """Numbers from a normal distribution around 3, in batches."""

    device = torch.device("cpu")

    def __init__(self) -> None:
        self.x = 3 + 0.5 * torch.randn(200, 1, generator=torch.Generator().manual_seed(1))

    def __len__(self) -> int:
        return len(self.x)

    def batches(self, size: int, generator: torch.Generator) -> Iterator[Batch]:
        order = torch.randperm(len(self.x), generator=generator)
        for rows in torch.split(order, size):
            yield self.x[rows], self.x[rows], None


class Adversaries:
    """A generator that shifts noise, and a critic that tells its numbers from the real ones."""

    def __init__(self) -> None:
        torch.manual_seed(3)
        self.shown: Shown = Rows()
        self.batch_size, self.epochs, self.rule = 50, int(SETTINGS["epochs"]), Rule()
        self.generator = torch.nn.Linear(1, 1)
        self.critic = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
        self.seen: list[str] = []
        self.known: Mapping[Part, Floats] = {}
        self.players: Sequence[Player] = [
            self._player("critic", self.critic, self._critic_loss),
            self._player("generator", self.generator, self._generator_loss),
        ]

    def _player(self, name: str, module: torch.nn.Module, objective: Any) -> Player:
        moving = optimiser(SETTINGS, list(module.parameters()), 1)
        return Player(name, module, objective, moving, Rate.of(SETTINGS, self.epochs))

    def _made(self, rows: int) -> torch.Tensor:
        made: torch.Tensor = self.generator(torch.randn(rows, 1))
        return made

    def _critic_loss(self, batch: Batch) -> torch.Tensor:
        self.seen.append("critic")
        real, made = self.critic(batch[0]), self.critic(self._made(len(batch[0])).detach())
        softplus = torch.nn.functional.softplus
        loss: torch.Tensor = softplus(-real).mean() + softplus(made).mean()
        return loss

    def _generator_loss(self, batch: Batch) -> torch.Tensor:
        self.seen.append("generator")
        loss: torch.Tensor = torch.nn.functional.softplus(-self.critic(self._made(len(batch[0])))).mean()
        return loss

    def judge(self, epoch: int) -> tuple[Any, float | None]:
        return {"train": {"loss": float(self.generator.bias.detach())}}, None

    def change(self, key: str, value: Any) -> Any:
        raise AssertionError

    def values(self) -> dict[str, Any]:
        return {}

    def predict(self, x: np.ndarray) -> np.ndarray:
        return x[:, 0].astype(np.float64)

    def inside(self, points: Any, plane: Any = None) -> Layers:
        return Layers(())


def trained(checkpoints: Checkpoints | None = None) -> tuple[Adversaries, list[tuple[str, dict[str, Any]]]]:
    said: list[tuple[str, dict[str, Any]]] = []
    players = Adversaries()
    reporter = Reporter(lambda kind, **fields: said.append((kind, fields)))
    loop = Loop(players, reporter, checkpoints or Checkpoints(), 1)
    loop.begin([Curve("loss", "train", "epoch", "lower")])
    loop.run()
    reporter.flush()
    return players, said


def test_two_players_with_two_losses_move_in_turn() -> None:
    players, said = trained()
    batches = int(SETTINGS["epochs"]) * 4
    assert players.seen == ["critic", "generator"] * batches
    made = players.generator(torch.randn(2000, 1, generator=torch.Generator().manual_seed(2)))
    assert abs(float(made.detach().mean()) - 3) < 0.7, "what is made has come to where the real numbers are"
    assert sum(len(fields["axis"]) for kind, fields in said if kind == "progress") == SETTINGS["epochs"]


def test_two_players_are_trained_the_same_again() -> None:
    one, other = trained()[0], trained()[0]
    for mine, theirs in zip(one.players, other.players, strict=True):
        for a, b in zip(mine.module.parameters(), theirs.module.parameters(), strict=True):
            assert torch.equal(a, b)
