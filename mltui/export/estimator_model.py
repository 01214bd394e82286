"""An estimator of scikit-learn as the model of a script: built with the settings that it would not have by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mltui.export.estimator_score import write_estimator_score
from mltui.export.facts import Facts
from mltui.export.script import Script, text
from mltui.export.weights import Weighing
from mltui.models.shared import in_single, weight_argument

_SO_MANY = {"xgboost": "iteration_range=(0, trees)", "lightgbm": "num_iteration=trees"}
"""By library, how a model is asked for what its first trees say."""


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
        return single if in_single(self._estimator) else f"{single}.astype(float)"

    @property
    def _boosts(self) -> bool:
        return bool(self._facts.card.name == "hist_gradient_boosting")

    def write(self, script: Script) -> None:
        """Write what fits it to ``train``, and ``score(x)``."""
        self._weighing.write(script)
        script.part("The model")
        steps = getattr(self._estimator, "steps", None)
        if steps is None:
            kind = type(self._estimator)
            _need(script, kind)
            script.enclosed(f"model = {kind.__name__}(", self._settings(script), ")", own_lines=True)
        else:
            script.need("sklearn.pipeline", "make_pipeline")
            pieces = [_made(script, step, self._facts.seed) for _, step in steps]
            script.enclosed("model = make_pipeline(", pieces, ")", own_lines=True)
        if self._double and self._facts.classes > 2:
            script.need("warnings")
            script.add('warnings.filterwarnings("ignore", "The y_prob values do not sum")  # they do, to seven digits')
        rows = self._weighing.rows
        weight = f", {weight_argument(self._estimator)}=w" if self._weighing.any else ""
        fit = f"fit(inputs({rows}), y[{rows}]{weight})"
        script.add(f"model.{fit}")
        if self.by_metric:
            self._look_back(script, fit)
        write_estimator_score(script, self._facts, self._estimator, self._double)

    def _settings(self, script: Script) -> list[str]:
        """The settings that differ from those it has by itself."""
        given = self._estimator.get_params(deep=False)
        if self._trees is not None and self._facts.card.steps:
            given[self._facts.card.steps.rpartition(".")[2]] = self._trees
        given = {name: value for name, value in given.items() if name not in ("n_jobs", "early_stopping")}
        if self._boosts:
            given["early_stopping"] = False
        if self._facts.card.library and self._facts.ran is not None:
            given["n_jobs"] = self._facts.ran.threads  # all there are, if it is not said
        return _arguments(script, type(self._estimator), given, self._facts.seed)

    def _look_back(self, script: Script, fit: str) -> None:
        """Keep as many trees as are best for the validation part, and look no further than patience goes."""
        weight = ", weight[validation]" if self._facts.weighted else ""
        second = "[:, 1]" if self._facts.classes == 2 else ""
        steps = self._facts.card.steps.rpartition(".")[2]
        ask = "predict_proba" if self._facts.classes else "predict"
        so_many = _SO_MANY.get(self._facts.card.library)
        script.add("best, best_loss = 0, np.inf")
        each = f"for trees, p in enumerate(model.staged_{ask}(inputs(validation)), 1):"
        if so_many is not None:
            script.add("judging = inputs(validation)")
            each = f"for trees in range(1, model.{steps} + 1):"
        with script.indented(each):
            if so_many is not None:
                script.add(f"p = model.{ask}(judging, {so_many}){self._double}")
            script.add(f'loss = metrics(y[validation], p{second}{weight})["loss"]')
            with script.indented("if loss < best_loss:"):
                script.add("best, best_loss = trees, loss")
            with script.indented(f"elif trees - best >= {self._patience}:"):
                script.add("break")
        script.add(f"model.set_params({steps}=best).{fit}  # later trees learn by heart")

    @property
    def _double(self) -> str:
        """What brings its answers to the precision in which they are judged."""
        return ".astype(float)" if self._facts.card.library == "xgboost" else ""


def _arguments(script: Script, kind: type, given: Mapping[str, Any], seed: str) -> list[str]:
    """What is said to make one, where that is not what it takes by itself; estimators among it are made there.

    Args:
        seed: the code of the seed.
    """
    usual = kind().get_params(deep=False)
    own = {n: value for n, value in given.items() if n not in usual or not _same(value, usual[n])}
    return [f"{n}={seed if n == 'random_state' else _made(script, value, seed)}" for n, value in own.items()]


def _same(value: Any, other: Any) -> bool:
    return value is other or bool(value == other)  # what is missing may be NaN, which equals nothing


def _made(script: Script, value: Any, seed: str) -> str:
    if not hasattr(value, "get_params"):
        return text(value)
    kind = type(value)
    _need(script, kind)
    return f"{kind.__name__}({', '.join(_arguments(script, kind, value.get_params(deep=False), seed))})"


def _need(script: Script, kind: type) -> None:
    """Import an estimator from where its library shows it."""
    library, *inner = kind.__module__.split(".")
    script.need(f"{library}.{inner[0]}" if library == "sklearn" else library, kind.__name__)
