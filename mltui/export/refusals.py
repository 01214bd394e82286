"""What an experiment may ask for that a script does not say: one sentence each, with the key."""

from __future__ import annotations

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment

_STEPS = {"newton": "the curvature of the loss", "genetic": "a population of networks"}


def refuse(asked: Experiment) -> None:
    """See that a script can say all of an experiment.

    Raises:
        InputError: naming the key of what it cannot.
    """
    optimizer = asked.training.get("optimizer")
    if optimizer in _STEPS:
        raise InputError(
            f"training.optimizer = {optimizer} steps by {_STEPS[str(optimizer)]}, which torch has no optimiser for; "
            "mltui code writes those that go down the slope, such as adam",
            key="training.optimizer",
        )
    for key, (asked_for, sentence) in _unsaid(asked).items():
        if asked_for:
            raise InputError(sentence, key=key)


def _unsaid(asked: Experiment) -> dict[str, tuple[bool, str]]:
    """By key, whether it asks for what is not written, and what to say then."""
    split, training = asked.split, asked.training
    judged = bool(split.validation) or split.folds is not None
    return {
        "split.by": (split.by != "random", f"mltui code writes splits by chance, and split.by is {split.by}"),
        "split.test_files": (
            bool(split.test_files),
            "mltui code does not write split.test_files yet; give split.test a share instead",
        ),
        "split.refit": (split.refit, "mltui code does not write split.refit yet; leave it out"),
        "training.monitor": (
            training.get("monitor") == "significance"
            and (training.get("early_stopping") is not None or training.get("schedule") == "plateau"),
            "mltui code does not write training.monitor = significance; auc comes near it",
        ),
        "training.schedule": (
            training.get("schedule") == "plateau" and not judged,
            "training.schedule = plateau goes by the validation part in a script, and split.validation is 0",
        ),
        "training.early_stopping": (
            training.get("early_stopping") is not None and not judged,
            "training.early_stopping needs validation rows to judge by; raise split.validation, or leave it out",
        ),
    }
