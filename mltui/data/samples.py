"""What the entries of data.samples say of their rows: the class, the process, and what they count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import Data, Sample
from mltui.data.readers.raw import Raw

TARGET = "class"
"""What the target is called where the samples' labels are it."""


def labelled(data: Data) -> bool:
    """Whether the samples say the classes."""
    return bool(data.samples) and not data.targets


def target(data: Data, sample: NDArray[np.integer]) -> Raw:
    """The class of each row as a text column, from the index of its sample; shape (rows,)."""
    labels = [entry.label or "" for entry in data.samples]
    classes = tuple(sorted(set(labels)))
    codes = np.array([classes.index(label) for label in labels], np.int32)
    return Raw(codes[sample], classes)


def processes(data: Data) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """The processes in the order in which the samples name them, and each sample's index into them.

    A sample that names none is its label; without that, its first file's name.
    """
    named = [entry.process or entry.label or Path(entry.files[0]).stem for entry in data.samples]
    names = tuple(dict.fromkeys(named))
    return names, np.array([names.index(name) for name in named], np.int16)


def luminosity(data: Data) -> float | None:
    """The integrated luminosity [1/fb] that the weights are for: 1 where none is said; None without a cross-section."""
    if not any(sample.cross_section is not None for sample in data.samples):
        return None
    return 1.0 if data.luminosity is None else data.luminosity


def scale(data: Data, place: int, generated: float | None = None) -> float | None:
    """What makes the weights of a sample, given by its index, expected events; None for one without a cross-section.

    That is sigma L / (the sum of weights generated), with sigma in pb and L in 1/fb, 1 pb being 1000 fb.

    Args:
        generated: that sum for other files in place of the sample's; None: the sample's.
    """
    sample, of = (data.samples[place] if place >= 0 else Sample()), luminosity(data)
    if of is None or sample.cross_section is None or sample.generated is None:
        return None
    return sample.cross_section * 1000 * of / (generated or sample.generated)
