"""The model card: one declaration from which form, file check, help and training all come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from mltui.core import conditions
from mltui.core.events import Axis
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task

QUICK = 1_000
"""Rows that speak for a part on the curves where trees are grown so quickly that more would weigh beside them."""
Engine = Literal["network", "estimator", "cuts"]
Control = Literal["pause", "step", "batch", "stop"]
WeightsTaken = Literal["any", "positive", "none"]


@dataclass(frozen=True)
class Shape:
    """What a model is built for.

    Attributes:
        inputs: the columns after preprocessing.
        classes: how many there are; 0 for regression.
        targets: how many values a regression is to give.
    """

    task: Task
    inputs: int
    classes: int
    targets: int = 1

    @property
    def outputs(self) -> int:
        """The columns of a network's raw outputs: a logit a class, one logit for two classes, or a value a target."""
        if self.task == "regression":
            return self.targets
        return self.classes if self.classes > 2 else 1

    def scores(self, rows: int) -> tuple[int, ...]:
        """The shape of the scores of so many rows: (rows,), or (rows, classes) for many classes, (rows, targets) for
        several targets."""
        return (rows, self.outputs) if self.outputs > 1 else (rows,)


@dataclass(frozen=True)
class Complexity:
    """The one setting by which a model may be made more or less complex.

    Attributes:
        name: the hyperparameter.
        values: what it is tried at where a run asks for its curve, rising.
    """

    name: str
    values: tuple[float, ...]


def _nothing_to_refuse(_hyperparameters: Mapping[str, Value], _training: Mapping[str, Value]) -> None:
    """What a card checks whose settings suit each other whatever they are."""


def _as_they_come(_hyperparameters: Mapping[str, Value], inputs: int) -> int:
    """The columns that a model makes of its inputs which takes them as they are."""
    return inputs


def _nothing_to_change(_network: Any, _hyperparameters: Mapping[str, Value]) -> None:
    """What a card does with changed settings that has none to change while it trains."""


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """One model of the catalogue.

    Attributes:
        name: as the experiment file says it, and `title` as a person does.
        family: how the catalogue groups it: linear, gaussian, kernel, neighbours, tree, cuts, ensemble, network.
        engine: which loop trains it.
        about: two or three sentences for a student: what it does, when it fits, what to turn first.
        hyperparameters: of the model, basics first; `training`: the [training] keys it offers.
        axis: what its live curve runs over.
        weights: which weights of rows its fit takes: any, none below zero, or none at all.
        negative_with: a hyperparameter and its value with which it takes negative ones after all.
        negative_rows: with negative ones it fits this many rows at most; None: any number.
        controls: what a running fit can be asked to do; every run can be stopped by ending its worker.
        steps: the dotted key that says how many steps the fit makes, such as training.epochs; empty where it is made in
            one go.
        build: makes the untrained model from hyperparameters, training settings, shape and seed; heavy imports
            happen inside it. An estimator card returns a scikit-learn estimator, a network card a torch module.
        check: refuses, by an InputError with a key, settings that suit each other badly.
        several: whether it learns several targets of a regression at once.
        many_classes: whether it tells apart more than two classes.
        live_rows: at most so many rows of a part speak for it on the curves; few where an answer costs much.
        quadratic_above: with more training rows than this a word is due on its cost, which grows with their square.
        columns: how many columns its fit makes of so many inputs.
        loss: what a network minimises where training.loss does not say it, such as perceptron; else empty.
        changeable: the dotted keys whose values can be changed while it trains.
        change: brings a network in training to changed [model] settings, of which it is given all.
        complexity: what its curve may run over in place of the number of training rows; None: nothing.
        library: the package that it needs and mltui itself does not, which an extra of the same name brings; or empty.
        variants: by a hyperparameter and its value, what of the card is otherwise where it has that value.
    """

    name: str
    title: str
    family: str
    engine: Engine
    tasks: tuple[Task, ...]
    about: str
    hyperparameters: tuple[Hyperparameter, ...]
    training: tuple[Hyperparameter, ...]
    axis: Axis
    controls: frozenset[Control]
    build: Callable[[Mapping[str, Value], Mapping[str, Value], Shape, int], Any]
    steps: str = ""
    weights: WeightsTaken = "any"
    negative_with: tuple[str, Value] | None = None
    negative_rows: int | None = None
    check: Callable[[Mapping[str, Value], Mapping[str, Value]], None] = _nothing_to_refuse
    several: bool = True
    many_classes: bool = True
    live_rows: int = 4_000
    quadratic_above: int | None = None
    columns: Callable[[Mapping[str, Value], int], int] = _as_they_come
    loss: str = ""
    changeable: frozenset[str] = frozenset()
    change: Callable[[Any, Mapping[str, Value]], None] = _nothing_to_change
    complexity: Complexity | None = None
    library: str = ""
    variants: Mapping[tuple[str, Value], Mapping[str, Any]] = field(default_factory=dict, hash=False)

    def chosen(self, hyperparameters: Mapping[str, Value]) -> ModelCard:
        """The card as it trains with these settings: a variant of this one, or itself."""
        for (name, value), otherwise in self.variants.items():
            if hyperparameters.get(name) == value:
                return replace(self, variants={}, **otherwise)
        return self

    def idle(self, hyperparameters: Mapping[str, Value], training: Mapping[str, Value]) -> frozenset[str]:
        """The dotted keys of its settings that mean nothing beside these values; what is absent has its default."""
        return conditions.idle(
            {"model": (self.hyperparameters, hyperparameters), "training": (self.training, training)}
        )

    def takes_negative(self, hyperparameters: Mapping[str, Value], rows: int = 0) -> bool:
        """Whether so many rows with negative weights among them can be fitted with these settings."""
        if self.negative_with is not None:
            name, value = self.negative_with
            if hyperparameters.get(name, self._usual(name)) == value:
                return True
        return self.weights == "any" and (self.negative_rows is None or rows <= self.negative_rows)

    @property
    def exception(self) -> str:
        """The setting with which it takes negative weights after all, as an experiment says it; or empty."""
        if self.negative_with is None:
            return ""
        name, value = self.negative_with
        return f"model.{name} = {str(value).lower() if isinstance(value, bool) else value}"

    @property
    def about_weights(self) -> str:
        """One sentence on what its fit makes of the weights of rows."""
        if self.weights == "none":
            return "Takes no weights: in the fit all rows count alike."
        if self.weights == "any":
            limit = f" where there are at most {self.negative_rows:,} rows" if self.negative_rows else ""
            return f"Takes weights, negative ones too{limit}."
        if self.negative_with is not None and self._usual(self.negative_with[0]) == self.negative_with[1]:
            return f"Takes weights, negative ones too with {self.exception}, which is the default."
        return f"Takes weights, none below zero{f' except with {self.exception}' if self.exception else ''}."

    def _usual(self, name: str) -> Value:
        """The default of one of its hyperparameters."""
        return next(h.default for h in self.hyperparameters if h.name == name)
