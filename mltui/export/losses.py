"""The loss of a script, as ``loss_of(outputs, target)`` or, where rows count differently, with a weight for each."""

from __future__ import annotations

from dataclasses import dataclass

from mltui.export.facts import Facts
from mltui.export.script import Script

_CLASSES = {
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss", "cross_entropy": "CrossEntropyLoss",
    "mse_loss": "MSELoss", "l1_loss": "L1Loss", "huber_loss": "HuberLoss",
}  # fmt: skip
"""By function of torch what torch calls the same as an object."""
_DISTANCES = {"squared": "mse_loss", "absolute": "l1_loss", "huber": "huber_loss"}
_WORDS = {
    "cross_entropy": "cross entropy", "squared": "squared distance", "absolute": "distance",
    "huber": "Huber's distance", "hinge": "how far it is from the right side of the margin",
    "perceptron": "how far it is on the wrong side",
}  # fmt: skip


@dataclass(frozen=True)
class Loss:
    """A loss.

    Attributes:
        name: as training.loss says it, never auto.
        classes: how many; 0 for a regression.
        with_weights, without: which ways it is called.
    """

    name: str
    classes: int
    with_weights: bool
    without: bool

    @property
    def function(self) -> str:
        """torch's own function that is the whole of it, or empty."""
        if self.name == "cross_entropy":
            return "binary_cross_entropy_with_logits" if self.classes == 2 else "cross_entropy"
        return _DISTANCES.get(self.name, "") if not self.classes else ""

    def write(self, script: Script) -> None:
        """Write what makes ``loss_of``."""
        if self.function and not self.with_weights:
            script.add(f"loss_of = nn.{_CLASSES[self.function]}()")
            return
        weight = {(True, True): ", weight=None", (True, False): ", weight", (False, True): ""}
        script.add("")
        with script.indented(f"def loss_of(outputs, target{weight[self.with_weights, self.without]}):"):
            times = "the weight times " if self.with_weights else ""
            script.add(f'"""The mean over rows of {times}{_WORDS[self.name]}{self._more()}."""')
            if self.function:
                self._of_function(script)
            else:
                self._of_losses(script)
        script.add("")

    def _more(self) -> str:
        if self.classes and self.name in _DISTANCES:
            return " of the probabilities from the truth"
        return ""

    def _of_function(self, script: Script) -> None:
        script.need("torch.nn", "functional")
        called = f"functional.{self.function}(outputs, target"
        if self.without:
            with script.indented("if weight is None:"):
                script.add(f"return {called})")
        if self.function == "binary_cross_entropy_with_logits":
            script.add(f"return {called}, weight.unsqueeze(1))")
            return
        column = "" if self.function == "cross_entropy" else ".unsqueeze(1)"
        script.add(f'return ({called}, reduction="none") * weight{column}).mean()')

    def _of_losses(self, script: Script) -> None:
        """One loss a row, then the mean."""
        one_a_row = self.classes > 2
        if self.name in _DISTANCES:
            self._of_probabilities(script)
        elif one_a_row:
            script.add("truth = target.unsqueeze(1)")
            script.add("own = outputs.gather(1, truth).squeeze(1)")
            script.add("others = outputs.scatter(1, truth, -torch.inf).amax(1)")
            script.add(f"losses = ({'1 + ' if self.name == 'hinge' else ''}others - own).clamp(min=0)")
        elif self.name == "hinge":
            script.add("losses = (1 - (2 * target - 1) * outputs).clamp(min=0)")
        else:
            script.add("losses = (-(2 * target - 1) * outputs).clamp(min=0)")
        if self.with_weights and self.without:
            with script.indented("if weight is None:"):
                script.add("return losses.mean()")
        weighted = f"(losses * weight{'' if one_a_row else '.unsqueeze(1)'}).mean()"
        script.add(f"return {weighted if self.with_weights else 'losses.mean()'}")

    def _of_probabilities(self, script: Script) -> None:
        script.need("torch.nn", "functional")
        function = f"functional.{_DISTANCES[self.name]}"
        if self.classes == 2:
            script.add(f'losses = {function}(torch.sigmoid(outputs), target, reduction="none")')
            return
        script.add(f"truth = functional.one_hot(target, {self.classes}).to(outputs.dtype)")
        script.add(f'losses = {function}(torch.softmax(outputs, 1), truth, reduction="none").sum(1)')


def loss_name(facts: Facts) -> str:
    """The loss that is made small."""
    name = facts.card.loss or str(facts.training("loss"))
    if name != "auto":
        return name
    return "cross_entropy" if facts.classes else "squared"
