"""A network as the model of a script: its tensors, layers, loss, optimiser and training."""

from __future__ import annotations

from collections.abc import Sequence

from mltui.export.epochs import write_training
from mltui.export.facts import Facts
from mltui.export.network import Architecture, write_network
from mltui.export.scores import write_score
from mltui.export.script import Script
from mltui.export.training import Training
from mltui.export.weights import Weighing
from mltui.models.work import WORTH_A_CARD, WORTH_SHARING, operations

_CHUNK, _CARD_CHUNK = 4_096, 65_536
"""Rows that go through a network at once in a run: of more, sums would be rounded otherwise."""


class NetworkModel:
    """Writes a network.

    Attributes:
        by_metric: whether a metric is asked for while it trains.
    """

    def __init__(self, facts: Facts, inputs: Sequence[int]) -> None:
        self._facts = facts
        self._network = Architecture.of(facts, inputs)
        device = self._device()
        chunk = _CARD_CHUNK if device else _CHUNK
        chunked = any(len(rows) > chunk for rows in facts.seen.values())
        self._training = Training(facts, self._network, Weighing.of(facts), device, chunk if chunked else None)
        self.by_metric = self._training.by_metric

    def inputs(self, script: Script, made: str) -> str:
        """The code of the inputs, once they are made in double precision."""
        script.need("torch")
        return f"torch.from_numpy({made}.astype(np.float32)){self._training.to_device}"

    def write(self, script: Script) -> None:
        """Write what trains it on ``train`` and judges it by ``validation``, and ``score(x)``."""
        training = self._training
        if training.device:
            script.add(f"device = torch.device({training.device})")
        training.weighing.write(script)
        training.write_targets(script)
        training.write_tensors(script)
        script.part("The network")
        self._threads(script)
        write_network(script, self._facts, self._network, draws=training.draws)
        training.write_outputs(script)
        outputs = training.outputs("x")
        write_score(script, self._facts, outputs, to_processor=bool(training.device), shifted=self._network.bias)
        script.part("The training")
        write_training(script, training)

    def _threads(self, script: Script) -> None:
        if self._training.device:
            return
        threads: object = 1
        if self._operations() >= WORTH_SHARING:
            ran = self._facts.ran
            threads = self._facts.asked.training.get("threads") if ran is None else ran.threads
        if isinstance(threads, int):
            script.add(f"torch.set_num_threads({threads})  # another number may add up in another order")

    def _operations(self) -> int:
        rows = len(self._facts.division.member(0)["train"])
        size = self._facts.asked.training.get("batch_size")
        at_once = size if isinstance(size, int) and "training.batch_size" not in self._facts.asked.idle else rows
        return operations(self._network.parameters, at_once, rows)

    def _device(self) -> str:
        """The code of the device; empty for the processor."""
        ran, asked = self._facts.ran, str(self._facts.asked.training["device"])
        if ran is not None:
            return "" if ran.device == "cpu" else f'"{ran.device}"'
        if asked == "auto" and self._operations() >= WORTH_A_CARD:
            return '"cuda" if torch.cuda.is_available() else "cpu"'
        return "" if asked in ("auto", "cpu") else f'"{asked}"'
