"""A fitted network: asked for scores, written as safetensors with JSON beside it, and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save

from mltui.core.hyperparameters import Value
from mltui.core.table import Floats
from mltui.inference.fitted import Inputs
from mltui.models.card import ModelCard, Shape
from mltui.record.files import replace_file

FORMAT = 1
WEIGHTS = "network.safetensors"
DESCRIPTION = "network.json"
CHUNK = 4_096
"""Rows that go through a network at once on a processor: what stays in its cache is twice as fast."""
CARD_CHUNK = 65_536
"""The same on a graphics card, where the bound is its memory."""
PASSED = 4 * CARD_CHUNK
"""Rows that are answered at once where there are many; a multiple of both, so that the answers stay the same."""


@dataclass(frozen=True)
class Target:
    """How a regression target is brought to mean 0 and spread 1 for the fit, and back for the user."""

    mean: float = 0.0
    spread: float = 1.0

    @classmethod
    def of(cls, values: Floats) -> Target:
        """From the training rows, unweighted: with negative weights a spread need not exist."""
        spread = float(values.std())
        return cls(float(values.mean()), spread if spread > 0 else 1.0)


@dataclass(frozen=True)
class Blueprint:
    """What a network is built from, and so what has to be kept beside its weights."""

    shape: Shape
    model: Mapping[str, Value]
    training: Mapping[str, Value]
    target: Target

    def build(self, card: ModelCard, seed: int) -> torch.nn.Module:
        """The untrained network; the same seed gives the same first weights."""
        torch.manual_seed(seed)
        module: torch.nn.Module = card.build(self.model, self.training, self.shape, seed)
        return module

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Blueprint:
        """From its JSON, whose lists were tuples.

        Raises:
            KeyError, TypeError: where something is absent or too much.
        """
        model, training = (
            {k: tuple(v) if isinstance(v, list) else v for k, v in document[section].items()}
            for section in ("model", "training")
        )
        return cls(Shape(**document["shape"]), model, training, Target(**document["target"]))


class FittedNetwork:
    """A network with what turns its outputs into scores.

    Attributes:
        kept: the epoch whose weights these are; a fraction where training was stopped within one.
    """

    def __init__(self, module: torch.nn.Module, blueprint: Blueprint, kept: float | None = None) -> None:
        self.module = module
        self.blueprint = blueprint
        self.kept = kept

    def outputs(self, x: torch.Tensor) -> torch.Tensor:
        """Raw outputs, shape (rows, outputs), in evaluation mode; the module's mode is put back afterwards."""
        training = self.module.training
        self.module.eval()
        try:
            with torch.no_grad():
                size = CHUNK if x.device.type == "cpu" else CARD_CHUNK
                if len(x) <= size:
                    result: torch.Tensor = self.module(x)
                    return result
                return torch.cat([self.module(chunk) for chunk in torch.split(x, size)])
        finally:
            self.module.train(training)

    def scores(self, outputs: torch.Tensor) -> Floats:
        """Scores from raw outputs: probabilities in double precision, or values in the target's own unit."""
        raw = outputs.cpu().double()
        shape, target = self.blueprint.shape, self.blueprint.target
        if shape.task == "regression":
            scores = raw[:, 0] * target.spread + target.mean
        elif shape.classes == 2:
            scores = torch.sigmoid(raw[:, 0])
        else:
            scores = torch.softmax(raw, dim=1)
        numbers: Floats = scores.numpy()
        return numbers

    def predict(self, x: Inputs) -> Floats:
        """Scores, shape (rows,), or (rows, classes) for many classes."""
        if not len(x):
            classes = self.blueprint.shape.classes
            return np.zeros((0, classes) if classes > 2 else 0)
        device = next(self.module.parameters()).device
        if len(x) <= PASSED:
            return self.scores(self.outputs(torch.from_numpy(writable(x)).to(device)))
        answers = (self.predict(np.array(x[start : start + PASSED])) for start in range(0, len(x), PASSED))
        first = next(answers)
        scores = np.empty((len(x), *first.shape[1:]))
        scores[:PASSED] = first
        for place, answer in enumerate(answers, 1):
            scores[place * PASSED : place * PASSED + len(answer)] = answer
        return scores

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and everything else as JSON."""
        state = {name: value.detach().cpu().contiguous() for name, value in self.module.state_dict().items()}
        replace_file(folder / WEIGHTS, save(state))
        document = {"format": FORMAT, "kept": self.kept, **asdict(self.blueprint)}
        replace_file(folder / DESCRIPTION, json.dumps(document, indent=2).encode() + b"\n")


def writable(values: np.ndarray) -> Inputs:
    """The values in single precision as torch takes them: those that may only be read, as on disk, are copied."""
    numbers: Inputs = np.ascontiguousarray(values, np.float32)
    return numbers if numbers.flags.writeable else numbers.copy()


def load(folder: Path, card: ModelCard) -> FittedNetwork:
    """Read back, onto the CPU, what `FittedNetwork.save` wrote.

    Raises:
        OSError, ValueError, KeyError, TypeError, RuntimeError: where the folder does not hold such a network.
    """
    document = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    blueprint = Blueprint.read(document)
    module = blueprint.build(card, 0)
    module.load_state_dict(_named(load_file(folder / WEIGHTS), module))
    module.eval()
    return FittedNetwork(module, blueprint, document["kept"])


def _named(state: Mapping[str, torch.Tensor], module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The weights under the names of the network's layers; earlier runs have numbers for them, in the same order."""
    numbers = {name.partition(".")[0] for name in state}
    if not all(number.isdigit() for number in numbers):
        return dict(state)
    layers = [name for name, layer in module.named_children() if any(True for _ in layer.parameters())]
    names = dict(zip(sorted(numbers, key=int), layers, strict=True))
    parted = ((name.partition("."), value) for name, value in state.items())
    return {f"{names[place]}.{what}": value for (place, _, what), value in parted}
