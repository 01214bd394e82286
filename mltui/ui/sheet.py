"""What the form holds: an experiment being written, with what was typed that cannot be read yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment, data_name
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task
from mltui.data.catalogue import CATALOGUE
from mltui.models.catalogue import CARDS, suiting
from mltui.models.library import lacking
from mltui.runs.experiments import check
from mltui.ui.fields import OWN, Field, idle, rows

WELCOME: Mapping[str, Any] = {
    "name": "welcome",
    "data": {"dataset": "circles", "options": {"samples": 500, "noise": 0.1}},
    "model": {"name": "mlp", "hidden_layers": [8, 8], "activation": "tanh"},
    "training": {"epochs": 800, "batch_size": 16, "learning_rate": 0.001},
}
"""What greets at the first launch: something that fits within seconds, and slowly enough to watch."""


_INSTEAD = {"data.files": ("samples",), "data.samples": ("files", "tree", "target")}
"""What gives way to a key of the data: files are named together or by samples."""


@dataclass(frozen=True)
class Sheet:
    """The form's content; every edit gives a new one, so that undoing is going back to an old one.

    Attributes:
        document: the experiment as nested plain values; always readable key by key. It may hold settings that mean
            nothing beside the others, so that changing back finds them.
        wrong: by dotted key, the text of fields that cannot be read; the document keeps their last good value.
        shelf: the sections put aside when dataset or model changed, so that changing back finds them.
    """

    document: Mapping[str, Any]
    wrong: Mapping[str, str] = field(default_factory=dict)
    shelf: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, experiment: Experiment) -> Sheet:
        """The form filled in with an experiment."""
        return cls({k: v for k, v in experiment.document().items() if k not in ("resolved", "format")})

    @classmethod
    def welcome(cls) -> Sheet:
        """The form as the first launch shows it."""
        return cls.of(check(WELCOME))

    @classmethod
    def restored(cls, document: Mapping[str, Any]) -> Sheet | None:
        """The form as a draft kept it, also where it is no whole experiment yet; None where nothing fits."""
        try:
            return cls.of(check(document))
        except InputError:
            pass
        sheet = cls({k: v for k, v in document.items() if k not in ("resolved", "format")})
        try:
            values = [sheet.value(row.key) for row in sheet.fields]
        except (AttributeError, TypeError, ValueError):
            return None
        return sheet if sheet.model in CARDS and values else None

    # Reading

    @property
    def dataset(self) -> str | None:
        """The catalogue's dataset, or None where files of the user's own are asked for."""
        name = self._section("data").get("dataset")
        return None if name is None else str(name)

    @property
    def has_files(self) -> bool:
        """Whether files of the user's own are named."""
        data = self._section("data")
        return bool(data.get("files") or data.get("samples"))

    @property
    def subject(self) -> str:
        """What is learnt from: the dataset, or the names of files or samples."""
        return data_name(self._section("data")) or "your files"

    @property
    def model(self) -> str:
        """The model's name."""
        return str(self._section("model").get("name", ""))

    @property
    def rehearsal(self) -> str:
        """The model with the setting that decides what trains it, as a spare worker rehearses it: ``knn``."""
        card = CARDS.get(self.model)
        deciding = dict.fromkeys(name for name, _ in card.variants) if card else ()
        return " ".join([self.model, *(f"{name}={self.value(f'model.{name}')}" for name in deciding)])

    @property
    def engine(self) -> str:
        """What would train the model as it is set: network, estimator or cuts; empty for a model that nobody knows."""
        card = CARDS.get(self.model)
        deciding = {name: self.value(f"model.{name}") for name, _ in card.variants} if card else {}
        return card.chosen(deciding).engine if card else ""

    @property
    def task(self) -> Task | None:
        """What the data ask for, as far as the form alone can tell."""
        given = self._section("data").get("task")
        if given:
            return given  # type: ignore[no-any-return]
        card = CATALOGUE.get(self.dataset or "")
        return card.task if card else None

    @property
    def targets(self) -> int:
        """How many targets there are, as far as the form alone can tell."""
        card, named = CATALOGUE.get(self.dataset or ""), self._section("data").get("target")
        return card.targets if card else len(named) if isinstance(named, list) else 1

    @property
    def classes(self) -> int:
        """How many classes there are, as far as the form alone can tell; two where it cannot."""
        card = CATALOGUE.get(self.dataset or "")
        return card.classes if card and not self._section("data").get("cut") else 2

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every row of the form, experts included, in the order they are shown."""
        return tuple(rows(self.document))

    def field(self, key: str) -> Field | None:
        """The row that writes a key."""
        return next((f for f in self.fields if f.key == key), None)

    def value(self, key: str) -> Value:
        """A key's value, its default where the document leaves it out."""
        if key == "data.dataset":
            return self.dataset or OWN
        if key == "model.name":
            return self.model
        row = self.field(key)
        if row is None:
            return None
        *sections, name = key.split(".")
        table: Any = self.document
        for section in sections:
            table = table.get(section, {})
        return row.declared.check(table[name]) if name in table else row.declared.default

    def text(self, key: str) -> str:
        """A key's value as its field shows it: what was typed, where that cannot be read."""
        if key in self.wrong:
            return self.wrong[key]
        row = self.field(key)
        return "" if row is None else row.declared.format(self.value(key))

    def error(self, key: str) -> str:
        """What is wrong with a field, one sentence in the words of its declaration; empty where nothing is."""
        row = self.field(key)
        if key in self.wrong and row is not None:
            try:
                row.declared.parse(self.wrong[key])
            except ValueError as error:
                return f"{row.label} {error}"
        problem = self.problem
        return problem.sentence if problem is not None and problem.key == key else ""

    @cached_property
    def problem(self) -> InputError | None:
        """Why this is no experiment yet, or None; its key names the row to look at."""
        for key in self.wrong:
            row = self.field(key)
            if row is None:
                continue
            try:
                row.declared.parse(self.wrong[key])
            except ValueError as error:
                return InputError(f"{row.label} {error}", key=key)
        if self.dataset is None and not self.has_files:
            return InputError("name a file to learn from, such as events.csv", key="data.files")
        try:
            self.checked  # noqa: B018
        except InputError as error:
            return error
        return self._misfit()

    @cached_property
    def checked(self) -> Experiment:
        """The document as an experiment; the same check as the file's.

        Raises:
            InputError: with the key at fault.
        """
        return check(self.said)

    @cached_property
    def said(self) -> Mapping[str, Any]:
        """The document without what means nothing in it."""
        unused = idle(self.document)
        kept = {
            section: {name: held for name, held in self._section(section).items() if f"{section}.{name}" not in unused}
            for section in ("model", "training")
            if section in self.document
        }
        return {**self.document, **kept}

    def experiment(self) -> Experiment:
        """The experiment the form describes.

        Raises:
            InputError: for the first thing that is wrong, its key naming the row.
        """
        if self.problem is not None:
            raise self.problem
        data = self._section("data")
        if self.dataset is None and not data.get("samples") and not self.value("data.target"):
            raise InputError("choose the column to learn as target", key="data.target")
        return self.checked

    def _misfit(self) -> InputError | None:
        card = CARDS.get(self.model)
        if card is not None and (missing := lacking(card)):
            return InputError(missing, key="model.name")
        if card is not None and self.task is not None and self.task not in card.tasks:
            said = f"{card.name} does {' and '.join(card.tasks)}; this data asks for {self.task}"
            return InputError(said, key="model.name")
        if card is not None and self.targets > 1 and not card.several:
            able = ", ".join(suiting("regression", self.targets))
            return InputError(f"{card.name} learns one target; models that learn several: {able}", key="model.name")
        if card is not None and self.classes > 2 and not card.many_classes:
            able = ", ".join(suiting("classification", classes=self.classes))
            return InputError(f"{card.name} tells two classes apart; models that do many: {able}", key="model.name")
        return None

    def _section(self, name: str) -> Mapping[str, Any]:
        section: Mapping[str, Any] = self.document.get(name, {})
        return section

    # Writing

    def typed(self, key: str, text: str) -> Sheet:
        """The sheet after a text was typed into a field, readable or not."""
        row = self.field(key)
        if row is None:
            return self
        try:
            return self.put(key, row.declared.parse(text))
        except ValueError:
            return replace(self, wrong={**self.wrong, key: text})

    def stepped(self, key: str, direction: int) -> Sheet:
        """The sheet with a field one step up (+1) or down (-1)."""
        row = self.field(key)
        if row is None:
            return self
        if key == "model.name":
            return self.put(key, _neighbour(self.models(), self.model, direction))
        return self.put(key, row.declared.step(self.value(key), direction))

    def models(self) -> tuple[str, ...]:
        """The models that do what the data ask for."""
        able = [card for card in CARDS.values() if self.task is None or self.task in card.tasks]
        able = [card for card in able if card.several or self.targets < 2]
        return tuple(card.name for card in able if card.many_classes or self.classes < 3)

    def put(self, key: str, value: Value) -> Sheet:
        """The sheet with one key set; None empties it."""
        wrong = {k: text for k, text in self.wrong.items() if k != key}
        if key == "data.dataset":
            return replace(self, wrong={})._with_dataset(str(value))
        if key == "model.name":
            return replace(self, wrong={})._with_model(str(value))
        document = _put(self.document, key.split("."), value)
        if value and key in _INSTEAD:
            data = {name: held for name, held in document["data"].items() if name not in _INSTEAD[key]}
            document = {**document, "data": data}
            wrong = {k: text for k, text in wrong.items() if k.removeprefix("data.") not in _INSTEAD[key]}
        return replace(self, document=document, wrong=wrong)

    def put_all(self, data: Mapping[str, Value]) -> Sheet:
        """The sheet with several keys of the data set."""
        sheet = self
        for name, value in data.items():
            sheet = sheet.put(f"data.{name}", value)
        return sheet

    def only(self, names: Collection[str]) -> Sheet:
        """The sheet with nothing said of the data but these keys."""
        data = {name: held for name, held in self._section("data").items() if name in names}
        wrong = {k: text for k, text in self.wrong.items() if not k.startswith("data.")}
        return replace(self, document={**self.document, "data": data}, wrong=wrong)

    def _with_dataset(self, name: str) -> Sheet:
        if name == (self.dataset or OWN):
            return self
        shelf = {**self.shelf, f"data/{self.dataset or OWN}": self._section("data")}
        fresh: Mapping[str, Any] = {} if name == OWN else {"dataset": name}
        document = {**self.document, "data": shelf.get(f"data/{name}", fresh)}
        if document.get("name") == WELCOME["name"]:  # which was the name of what greeted
            del document["name"]
        sheet = replace(self, document=document, shelf=shelf)
        fitting = sheet.models()
        return sheet if sheet.model in fitting or not fitting else sheet._with_model(fitting[0])

    def _with_model(self, name: str) -> Sheet:
        if name == self.model:
            return self
        own, training = self._section("model"), self._section("training")
        shelf = {**self.shelf, f"model/{self.model}": own, f"training/{self.model}": training}
        before = {h.name: h.default for h in CARDS[self.model].training} if self.model in CARDS else {}
        alike = [h for h in CARDS[name].training if h.name in before and h.default == before[h.name]]
        kept = {h.name: training[h.name] for h in alike if _fits(h, training)}
        document = {
            **self.document,
            "model": shelf.get(f"model/{name}", {"name": name}),
            "training": shelf.get(f"training/{name}", kept),
        }
        return replace(self, document=document, shelf=shelf)


def _fits(declaration: Hyperparameter, values: Mapping[str, Any]) -> bool:
    if declaration.name not in values:
        return False
    try:
        declaration.check(values[declaration.name])
    except ValueError:
        return False
    return True


def _neighbour(names: tuple[str, ...], name: str, direction: int) -> str:
    if name not in names:
        return names[0] if names else name
    return names[(names.index(name) + direction) % len(names)]


def _put(table: Mapping[str, Any], path: list[str], value: Value) -> dict[str, Any]:
    """A copy of nested tables with one value set; None is spelt out where an absent key would mean its default."""
    name, *rest = path
    if rest:
        return {**table, name: _put(table.get(name, {}), rest, value)}
    if value is None:
        return {**table, name: "none"}
    if isinstance(value, tuple):
        return {**table, name: [dict(item) if isinstance(item, Mapping) else item for item in value]}
    return {**table, name: dict(value) if isinstance(value, Mapping) else value}
