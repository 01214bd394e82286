"""Models come into the run folder all or none, and those that are safe are let go of."""

from __future__ import annotations

import errno
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.core.table import Floats
from mltui.inference.fitted import Inputs
from mltui.record.folder import RunFolder
from mltui.record.predictions import Predictions, read_predictions
from mltui.training.keeping import Keeping


class Model:
    """Writes a file, unless the disk is full."""

    full = False
    kept = None

    def __init__(self, said: str) -> None:
        self.said = said

    def predict(self, x: Inputs) -> Floats:
        return np.zeros(len(x))

    def save(self, folder: Path) -> None:
        (folder / self.said).write_text(self.said)
        if Model.full:
            raise OSError(errno.ENOSPC, "no space left")


@pytest.fixture
def keeping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keeping:
    monkeypatch.setattr(Model, "full", False)
    return Keeping(RunFolder(tmp_path))


def names(path: Path) -> list[str]:
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


def hold(keeping: Keeping, name: str, said: str) -> weakref.ref[Model]:
    model: Any = Model(said)
    keeping.hold(name, model, model)
    return weakref.ref(model)


def test_each_goes_to_its_own_place_and_what_is_safe_is_let_go_of(keeping: Keeping, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "of an earlier attempt").write_text("x")
    first = hold(keeping, "fold 1", "one")
    keeping.try_save()
    assert first() is None
    second = hold(keeping, "refit", "two")
    assert second() is not None
    keeping.finish(Predictions({}))
    assert names(tmp_path / "model") == ["fold-1/one", "refit/two"]
    assert (tmp_path / "model").stat().st_mode & 0o777 == 0o700
    assert read_predictions(RunFolder(tmp_path)) is not None
    keeping.forget()
    assert names(tmp_path / "model") == ["fold-1/one", "refit/two"], "what is finished stays"


def test_what_the_disk_refuses_is_held_until_it_takes_it(keeping: Keeping, tmp_path: Path) -> None:
    Model.full = True
    held = hold(keeping, "fold 1", "one")
    keeping.try_save()
    hold(keeping, "fold 2", "two")
    keeping.try_save()
    with pytest.raises(OSError, match="no space"):
        keeping.finish(Predictions({}))
    assert held() is not None
    Model.full = False
    keeping.finish(Predictions({}))
    assert names(tmp_path / "model") == ["fold-1/one", "fold-2/two"]


def test_where_it_never_does_nothing_is_left(keeping: Keeping, tmp_path: Path) -> None:
    hold(keeping, "fold 1", "one")
    keeping.try_save()
    assert names(tmp_path / "model") == ["fold-1/one"]
    Model.full = True
    hold(keeping, "fold 2", "two")
    with pytest.raises(OSError, match="no space"):
        keeping.finish(Predictions({}))
    keeping.forget()
    assert not (tmp_path / "model").exists()
    assert read_predictions(RunFolder(tmp_path)) is None


def test_one_alone_lies_in_the_folder_itself(keeping: Keeping, tmp_path: Path) -> None:
    hold(keeping, "", "one")
    hold(keeping, "refit", "two")
    keeping.finish(Predictions({}))
    assert names(tmp_path / "model") == ["one", "refit/two"]
