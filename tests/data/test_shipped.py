"""The datasets that come with scikit-learn and with the package, against their originals."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import uproot
from sklearn import datasets as originals
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from threadpoolctl import threadpool_limits

from mltui.core.sections import Data
from mltui.core.table import Floats, Table
from mltui.data.bundled import bundled
from mltui.data.catalogue import CATALOGUE
from mltui.data.read import read

TOP = Path(__file__).resolve().parents[2]


def matrix(table: Table) -> Floats:
    return np.column_stack([table.values[name] for name in table.features]).astype(np.float64)


@pytest.mark.parametrize("name", ["iris", "wine", "digits"])
def test_textbook_values_and_labels_are_the_originals(name: str) -> None:
    original = getattr(originals, f"load_{name}")()
    table = CATALOGUE[name].make({})
    assert np.array_equal(matrix(table), original.data)
    assert np.array_equal(table.target, original.target)
    assert len(table.classes) == len(original.target_names) == CATALOGUE[name].classes


def test_iris_has_names_and_units() -> None:
    table = CATALOGUE["iris"].make({})
    assert table.columns[0].label == "sepal_length [cm]"
    assert table.classes == tuple(originals.load_iris().target_names)


def test_breast_cancer_looks_for_the_malignant() -> None:
    original = originals.load_breast_cancer()
    table = CATALOGUE["breast_cancer"].make({})
    assert table.classes == ("benign", "malignant")
    malignant = original.target == list(original.target_names).index("malignant")
    assert np.array_equal(table.target == 1, malignant)
    assert np.array_equal(matrix(table), original.data)


def test_diabetes_has_values_in_their_units() -> None:
    table = CATALOGUE["diabetes"].make({})
    assert table.task == "regression"
    assert table.target.dtype == np.float64
    assert np.array_equal(matrix(table), originals.load_diabetes(scaled=False).data)
    age = next(column for column in table.columns if column.name == "age")
    assert (age.unit, float(table.values["age"].astype(np.float64).max())) == ("years", 79)


def test_dalitz_is_the_bundled_file() -> None:
    table = read(Data(dataset="dalitz"), Path())
    with uproot.open(bundled("dalitz") / "dalitz.root") as file:
        arrays = file["tree"].arrays(library="np")
    assert len(table) == len(arrays["labels"]) == 20_000
    assert table.features == ("M2AB", "M2AC", "Y1", "Y2", "Y3")
    assert np.array_equal(table.values["Y3"], arrays["Y3"].astype(np.float64))
    assert np.array_equal(table.target == 1, arrays["labels"] == 1)
    assert table.classes == ("background", "signal")


def test_dalitz_samples_are_random_rows_that_know_where_they_come_from() -> None:
    whole = read(Data(dataset="dalitz"), Path())
    some, others = (read(Data(dataset="dalitz", options={"samples": 500, "seed": s}), Path()) for s in (1, 2))
    assert len(some) == 500
    assert np.array_equal(some.values["Y1"], whole.take(some.entry).values["Y1"])
    assert not np.array_equal(some.entry, others.entry)


@pytest.mark.parametrize(("features", "published"), [(("Y*",), 0.938), ((), 0.957)])
def test_boosting_on_dalitz_lands_near_the_published_numbers(features: tuple[str, ...], published: float) -> None:
    table = read(Data(dataset="dalitz", features=features), Path())
    model = HistGradientBoostingClassifier(random_state=0)
    with threadpool_limits(1):  # on a busy machine, two threads that wait for each other take a minute
        scores = cross_val_predict(model, matrix(table), table.target, cv=4, method="predict_proba")[:, 1]
    auc = roc_auc_score(table.target, scores)
    assert auc == pytest.approx(published, abs=0.008)


def test_the_bundled_file_is_small_packaged_and_licensed() -> None:
    folder = bundled("dalitz")
    assert (folder / "dalitz.root").stat().st_size < 1_000_000
    assert "Apache License" in (folder / "LICENSE").read_text()
    assert "hep_ml" in (folder / "README.md").read_text()
    project = tomllib.loads((TOP / "pyproject.toml").read_text())
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]["datasets"] == "mltui/datasets"
    assert "datasets/dalitz/LICENSE" in project["project"]["license-files"]


def test_the_data_room_imports_nothing_heavy() -> None:
    code = (
        "import sys, pathlib, mltui.data.preprocess, mltui.data.split\n"
        "from mltui.core.sections import Data\n"
        "from mltui.data.read import read\n"
        "read(Data(dataset='circles'), pathlib.Path())\n"
        "heavy = {'sklearn', 'scipy', 'polars', 'uproot', 'awkward', 'skops', 'torch', 'textual'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"
