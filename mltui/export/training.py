"""The training of a script: epochs of batches in the order of a run, penalties, early stopping with look-back."""

from __future__ import annotations

from dataclasses import dataclass

from mltui.export.facts import Facts
from mltui.export.losses import Loss, loss_name
from mltui.export.network import Architecture
from mltui.export.optimizer import optimizer_code, rate_of_batch, rate_of_epoch, whole, write_schedule
from mltui.export.script import Script
from mltui.export.weights import Weighing, judged_weights

_BETTER = {"loss": "<", "rmse": "<", "accuracy": ">", "auc": ">", "r2": ">"}


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
            rows = self.weighing.rows
            if self.network.bias:
                script.add(
                    f"mean, spread = y[{rows}].mean(), y[{rows}].std()  # the network learns (y - mean) / spread"
                )
            else:
                script.add(f"spread = y[{rows}].std()  # the network learns y / spread, having no constant to add")
        script.add("")
        with script.indented("def targets(rows):"):
            script.add('"""What is to be learnt of some rows, as the loss takes it."""')
            if not self.facts.classes:
                scaled = f"({'(y[rows] - mean)' if self.network.bias else 'y[rows]'} / spread).astype(np.float32)"
                script.add(f"return torch.from_numpy({scaled}).unsqueeze(1){self.to_device}")
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

    def write(self, script: Script) -> None:
        """Write the optimiser and the loop."""
        facts = self.facts
        self.loss.write(script)
        write_schedule(script, facts)
        code = optimizer_code(facts)
        script.add(f"optimizer = {code}")
        if self._holds:
            every = "[layer.weight for layer in network if isinstance(layer, nn.Linear)]"
            script.add(f"matrices = {every if self.network.layered else '[network.weight]'}")
        if self.patience is not None:
            worst = "np.inf" if _BETTER[self.monitor] == "<" else "-np.inf"
            script.add(f"best, best_epoch, best_weights = {worst}, 0, {{}}")
        if self.plateau:
            script.add("record, waited, falls = None, 0, 0")
        script.add(f"shuffle = torch.Generator({'device' if self.device else ''}).manual_seed({facts.seed})")
        counted = self.patience is not None or "epoch" in rate_of_batch(facts) + rate_of_epoch(facts)
        with script.indented(f"for {'epoch' if counted else '_'} in range({self._epochs}):"):
            self._epoch(script)
            if self.judges:
                self._judge(script)
        if self.patience is not None:
            script.add("network.load_state_dict(best_weights)  # the last epochs may have learnt by heart")
        if self.network.two_modes:
            script.add("network.eval()")

    @property
    def _epochs(self) -> int:
        ran = self.facts.ran
        return ran.epochs if ran is not None and ran.epochs is not None else int(str(self.facts.training("epochs")))

    # -- an epoch ------------------------------------------------------------------------------------------------
    def _epoch(self, script: Script) -> None:
        if self.network.two_modes:
            script.add("network.train()")
        if rate := rate_of_epoch(self.facts):
            script.add(f'optimizer.param_groups[0]["lr"] = {rate}')
        device = ", device=device" if self.device else ""
        script.add(f"order = torch.randperm(len(x_train), generator=shuffle{device})")
        names = ["x", "y", *(["w"] if self.weighing.any else [])]
        if whole(self.facts):
            if not self.draws:
                script.remark("The order of the rows matters to the last digits only.")
            script.add(
                ", ".join(f"{name}_batch" for name in names) + " = " + ", ".join(f"{n}_train[order]" for n in names)
            )
            self._step(script)
            return
        size = self.facts.training("batch_size")
        pieces = ", ".join(f"{name}_train[order].split({size})" for name in names)
        batches = f"zip({pieces}, strict=True)"
        unpacked = ", ".join(f"{name}_batch" for name in names)
        rate = rate_of_batch(self.facts)
        if rate:
            script.add(f"batches = list({batches})", "share = 1 / len(batches)")
            opening = f"for number, ({unpacked}) in enumerate(batches):"
        else:
            opening = f"for {unpacked} in {batches}:"
            if len(opening) > 90:
                script.add(f"batches = {batches}")
                opening = f"for {unpacked} in batches:"
        with script.indented(opening):
            if rate:
                script.add(f'optimizer.param_groups[0]["lr"] = {rate}')
            self._step(script)

    def _step(self, script: Script) -> None:
        noise, clip = self.facts.number("noise"), self.facts.number("clip_norm")
        if noise:
            script.add(f"x_batch = torch.normal(x_batch, {noise!r})  # a little noise, as if there were more rows")
        weight = ", w_batch" if self.weighing.any else ""
        script.add("optimizer.zero_grad()")
        if self.mixed:
            kind = "device.type" if self.device else '"cpu"'
            with script.indented(f"with torch.autocast({kind}, torch.bfloat16):"):
                script.add("outputs = network(x_batch)")
            script.add(f"loss = loss_of(outputs.float(), y_batch{weight})")
        else:
            script.add(f"loss = loss_of(network(x_batch), y_batch{weight})")
        script.add("loss.backward()")
        if clip:
            script.add(f"nn.utils.clip_grad_norm_(network.parameters(), {clip!r})")
        script.add("optimizer.step()")
        self._hold(script)

    @property
    def _holds(self) -> bool:
        return bool(self.facts.number("l1") or self._longest)

    @property
    def _longest(self) -> float:
        value = self.facts.asked.model.hyperparameters.get("max_norm")
        return float(value) if isinstance(value, int | float) else 0.0

    def _hold(self, script: Script) -> None:
        """What keeps weights small after a step."""
        if not self._holds:
            return
        l1 = self.facts.number("l1")
        with script.indented("with torch.no_grad():"), script.indented("for weights in matrices:"):
            if l1:
                script.need("torch.nn", "functional")
                moves = self.facts.training("schedule") != "constant"
                rate = 'optimizer.param_groups[0]["lr"]' if moves else repr(self.facts.number("learning_rate"))
                script.add(f"pull = {rate} * {l1!r}  # the same for each, so that some become 0")
                script.add("weights.copy_(functional.softshrink(weights, pull))")
            if self._longest:
                script.add(f"weights.renorm_(2, 0, {self._longest!r})  # no neuron's weights are longer")

    # -- after an epoch ------------------------------------------------------------------------------------------
    def _judge(self, script: Script) -> None:
        script.add("")
        if self.network.two_modes:
            script.add("network.eval()")
        if self.by_loss:
            weight = ", w_validation" if self.judged_by_weights else ""
            with script.indented("with torch.no_grad():"):
                script.add(f"reached = loss_of({self.outputs('x_validation')}, y_validation{weight}).item()")
        else:
            weight = ", weight[validation]" if self.facts.weighted else ""
            script.add(f'reached = metrics(y[validation], score(x_validation){weight})["{self.monitor}"]')
        sign = _BETTER[self.monitor]
        if self.plateau:
            self._wait(script, sign)
        if self.patience is None:
            return
        with script.indented(f"if reached {sign} best:"):
            script.add("best, best_epoch = reached, epoch")
            script.add("best_weights = {name: values.clone() for name, values in network.state_dict().items()}")
        with script.indented(f"elif epoch - best_epoch >= {self.patience}:"):
            script.add("break")

    def _wait(self, script: Script, sign: str) -> None:
        """Let the learning rate fall where there was no gain for long."""
        gain = "-" if sign == "<" else "+"
        with script.indented(f"if record is None or reached {sign} record {gain} 1e-4 * abs(record):"):
            script.add("record, waited = reached, 0")
        with script.indented("else:"):
            script.add("waited += 1")
            with script.indented(f"if waited == {self.facts.training('decay_every')}:"):
                script.add("waited, falls = 0, falls + 1")

    def outputs(self, x: str) -> str:
        """The network's raw outputs, so many rows at a time where there are many."""
        return f"outputs_of({x})" if self.chunk else f"network({x})"
