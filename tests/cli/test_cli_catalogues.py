"""`mltui data` and `mltui models`: the catalogues and their entries, for people and for programs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mltui.data.catalogue import CATALOGUE
from mltui.models.catalogue import CARDS

Mltui = Callable[..., Any]


def test_every_model_is_listed(mltui: Mltui) -> None:
    models = mltui("models", "list", "--json").document["models"]
    assert [model["name"] for model in models] == list(CARDS)
    assert all(model["title"] and model["about"] and model["tasks"] for model in models)
    lines = mltui("models", "list").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(CARDS)


@pytest.mark.parametrize("name", CARDS)
def test_every_setting_of_a_model_is_described(mltui: Mltui, name: str) -> None:
    document = mltui("models", "describe", name, "--json").document
    card = CARDS[name]
    for section, declared in (("hyperparameters", card.hyperparameters), ("training", card.training)):
        assert [setting["name"] for setting in document[section]] == [h.name for h in declared]
    said = mltui("models", "describe", name)
    assert card.about in said.out
    for h in (*card.hyperparameters, *card.training):
        assert f"{h.name} = " in said.out
        assert h.help in said.out


def test_a_model_s_description_says_which_settings_go_together(mltui: Mltui) -> None:
    said = mltui("models", "describe", "mlp").out
    assert "beta1 = 0.9    a number at least 0 and below 1, expert, with optimizer adam, adamw or nadam\n" in said
    assert "a whole number from 1 to 1000000, except with optimizer gradient_descent, newton or genetic\n" in said
    assert "\n[training]\n" in said
    assert "What can be changed while it trains: model.dropout, model.input_dropout, training.early" in said
    settings = {s["name"]: s for s in mltui("models", "describe", "mlp", "--json").document["training"]}
    assert settings["alpha"]["only"] == {"key": "training.optimizer", "values": ["rmsprop"]}
    assert settings["learning_rate"]["only"] is None


def test_a_model_s_description_says_what_its_variants_are(mltui: Mltui) -> None:
    said = mltui("models", "describe", "linear_regression").out
    assert "Takes weights, none below zero.\nWith solver gradient: Takes weights, negative ones too.\n" in said
    assert "With solver gradient: what can be changed while it trains: training.early_stopping, " in said
    assert "\n[training]    with solver gradient\n" in said
    assert "learning_rate = 0.01    a number above 0 and at most 1000\n" in said
    assert "positive = false    true or false, with solver exact\n" in said
    document = mltui("models", "describe", "linear_regression", "--json").document
    assert (document["axis"], document["weights"], document["changeable"]) == ("training_size", "positive", [])
    (variant,) = document["variants"]
    assert (variant["with"], variant["axis"], variant["weights"]) == ({"solver": "gradient"}, "epoch", "any")
    assert "training.learning_rate" in variant["changeable"]
    assert "batch" in variant["controls"]


def test_every_dataset_is_listed(mltui: Mltui) -> None:
    datasets = mltui("data", "list", "--json").document["datasets"]
    assert [dataset["name"] for dataset in datasets] == list(CATALOGUE)
    circles = datasets[0]
    assert {option["name"] for option in circles["options"]} >= {"samples", "noise"}
    lines = mltui("data", "list").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(CATALOGUE)


def test_a_dataset_is_described(mltui: Mltui) -> None:
    document = mltui("data", "describe", "iris", "--json").document
    assert document["task"] == "classification"
    assert document["rows"] == 150
    assert sum(column["role"] == "feature" for column in document["columns"]) == 4
    assert [c["rows"] for c in document["classes"]] == [50, 50, 50]
    plain = mltui("data", "describe", "iris").out
    assert "Iris flowers: 150 rows, 5 columns, classification of species" in plain
    assert "setosa" in plain


def test_a_file_is_described_without_a_target_chosen(mltui: Mltui, tmp_path: Path) -> None:
    rows = "".join(f"{i},{i * 0.5},{'s' if i % 3 else 'b'}\n" for i in range(30))
    (tmp_path / "events.csv").write_text(f"pt,eta,label\n{rows}")
    document = mltui("data", "describe", tmp_path / "events.csv", "--json").document
    assert {column["name"]: column["kind"] for column in document["columns"]} == {
        "pt": "number",
        "eta": "number",
        "label": "category",
    }
    assert document["files"][0]["bytes"] == (tmp_path / "events.csv").stat().st_size
    assert mltui("data", "describe", tmp_path / "events.csv", "--target", "eta", "--json").document["target"] == "eta"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("absent.csv", None, "there is no file"),
        ("empty.csv", b"", "is empty, 0 bytes"),
        ("noise.csv", bytes(range(256)), "binary"),
        ("noise.root", bytes(range(256)), "noise.root"),
        ("noise.parquet", bytes(range(256)), "noise.parquet"),
        ("what.doc", b"x", "what.doc"),
    ],
)
def test_a_file_that_cannot_be_described(
    mltui: Mltui, tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert words in mltui("data", "describe", tmp_path / name).complaint


def test_a_file_that_never_answers_is_given_up(mltui: Mltui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mltui.cli.data_describe.NOTICE_SECONDS", 0.2)
    silent = ["import sys", "sys.stdin.read()"]
    monkeypatch.setattr(
        "mltui.runs.launch.worker", lambda *words: [__import__("sys").executable, "-c", "\n".join(silent)]
    )
    began = time.monotonic()
    said = mltui("data", "describe", tmp_path / "events.csv", "--timeout", "0.5")
    assert time.monotonic() - began < 10
    assert said.code == 2
    assert said.err.splitlines()[0] == "still reading; Ctrl+C gives up, and so do I after 0.5 s"
    assert said.err.splitlines()[1].startswith("mltui: no answer within 0.5 s: ")
