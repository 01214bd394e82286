"""The optimiser of a script, and its learning rate as training goes on."""

from __future__ import annotations

from mltui.export.facts import Facts
from mltui.export.script import Script

_ADAMS = {"adam": "Adam", "adamw": "AdamW", "nadam": "NAdam"}
_BETAS, _EPSILON = (0.9, 0.999), 1e-8
_ALPHA = 0.99
_BY_PROGRESS = ("cosine", "one_cycle")
"""Schedules that go by the share of the training that is over, also within an epoch."""


def optimizer_code(facts: Facts) -> str:
    """What makes the optimiser, with the settings that torch does not take for granted."""
    name = str(facts.training("optimizer"))
    settings = {"lr": facts.number("learning_rate")}
    if name in ("momentum", "nesterov"):
        settings["momentum"] = facts.number("momentum")
    if name == "nesterov" and facts.number("momentum"):
        settings["nesterov"] = True
    if name in _ADAMS and (betas := (facts.number("beta1"), facts.number("beta2"))) != _BETAS:
        settings["betas"] = betas  # type: ignore[assignment]
    if name == "rmsprop" and facts.number("alpha") != _ALPHA:
        settings["alpha"] = facts.number("alpha")
    if name in ("rmsprop", *_ADAMS) and facts.number("epsilon") != _EPSILON:
        settings["eps"] = facts.number("epsilon")
    if facts.number("weight_decay") or name == "adamw":
        settings["weight_decay"] = facts.number("weight_decay")
    settings["foreach" if name in ("rmsprop", "nadam") else "fused"] = True
    kind = _ADAMS.get(name, "RMSprop" if name == "rmsprop" else "SGD")
    arguments = ", ".join(f"{key}={value!r}" for key, value in settings.items())
    return f"torch.optim.{kind}(network.parameters(), {arguments})"


def write_schedule(script: Script, facts: Facts) -> None:
    """Write the function that the schedule goes by, where it takes more than a line."""
    schedule = facts.training("schedule")
    if schedule == "cosine":
        script.need("math")
        script.add("")
        with script.indented("def cosine(progress):"):
            script.add('"""From 1 to 0 along half a wave; progress is the share of the training that is over."""')
            script.add("return 0.5 * (1 + math.cos(math.pi * progress))")
        script.add("")
    elif schedule == "one_cycle":
        script.add("")
        with script.indented("def one_cycle(progress):"):
            script.add('"""Up to 1 in a line, down again in another as long, far below at the end (Smith, 2018)."""')
            with script.indented("if progress < 0.45:"):
                script.add("return 0.1 + (1 - 0.1) * progress / 0.45")
            with script.indented("if progress < 0.9:"):
                script.add("return 1 - (1 - 0.1) * (progress - 0.45) / (0.9 - 0.45)")
            script.add("return 0.1 - (0.1 - 0.001) * (progress - 0.9) / (1 - 0.9)")
        script.add("")


def rate_of_epoch(facts: Facts) -> str:
    """The learning rate of an epoch, where a schedule changes it from epoch to epoch; else empty."""
    base, factor = facts.number("learning_rate"), facts.number("decay_factor")
    schedule = facts.training("schedule")
    if schedule == "step":
        return f"{base!r} * {factor!r} ** (epoch // {facts.training('decay_every')})"
    if schedule in _BY_PROGRESS and whole(facts):
        return f"{base!r} * {schedule}(epoch / {facts.training('epochs')})"
    return f"{base!r} * {factor!r}**falls" if schedule == "plateau" else ""


def rate_of_batch(facts: Facts) -> str:
    """The learning rate of a batch, where a schedule changes it from batch to batch; else empty."""
    schedule = facts.training("schedule")
    if schedule not in _BY_PROGRESS or whole(facts):
        return ""
    return f"{facts.number('learning_rate')!r} * {schedule}((epoch + number * share) / {facts.training('epochs')})"


def whole(facts: Facts) -> bool:
    """Whether every step sees all rows, so that an epoch is one step."""
    return facts.training("optimizer") == "gradient_descent"
