"""The settings of a network that can be changed while it trains, as they are now."""

from __future__ import annotations

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.training.problem import Problem


class Settings:
    """Holds the values of what the card declares changeable, by dotted key."""

    def __init__(self, problem: Problem) -> None:
        card, experiment = problem.card, problem.experiment
        self._model = dict(experiment.model.hyperparameters)
        sections = {
            "model": (card.hyperparameters, self._model),
            "training": (card.training, experiment.training),
        }
        self._declared: dict[str, Hyperparameter] = {}
        self._values: dict[str, Value] = {}
        for section, (declared, values) in sections.items():
            for one in declared:
                if f"{section}.{one.name}" in card.changeable:
                    self._declared[f"{section}.{one.name}"] = one
                    self._values[f"{section}.{one.name}"] = values.get(one.name, one.default)

    def values(self) -> dict[str, Value]:
        """All of them."""
        return dict(self._values)

    def model(self) -> dict[str, Value]:
        """All hyperparameters of the model, the changed ones as they are now."""
        changed = {key.removeprefix("model."): v for key, v in self._values.items() if key.startswith("model.")}
        return {**self._model, **changed}

    @property
    def noise(self) -> float:
        """The spread of the noise on the inputs."""
        return self._number("training.noise")

    @property
    def l1(self) -> float:
        """The strength of the L1 penalty."""
        return self._number("training.l1")

    def put(self, key: str, value: Value) -> tuple[Value, Value]:
        """Set one; the value before, and the new one in its canonical type.

        Raises:
            InputError: where there is no such setting to change, or it cannot have this value.
        """
        if key not in self._declared:
            can = ", ".join(self._declared) or "none"
            raise InputError(f"{key} cannot be changed while this model trains; these can: {can}", key=key)
        try:
            checked = self._declared[key].check(value)
        except ValueError as error:
            raise InputError(f"{key} {error}", key=key) from None
        before, self._values[key] = self._values[key], checked
        return before, checked

    def _number(self, key: str) -> float:
        value = self._values.get(key)
        return float(value) if isinstance(value, int | float) else 0.0
