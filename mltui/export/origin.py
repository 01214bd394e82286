"""Files that are read together, and what is known of their rows: all files of the data, or those of one sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mltui.core.experiment import Experiment
from mltui.core.sections import Data, Sample
from mltui.data.expression import parse
from mltui.data.kinds import overruled
from mltui.data.missing import cleaned
from mltui.data.part import Part
from mltui.data.plan import Plan
from mltui.data.readers.raw import Raw
from mltui.data.samples import luminosity
from mltui.data.stack import Stack

Said = tuple[str, str]
"""A column or an expression, and the key that asks for it."""


@dataclass(frozen=True)
class Origin:
    """Files that are read together.

    Attributes:
        data: the section.
        paths: none of a catalogue dataset. tree: which table of them, as the section says it; empty: the only one.
        read: by name, the columns that are used, as the files have them, all rows.
        columns: the same without what means missing, of the kinds that the user says.
        cuts: what rows must fulfil.
        weight: what they weigh; None: all the same.
        sample: which of data.samples they are; -1 without samples.
    """

    data: Data
    paths: tuple[str, ...]
    tree: str
    read: Mapping[str, Raw]
    columns: Mapping[str, Raw]
    cuts: tuple[Said, ...]
    weight: Said | None
    sample: int = -1

    @property
    def label(self) -> str:
        """The class of a sample's rows."""
        return self.data.samples[self.sample].label or ""

    @property
    def title(self) -> str:
        """What a sample is called."""
        sample = self.data.samples[self.sample]
        return " ".join(filter(None, dict.fromkeys((sample.label, sample.process)))) or f"sample {self.sample + 1}"

    @property
    def scale(self) -> str:
        """What brings a sample's weights to expected events, as Python writes it; empty where nothing does."""
        of = luminosity(self.data)
        sample = self.data.samples[self.sample] if self.sample >= 0 else Sample()
        if of is None or sample.cross_section is None or sample.generated is None:
            return ""
        return f"{sample.cross_section!r} * 1000 * {of!r} / {sample.generated!r}"

    def computed(self, features: Iterable[str], also: Iterable[str | None]) -> list[str]:
        """The columns that expressions use: those of these features and others, of the cuts and of the weight."""
        texts = [*features, *filter(None, also), *([self.weight[0]] if self.weight else [])]
        found = [name for each in texts if each not in self.read for name in parse(each).names]
        return [*found, *(name for cut, _ in self.cuts for name in parse(cut).names)]


def origins(plan: Plan, asked: Experiment, features: Sequence[str]) -> tuple[Origin, ...]:
    """The files of an opened section, read.

    Args:
        features: of the table that is made of them.
    """
    by_sample: dict[int, list[Part]] = {}
    for part in plan.parts:
        by_sample.setdefault(part.sample, []).append(part)
    return tuple(_origin(plan, asked, features, sample, parts) for sample, parts in by_sample.items())


def _origin(plan: Plan, asked: Experiment, features: Sequence[str], sample: int, parts: Sequence[Part]) -> Origin:
    data, of = plan.data, None if sample < 0 else asked.data.samples[sample]
    cuts = [(data.cut, "data.cut"), (None if of is None else of.cut, f"data.samples.{sample}.cut")]
    said = tuple((text, key) for text, key in cuts if text is not None)
    weight: Said | None = None if data.weight is None else (data.weight, "data.weight")
    if of is not None and of.weight is not None:
        weight = of.weight, f"data.samples.{sample}.weight"
    texts = [*features, data.training_weight, asked.split.fold_by, *([weight[0]] if weight else [])]
    names = _used(parts[0], plan.data.targets, texts, [cut for cut, _ in said])
    read = _read(parts, names)
    paths = () if data.dataset is not None else tuple(dict.fromkeys(str(part.path) for part in parts))
    tree = data.tree or "" if of is None else of.tree or data.tree or ""
    columns = {name: _meant(raw, name, data) for name, raw in read.items()}
    return Origin(data, paths, tree, read, columns, said, weight, sample)


def _used(part: Part, targets: Iterable[str], texts: Iterable[str | None], cuts: Iterable[str]) -> list[str]:
    """The columns of a file that are used, in their order there."""
    known = part.listing.by_name
    names = set(targets)
    for text in filter(None, texts):
        names |= {text} if text in known else set(parse(text).names)
    for cut in cuts:
        names |= set(parse(cut).names)
    return [name for name in known if name in names]


def _read(parts: Sequence[Part], names: list[str]) -> dict[str, Raw]:
    stacks = {name: Stack(name) for name in names}
    for part in parts:
        with part.source() as source:
            for chunk in source.chunks(names):
                for name, raw in chunk.columns.items():
                    stacks[name].add(raw, part.name)
    return {name: stack.joined() for name, stack in stacks.items()}


def _meant(raw: Raw, name: str, data: Data) -> Raw:
    found = cleaned(raw, data.missing)
    return overruled(found, data.kinds[name], name) if name in data.kinds else found


def joined(every: Sequence[Origin]) -> dict[str, Raw]:
    """The columns that all have, one's rows after the other's."""
    names = [name for name in every[0].columns if all(name in origin.columns for origin in every)]
    if len(every) == 1:
        return dict(every[0].columns)
    found = {}
    for name in names:
        stack = Stack(name)
        for origin in every:
            stack.add(origin.columns[name], "")
        found[name] = stack.joined()
    return found


def labels(every: Sequence[Origin]) -> Raw:
    """The classes of samples as a column of texts."""
    classes = tuple(sorted({origin.label for origin in every}))
    rows = [len(next(iter(origin.columns.values()))) for origin in every]
    codes = [np.full(count, classes.index(origin.label), np.int32) for count, origin in zip(rows, every, strict=True)]
    return Raw(np.concatenate(codes), classes)
