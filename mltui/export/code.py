"""From an experiment to the script that does the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from mltui.core.experiment import Experiment
from mltui.export.cuts_model import CutsModel
from mltui.export.data import write_data
from mltui.export.estimator_model import EstimatorModel
from mltui.export.facts import Facts, Ran, gathered
from mltui.export.network_model import NetworkModel
from mltui.export.preprocessing import Plain, plain, write_preprocessing
from mltui.export.refusals import refuse
from mltui.export.scores import write_metrics, write_report
from mltui.export.script import Script
from mltui.export.splitting import write_split
from mltui.models.card import Engine


class Model(Protocol):
    """What writes a model.

    Attributes:
        by_metric: whether a metric is asked for while it is fitted.
    """

    by_metric: bool

    def inputs(self, script: Script, made: str) -> str:
        """The code of the inputs, once they are made in double precision."""
        ...

    def write(self, script: Script) -> None:
        """Write what fits it to ``train``, with ``validation`` at hand, and ``score(x)``."""
        ...


_MODELS: Mapping[Engine, Callable[[Facts, Sequence[int]], Model]] = {
    "network": NetworkModel,
    "estimator": EstimatorModel,
    "cuts": CutsModel,
}


def code(asked: Experiment, folder: Path, ran: Ran | None = None) -> str:
    """The script of an experiment, whose file names are relative to a folder.

    Args:
        ran: a run of it, whose numbers are to come out.

    Raises:
        InputError: where the experiment asks for what a script cannot say, or its data cannot be read.
    """
    refuse(asked)
    return _Code(gathered(asked, folder, ran)).text()


class _Code:
    """One script."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._steps: Plain = plain(facts)
        self._model: Model = _MODELS[facts.card.engine](facts, self._steps.inputs)
        self._script = Script()

    def text(self) -> str:
        """All of it."""
        facts, script = self._facts, self._script
        write_data(script, facts)
        write_split(script, facts)
        if self._model.by_metric:
            write_metrics(script, facts)
        if facts.division.fold is not None:
            self._folds()
        elif facts.asked.seeds is not None:
            self._seeds()
        else:
            self._fitted()
        script.part("What it is worth")
        if not self._model.by_metric:
            write_metrics(script, facts)
        write_report(script, facts, self._parts())
        return script.text(self._about())

    def _fitted(self) -> None:
        """Preprocessing and model, learnt from ``train``."""
        script = self._script
        script.part("The preprocessing: learnt from the training rows alone")
        made = write_preprocessing(script, self._facts, self._steps)
        script.add("")
        with script.indented("def inputs(rows):"):
            script.add('"""What the model sees of some rows."""')
            both = made[0]
            if len(made) > 1:
                script.enclosed("both = np.hstack([", made, "])")
                both = "both"
            script.add(f"return {self._model.inputs(script, both)}")
        script.add("")
        self._model.write(script)

    def _folds(self) -> None:
        """One model for each fold, and their scores."""
        script, facts = self._script, self._facts
        folds, opened = facts.division.folds, "test" in facts.seen
        script.add("")
        with script.indented("def fit(train, validation):"):
            script.add('"""What predicts rows by their numbers, once it has learnt from those to train on."""')
            self._fitted()
            script.add("return lambda rows: score(inputs(rows))")
        script.part(f"The {folds} folds: every row is judged by the model that has not seen it")
        wide = facts.shape(0).scores(0)[1:]
        shape = f"(len(pool), {wide[0]})" if wide else "len(pool)"
        script.add(f"in_fold, out_of_fold = np.empty({shape}), np.empty({shape})")
        if opened:
            script.add("scores = 0")
        with script.indented(f"for number in range({folds}):"):
            script.add("out = fold == number")
            script.add("predict = fit(pool[~out], pool[out])")
            script.add("out_of_fold[out] = predict(pool[out])")
            script.add(f"before = fold == (number - 1) % {folds}  # each row has been seen by the model after its own")
            script.add("in_fold[before] = predict(pool[~out])[before[~out]]")
            if opened:
                script.add("scores = scores + predict(test)")

    def _seeds(self) -> None:
        """One model for each seed."""
        script, first, count = self._script, self._facts.asked.seed, self._facts.asked.seeds
        script.add("")
        with script.indented("def fit(seed):"):
            script.add('"""What predicts rows by their numbers, once it has learnt with a seed."""')
            self._fitted()
            script.add("return lambda rows: score(inputs(rows))")
        script.part(f"The {count} seeds: what is judged is the mean of the models' scores")
        script.add(f"models = [fit(seed) for seed in range({first}, {first + (count or 0)})]")

    def _parts(self) -> dict[str, tuple[str, str]]:
        """By part, the code of its rows and of their scores."""
        division, seeds = self._facts.division, self._facts.asked.seeds
        if seeds is not None:
            return {part: (part, f"sum(model({part}) for model in models) / {seeds}") for part in self._facts.seen}
        if division.fold is None:
            return {part: (part, f"score(inputs({part}))") for part in self._facts.seen}
        parts = {"train": ("pool", "in_fold"), "validation": ("pool", "out_of_fold")}
        if "test" in self._facts.seen:
            parts["test"] = ("test", f"scores / {division.folds}")
        return parts

    def _about(self) -> list[str]:
        """The paragraphs at the top."""
        facts = self._facts
        source = facts.asked.data.dataset or ", ".join(Path(path).name for path in facts.paths[:3])
        told = f"the experiment {facts.asked.name!r}" if facts.ran is None else f"run {facts.ran.id}"
        return [
            f"{facts.card.title}: {facts.table.target_name} of {source}, as {told} of mltui.",
            "It takes the same steps in the same order, so that the numbers at its end are the same; other versions of "
            f"the libraries may change their last digits. It needs {', '.join(self._script.packages)}.",
        ]
