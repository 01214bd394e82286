"""The trainings that training.py compares, one in a process of its own, which notes when each epoch was over.

    python tests/benchmarks/training_peers.py WAY FOLDER

The folder holds task.json, rows.npz and experiment.toml as training.py writes them; moments.json appears in it: the
clock in seconds at the end of every epoch. All train the same network on as many rows in the same batches.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import itertools
import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mltui.core.sections import Part
from mltui.training.problem import Problem

LEARNING_RATE = 0.001
JUDGED_AT_ONCE = 4_096
"""Validation rows that a peer takes in one batch, where it lets itself be told."""
NICENESS = 5
"""That of the worker, so that whatever else the machine does slows all alike."""


class Task:
    """What is to be trained, read from the folder.

    Attributes:
        layers: the hidden ones.
        train: inputs of shape (rows, features) and labels of shape (rows,), both float32.
        validation: likewise.
        moments: the clock at the end of each epoch so far.
    """

    def __init__(self, folder: Path) -> None:
        facts = json.loads((folder / "task.json").read_text())
        self.folder = folder
        self.layers: list[int] = facts["layers"]
        self.activation: str = facts["activation"]
        self.batch: int = facts["batch"]
        self.epochs: int = facts["epochs"]
        self.threads: int = facts["threads"]
        rows = np.load(folder / "rows.npz")
        self.train, self.validation = ((rows[f"{part}_x"], rows[f"{part}_y"]) for part in ("train", "validation"))
        self.moments: list[float] = []

    def over(self, *_: Any, **__: Any) -> None:
        """Note that an epoch is over; takes whatever a library's callback is given."""
        self.moments.append(time.perf_counter())

    def network(self) -> torch.nn.Sequential:
        """The network in plain torch, ending in one logit."""
        torch.manual_seed(1)
        widths = [self.train[0].shape[1], *self.layers]
        bend = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[self.activation]
        layers: list[torch.nn.Module] = []
        for width_in, width_out in itertools.pairwise(widths):
            layers += [torch.nn.Linear(width_in, width_out), bend()]
        return torch.nn.Sequential(*layers, torch.nn.Linear(widths[-1], 1))

    def tensors(self, part: tuple[Any, Any]) -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs of shape (rows, features) and labels of shape (rows, 1)."""
        return torch.from_numpy(part[0]), torch.from_numpy(part[1]).unsqueeze(1)


def loader(task: Task) -> None:
    """The loop of the tutorials: a DataLoader, Adam as it comes, nothing judged."""
    from torch.utils.data import DataLoader, TensorDataset

    network, loss = task.network(), torch.nn.BCEWithLogitsLoss()
    adam = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    batches = DataLoader(TensorDataset(*task.tensors(task.train)), batch_size=task.batch, shuffle=True)
    for _ in range(task.epochs):
        for inputs, targets in batches:
            adam.zero_grad()
            loss(network(inputs), targets).backward()
            adam.step()
        task.over()


def views(task: Task) -> None:
    """The fastest loop of the plain kind: rows shuffled once an epoch, batches as views, fused Adam, nothing judged."""
    network, loss = task.network(), torch.nn.BCEWithLogitsLoss()
    adam = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    x, y = task.tensors(task.train)
    for _ in range(task.epochs):
        order = torch.randperm(len(x))
        for inputs, targets in zip(torch.split(x[order], task.batch), torch.split(y[order], task.batch), strict=True):
            adam.zero_grad()
            loss(network(inputs), targets).backward()
            adam.step()
        task.over()


class _Untold(Problem):
    """A problem of whose rows two speak for each part, so that nothing worth a moment is judged."""

    @cached_property
    def live_places(self) -> Mapping[Part, NDArray[np.integer]]:
        return dict.fromkeys(self.parts, np.arange(2))


class _Clock:
    """Stands where pictures are drawn, after every epoch, and only looks at the clock."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def look(self, step: float, *_: Any, **__: Any) -> None:
        if step:
            self._task.over()

    def glance(self, *_: Any, **__: Any) -> None:
        """Nobody looks."""

    def changed(self) -> None:
        """Nothing is kept."""


def loop(task: Task) -> None:
    """The worker's own loop by itself: no validation rows, no live sample, no pictures, and events that go nowhere."""
    _own(task, judged=False)


def judging(task: Task) -> None:
    """The same with the loss of all validation rows after every epoch."""
    _own(task, judged=True)


def _own(task: Task, *, judged: bool) -> None:
    from mltui.runs.experiments import load
    from mltui.training import devices, network
    from mltui.training.prepare import prepare
    from mltui.training.report import Reporter

    problem = prepare(load(task.folder / "experiment.toml"), task.folder).member(0).problem
    given = {field.name: getattr(problem, field.name) for field in dataclasses.fields(problem)}
    devices.limit_threads(task.threads, torch=True)
    network.fit(
        _Untold(**{**given, "parts": problem.parts if judged else {"train": problem.train}}),
        Reporter(lambda *_, **__: None, pictures=_Clock(task)),
    )


def lightning(task: Task) -> None:
    """Lightning without its bar, its log files and its checkpoints."""
    import lightning as library
    from torch.utils.data import DataLoader, TensorDataset

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Module(library.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network, self.loss = task.network(), torch.nn.BCEWithLogitsLoss()

        def training_step(self, batch: Any, _: int) -> Any:
            return self.loss(self.network(batch[0]), batch[1])

        def validation_step(self, batch: Any, _: int) -> None:
            self.log("validation_loss", self.loss(self.network(batch[0]), batch[1]))

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), lr=LEARNING_RATE)

    class Clock(library.Callback):  # type: ignore[misc]
        on_train_epoch_end = staticmethod(task.over)

    trainer = library.Trainer(
        accelerator="cpu",
        max_epochs=task.epochs,
        callbacks=[Clock()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )
    trainer.fit(
        Module(),
        DataLoader(TensorDataset(*task.tensors(task.train)), batch_size=task.batch, shuffle=True),
        DataLoader(TensorDataset(*task.tensors(task.validation)), batch_size=JUDGED_AT_ONCE),
    )


def keras(task: Task) -> None:
    """Keras on its torch backend, by fit on arrays."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras as library

    hidden = [library.layers.Dense(width, activation=task.activation) for width in task.layers]
    model = library.Sequential([library.Input((task.train[0].shape[1],)), *hidden, library.layers.Dense(1)])
    model.compile(
        optimizer=library.optimizers.Adam(LEARNING_RATE), loss=library.losses.BinaryCrossentropy(from_logits=True)
    )
    model.fit(
        *task.train,
        batch_size=task.batch,
        epochs=task.epochs,
        verbose=0,
        validation_data=task.validation,
        validation_batch_size=JUDGED_AT_ONCE,
        callbacks=[library.callbacks.LambdaCallback(on_epoch_end=task.over)],
    )


def skorch(task: Task) -> None:
    """skorch's classifier with what it reports by itself: both losses and the accuracy on the validation rows."""
    from skorch import NeuralNetBinaryClassifier
    from skorch.callbacks import Callback
    from skorch.dataset import Dataset
    from skorch.helper import predefined_split

    class Clock(Callback):  # type: ignore[misc]
        on_epoch_end = staticmethod(task.over)

    NeuralNetBinaryClassifier(
        task.network(),
        optimizer=torch.optim.Adam,
        lr=LEARNING_RATE,
        batch_size=task.batch,
        max_epochs=task.epochs,
        train_split=predefined_split(Dataset(*task.validation)),
        iterator_train__shuffle=True,
        iterator_valid__batch_size=JUDGED_AT_ONCE,
        callbacks=[("clock", Clock())],
        verbose=0,
    ).fit(*task.train)


def sklearn(task: Task) -> None:
    """scikit-learn's MLPClassifier; it sets its validation rows aside itself and says a line after every epoch."""
    from sklearn.neural_network import MLPClassifier

    class Lines(io.StringIO):
        def write(self, text: str) -> int:
            if text.startswith("Validation score"):
                task.over()
            return len(text)

    x, y = (np.concatenate(both) for both in zip(task.train, task.validation, strict=True))
    classifier = MLPClassifier(
        tuple(task.layers),
        activation=task.activation,
        learning_rate_init=LEARNING_RATE,
        alpha=0.0,
        batch_size=task.batch,
        max_iter=task.epochs,
        early_stopping=True,
        validation_fraction=len(task.validation[1]) / len(y),
        n_iter_no_change=task.epochs,
        verbose=True,
    )
    with contextlib.redirect_stdout(Lines()), warnings.catch_warnings(action="ignore"):
        classifier.fit(x, y.astype(np.int64))


WAYS: Mapping[str, Callable[[Task], None]] = {
    way.__name__: way for way in (loader, views, loop, judging, sklearn, lightning, keras, skorch)
}


def main() -> None:
    """Train in one way and write down the moments."""
    from threadpoolctl import threadpool_limits

    way, folder = sys.argv[1:]
    task = Task(Path(folder))
    os.nice(max(0, NICENESS - os.nice(0)))
    torch.set_num_threads(task.threads)
    with threadpool_limits(limits=task.threads):
        WAYS[way](task)
    if len(task.moments) != task.epochs:
        raise SystemExit(f"{way} said the end of {len(task.moments)} epochs where {task.epochs} were asked for")
    (task.folder / "moments.json").write_text(json.dumps(task.moments))


if __name__ == "__main__":
    main()
