"""The preprocessing of a script: what scikit-learn learns from the training rows, and the inputs it makes of any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.table import Floats
from mltui.data.categories import seen
from mltui.data.matrix import matrix, width
from mltui.data.preprocess import Preprocessing
from mltui.data.scaling import codes_steps
from mltui.export.facts import Facts
from mltui.export.script import Script, text

_SCALERS = {"standard": "StandardScaler", "minmax": "MinMaxScaler", "robust": "RobustScaler"}
_QUANTILES = 1_000
Rows = NDArray[np.integer]


@dataclass(frozen=True)
class Step:
    """A transformer of scikit-learn.

    Attributes:
        module: of sklearn. name: of its class. settings: its arguments.
        said: how Python writes those of them that hang on the rows.
    """

    module: str
    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """As Python makes it."""
        arguments = (f"{name}={self.said.get(name) or text(value)}" for name, value in self.settings.items())
        return f"{self.name}({', '.join(arguments)})"

    def made(self, rows: int) -> Any:
        """The transformer itself, for so many rows to train on."""
        from importlib import import_module

        settings = {name: rows if name in self.said else value for name, value in self.settings.items()}
        return getattr(import_module(f"sklearn.{self.module}"), self.name)(**settings)


_ROBUST = Step("preprocessing", "RobustScaler")
"""Before quantiles, since those within 1e-7 of their ends count as the ends."""


@dataclass(frozen=True)
class Plain:
    """The preprocessing as scikit-learn alone does it.

    Attributes:
        numbers: what is done to numbers, in order. codes: the same to categories encoded as numbers.
        inputs: how many columns come out for each of the models.
        signs: of the principal components, those of their loadings of one feature, the `pivot`; None where they come
            out the same by themselves.
    """

    numbers: tuple[Step, ...]
    codes: tuple[Step, ...]
    inputs: tuple[int, ...]
    signs: tuple[int, ...] | None = None
    pivot: int = 0


def plain(facts: Facts) -> Plain:
    """The steps of an experiment.

    Raises:
        InputError: where scikit-learn alone does not do what mltui does, and that shows in these data.
    """
    spec = facts.asked.preprocess
    scale = tuple(name for name in spec.scale if name != "none")
    trained = [facts.division.member(number)["train"] for number in range(facts.division.folds)]
    least = min(map(len, trained))
    numbers = _steps(scale, least)
    if any(facts.missing(column) for column in facts.numbers):
        numbers = (_imputer(facts, trained), *numbers)
    codes = _steps(codes_steps(scale), least) if spec.encode == "ordinal" and facts.categories else ()
    found = Plain(numbers, codes, ())
    if {"pca", "quantile"} & set(scale):
        for train in trained:
            found = _checked(facts, found, train)
    else:
        found = replace(found, inputs=(sum(width(column) for column in facts.numbers),) * len(trained))
    inputs = zip(trained, found.inputs, strict=True)
    return replace(found, inputs=tuple(_inputs(facts, train, numbers) for train, numbers in inputs))


def _steps(names: Sequence[str], rows: int) -> tuple[Step, ...]:
    found: list[Step] = []
    for name in names:
        if name in _SCALERS:
            found.append(Step("preprocessing", _SCALERS[name]))
        elif name == "quantile":
            found += [_ROBUST] if found[-1:] != [_ROBUST] else []
            found.append(_gaussian(rows))
        else:
            found.append(Step("decomposition", "PCA"))
    return tuple(found)


def _gaussian(rows: int) -> Step:
    settings = {"n_quantiles": min(_QUANTILES, rows), "output_distribution": "normal", "subsample": None}
    return Step(
        "preprocessing", "QuantileTransformer", settings, {"n_quantiles": "len(train)"} if rows < _QUANTILES else {}
    )


def _imputer(facts: Facts, trained: Sequence[Rows]) -> Step:
    impute = facts.asked.preprocess.impute
    settings: dict[str, Any] = {"strategy": impute} if impute != "zero" else {"strategy": "constant", "fill_value": 0}
    if any(np.isnan(matrix(facts.table, facts.numbers, train)).all(axis=0).any() for train in trained):
        settings["keep_empty_features"] = True
    return Step("impute", "SimpleImputer", settings)


def _inputs(facts: Facts, train: Rows, found: int) -> int:
    """How many columns come out where these rows are trained on, so many of numbers."""
    for column in facts.categories:
        known = seen(facts.table, column, train)
        if not known:
            raise InputError(
                f"the category {column.name} has no value in the training part, which mltui code does not write; "
                "exclude it",
                key="data.exclude",
            )
        found += 1 if facts.asked.preprocess.encode == "ordinal" else len(known)
    return found


def _checked(facts: Facts, found: Plain, train: Rows) -> Plain:
    """The same once scikit-learn's steps give the same numbers as mltui's where these rows are trained on.

    Raises:
        InputError: where they do not: principal components are left out, or quantiles are those of a sample.
    """
    ours = Preprocessing.fit(facts.table, facts.asked.preprocess, train)
    wanted = ours.transform(facts.table, train)
    of_labels = [1 if facts.asked.preprocess.encode == "ordinal" else len(known) for known in ours.seen.values()]
    wanted = wanted[:, : wanted.shape[1] - sum(of_labels)]
    steps = [step.made(len(train)) for step in found.numbers]
    raw = matrix(facts.table, facts.numbers, train)
    with np.errstate(all="ignore"):
        _fit(steps, raw)
        turns = [step for step in steps if hasattr(step, "components_")]
        if len(turns) == 1 and facts.division.fold is None and not _same(steps, raw, wanted):
            found = _signed(found, turns[0], next(step for step in ours.steps if hasattr(step, "components_")))
        same = _same(steps, raw, wanted)
    if not same:
        raise InputError(
            "mltui code writes the steps of preprocess.scale with scikit-learn alone, and on these data that gives "
            "other inputs than a run's: features that do not vary, more rows than quantiles are taken from, or folds "
            "whose principal components point either way; choose another scale",
            key="preprocess.scale",
        )
    return replace(found, inputs=(*found.inputs, wanted.shape[1]))


def _fit(steps: Sequence[Any], values: Floats) -> None:
    for step in steps:
        values = step.fit_transform(values)


def _same(steps: Sequence[Any], values: Floats, wanted: NDArray[np.float32]) -> bool:
    """Whether fitted steps make of raw numbers what is wanted."""
    for step in steps:
        values = step.transform(values)
    return values.shape == wanted.shape and np.allclose(values, wanted, rtol=1e-5, atol=1e-5)


def _signed(found: Plain, turn: Any, ours: Any) -> Plain:
    """The same with the signs of the principal components said, and given to this fitted step."""
    if turn.components_.shape != ours.components_.shape:
        return found
    pivot = int(np.argmax(np.abs(ours.components_).min(axis=0)))
    signs = np.sign(ours.components_[:, pivot])
    turn.components_ *= (np.sign(turn.components_[:, pivot]) * signs)[:, None]
    return replace(found, signs=tuple(int(sign) for sign in signs), pivot=pivot)


def write_preprocessing(script: Script, facts: Facts, steps: Plain) -> list[str]:
    """Write what is learnt from ``train``; gives the code of the inputs of ``rows``, of numbers and of labels.

    Args:
        steps: from `plain`.
    """
    made = []
    if facts.numbers:
        made.append(_fitted(script, "scaler", "x", steps.numbers))
        if steps.signs is not None:
            _write_signs(script, steps)
    if facts.categories:
        made += _encoded(script, facts, steps)
    return made


def _fitted(script: Script, called: str, source: str, steps: Sequence[Step]) -> str:
    """Write steps fitted to rows of a matrix; gives what they make of ``rows``."""
    for step in steps:
        script.need(f"sklearn.{step.module}", step.name)
    if not steps:
        return f"{source}[rows]"
    if len(steps) == 1:
        script.add(f"{called} = {steps[0].code}.fit({source}[train])")
    else:
        script.need("sklearn.pipeline", "make_pipeline")
        script.enclosed(f"{called} = make_pipeline(", [step.code for step in steps], f").fit({source}[train])")
    return f"{called}.transform({source}[rows])"


def _write_signs(script: Script, steps: Plain) -> None:
    place = [step.name for step in steps.numbers].index("PCA")
    script.add(f"components = scaler{f'[{place}]' if len(steps.numbers) > 1 else ''}.components_")
    script.remark("Which way a component points is chance; these point as in the run.")
    script.add(f"components *= (np.sign(components[:, {steps.pivot}]) * {list(steps.signs or ())})[:, None]")


def _encoded(script: Script, facts: Facts, steps: Plain) -> list[str]:
    ordinal = facts.asked.preprocess.encode == "ordinal"
    missing = any(facts.missing(column) for column in facts.categories)
    arguments = []
    if missing:
        script.remark("A missing label is none of them, and so has no column of its own.")
        script.add('known = [np.unique(column[column != ""]) for column in labels[train].T]')
        arguments.append("categories=known")
    if ordinal:
        script.need("sklearn.preprocessing", "OrdinalEncoder")
        arguments += ['handle_unknown="use_encoded_value"', "unknown_value=-1"]
        script.add(f"encoder = OrdinalEncoder({', '.join(arguments)}).fit(labels[train])")
        if not steps.codes:
            return ["encoder.transform(labels[rows])"]
        script.add("codes = encoder.transform(labels)")
        return [_fitted(script, "code_scaler", "codes", steps.codes)]
    script.need("sklearn.preprocessing", "OneHotEncoder")
    arguments += ['handle_unknown="ignore"', "sparse_output=False"]
    script.add(f"encoder = OneHotEncoder({', '.join(arguments)}).fit(labels[train])")
    return ["encoder.transform(labels[rows])"]
