"""A network that learns a target: one player, its loss on the batches, and its judgement after every epoch.

The live curves of both parts are of a fixed sample of at most `ModelCard.live_rows` rows each, so that train and
validation are comparable; the validation loss, by which early stopping decides, is of all of its rows. A regression
target is fitted at mean 0 and spread 1; scores and losses are reported in its own unit. Of several targets each is
scaled by itself; the loss that is minimised, the mean over the scaled targets, has a curve of its own beside the
usual one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from mltui.core.hyperparameters import Value
from mltui.core.sections import Part
from mltui.core.snapshot import Layers
from mltui.core.table import Floats
from mltui.data.laid_out import put_away
from mltui.inference.fitted import Inputs
from mltui.inference.network import Blueprint, FittedNetwork, Target
from mltui.training import penalties
from mltui.training.changing import Settings
from mltui.training.constant import constant_loss
from mltui.training.early_stopping import LOSS, Rule
from mltui.training.explosion import Explosion, learnt_nothing
from mltui.training.fit_weights import scaled
from mltui.training.inside import layers_of
from mltui.training.live import judged
from mltui.training.loop import Found
from mltui.training.losses import Loss, loss_of, named_loss, unit
from mltui.training.network_data import Batch, Judged, Shown, shown, target_of
from mltui.training.optimizers import optimiser
from mltui.training.player import Objective, Player
from mltui.training.problem import Problem, Rows
from mltui.training.rates import Rate
from mltui.training.work import WORTH_SHARING, step_operations


class Supervised:
    """A network of the catalogue with its rows, ready for the loop, as `loop.Learner`.

    Attributes:
        fitted: the network; its weights move.
        own_curves: the names of the curves that show the loss that is minimised, where that is not the usual one.
        known: as `loop.Learner.known`.

    Raises:
        InputError: where early stopping has nothing to judge by, or the settings do not suit the task.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        training = problem.experiment.training
        device = torch.device(problem.device)
        target = target_of(problem.fit) if problem.task == "regression" else Target()
        if not problem.experiment.model.hyperparameters.get("fit_intercept", True):
            target = target.centred()  # without a constant, nothing could bring the mean back
        blueprint = Blueprint(problem.shape, problem.experiment.model.hyperparameters, training, target)
        self._device = device
        self._module = blueprint.build(problem.card, problem.experiment.seed).to(device)
        self.fitted = FittedNetwork(self._module, blueprint)
        torch.set_num_threads(_worthwhile_threads(problem, self._module))
        self.rule = Rule.of(problem)
        self._settings = Settings(problem)
        self._name = name = named_loss(problem.shape, problem.card.loss or str(training.get("loss", "auto")))
        self._loss: Loss = loss_of(problem.shape, name)
        self._unit = unit(problem.shape, name, target.spread)
        # of several targets the usual loss is in their own units, and what is minimised counts them alike
        own = name != named_loss(problem.shape, "auto") or problem.shape.targets > 1
        self.own_curves: tuple[str, ...] = (f"{name}_loss",) if own else ()
        self._parts = self._judged_parts(blueprint, device)
        self.known: Mapping[Part, Floats] = {}
        self.shown: Shown = shown(problem.fit, problem.fit_weighted, blueprint, device)
        moving = optimiser(training, list(self._module.parameters()), problem.experiment.seed)
        self.epochs = _integer(training["epochs"])
        self.batch_size = len(self.shown) if moving.whole else min(_integer(training["batch_size"]), len(self.shown))
        rate = Rate.of(training, self.epochs)
        self._player = Player("", self._module, self._objective(device), moving, rate, self._holds())
        self.players: Sequence[Player] = (self._player,)
        self._explosion = Explosion(problem, target)

    # -- the loss of a batch -------------------------------------------------------------------------------------
    def _objective(self, device: torch.device) -> Objective:
        module, loss, settings = self._module, self._loss, self._settings
        mixed = self._problem.experiment.training.get("precision") == "mixed"

        def plain(batch: Batch) -> torch.Tensor:
            x, target, weights = batch
            noise = settings.noise
            outputs: torch.Tensor = module(penalties.noisy(x, noise) if noise else x)
            return loss(outputs, target, weights)

        def halved(batch: Batch) -> torch.Tensor:
            with torch.autocast(device.type, torch.bfloat16):
                x = penalties.noisy(batch[0], settings.noise)
                outputs: torch.Tensor = module(x)
            return loss(outputs.float(), batch[1], batch[2])

        return halved if mixed else plain

    def _holds(self) -> tuple[Callable[[float], None], ...]:
        """What keeps the weights within bounds after each step; biases are free."""
        weights = [p for name, p in self._module.named_parameters() if name.endswith("weight") and p.ndim > 1]
        longest = self._problem.experiment.model.hyperparameters.get("max_norm")
        holds: list[Callable[[float], None]] = [self._shrink(weights)]
        if isinstance(longest, int | float):
            holds.append(lambda _rate: penalties.hold_norms(weights, float(longest)))
        return tuple(holds)

    def _shrink(self, weights: Sequence[torch.nn.Parameter]) -> Callable[[float], None]:
        settings = self._settings

        def shrink(rate: float) -> None:
            if settings.l1:
                penalties.soft_threshold(weights, rate * settings.l1)

        return shrink

    # -- after an epoch ------------------------------------------------------------------------------------------
    def _judged_parts(self, blueprint: Blueprint, device: torch.device) -> dict[Part, Judged]:
        """Each part's fixed sample; the loss of validation is that of all its rows."""
        problem = self._problem
        self._live, places = dict(problem.live), dict(problem.live_places)
        whole = problem.validation
        if whole is not None and self.rule.monitor != LOSS and not whole.on_disk:
            # then all of them give the metric that decides, too
            self._live["validation"], places["validation"] = whole, np.arange(len(whole))
        judge = {"validation": whole} if whole is not None and _can_judge(whole) else {}
        weighted = problem.weighted
        return {
            part: Judged(
                _weighed(live, weighted),
                places[part],
                _weighed(judge[part], weighted) if part in judge else None,
                weighted and _can_judge(live),
                blueprint,
                device,
            )
            for part, live in self._live.items()
        }

    def judge(self, epoch: int) -> tuple[Found, float | None]:
        """As `loop.Learner.judge`.

        Raises:
            TrainingError: where the loss has exploded.
        """
        found: dict[Part, dict[str, float]] = {}
        known: dict[Part, Floats] = {}
        monitored: float | None = None
        for part, rows in self._parts.items():
            outputs, total = rows.judged(self.fitted, self._loss)
            known[part] = scores = self.fitted.scores(outputs)
            self._explosion.refuse(scores, epoch, self._player.optimiser.learning_rate)
            found[part] = judged(self._problem, self._live[part].scored(scores))
            if self.own_curves:
                loss = rows.loss(self._loss, outputs) if total is None else total
                found[part][self.own_curves[0]] = loss * self._unit
            elif total is not None and rows.sampled:
                found[part]["loss"] = total * self._unit
            if part == "validation":
                monitored = total if self.rule.monitor == LOSS else found[part][self.rule.monitor]
        self.known = known
        return found, monitored

    def learnt_nothing(self) -> str:
        """A sentence where the network, as it is, is no better than one answer for every row, as the fit weighs them;
        else empty."""
        problem, blueprint = self._problem, self.fitted.blueprint
        rows = problem.fit.sample(problem.card.live_rows)
        values = rows.target if problem.task == "classification" else blueprint.target.scaled(rows.target)
        constant = constant_loss(values, rows.weights if problem.fit_weighted else None, problem.shape, self._name)
        fitted = Judged(rows, np.arange(len(rows)), None, problem.fit_weighted, blueprint, self._device)
        loss = fitted.loss(self._loss, fitted.outputs(self.fitted))
        return learnt_nothing(loss * self._unit, constant * self._unit, self._name)

    def predict(self, x: Inputs) -> Floats:
        """Scores at the present weights."""
        return self.fitted.predict(x)

    def inside(self, points: Inputs | None, plane: Inputs | None = None) -> Layers:
        """As `report.Inside`; the gradient is that of the train sample's loss."""
        train = self._parts["train"]
        return layers_of(self._module, partial(train.objective, self._module, self._loss), points, plane)

    # -- what can be changed -------------------------------------------------------------------------------------
    def values(self) -> dict[str, Value]:
        """As `loop.Learner.values`."""
        return self._settings.values()

    def change(self, key: str, value: Value) -> Value:
        """As `loop.Learner.change`.

        Raises:
            InputError: where it cannot be that value, or cannot be changed.
        """
        before, value = self._settings.put(key, value)
        if key == "training.learning_rate":
            self._player.rate.base = float(value)  # type: ignore[arg-type]
        elif key == "training.weight_decay":
            self._player.optimiser.weight_decay = float(value)  # type: ignore[arg-type]
        elif key == "training.early_stopping":
            self.rule.have_patience(value, self._problem)
        elif key.startswith("model."):
            self._problem.card.change(self._module, self._settings.model())
            self._module.train()
        return before


def _weighed(rows: Rows, weighted: bool) -> Rows:
    """With the weights that they are judged by at mean 1, where they have any that can be."""
    if not weighted or not _can_judge(rows):
        return rows
    weights = scaled(rows.weights, rows.target, balance=False)
    return replace(rows, weights=put_away(weights) if rows.on_disk else weights)


def _can_judge(rows: Rows | None) -> bool:
    return rows is not None and bool(rows.weights.sum() > 0)


def _worthwhile_threads(problem: Problem, module: torch.nn.Module) -> int:
    """One thread where a step is little work: two would mostly wait for each other, on a busy machine for very long."""
    batch_size = problem.experiment.training["batch_size"]
    size = _integer(batch_size)
    return problem.threads if step_operations(module, size, len(problem.fit)) >= WORTH_SHARING else 1


def _integer(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a whole number was expected, not {value!r}")
    return value
