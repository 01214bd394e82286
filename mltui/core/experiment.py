"""The experiment: dataset, split, preprocessing, model and training, frozen, read from TOML and written to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import tomli_w

from mltui.core import conditions, members
from mltui.core.data_rules import check_data
from mltui.core.errors import InputError, nearest
from mltui.core.hyperparameters import Hyperparameter, Value, check_all, shown
from mltui.core.sections import Data, Model, Preprocess, Split, declared
from mltui.core.source import Source, override
from mltui.core.split_rules import check_split

FORMAT = 1
NAME = Hyperparameter(name="name", kind="text", default="untitled", help="What you call this experiment.")
SEED = Hyperparameter(
    name="seed", kind="integer", default=1, low=0, high=2**31, help="The seed of the training; other seeds, other luck."
)
SEEDS = Hyperparameter(
    name="seeds",
    kind="integer",
    default=None,
    low=2,
    high=1000,
    optional=True,
    help="Train as often, each time with the next seed: mean ± deviation. Empty: once.",
)
_TOP = ("format", "name", "seed", "seeds", "data", "split", "preprocess", "model", "training", "resolved")


class DeclaredModel(Protocol):
    """What an experiment needs to know of a model: its settings and those of its training."""

    @property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """The [model] keys."""
        ...

    @property
    def training(self) -> tuple[Hyperparameter, ...]:
        """The [training] keys."""
        ...

    @property
    def check(self) -> Callable[[Mapping[str, Value], Mapping[str, Value]], None]:
        """Refuses, by an InputError, what single settings of [model] and [training] allow but not together."""
        ...


@dataclass(frozen=True)
class Known:
    """The names an experiment may use: each dataset with its options, each model with its declarations."""

    datasets: Mapping[str, tuple[Hyperparameter, ...]]
    models: Mapping[str, DeclaredModel]


@dataclass(frozen=True)
class Experiment:
    """One complete, checked experiment; every default is filled in, so that equal experiments compare equal."""

    data: Data
    model: Model
    training: Mapping[str, Value]
    split: Split = Split()
    preprocess: Preprocess = Preprocess()
    name: str = "untitled"
    seed: int = 1
    seeds: int | None = None
    resolved: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What a run recorded beside the settings: file sizes, hashes, threads. Never read back as a setting."""
    idle: frozenset[str] = field(default=frozenset(), compare=False)
    """Dotted keys of model and training that mean nothing beside the others' values, and so have their defaults."""

    @classmethod
    def parse(cls, source: Source, known: Known, settings: Iterable[str] = ()) -> Experiment:
        """Read an experiment from TOML, with ``KEY=VALUE`` settings laid over it.

        Raises:
            InputError: naming the document, the line, the key, and what would be right.
        """
        document = source.parsed()
        overridden = override(document, settings)
        try:
            return cls.check(document, known)
        except InputError as error:
            for key in overridden:
                if error.key is not None and f"{error.key}.".startswith(f"{key}."):
                    raise InputError(f"--set {key}: {error.sentence}", key=error.key) from None
            raise source.locate(error) from None

    @classmethod
    def check(cls, document: Mapping[str, Any], known: Known) -> Experiment:
        """Build an experiment from a parsed document; the form and the file both end here.

        Raises:
            InputError: with the dotted key at fault in `key`.
        """
        for name, value in document.items():
            if name not in _TOP:
                raise InputError(f"unknown key {name}; {nearest(name, _TOP)}", key=name)
            if name not in ("format", "name", "seed", "seeds") and not isinstance(value, Mapping):
                raise InputError(f"{name} must be a table, written [{name}]", key=name)
        _check_format(document.get("format", FORMAT))
        data = check_data(document.get("data", {}), known.datasets)
        model, training, idle = _model(document, known)
        split = check_split(document.get("split", {}))
        preprocess = Preprocess(
            **check_all(declared(Preprocess), document.get("preprocess", {}), section="preprocess")  # type: ignore[arg-type]
        )
        _check_balanced_once(preprocess, model)
        seeds = _top(SEEDS, document)
        if seeds is not None and split.folds is not None:
            raise InputError(
                "seeds and split.folds each train several models; leave one of them out: seeds tell what chance in the "
                "training does, folds what the choice of rows does",
                key="seeds",
            )
        return cls(
            data=data,
            model=model,
            training=training,
            split=split,
            preprocess=preprocess,
            name=str(_top(NAME, document)),
            seed=int(_top(SEED, document)),  # type: ignore[arg-type]
            seeds=seeds if isinstance(seeds, int) else None,
            resolved=document.get("resolved", {}),
            idle=idle,
        )

    def document(self, *, whole: bool = False) -> dict[str, Any]:
        """The experiment as nested plain values, every default written out; `check` reads it back.

        Args:
            whole: also the settings that mean nothing beside the others.
        """
        idle = frozenset() if whole else self.idle
        document = {
            "format": FORMAT,
            "name": self.name,
            "seed": self.seed,
            "seeds": self.seeds,
            "data": {k: v for k, v in self._data().items() if v not in ((), {}, [])},
            "split": asdict(self.split),
            "preprocess": _bare(asdict(self.preprocess)),
            "model": {"name": self.model.name, **_bare(_settings(self.model.hyperparameters, "model.", idle))},
            "training": _settings(self.training, "training.", idle),
            "resolved": dict(self.resolved),
        }
        plain: dict[str, Any] = _plain(document)
        return plain

    def _data(self) -> dict[str, Any]:
        samples = [{k: v for k, v in asdict(sample).items() if v not in ((), None)} for sample in self.data.samples]
        variations = [
            {k: v for k, v in asdict(each).items() if v not in ((), {}, None)} for each in self.data.variations
        ]
        options = _settings(self.data.options)
        return {**asdict(self.data), "options": options, "samples": samples, "variations": variations}

    @property
    def judged(self) -> tuple[str, ...]:
        """What the models are called that a run trains and judges, in order; one alone has no name."""
        if self.split.folds is not None:
            return tuple(map(members.fold_name, range(self.split.folds)))
        if self.seeds is not None:
            return tuple(map(members.seed_name, range(self.seed, self.seed + self.seeds)))
        return ("",)

    def to_toml(self) -> str:
        """The experiment as a TOML text; absent keys mean none."""
        return tomli_w.dumps({k: v for k, v in self.document().items() if v not in ({}, [])})


def _check_format(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 1_000_000:
        raise InputError(f"format must be {FORMAT}, not {shown(value)}", key="format")
    if value > FORMAT:
        raise InputError(
            f"format {value} is newer than this mltui reads ({FORMAT}); a newer mltui is needed", key="format"
        )


def _top(hyperparameter: Hyperparameter, document: Mapping[str, Any]) -> Value:
    try:
        return hyperparameter.check(document.get(hyperparameter.name, hyperparameter.default))
    except ValueError as error:
        raise InputError(f"{hyperparameter.name} {error}", key=hyperparameter.name) from None


def data_name(data: Mapping[str, Any]) -> str:
    """What the data of a document's [data] section are called: the dataset, or the names of files or samples.

    The section may be an old or a strange one.
    """
    if data.get("dataset"):
        return str(data["dataset"])
    files, samples = data.get("files"), data.get("samples")
    names = [str(name).rpartition("/")[2] for name in files] if isinstance(files, list | tuple) else []
    if isinstance(samples, list | tuple):
        names += dict.fromkeys(_sample_name(sample) for sample in samples if isinstance(sample, Mapping))
    return ", ".join(filter(None, names))


def _sample_name(sample: Mapping[str, Any]) -> str:
    return str(sample.get("label") or sample.get("process") or data_name({"files": sample.get("files")}))


def _model(document: Mapping[str, Any], known: Known) -> tuple[Model, dict[str, Value], frozenset[str]]:
    given = dict(document.get("model", {}))
    name = given.pop("name", None)
    if not isinstance(name, str):
        raise InputError('model needs a name, such as name = "mlp"', key="model" if name is None else "model.name")
    if name not in known.models:
        raise InputError(f"there is no model {name!r}; {nearest(name, known.models)}", key="model.name")
    card = known.models[name]
    hyperparameters = check_all(card.hyperparameters, given, section="model")
    training = check_all(card.training, document.get("training", {}), section="training")
    idle = conditions.refuse_idle(
        {"model": (card.hyperparameters, hyperparameters), "training": (card.training, training)}
    )
    card.check(hyperparameters, training)
    return Model(name, hyperparameters), training, idle


def _check_balanced_once(preprocess: Preprocess, model: Model) -> None:
    if preprocess.balance == "classes" and model.hyperparameters.get("class_weight") == "balanced":
        raise InputError(
            'preprocess.balance = "classes" and model.class_weight = "balanced" each let the classes count alike, and '
            "together a rare one counts more than a common one; keep one of them",
            key="model.class_weight",
        )


def _settings(values: Mapping[str, Value], section: str = "", without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Settings with None spelt out, since an absent one would mean its default; some dotted keys are left out."""
    kept = ((name, value) for name, value in values.items() if f"{section}{name}" not in without)
    return {name: "none" if value is None else value for name, value in kept}


def _bare(values: Mapping[str, Value]) -> dict[str, Any]:
    """Settings with lists of one choice as the choice itself, as a person writes them."""

    def bare(value: Value) -> Value:
        one = isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], str)
        return value[0] if one else value  # type: ignore[index]

    return {name: bare(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    """Tuples as lists, None left out: what TOML and JSON can hold."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(v) for v in value]
    return value
