"""The training loop of a script: epochs of batches in the order of a run, penalties, early stopping with look-back."""

from __future__ import annotations

from mltui.export.optimizer import optimizer_code, rate_of_batch, rate_of_epoch, whole, write_schedule
from mltui.export.script import WIDTH, Script
from mltui.export.training import Training

_BETTER = {"loss": "<", "rmse": "<", "accuracy": ">", "auc": ">", "r2": ">"}


def write_training(script: Script, training: Training) -> None:
    """Write loss, optimiser and loop; the network keeps the weights that a run would keep."""
    _Epochs(script, training).write()


class _Epochs:
    def __init__(self, script: Script, training: Training) -> None:
        self._script, self._training, self._facts = script, training, training.facts
        self._two_modes = training.network.two_modes
        self._lone_row = _lone_row(training)

    def write(self) -> None:
        script, training, facts = self._script, self._training, self._facts
        training.loss.write(script)
        write_schedule(script, facts)
        script.add(f"optimizer = {optimizer_code(facts)}")
        if training.holds:
            every = "[layer.weight for layer in network if isinstance(layer, nn.Linear)]"
            script.add(f"matrices = {every if training.network.layered else '[network.weight]'}")
        if training.patience is not None:
            worst = "np.inf" if _BETTER[training.monitor] == "<" else "-np.inf"
            script.add(f"best, best_epoch, best_weights = {worst}, 0, {{}}")
        if training.plateau:
            script.add("record, waited, falls = None, 0, 0")
        if self._lone_row:
            self._sizes()
        script.add(f"shuffle = torch.Generator({'device' if training.device else ''}).manual_seed({facts.seed})")
        self._loop()
        if training.patience is not None:
            script.add("network.load_state_dict(best_weights)  # the last epochs may have learnt by heart")
        if self._two_modes:
            script.add("network.eval()")

    def _loop(self) -> None:
        facts, training = self._facts, self._training
        ran = facts.ran
        epochs = facts.training("epochs") if ran is None or ran.steps is None else ran.steps
        counted = training.patience is not None or "epoch" in rate_of_batch(facts) + rate_of_epoch(facts)
        with self._script.indented(f"for {'epoch' if counted else '_'} in range({epochs}):"):
            if self._two_modes:
                self._script.add("network.train()")
            if rate := rate_of_epoch(facts):
                self._set_rate(rate)
            device = ", device=device" if training.device else ""
            self._script.add(f"order = torch.randperm(len(x_train), generator=shuffle{device})")
            if whole(facts):
                self._whole()
            else:
                self._batches()
            if training.judges:
                self._judge()

    # -- an epoch ------------------------------------------------------------------------------------------------
    @property
    def _names(self) -> list[str]:
        """What a batch has: inputs, targets and, where rows count differently, weights."""
        return ["x", "y", *(["w"] if self._training.weighing.any else [])]

    def _whole(self) -> None:
        """One step with all rows."""
        if not self._training.draws:
            self._script.remark("The order of the rows matters to the last digits only.")
        batch = ", ".join(f"{name}_batch" for name in self._names)
        self._script.add(f"{batch} = {', '.join(f'{name}_train[order]' for name in self._names)}")
        self._step()

    def _batches(self) -> None:
        script = self._script
        size = "sizes" if self._lone_row else self._facts.training("batch_size")
        pieces = ", ".join(f"{name}_train[order].split({size})" for name in self._names)
        batch = ", ".join(f"{name}_batch" for name in self._names)
        opening = f"for {batch} in zip({pieces}, strict=True):"
        if rate := rate_of_batch(self._facts):
            script.add(f"batches = list(zip({pieces}, strict=True))", "share = 1 / len(batches)")
            opening = f"for number, ({batch}) in enumerate(batches):"
        elif len(opening) > WIDTH - 8:
            script.add(f"batches = zip({pieces}, strict=True)")
            opening = f"for {batch} in batches:"
        with script.indented(opening):
            if rate:
                self._set_rate(rate)
            self._step()

    def _set_rate(self, rate: str) -> None:
        self._script.add(f'optimizer.param_groups[0]["lr"] = {rate}')

    def _sizes(self) -> None:
        script, size = self._script, self._facts.training("batch_size")
        script.remark("One row has no spread that batch normalisation could divide by: it joins the batch before.")
        script.add(f"sizes = [{size}] * (len(x_train) // {size})")
        if self._facts.division.fold is None:
            script.add("sizes[-1] += 1")
            return
        with script.indented(f"if len(x_train) % {size} == 1:"):
            script.add("sizes[-1] += 1")
        with script.indented(f"elif len(x_train) % {size}:"):
            script.add(f"sizes.append(len(x_train) % {size})")

    # -- a step --------------------------------------------------------------------------------------------------
    def _step(self) -> None:
        script, facts, training = self._script, self._facts, self._training
        if noise := facts.number("noise"):
            script.add(f"x_batch = torch.normal(x_batch, {noise!r})  # a little noise, as if there were more rows")
        weight = ", w_batch" if training.weighing.any else ""
        script.add("optimizer.zero_grad()")
        if training.mixed:
            kind = "device.type" if training.device else '"cpu"'
            with script.indented(f"with torch.autocast({kind}, torch.bfloat16):"):
                script.add("outputs = network(x_batch)")
            script.add(f"loss = loss_of(outputs.float(), y_batch{weight})")
        else:
            script.add(f"loss = loss_of(network(x_batch), y_batch{weight})")
        script.add("loss.backward()")
        if clip := facts.number("clip_norm"):
            script.add(f"nn.utils.clip_grad_norm_(network.parameters(), {clip!r})")
        script.add("optimizer.step()")
        if training.holds:
            with script.indented("with torch.no_grad():"), script.indented("for weights in matrices:"):
                self._hold()

    def _hold(self) -> None:
        """What keeps weights small."""
        script, facts = self._script, self._facts
        if l1 := facts.number("l1"):
            script.need("torch.nn", "functional")
            moves = facts.training("schedule") != "constant"
            rate = 'optimizer.param_groups[0]["lr"]' if moves else repr(facts.number("learning_rate"))
            script.add(f"pull = {rate} * {l1!r}  # the same for each, so that some become 0")
            script.add("weights.copy_(functional.softshrink(weights, pull))")
        if longest := self._training.longest:
            script.add(f"weights.renorm_(2, 0, {longest!r})  # no neuron's weights are longer")

    # -- after an epoch ------------------------------------------------------------------------------------------
    def _judge(self) -> None:
        script, training = self._script, self._training
        script.add("")
        if self._two_modes:
            script.add("network.eval()")
        if training.by_loss:
            weight = ", w_validation" if training.judged_by_weights else ""
            with script.indented("with torch.no_grad():"):
                script.add(f"reached = loss_of({training.outputs('x_validation')}, y_validation{weight}).item()")
        else:
            weight = ", weight[validation]" if self._facts.weighted else ""
            script.add(f'reached = metrics(y[validation], score(x_validation){weight})["{training.monitor}"]')
        if training.plateau:
            self._wait()
        if training.patience is None:
            return
        with script.indented(f"if reached {_BETTER[training.monitor]} best:"):
            script.add("best, best_epoch = reached, epoch")
            script.add("best_weights = {name: values.clone() for name, values in network.state_dict().items()}")
        with script.indented(f"elif epoch - best_epoch >= {training.patience}:"):
            script.add("break")

    def _wait(self) -> None:
        """Let the learning rate fall where there was no gain for long."""
        script, sign = self._script, _BETTER[self._training.monitor]
        gain = "-" if sign == "<" else "+"
        with script.indented(f"if record is None or reached {sign} record {gain} 1e-4 * abs(record):"):
            script.add("record, waited = reached, 0")
        with script.indented("else:"):
            script.add("waited += 1")
            with script.indented(f"if waited == {self._facts.training('decay_every')}:"):
                script.add("waited, falls = 0, falls + 1")


def _lone_row(training: Training) -> bool:
    """Whether a last batch would be one row, with no spread for batch normalisation to divide by."""
    facts = training.facts
    if training.network.normalization != "batch" or whole(facts):
        return False
    size, division = int(str(facts.training("batch_size"))), facts.division
    counts = [training.weighing.count(facts, division.member(n)["train"]) for n in range(division.folds)]
    return any(count > size and count % size == 1 for count in counts)
