"""Fitted boosters of XGBoost and LightGBM: asked for scores, and kept in the formats of their libraries.

Both libraries end the whole process over a file that breaks off, so a file is read only where it is still the one
that was written.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.table import Floats
from mltui.inference.estimator import DESCRIPTION, FORMAT, FittedEstimator, columns
from mltui.inference.fitted import Inputs
from mltui.models.card import ModelCard, Shape
from mltui.models.library import loaded
from mltui.record.files import replace_file


class Library(Protocol):
    """What is asked of a library.

    Attributes:
        file: the name of the file that holds a booster.
    """

    file: str

    def answers(self, booster: Any, x: Inputs, threads: int) -> Floats:
        """Values, or probabilities: shape (rows,) of the second of two classes, else (rows, classes)."""
        ...

    def written(self, booster: Any) -> bytes:
        """The booster in the library's own format."""
        ...

    def read(self, content: bytes) -> Any:
        """A booster from what `written` gave."""
        ...

    def trees(self, booster: Any) -> int:
        """How many it has; those of many classes that are grown together count as one."""
        ...

    def first(self, booster: Any, trees: int) -> Any:
        """A booster of the first trees alone, which holds no rows."""
        ...


class _Xgboost:
    file = "xgboost.json"

    def answers(self, booster: Any, x: Inputs, threads: int) -> Floats:
        booster.set_param({"nthread": threads})
        return np.asarray(booster.inplace_predict(x), np.float64)

    def written(self, booster: Any) -> bytes:
        return bytes(booster.save_raw("json"))

    def read(self, content: bytes) -> Any:
        booster = loaded("xgboost").Booster()
        booster.load_model(bytearray(content))
        return booster

    def trees(self, booster: Any) -> int:
        return int(booster.num_boosted_rounds())

    def first(self, booster: Any, trees: int) -> Any:
        return booster[:trees]


class _Lightgbm:
    file = "lightgbm.txt"

    def answers(self, booster: Any, x: Inputs, threads: int) -> Floats:
        return np.asarray(booster.predict(x, num_threads=threads), np.float64)

    def written(self, booster: Any) -> bytes:
        return str(booster.model_to_string(num_iteration=-1)).encode()

    def read(self, content: bytes) -> Any:
        return loaded("lightgbm").Booster(model_str=content.decode())

    def trees(self, booster: Any) -> int:
        return int(booster.current_iteration())

    def first(self, booster: Any, trees: int) -> Any:
        return loaded("lightgbm").Booster(model_str=booster.model_to_string(num_iteration=trees))


LIBRARIES: dict[str, Library] = {"xgboost": _Xgboost(), "lightgbm": _Lightgbm()}
"""By the name of the package."""


class FittedBooster(FittedEstimator):
    """A booster with what turns its answers into scores.

    Attributes:
        estimator: the library's own Booster, of the kept trees alone.

    Args:
        present: the codes of the classes that the training rows held, in order; empty for regression.
    """

    def __init__(
        self,
        booster: Any,
        library: str,
        shape: Shape,
        present: NDArray[np.generic],
        kept: float | None = None,
        threads: int = 1,
    ) -> None:
        super().__init__(booster, shape, kept, threads)
        self._library, self._present = LIBRARIES[library], present

    def _asked(self, x: Inputs) -> Floats:
        found = self._library.answers(self.estimator, x, self.threads)
        if self.shape.task == "regression":
            return found.reshape(self.shape.scores(len(x)))
        return columns(both(found), self._present, self.shape)

    def save(self, folder: Path) -> None:
        """Write the booster in its library's format and everything else as JSON."""
        content = self._library.written(self.estimator)
        replace_file(folder / self._library.file, content)
        document = {
            "format": FORMAT,
            "kept": self.kept,
            "shape": asdict(self.shape),
            "classes": [int(code) for code in self._present],
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        replace_file(folder / DESCRIPTION, json.dumps(document, indent=2).encode() + b"\n")


def load(folder: Path, card: ModelCard) -> FittedBooster:
    """Read back what `FittedBooster.save` wrote.

    Raises:
        InputError: where the file is not the one that was written, or the library cannot be loaded.
        OSError, ValueError, KeyError, TypeError: where the folder does not hold such a booster.
    """
    library = LIBRARIES[card.library]
    path = folder / library.file
    content = path.read_bytes()
    document = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    if hashlib.sha256(content).hexdigest() != document["sha256"]:
        raise InputError(f"{path} is damaged: it is not the {card.name} model that the run has kept")
    present = np.array(document["classes"], np.int64)
    return FittedBooster(library.read(content), card.library, Shape(**document["shape"]), present, document["kept"])


def both(probabilities: Floats) -> Floats:
    """The probabilities of all classes, shape (rows, classes), from the library's of two: those of the second."""
    return np.column_stack([1 - probabilities, probabilities]) if probabilities.ndim == 1 else probabilities
