"""The generated script of an experiment runs where mltui cannot be imported, and comes to the run's own numbers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.export.code import code
from mltui.export.facts import Ran
from mltui.inference.asked import experiment, known
from mltui.models.catalogue import CARDS
from tests.export.bare import told
from tests.training.conftest import Run, Workers

pytestmark = pytest.mark.xdist_group("export")
BOOSTERS: dict[str, tuple[str, dict[str, Any]]] = {
    "adaboost": ("moons", {"max_depth": 2}),
    "gradient_boosting": ("plane", {}),
    "xgboost": ("iris", {"tree_method": "exact"}),
    "lightgbm": ("moons", {"subsample": 0.7}),
}
SMALL = {"device": "cpu", "threads": 1}
OPENED = ("values", "seeds of a forest")
FEW: dict[str, dict[str, Any]] = {
    "mlp": {"hidden_layers": [3]},
    "cuts": {"efficiencies": 4, "generations": 5},
    "random_forest": {"n_estimators": 4},
    "hist_gradient_boosting": {"max_iter": 4},
    **{key: {"n_estimators": 4} for key in ("extra_trees", "adaboost", "gradient_boosting", "xgboost", "lightgbm")},
}
"""Settings with which a card trains in a moment."""
TWO_AS_WELL = ("least_squares_classifier", "svm")
"""Cards whose scripts make scores of two classes in another way than of many."""
FOLDED: dict[str, Any] = {
    "data": {"dataset": "moons", "options": {"samples": 200}},
    "split": {"folds": 2},
    "model": {"name": "mlp", "hidden_layers": [4]},
    "training": {**SMALL, "epochs": 2},
}


def documents(folder: Path) -> dict[str, dict[str, Any]]:
    """Experiments as different as they come, with the file that some of them read."""
    luck = np.random.default_rng(3)
    lines = ["pt,met,channel,w,label"]
    for _ in range(400):
        label = luck.integers(2)
        met = "" if luck.random() < 0.1 else f"{luck.normal(20 + 10 * label, 8):.3f}"
        weight = luck.uniform(0.5, 2) * (-1 if luck.random() < 0.1 else 1)
        channel = ["ee", "mm", "em"][luck.integers(3)]
        lines.append(f"{luck.exponential(20 + 15 * label):.3f},{met},{channel},{weight:.4f},{'bs'[label]}")
    (folder / "events.csv").write_text("\n".join(lines) + "\n")
    return {
        "early stopping": {
            "data": {"dataset": "moons", "options": {"samples": 300}},
            "model": {"name": "mlp", "hidden_layers": [8, 4], "activation": ["tanh", "relu"], "normalization": "batch"},
            "training": {**SMALL, "epochs": 30, "batch_size": 32, "early_stopping": 3, "learning_rate": 0.05},
        },
        "weights": {
            "data": {
                "files": [str(folder / "events.csv")], "target": "label", "weight": "w", "cut": "pt > 2",
                "features": ["pt", "log(pt)", "met", "channel"],
            },
            "model": {"name": "mlp", "hidden_layers": [6], "dropout": 0.2, "initialization": "he"},
            "preprocess": {"scale": ["robust", "pca"], "negative_weights": "absolute"},
            "training": {**SMALL, "epochs": 4, "optimizer": "momentum", "schedule": "cosine", "l1": 0.001},
        },
        "cuts of weighted rows": {
            "data": {
                "files": [str(folder / "events.csv")], "target": "label", "weight": "w", "features": ["pt", "met"],
            },
            "model": {"name": "cuts", "efficiencies": 5, "nested": False, "generations": 10},
            "preprocess": {"scale": "none", "balance": "classes"},
        },
        "weights in a pipeline": {
            "data": {
                "files": [str(folder / "events.csv")], "target": "pt", "weight": "w", "features": ["met", "channel"],
            },
            "model": {"name": "polynomial_regression", "degree": 2, "alpha": 0.1},
            "preprocess": {"negative_weights": "drop"},
        },
        "values": {
            "data": {"dataset": "plane"},
            "model": {"name": "mlp", "hidden_layers": [5], "max_norm": 2.0},
            "preprocess": {"scale": "quantile"},
            "training": {**SMALL, "epochs": 3, "loss": "huber", "optimizer": "rmsprop", "noise": 0.05, "clip_norm": 1},
        },
        "many classes": {
            "data": {"dataset": "iris"},
            "model": {"name": "logistic_regression", "solver": "gradient"},
            "training": {
                **SMALL, "epochs": 20, "optimizer": "gradient_descent", "learning_rate": 0.5, "early_stopping": 9,
                "monitor": "auc", "schedule": "plateau", "decay_every": 2,
            },
        },
        "folds": FOLDED,
        "boosting": {
            "data": {"dataset": "moons", "options": {"samples": 300}},
            "model": {"name": "hist_gradient_boosting", "max_iter": 20},
            "training": {"threads": 1, "early_stopping": 3},
        },
        "seeds of a network": {
            "data": {"dataset": "moons", "options": {"samples": 200}},
            "seed": 5,
            "seeds": 3,
            "model": {"name": "mlp", "hidden_layers": [4], "dropout": 0.1},
            "training": {"epochs": 4, "early_stopping": 2, **SMALL},
        },
        "seeds of a forest": {
            "data": {"dataset": "moons", "options": {"samples": 200}},
            "seeds": 2,
            "model": {"name": "random_forest", "n_estimators": 4},
        },
        **{
            name: {
                "data": {"dataset": dataset},
                "model": {"name": name, "n_estimators": 40, "learning_rate": 0.9, **settings},
                "training": {"early_stopping": 3},
            }
            for name, (dataset, settings) in BOOSTERS.items()
        },
    }  # fmt: skip


def of_every_card() -> dict[str, dict[str, Any]]:
    """A run of each card for each of its tasks, whose script none of the others has."""
    found = {}
    for card in CARDS.values():
        training = {"epochs": 1, **SMALL} if card.engine == "network" else {}
        for task in card.tasks:
            classes = ["iris", "moons"] if card.name in TWO_AS_WELL else ["iris"] if card.many_classes else ["moons"]
            for dataset in classes if task == "classification" else ["gaussian_plane"]:
                model = {"name": card.name, **FEW.get(card.name, {})}
                found[f"{card.name} {dataset}"] = {"data": {"dataset": dataset}, "model": model, "training": training}
    return found


def wanted(metrics: Mapping[str, Any], words: list[str]) -> float:
    part, name, *rest = words
    value = metrics[part][name]
    return float(value[rest[0]] if rest else value)


def test_scripts_run_without_mltui_and_come_to_the_runs_numbers(workers: Workers, tmp_path: Path) -> None:
    every = documents(tmp_path) | of_every_card()
    runs: dict[str, Run] = workers.in_one(every, opened=OPENED)
    paths: dict[str, str] = {}
    for name, run in runs.items():
        asked = experiment(run.folder)
        ran = Ran(run.folder.id, opened=name in OPENED, device="cpu", threads=1, model=run.folder.model)
        path = tmp_path / f"{name.replace(' ', '_')}.py"
        path.write_text(code(asked, run.folder.path, ran))
        paths[str(path)] = name
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length", "120", *paths]
    checked = subprocess.run(ruff, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    for script, printed in told(paths).items():
        metrics = runs[paths[script]].state().metrics
        exact = 1e-6 if "PCA" in Path(script).read_text() else 1e-10  # what is printed of them
        assert {words.split()[0] for words in printed} == {part for part, found in metrics.items() if found}, script
        for words, value in printed.items():
            assert value == pytest.approx(wanted(metrics, words.split()), rel=exact, abs=1e-11), (script, words)
        assert any(words.startswith("validation loss") for words in printed), script


def test_a_script_says_only_what_its_experiment_uses(tmp_path: Path) -> None:
    made = Experiment.check({**FOLDED, "split": {}}, known())
    text = code(made, tmp_path)
    assert "mltui" not in "".join(line for line in text.splitlines() if line.startswith(("import", "from")))
    for word in ("Dropout", "weight_decay", "clip_grad", "sample_weight", "fold", "scheduler"):
        assert word not in text
    assert code(made, tmp_path) == text
    assert "Dropout(0.5)" in code(
        Experiment.check({**FOLDED, "split": {}, "model": {**FOLDED["model"], "dropout": 0.5}}, known()), tmp_path
    )


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ({"split": {"by": "group", "column": "x1"}}, "split.by", "writes splits by chance"),
        ({"training": {"optimizer": "newton"}}, "training.optimizer", "steps by the curvature of the loss"),
        (
            {"training": {"monitor": "significance", "early_stopping": 3}},
            "training.monitor",
            "does not write training.monitor = significance",
        ),
        ({"split": {"refit": True}}, "split.refit", "does not write split.refit yet"),
        ({"model": {"name": "cuts"}, "training": {}}, "model.name", "cuts holds those that a run has found"),
        (
            {"model": {"name": "cuts"}, "training": {}, "split": {"folds": 2}},
            "split.folds",
            "does not write cuts of several folds",
        ),
    ],
)
def test_what_a_script_cannot_say_is_refused(changes: dict[str, Any], key: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said) as caught:
        code(Experiment.check({**FOLDED, "split": {}, **changes}, known()), tmp_path)
    assert caught.value.key == key
