"""The sections of an experiment file that do not depend on the dataset or the model, each key declared once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from mltui.core.hyperparameters import Hyperparameter, Kind, Scalar, Value

Task = Literal["classification", "regression"]
TASKS: tuple[Task, ...] = get_args(Task)
Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)


def _key(kind: Kind, default: Value, help: str, **declaration: Any) -> Any:
    """A dataclass field that carries its declaration; the field's own name becomes the key."""
    declared = {"kind": kind, "default": default, "help": help, **declaration}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=declared)
    return field(default=default, metadata=declared)


def declared(section: type[Any]) -> tuple[Hyperparameter, ...]:
    """The declarations of a section class, in the order of its fields."""
    return tuple(Hyperparameter(name=f.name, **f.metadata) for f in fields(section))


SEPARATORS = (",", ";", "tab", "space", "|", ":")


@dataclass(frozen=True)
class Sample:
    """One class or process: its files, and what its rows count."""

    label: str | None = _key("text", None, "The class these rows belong to.", optional=True)
    process: str | None = _key(
        "text", None, "The process they come from, where a class has several. Empty: the label.", optional=True
    )
    files: tuple[str, ...] = _key("names", (), "Its files; globs work.")
    tree: str | None = _key("text", None, "The tree, group or dataset in them. Empty: data.tree.", optional=True)
    weight: str | None = _key("text", None, "Column or expression. Empty: data.weight.", optional=True)
    cut: str | None = _key("text", None, "Keep only rows where this holds, beside data.cut.", optional=True)
    cross_section: float | None = _key(
        "number", None, "The process's cross-section [pb]; with generated, weights become expected events.",
        above=0, optional=True,
    )  # fmt: skip
    generated: float | None = _key(
        "number", None, "The sum of weights of all that were generated, before any cut.", above=0, optional=True
    )


@dataclass(frozen=True)
class Variation:
    """A systematic variation of the data: scored beside them, never trained on."""

    name: str = _key("text", "", "What it is called, such as JES_up.")
    replace: Mapping[str, Value] = _key("table", {}, "Columns and what stands in for each, a column or an expression.")
    files: tuple[str, ...] = _key("names", (), "Other files in place of data.files, or of the process's; globs work.")
    weight: str | None = _key("text", None, "Column or expression in place of the weight.", optional=True)
    process: str | None = _key(
        "text", None, "The one process that varies; the others stay as they are. Empty: all do.", optional=True
    )
    generated: float | None = _key(
        "number", None, "The sum of weights that were generated of these files. Empty: as the process's.",
        above=0, optional=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Data:
    """Where the rows come from and what each column means."""

    dataset: str | None = _key("text", None, "A dataset from the catalogue.", optional=True)
    options: Mapping[str, Value] = _key("table", {}, "The dataset's own settings, such as samples and noise.")
    files: tuple[str, ...] = _key("names", (), "Files of your own, or root:// addresses; globs work.")
    samples: tuple[Sample, ...] = _key(
        "entries", (), "In place of files: label = file[:tree], an entry for each class or process.", expert=True
    )
    tree: str | None = _key(
        "text", None, "Which table of a file: the tree of a ROOT file, a group or dataset, an array.", optional=True
    )
    target: str | tuple[str, ...] | None = _key(
        "columns", None, "The column to learn; a list of them for a regression of several values.", optional=True
    )
    positive: str | None = _key("text", None, "The class that a high score means.", optional=True)
    features: tuple[str, ...] = _key(
        "names", (), "Columns, globs or expressions to learn from. Empty: every usable column."
    )
    exclude: tuple[str, ...] = _key("names", (), "Columns to leave out; globs work.")
    spectators: tuple[str, ...] = _key(
        "names", (), "Columns or expressions to look at beside the score and not to learn from: m_jj.", expert=True
    )
    weight: str | None = _key("text", None, "The event weights: a column or an expression.", optional=True)
    training_weight: str | None = _key(
        "text",
        None,
        "Weights of the fit alone, a column or an expression such as abs(weight). Empty: the weight.",
        optional=True,
        expert=True,
    )
    process: str | None = _key(
        "text",
        None,
        "The column that tells the processes apart, each of which then has its own yield.",
        optional=True,
        expert=True,
    )
    luminosity: float | None = _key(
        "number", None, "Integrated luminosity [1/fb] of the expected events.", above=0, optional=True, expert=True
    )
    background_uncertainty: float = _key(
        "number",
        0.0,
        "How well the background is known, relative: 0.1 is 10 %; the significance Z_A counts it.",
        low=0,
        high=10,
        expert=True,
    )
    variations: tuple[Variation, ...] = _key(
        "entries",
        (),
        "Scored beside the data, never trained on: JES_up = {pt = pt_up}, pu = {weight = w_up}.",
        expert=True,
    )
    cut: str | None = _key("text", None, "Keep only rows where this holds: pt > 20 & abs(eta) < 2.5.", optional=True)
    missing: tuple[Scalar, ...] = _key("scalars", (), "Values that mean missing, such as -999.", expert=True)
    kinds: Mapping[str, Value] = _key(
        "table",
        {},
        "What a column is, where the guess is wrong: number, category, ordered, text, date, a date's pattern such as "
        '"%d.%m.%Y", or the labels in their order.',
        expert=True,
    )
    titles: Mapping[str, Value] = _key(
        "table", {}, "What plots call a column, with its unit: m_jj = di-jet mass [GeV].", expert=True
    )
    rows: int | None = _key(
        "integer", None, "Use this many random rows, weights scaled up.", low=10, optional=True, expert=True
    )
    task: Task | None = _key(
        "choice", None, "What to learn. Empty: from the target.", choices=TASKS, optional=True, expert=True
    )
    header: bool | None = _key(
        "boolean", None, "Whether a text begins with its columns' names. Empty: guessed.", optional=True, expert=True
    )
    columns: tuple[str, ...] = _key(
        "names", (), "The columns' names in order, in place of those in the file.", expert=True
    )
    separator: str | None = _key(
        "choice",
        None,
        "What stands between a text's columns. Empty: guessed.",
        choices=SEPARATORS,
        optional=True,
        expert=True,
    )
    decimal: str | None = _key(
        "choice", None, "A text's decimal sign. Empty: guessed.", choices=(".", ","), optional=True, expert=True
    )
    encoding: str | None = _key(
        "choice",
        None,
        "How a text's letters are written. Empty: guessed.",
        choices=("utf-8", "latin-1", "utf-16"),
        optional=True,
        expert=True,
    )
    skip: int | None = _key(
        "integer", None, "Lines of a text before its table begins. Empty: guessed.", low=0, optional=True, expert=True
    )

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns to learn, in order; none where no target is named."""
        return () if self.target is None else (self.target,) if isinstance(self.target, str) else self.target


@dataclass(frozen=True)
class Split:
    """The shares of the rows for fitting, choosing and the final verdict."""

    train: float = _key("number", 0.6, "The share of rows the model is fitted on.", above=0, high=1)
    validation: float = _key("number", 0.2, "The share of rows that judges while you choose.", low=0, high=1)
    test: float = _key("number", 0.2, "The share sealed away for the final verdict.", low=0, high=1)
    stratify: bool = _key(
        "boolean", True, "Keep the class shares equal in every part; by time they fall as they do.", expert=True
    )
    seed: int = _key("integer", 1, "The seed of the split, apart from the training's.", low=0, high=2**31, expert=True)
    by: str = _key(
        "choice",
        "random",
        "What decides a row's part: chance; its group, which is never divided; its file; or its time, the latest last.",
        choices=("random", "group", "time", "file"),
        expert=True,
    )
    column: str | None = _key(
        "text", None, "The column or expression that holds the group or the time.", optional=True, expert=True
    )
    test_files: tuple[str, ...] = _key(
        "names", (), "Files that are the test part; the shares then divide the rest. Globs work.", expert=True
    )
    folds: int | None = _key(
        "integer",
        None,
        "Train so many models, each judged by the share of the rows that it did not see.",
        low=2,
        high=50,
        optional=True,
        expert=True,
    )
    fold_by: str | None = _key(
        "text", None, "An expression that gives each row's fold, from 0, such as event % 5.", optional=True, expert=True
    )
    refit: bool = _key("boolean", False, "At the end, train once more on train and validation together.", expert=True)


@dataclass(frozen=True)
class Preprocess:
    """What is done to the features, fitted on the training part alone."""

    scale: tuple[str, ...] = _key(
        "choices",
        ("standard",),
        "Bring all features to one scale; the list says how. Several steps go in order: quantile, pca; or pca, "
        "standard, which whitens.",
        choices=("none", "standard", "minmax", "robust", "quantile", "pca"),
    )
    impute: str = _key(
        "choice",
        "median",
        "What stands in for a missing number.",
        choices=("median", "mean", "zero"),
        expert=True,
    )
    encode: str = _key(
        "choice",
        "onehot",
        "How categories become numbers: a column each, or one number.",
        choices=("onehot", "ordinal"),
        expert=True,
    )
    balance: str = _key(
        "choice",
        "none",
        "Whether the classes count alike in the fit, whatever their weights add up to.",
        choices=("none", "classes"),
        expert=True,
    )
    negative_weights: str = _key(
        "choice",
        "keep",
        "What the fit does with rows of negative weight; every number keeps them as they are.",
        choices=("keep", "drop", "absolute"),
        expert=True,
    )


@dataclass(frozen=True)
class Model:
    """A model of the catalogue with a value for each of its hyperparameters."""

    name: str
    hyperparameters: Mapping[str, Value] = field(default_factory=dict)
