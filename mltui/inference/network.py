"""A fitted network: asked for scores, written as safetensors with JSON beside it, and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
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
CHUNK = 2_048
"""Rows that go through a network at once on a processor: what stays in its cache is twice as fast."""
CARD_CHUNK = 65_536
"""The same on a graphics card, where the bound is its memory."""
PASSED = 4 * CARD_CHUNK
"""Rows that are answered at once where there are many; a multiple of both, so that the answers stay the same."""


@dataclass(frozen=True)
class Target:
    """How a regression target is brought to mean 0 and spread 1 for the fit, and back for the user.

    Attributes:
        mean, spread: of the one target, or of several one number each.
    """

    mean: float | tuple[float, ...] = 0.0
    spread: float | tuple[float, ...] = 1.0

    @classmethod
    def of(cls, values: Floats) -> Target:
        """From the training rows, unweighted: with negative weights a spread need not exist.

        Args:
            values: shape (rows,), or (rows, targets).
        """
        return cls.told(values.mean(axis=0), values.std(axis=0))

    @classmethod
    def told(cls, mean: Floats | np.float64, spread: Floats | np.float64) -> Target:
        """From numbers, or from arrays of shape (targets,); a target without spread is not scaled."""
        return cls(_plain(mean), _plain(np.where(np.asarray(spread) > 0, spread, 1.0)))

    def centred(self) -> Target:
        """The same with means of 0."""
        return replace(self, mean=_plain(np.zeros_like(self.mean)))

    def scaled(self, values: np.ndarray) -> Floats:
        """The values for the fit, of their own shape, (rows,) or (rows, targets)."""
        numbers: Floats = (values.astype(np.float64) - self.mean) / self.spread
        return numbers

    def unscaled(self, values: Floats) -> Floats:
        """The values in the targets' own units, of their own shape."""
        return np.asarray(values * self.spread + self.mean)


def _plain(numbers: Any) -> float | tuple[float, ...]:
    plain = np.asarray(numbers, np.float64).tolist()
    return tuple(plain) if isinstance(plain, list) else plain


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
        target = {key: tuple(value) if isinstance(value, list) else value for key, value in document["target"].items()}
        return cls(Shape(**document["shape"]), model, training, Target(**target))


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
        shape = self.blueprint.shape
        if shape.task == "regression":
            return self.blueprint.target.unscaled(raw.numpy().reshape(shape.scores(len(raw))))
        numbers: Floats = (torch.sigmoid(raw[:, 0]) if shape.classes == 2 else torch.softmax(raw, dim=1)).numpy()
        return numbers

    def predict(self, x: Inputs) -> Floats:
        """Scores, shape (rows,), or (rows, classes) for many classes, (rows, targets) for several targets."""
        if not len(x):
            return np.zeros(self.blueprint.shape.scores(0))
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
