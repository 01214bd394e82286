"""An estimator of scikit-learn as the model of a script: built with the settings that it would not have by itself."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from mltui.export.estimator_score import write_estimator_score
from mltui.export.facts import Facts
from mltui.export.script import Script, text
from mltui.export.weights import Weighing
from mltui.models.shared import weight_argument

_TREES = "min_samples_split"
"""A setting that trees and forests have: they look at inputs in single precision, all else in double."""


class EstimatorModel:
    """Writes an estimator.

    Attributes:
        by_metric: whether a metric is asked for while it is fitted.
    """

    def __init__(self, facts: Facts, inputs: Sequence[int]) -> None:
        self._facts = facts
        self._weighing = Weighing.of(facts)
        asked = facts.asked
        self._estimator: Any = facts.card.build(
            asked.model.hyperparameters, asked.training, facts.shape(max(inputs)), asked.seed
        )
        patience = asked.training.get("early_stopping")
        self._patience = patience if isinstance(patience, int) else None
        self._trees = facts.ran.steps if facts.ran is not None else None
        self.by_metric = self._patience is not None and self._trees is None

    def inputs(self, _script: Script, made: str) -> str:
        """The code of the inputs, once they are made in double precision."""
        single = f"{made}.astype(np.float32)"
        return single if hasattr(self._estimator, _TREES) else f"{single}.astype(float)"

    @property
    def _boosts(self) -> bool:
        return bool(self._facts.card.name == "hist_gradient_boosting")

    def write(self, script: Script) -> None:
        """Write what fits it to ``train``, and ``score(x)``."""
        self._weighing.write(script)
        script.part("The model")
        steps = getattr(self._estimator, "steps", None)
        if steps is None:
            script.enclosed(
                f"model = {self._name(script, self._estimator)}(", self._settings(self._estimator), ")", own_lines=True
            )
        else:
            script.need("sklearn.pipeline", "make_pipeline")
            pieces = [f"{self._name(script, step)}({', '.join(self._settings(step))})" for _, step in steps]
            script.enclosed("model = make_pipeline(", pieces, ")", own_lines=True)
        rows = self._weighing.rows
        weight = f", {weight_argument(self._estimator)}=w" if self._weighing.any else ""
        fit = f"fit(inputs({rows}), y[{rows}]{weight})"
        script.add(f"model.{fit}")
        if self.by_metric:
            self._look_back(script, fit)
        write_estimator_score(script, self._facts, self._estimator)

    @staticmethod
    def _name(script: Script, estimator: Any) -> str:
        """What an estimator is called, imported."""
        kind = type(estimator)
        script.need(".".join(kind.__module__.split(".")[:2]), kind.__name__)
        return kind.__name__

    def _settings(self, estimator: Any) -> list[str]:
        """The settings that differ from those it has by itself."""
        usual = inspect.signature(type(estimator)).parameters
        given = estimator.get_params(deep=False)
        if self._trees is not None and self._facts.card.steps:
            given[self._facts.card.steps.rpartition(".")[2]] = self._trees
        given = {name: value for name, value in given.items() if name not in ("n_jobs", "early_stopping")}
        if self._boosts:
            given["early_stopping"] = False
        changed = {name: text(value) for name, value in given.items() if value != usual[name].default}
        if "random_state" in changed:
            changed["random_state"] = self._facts.seed
        return [f"{name}={code}" for name, code in changed.items()]

    def _look_back(self, script: Script, fit: str) -> None:
        """Keep as many trees as are best for the validation part, and look no further than patience goes."""
        staged = "staged_predict_proba" if self._facts.classes else "staged_predict"
        weight = ", weight[validation]" if self._facts.weighted else ""
        second = "[:, 1]" if self._facts.classes == 2 else ""
        script.add("best, best_loss = 0, np.inf")
        with script.indented(f"for trees, p in enumerate(model.{staged}(inputs(validation)), 1):"):
            script.add(f'loss = metrics(y[validation], p{second}{weight})["loss"]')
            with script.indented("if loss < best_loss:"):
                script.add("best, best_loss = trees, loss")
            with script.indented(f"elif trees - best >= {self._patience}:"):
                script.add("break")
        steps = self._facts.card.steps.rpartition(".")[2]
        script.add(f"model.set_params({steps}=best).{fit}  # later trees learn by heart")
