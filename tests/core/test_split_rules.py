"""Which keys of [split] go together, each mistake told with its line."""

from __future__ import annotations

from typing import Any

import pytest

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.sections import Split
from mltui.core.source import Source
from tests.core.test_experiment import KNOWN


def parse(split: str) -> Split:
    text = f'[data]\ndataset = "iris"\n[model]\nname = "knn"\n[split]\n{split}\n'
    asked = Experiment.parse(Source("toy.toml", text), KNOWN)
    again = Experiment.parse(Source("again.toml", asked.to_toml()), KNOWN)
    assert again.split == asked.split
    return asked.split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ('by = "group"\ncolumn = "run"', {"by": "group", "column": "run"}),
        ('by = "group"\ncolumn = "run // 2"\nfolds = 5', {"by": "group", "column": "run // 2", "folds": 5}),
        ('by = "time"\ncolumn = "date"\nrefit = true', {"by": "time", "column": "date", "refit": True}),
        ('by = "file"\nfolds = 3', {"by": "file", "folds": 3}),
        ('folds = 5\nfold_by = "event % 5"\nrefit = true', {"folds": 5, "fold_by": "event % 5", "refit": True}),
        ("folds = 5\nvalidation = 0\nrefit = true", {"folds": 5, "validation": 0.0, "refit": True}),
        (
            'test_files = ["a.csv"]',
            {"test_files": ("a.csv",), "train": 0.75, "validation": 0.25, "test": 0.0},
        ),
        (
            'test_files = "a.csv"\ntrain = 0.8\ntest = 0',
            {"test_files": ("a.csv",), "train": 0.8, "validation": 0.2, "test": 0.0},
        ),
        (
            'test_files = ["a.csv"]\nby = "file"\nfolds = 2',
            {"test_files": ("a.csv",), "by": "file", "folds": 2, "train": 0.75, "validation": 0.25, "test": 0.0},
        ),
    ],
)
def test_what_goes_together(text: str, expected: dict[str, Any]) -> None:
    assert parse(text) == Split(**expected)


@pytest.mark.parametrize(
    ("text", "line", "key", "sentence"),
    [
        ('by = "grup"', 6, "split.by", "split.by cannot be 'grup'; did you mean group?"),
        ('by = "group"', 6, "split.column", 'split.by = "group" needs split.column, the column or expression that'),
        ('by = "time"\nfolds = 3\ncolumn = "t"', 7, "split.folds", "would train on what comes after"),
        ('column = "t"', 6, "split.column", 'split.column is for split.by = "group" or "time"; split.by is "random"'),
        ('by = "file"\ncolumn = "t"', 7, "split.column", 'split.by is "file"'),
        ('fold_by = "event % 5"', 6, "split.folds", "split.fold_by needs split.folds, how many folds it gives"),
        ("folds = 1", 6, "split.folds", "must be"),
        ("folds = 51", 6, "split.folds", "must be"),
        ("folds = 2.5", 6, "split.folds", "must be a whole number"),
        (
            "validation = 0\nrefit = true",
            7,
            "split.refit",
            "split.refit adds the validation part, and split.validation",
        ),
        ('test = 0.1\ntest_files = ["a"]', 6, "split.test", "split has both test and test_files; keep one"),
        ('test_files = ["a"]\nvalidation = 0.3\ntrain = 0.8', 7, "split.validation", "add up to 1.1"),
        ("train = 0", 6, "split.train", "must be a number above 0"),
        ("seed = -1", 6, "split.seed", "must be a whole number"),
        ("fold = 3", 6, "split.fold", "unknown key split.fold; did you mean folds?"),
    ],
)
def test_what_does_not(text: str, line: int, key: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert caught.value.key == key
    assert sentence in caught.value.sentence
    assert caught.value.sentence.startswith(f"toy.toml, line {line}: ") or key.endswith(("column", "folds"))
