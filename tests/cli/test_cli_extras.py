"""A model whose package is not installed: it is listed and described, and who wants it is told what brings it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from mltui.core.errors import InputError
from mltui.models import library
from mltui.models.boosters import LIGHTGBM
from mltui.models.card import Shape
from mltui.ui.sheet import Sheet
from tests.conftest import Said

Mltui = Callable[..., Said]
SENTENCE = "lightgbm is not installed: pip install 'mltui[lightgbm]' brings it"


@pytest.fixture
def _bare_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "find_spec", lambda name: None)


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    path = tmp_path / "asked.toml"
    path.write_text('[data]\ndataset = "moons"\n[model]\nname = "lightgbm"\n')
    return path


@pytest.mark.usefixtures("_bare_install", "mltui_home")
def test_a_run_of_it_is_refused_before_it_is_made(mltui: Mltui, asked: Path) -> None:
    assert SENTENCE in mltui("run", asked).complaint
    assert SENTENCE in mltui("code", asked).complaint
    assert mltui("runs", "list", "--json").document == {"runs": []}


@pytest.mark.usefixtures("_bare_install")
def test_it_is_listed_and_described_with_what_brings_it(mltui: Mltui) -> None:
    assert "lightgbm" in [model["name"] for model in mltui("models", "list", "--json").document["models"]]
    document = mltui("models", "describe", "lightgbm", "--json").document
    assert (document["package"], document["installed"]) == ("lightgbm", False)
    assert "num_leaves" in [setting["name"] for setting in document["hyperparameters"]]
    assert SENTENCE in " ".join(mltui("models", "describe", "lightgbm").out.split())


@pytest.mark.usefixtures("_bare_install")
def test_the_form_says_it_beside_the_model() -> None:
    sheet = Sheet.welcome().put("model.name", "lightgbm")
    assert sheet.error("model.name") == SENTENCE
    assert len(textwrap.wrap(SENTENCE, 40)) == 2, "as many lines as a form has for it on 80 columns"
    with pytest.raises(InputError, match="not installed"):
        sheet.experiment()
    assert Sheet.welcome().put("model.name", "knn").problem is None


def test_with_the_package_there_is_nothing_to_say(mltui: Mltui) -> None:
    assert Sheet.welcome().put("model.name", "lightgbm").problem is None
    assert mltui("models", "describe", "lightgbm", "--json").document["installed"] is True
    assert mltui("models", "describe", "knn", "--json").document["package"] is None


def test_a_package_that_cannot_be_loaded_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise OSError(f"\nlibomp.dylib of {name} is not there.\nmore lines")

    monkeypatch.setattr(library, "import_module", broken)
    settings = {h.name: h.default for h in LIGHTGBM.hyperparameters}
    with pytest.raises(InputError, match=r"^the package lightgbm cannot be loaded: libomp.* is not there$"):
        LIGHTGBM.build(settings, {}, Shape("classification", 2, 2), 1)
