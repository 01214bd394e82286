"""The training of a script: epochs of batches in the order of a run, penalties, early stopping with look-back."""

from __future__ import annotations

from dataclasses import dataclass

from mltui.export.facts import Facts
from mltui.export.losses import Loss, loss_name
from mltui.export.network import Architecture
from mltui.export.script import Script
from mltui.export.weights import Weighing, judged_weights


@dataclass(frozen=True)
class Training:
    """What a training does, and so what is written.

    Attributes:
        weighing: of the rows of the fit.
        device: the code of where it computes; empty for the processor.
        chunk: rows that go through the network at once, where some part has more.
    """

    facts: Facts
    network: Architecture
    weighing: Weighing
    device: str
    chunk: int | None = None

    @property
    def patience(self) -> int | None:
        """Epochs without gain that are borne; None: the last epoch is kept."""
        value = self.facts.asked.training.get("early_stopping")
        return value if isinstance(value, int) else None

    @property
    def monitor(self) -> str:
        """What decides."""
        return str(self.facts.training("monitor"))

    @property
    def plateau(self) -> bool:
        """Whether the learning rate waits for the validation part."""
        return self.facts.training("schedule") == "plateau"

    @property
    def judges(self) -> bool:
        """Whether the validation part is looked at after every epoch."""
        return self.patience is not None or self.plateau

    @property
    def by_metric(self) -> bool:
        """Whether it is a metric of it that counts."""
        return self.judges and self.monitor != "loss"

    @property
    def by_loss(self) -> bool:
        """Whether it is its loss that counts."""
        return self.judges and self.monitor == "loss"

    @property
    def judged_by_weights(self) -> bool:
        """Whether that loss is weighted."""
        return self.by_loss and judged_weights(self.facts)

    @property
    def loss(self) -> Loss:
        """The loss, called in the ways that the training needs."""
        fit = self.weighing.any
        without = not fit or (self.by_loss and not self.judged_by_weights)
        return Loss(loss_name(self.facts), self.facts.classes, fit or self.judged_by_weights, without)

    @property
    def mixed(self) -> bool:
        """Whether layers are computed in 16 bits."""
        return self.facts.training("precision") == "mixed"

    @property
    def draws(self) -> bool:
        """Whether random numbers are drawn beside the order of the batches."""
        return self.network.silences or self.facts.number("noise") > 0

    # -- what comes before the loop ------------------------------------------------------------------------------
    def write_targets(self, script: Script) -> None:
        """Write ``targets(rows)``: the target as the loss wants it."""
        if not self.facts.classes:
            rows, axis = self.weighing.rows, "axis=0" if self.facts.several else ""
            if self.network.bias:
                code = f"y[{rows}].mean({axis}), y[{rows}].std({axis})"
                script.add(f"mean, spread = {code}  # the network learns (y - mean) / spread")
            else:
                script.add(
                    f"spread = y[{rows}].std({axis})  # the network learns y / spread, having no constant to add"
                )
        script.add("")
        with script.indented("def targets(rows):"):
            script.add('"""What is to be learnt of some rows, as the loss takes it."""')
            if not self.facts.classes:
                scaled = f"({'(y[rows] - mean)' if self.network.bias else 'y[rows]'} / spread).astype(np.float32)"
                column = "" if self.facts.several else ".unsqueeze(1)"
                script.add(f"return torch.from_numpy({scaled}){column}{self.to_device}")
            elif self.facts.classes == 2:
                script.add(f"return torch.from_numpy(y[rows].astype(np.float32)).unsqueeze(1){self.to_device}")
            else:
                script.add(f"return torch.from_numpy(y[rows]){self.to_device}")
        script.add("")

    @property
    def to_device(self) -> str:
        """What brings a tensor to where it is computed with."""
        return ".to(device)" if self.device else ""

    def write_outputs(self, script: Script) -> None:
        """Write ``outputs_of(x)``, where there are too many rows for one go."""
        if self.chunk is None:
            return
        script.add("")
        with script.indented("def outputs_of(x):"):
            script.add(f'"""The network\'s raw outputs, {self.chunk:,} rows at a time."""')
            script.add(f"return torch.cat([network(piece) for piece in x.split({self.chunk})])")
        script.add("")

    def write_tensors(self, script: Script) -> None:
        """Write the parts as the network sees them."""
        rows = self.weighing.rows
        script.add(f"x_train, y_train = inputs({rows}), targets({rows})")
        if self.weighing.any:
            script.add(f"w_train = torch.from_numpy(w.astype(np.float32)){self.to_device}")
        if self.by_loss:
            script.add("x_validation, y_validation = inputs(validation), targets(validation)")
        elif self.judges:
            script.add("x_validation = inputs(validation)")
        if self.judged_by_weights:
            script.add("w = weight[validation]")
            script.add(f"w_validation = torch.from_numpy((w / w.mean()).astype(np.float32)){self.to_device}")

    def outputs(self, x: str) -> str:
        """The network's raw outputs, so many rows at a time where there are many."""
        return f"outputs_of({x})" if self.chunk else f"network({x})"

    @property
    def holds(self) -> bool:
        """Whether weights are kept small after each step."""
        return bool(self.facts.number("l1") or self.longest)

    @property
    def longest(self) -> float:
        """The longest that a neuron's incoming weights may be; 0: any."""
        value = self.facts.asked.model.hyperparameters.get("max_norm")
        return float(value) if isinstance(value, int | float) else 0.0
