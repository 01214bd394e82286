"""The one torch loop: every network of the catalogue is trained here.

The training part comes in batches, in an order that a generator of its own gives anew for every epoch. After every
epoch, never within one, the network is judged in evaluation mode: the live curves of both parts on a fixed sample of
at most `LIVE_ROWS` rows each, so that train and validation are comparable, and the validation loss, by which early
stopping decides, on all of its rows. A regression target is fitted at mean 0 and spread 1; scores and losses are
reported in its own unit.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace

import numpy as np
import torch

from mltui.core.hyperparameters import Value
from mltui.core.sections import Part
from mltui.data.laid_out import put_away
from mltui.evaluation.metrics import quick
from mltui.inference.network import Blueprint, FittedNetwork, Target
from mltui.models.network import optimizer
from mltui.training.early_stopping import Rule
from mltui.training.fit_weights import scaled
from mltui.training.look_back import LookBack
from mltui.training.losses import Loss, loss_of
from mltui.training.network_data import Shown, shown, target_of
from mltui.training.problem import Problem, Rows, TrainingError
from mltui.training.report import Reporter, Stopped, live_curves
from mltui.training.work import WORTH_SHARING, step_operations


def fit(problem: Problem, reporter: Reporter) -> FittedNetwork:
    """Train the network of the problem's card.

    With early stopping the best epoch's weights are kept, otherwise the last epoch's. A stop within an epoch keeps
    the weights as they are then, unless early stopping has better ones.

    Raises:
        InputError: where early stopping has nothing to judge by.
        TrainingError: where the loss stops being a number, or the data cannot be trained on.
    """
    loop = _Loop(problem, reporter)
    reporter.start(live_curves(problem.task, "epoch", list(problem.parts)), loop.epochs)
    with contextlib.suppress(Stopped):
        loop.run()
    return loop.finish()


class _Loop:
    def __init__(self, problem: Problem, reporter: Reporter) -> None:
        self._problem, self._reporter = problem, reporter
        self._settings = settings = problem.experiment.training
        self.epochs = _integer(settings["epochs"])
        device = torch.device(problem.device)
        target = target_of(problem.fit) if problem.task == "regression" else Target()
        blueprint = Blueprint(problem.shape, problem.experiment.model.hyperparameters, settings, target)
        self._module = blueprint.build(problem.card, problem.experiment.seed).to(device)
        self._fitted = FittedNetwork(self._module, blueprint)
        torch.set_num_threads(_worthwhile_threads(problem, self._module))
        self._loss: Loss = loss_of(problem.shape)
        self._optimiser = optimizer(
            str(settings["optimizer"]),
            self._module.parameters(),
            _number(settings["learning_rate"]),
            _number(settings["weight_decay"]),
        )
        self._train = shown(problem.fit, problem.live["train"], problem.fit_weighted, blueprint, device)
        self._validation = _validation(problem, blueprint, device)
        self._look_back = LookBack(self._module, Rule.of(problem))
        self._sampled = problem.validation is not problem.live.get("validation")
        patient = self._look_back.rule.patience is not None
        self._needs_all = _can_judge(problem.validation) and (patient or self._sampled)
        self._generator = torch.Generator(device).manual_seed(problem.experiment.seed)
        self._at = 0.0

    def run(self) -> None:
        """All epochs, or as many as early stopping allows."""
        self._reporter.look(0, self._fitted.predict, lasting=True)
        for epoch in range(1, self.epochs + 1):
            self._epoch(epoch)
            done = self._judge(epoch)
            self._reporter.look(epoch, self._fitted.predict, lasting=True)
            if done:
                return
            if epoch < self.epochs:
                self._reporter.checkpoint(epoch)

    def _epoch(self, epoch: int) -> None:
        module, loss, step = self._module, self._loss, self._optimiser.step
        checkpoint, clear = self._reporter.checkpoint, self._optimiser.zero_grad
        size = min(_integer(self._settings["batch_size"]), len(self._train))
        share = 1 / -(-len(self._train) // size)
        module.train()
        for batch, (x, target, weight) in enumerate(self._train.batches(size, self._generator)):
            if batch:
                self._at = epoch - 1 + batch * share
                checkpoint(self._at)
            clear()
            loss(module(x), target, weight).backward()  # type: ignore[no-untyped-call]
            step()
        self._at = float(epoch)

    # -- after an epoch ------------------------------------------------------------------------------------------
    def _judge(self, epoch: int) -> bool:
        """Report the curves' points; whether early stopping ends the training here."""
        found: dict[Part, dict[str, float]] = {}
        found["train"] = self._quick("train", self._train.live(self._fitted), epoch)
        monitored = None
        if self._validation is not None:
            outputs, monitored = self._validation.judged(self._fitted, self._loss if self._needs_all else None)
            found["validation"] = self._quick("validation", outputs, epoch)
            if monitored is not None and self._sampled:
                found["validation"]["loss"] = monitored * self._fitted.blueprint.target.spread**2
        self._reporter.metrics(epoch, found)
        if monitored is None:
            return False
        if self._look_back.better(epoch, monitored):
            self._reporter.kept(epoch)
        return self._look_back.rule.exhausted(epoch)

    def _quick(self, part: Part, outputs: torch.Tensor, epoch: int) -> dict[str, float]:
        """The live metrics of a part's sample from its raw outputs."""
        scores = self._fitted.scores(outputs)
        if not np.isfinite(scores).all():
            raise self._diverged(epoch)
        return quick(self._problem.live[part].scored(scores), self._problem.task, self._problem.classes)

    def _diverged(self, epoch: int) -> TrainingError:
        rate = _number(self._settings["learning_rate"])
        scaling = "" if self._problem.experiment.preprocess.scale != ("none",) else ' or preprocess.scale = "standard"'
        return TrainingError(
            f"the loss is no longer a number after epoch {epoch}: a learning_rate of {rate:g} lets the weights "
            f"explode; try {rate / 10:g}{scaling}",
            cause="diverged",
        )

    def finish(self) -> FittedNetwork:
        """The network with the weights that are kept."""
        if self._look_back.rule.best is not None:
            self._look_back.restore()
            self._at = float(self._look_back.rule.best)
        self._fitted.kept = int(self._at) if self._at == math.floor(self._at) else round(self._at, 3)
        self._module.eval()
        return self._fitted


def _validation(problem: Problem, blueprint: Blueprint, device: torch.device) -> Shown | None:
    """All validation rows by the weights they are judged by, brought to mean 1; None where there are none."""
    rows, weighted = problem.validation, False
    if rows is None:
        return None
    if problem.weighted and _can_judge(rows):
        weights, weighted = scaled(rows.weights, rows.target, balance=False), True
        rows = replace(rows, weights=put_away(weights) if rows.on_disk else weights)
    return shown(rows, problem.live["validation"], weighted, blueprint, device)


def _can_judge(rows: Rows | None) -> bool:
    return rows is not None and bool(rows.weights.sum() > 0)


def _worthwhile_threads(problem: Problem, module: torch.nn.Module) -> int:
    """One thread where a step is little work: two would mostly wait for each other, on a busy machine for very long."""
    batch_size = _integer(problem.experiment.training["batch_size"])
    return problem.threads if step_operations(module, batch_size, len(problem.fit)) >= WORTH_SHARING else 1


def _number(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a number was expected, not {value!r}")
    return float(value)


def _integer(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a whole number was expected, not {value!r}")
    return value
