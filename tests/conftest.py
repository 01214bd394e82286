"""What every test needs: a run store of its own and no settings from outside; and the command line, called in here."""

from __future__ import annotations

import gc
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from mltui.training.__main__ import NEIGHBOURLY
from tests.forking import forking

os.environ.update(NEIGHBOURLY)  # what is trained in the tests' own process shares the processors as a worker does
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of the many processes started here compiles mltui anew
for _number in (signal.SIGHUP, signal.SIGINT):  # as under nohup, or in the background of a script
    if signal.getsignal(_number) is signal.SIG_IGN:  # what is ignored stays so in what is started; what is handled not
        signal.signal(_number, lambda number, frame: None)
# however long a busy machine takes over one example: that is no fault
_PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("brief", max_examples=25, **_PATIENT)
settings.register_profile("thorough", max_examples=1_000, **_PATIENT)
settings.load_profile("brief")
# COLUMNS and LINES are set in the workers of pytest-xdist, and would overrule the size of a pseudo-terminal.
OUTSIDE = (
    "COLUMNS", "LINES", "MLTUI_DATA", "MLTUI_THEME", "MLTUI_ASCII", "MLTUI_THREADS", "MLTUI_MEMORY", "MLTUI_CACHE",
    "NO_COLOR", "COLORTERM",
)  # fmt: skip
TOY = """\
format = 1
name = "toy"

[data]
dataset = "circles"
options = { samples = 120, noise = 0.1 }

[model]
name = "decision_tree"
"""


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: many tests wait for what they have started."""
    return max(1, len(os.sched_getaffinity(0)) * 3 // 2)


def pytest_collection_finish() -> None:
    """What stays until the end is not searched for garbage again and again: the screens' tests make much of that."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def forked_workers() -> Iterator[None]:
    """Workers begin at once."""
    with forking():
        yield


@pytest.fixture(autouse=True)
def mltui_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty MLTUI_HOME, private to the test; what the outside says of settings, colours and size is gone."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("MLTUI_HOME", str(home))
    for name in OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    return home


@dataclass(frozen=True)
class Said:
    """What a command returned and printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output, where nothing else may be."""
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one sentence on standard error of a command that refused its input."""
        assert self.code == 2, self
        assert self.out == ""
        assert self.err.count("\n") == 1, self.err
        return self.err.strip()


@pytest.fixture
def mltui(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Calls the command line with these words; `lab` stands in for the screen."""
    from mltui.cli import main

    def call(*words: object, lab: Callable[[Path | None, str | None], int] = _no_lab) -> Said:
        capsys.readouterr()
        code = main([str(word) for word in words], lab)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """An experiment file that trains in a moment."""
    path = tmp_path / "toy.toml"
    path.write_text(TOY)
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with three finished runs: 1 a classification, 2 a boosting by trees, 3 a regression."""
    from mltui.cli import main

    folder = tmp_path_factory.mktemp("trained")
    file = folder / "toy.toml"
    file.write_text(TOY)
    boosted = ["--set", "model.name=hist_gradient_boosting", "--set", "name=boosted"]
    plane = ["--set", "data.dataset=plane", "--set", "name=plane"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLTUI_HOME", str(folder / "home"))
        for words in ([], boosted, plane):
            assert main(["run", str(file), "--plain", *words], _no_lab) == 0
    return folder / "home"


@pytest.fixture
def store(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store of finished runs as MLTUI_HOME; to look at only."""
    monkeypatch.setenv("MLTUI_HOME", str(trained))
    return trained


def _no_lab(experiment: Path | None, run: str | None) -> int:
    raise AssertionError("the lab was opened")
