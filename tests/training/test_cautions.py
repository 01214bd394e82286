"""What a run says of its rows before it learns from them: one calm sentence each, and none where all is well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.core.experiment import Experiment
from mltui.inference.asked import known
from mltui.training.cautions import cautions, unseen
from mltui.training.divided import divide

Said = Callable[..., list[str]]


@pytest.fixture
def said(tmp_path: Path) -> Said:
    """The sentences on a table of 600 rows, one in `every` of them signal."""

    def make(
        every: int = 2, weight: float | None = None, copies: int = 0, target: bool = True, **sections: Any
    ) -> list[str]:
        rng = np.random.default_rng(2)
        rows = [[f"{value:.6f}" for value in rng.normal(size=3)] for _ in range(600)]
        for copy in range(copies):
            rows[300 + copy] = rows[copy]
        lines = ["x,y,z,label,w,number"]
        for number, row in enumerate(rows):
            signal = number % every == 0
            label = "bs"[signal] if target else f"{rng.normal():.5f}"
            lines.append(",".join([*row, label, str(weight if signal and weight is not None else 1.0), str(number)]))
        (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
        data = {"files": [str(tmp_path / "e.csv")], "target": "label", "features": ["x", "y", "z"]}
        data |= {} if weight is None else {"weight": "w"}
        model = sections.pop("model", {"name": "decision_tree"})
        document = {"data": data | sections.pop("data", {}), "model": model, **sections}
        asked = Experiment.check(document, known())
        return list(cautions(asked, divide(asked, tmp_path)))

    return make


def test_rows_that_are_all_different_and_classes_alike_need_no_word(said: Said) -> None:
    assert said() == []
    assert said(every=20) == [], "19 to 1 is nothing unusual"
    assert said(target=False) == [], "a regression has no classes"


def test_a_short_newton_step_is_said(said: Said) -> None:
    newton = {"optimizer": "newton", "learning_rate": 0.01}
    (sentence,) = said(model={"name": "mlp"}, training=newton)
    assert "the share of the way to the minimum that each step goes; 1 goes all of it" in sentence
    assert said(model={"name": "mlp"}, training={**newton, "learning_rate": 0.5}) == []
    assert said(model={"name": "mlp"}, training={**newton, "optimizer": "adam"}) == []


def test_a_model_that_compares_rows_with_rows_says_what_many_cost() -> None:
    def of(samples: int) -> list[str]:
        data = {"dataset": "moons", "options": {"samples": samples}}
        asked = Experiment.check({"data": data, "model": {"name": "svm"}}, known())
        return list(cautions(asked, divide(asked, Path())))

    assert of(30_000) == []
    assert of(40_000) == [
        "The cost of svm grows with the square of the training rows, and 24,000 may take very long; data.rows takes "
        "fewer."
    ]


def test_support_vectors_that_may_pull_too_little_are_said() -> None:
    def of(dataset: str, **settings: Any) -> list[str]:
        document = {"data": {"dataset": dataset}, "model": {"name": "svm", **settings}}
        asked = Experiment.check(document, known())
        return list(cautions(asked, divide(asked, Path())))

    assert of("gaussian_plane") == of("moons", C=1e-3) == of("diabetes", C=80.0) == []
    (sentence,) = of("diabetes")
    assert "spread over 78.2" in sentence
    assert "model.C = 1 is in the same unit" in sentence


def test_a_class_that_hardly_weighs_is_said_with_what_helps(said: Said) -> None:
    (sentence,) = said(every=100)
    assert sentence == (
        "The training part has 89 times as many rows of class 'b' as of class 's', so that a model that always says "
        "'b' looks good; preprocess.balance = \"classes\" lets both count alike in the fit."
    )
    (weighted,) = said(weight=0.001)
    assert weighted.startswith(
        "In the training part the weights of class 'b' add up to 1,000 times those of class 's', so that a model "
    )


def test_a_part_that_lacks_a_class_is_said_before_it_is_opened(said: Said, tmp_path: Path) -> None:
    (tmp_path / "only.csv").write_text("x,y,z,label,w,number\n" + "0.5,0.25,0.125,b,1,700\n" * 9)
    (sentence,) = said(split={"test_files": ["only.csv"]})
    assert sentence == (
        "The test part has no row of class 's', so that it cannot say how well the classes are told apart; "
        "look at the split."
    )


def test_a_model_that_takes_no_weights_is_not_told_to_balance_by_them(said: Said) -> None:
    (sentence,) = said(every=100, model={"name": "knn"})
    assert sentence.endswith("looks good.")


@pytest.mark.parametrize(
    "cure",
    [
        {"preprocess": {"balance": "classes"}},
        {"data": {"training_weight": "w * 2"}},
        {"model": {"name": "decision_tree", "class_weight": "balanced"}},
    ],
    ids=["balance", "training_weight", "class_weight"],
)
def test_who_has_seen_to_it_is_not_told(said: Said, cure: dict[str, Any]) -> None:
    assert said(weight=0.001) != []
    assert said(weight=0.001, **cure) == []


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        ("x * 0 + (number < 300)", "The weights of the 120 validation rows add up to 0, so that nothing can be judged"),
        ("where(number < 300, 3, -1)", "The weights of the 120 validation rows add up to -120, so that nothing"),
        ("where(number < 300, 1, label == 's')", "the 60 validation rows of class 'b' add up to 0, so that nothing"),
        ("where(number < 300, 1, 0.5)", ""),
    ],
)
def test_validation_rows_that_weigh_nothing_are_told(said: Said, weight: str, words: str) -> None:
    by_time = {"by": "time", "column": "number", "train": 0.5, "validation": 0.2, "test": 0.3}
    found = said(data={"weight": weight}, split=by_time)
    assert [words in sentence for sentence in found] == ([True] if words else [])


def test_rows_on_both_sides_are_counted(said: Said) -> None:
    (sentence,) = said(copies=300)
    assert "of the 120 validation rows and " in sentence
    assert "of the 120 test rows have the same features as a row" in sentence
    (sentence,) = said(copies=300, split={"folds": 3})
    assert "of the 480 " in sentence


def test_categories_that_training_never_saw_are_named_the_most_frequent_first() -> None:
    assert unseen({}, "validation") == ""
    assert unseen({"channel": 12}, "test").startswith(
        "Test rows have categories that training has never seen (12 of channel); "
    )
    many = unseen({"a": 1, "b": 5000, "c": 3, "d": 2, "e": 1}, "validation")
    assert "(5,000 of b, 3 of c, 2 of d and 2 more)" in many
