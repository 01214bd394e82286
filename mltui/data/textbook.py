"""The small classic datasets that come with scikit-learn, with readable names and the units that are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mltui.core.hyperparameters import Value
from mltui.core.sections import Task
from mltui.core.table import Column, Table
from mltui.data.card import Dataset

_SHIPPED = "Shipped with scikit-learn; "
_WINE = (
    Column("alcohol", unit="% vol"),
    Column("malic_acid"),
    Column("ash"),
    Column("alcalinity_of_ash"),
    Column("magnesium"),
    Column("total_phenols"),
    Column("flavanoids"),
    Column("nonflavanoid_phenols"),
    Column("proanthocyanins"),
    Column("color_intensity"),
    Column("hue"),
    Column("od280_od315"),
    Column("proline"),
)
_DIABETES = (
    Column("age", unit="years"),
    Column("sex"),
    Column("bmi", unit="kg/m²"),
    Column("blood_pressure", unit="mmHg"),
    Column("total_cholesterol", unit="mg/dl"),
    Column("ldl", unit="mg/dl"),
    Column("hdl", unit="mg/dl"),
    Column("cholesterol_ratio"),
    Column("log_triglycerides"),
    Column("blood_sugar", unit="mg/dl"),
)


def _iris(_: Mapping[str, Value]) -> Table:
    from sklearn.datasets import load_iris

    x, y = load_iris(return_X_y=True)
    names = ("sepal_length", "sepal_width", "petal_length", "petal_width")
    columns = [Column(name, unit="cm") for name in names]
    return _table("iris", x, columns, y, "species", ("setosa", "versicolor", "virginica"))


def _wine(_: Mapping[str, Value]) -> Table:
    from sklearn.datasets import load_wine

    x, y = load_wine(return_X_y=True)
    return _table("wine", x, _WINE, y, "cultivar", ("cultivar 1", "cultivar 2", "cultivar 3"))


def _breast_cancer(_: Mapping[str, Value]) -> Table:
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    columns = [Column(str(name).replace(" ", "_")) for name in bunch.feature_names]
    # scikit-learn codes malignant as 0; here it is the positive class, because it is what one looks for
    return _table("breast_cancer", bunch.data, columns, 1 - bunch.target, "diagnosis", ("benign", "malignant"))


def _digits(_: Mapping[str, Value]) -> Table:
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    columns = [Column(f"pixel_{row}_{column}") for row in range(8) for column in range(8)]
    return _table("digits", x, columns, y, "digit", tuple("0123456789"))


def _diabetes(_: Mapping[str, Value]) -> Table:
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True, scaled=False)
    return _table("diabetes", x, _DIABETES, y, "progression", ())


def _table(
    name: str,
    x: NDArray[np.float64],
    columns: Sequence[Column],
    y: NDArray[np.generic],
    target_name: str,
    classes: tuple[str, ...],
) -> Table:
    return Table(
        columns=tuple(columns),
        values={column.name: x[:, i].astype(np.float64) for i, column in enumerate(columns)},
        task="classification" if classes else "regression",
        target=y.astype(np.int64 if classes else np.float64),
        target_name=target_name,
        classes=classes,
        files=(name,),
        file=np.zeros(len(y), np.int64),
        entry=np.arange(len(y)),
    )


def _card(
    name: str,
    title: str,
    task: Task,
    make: Callable[[Mapping[str, Value]], Table],
    source: str,
    about: str,
    classes: int = 2,
) -> Dataset:
    return Dataset(
        name=name,
        title=title,
        family="textbook",
        task=task,
        about=about,
        source=_SHIPPED + source,
        options=(),
        make=make,
        classes=classes,
    )


DATASETS = (
    _card(
        "iris",
        "Iris flowers",
        "classification",
        _iris,
        "R. A. Fisher, Annals of Eugenics 7 (1936) 179",
        "150 flowers of three species, four lengths each. One species stands apart, the other two overlap a little, so "
        "look at the confusion matrix rather than at the accuracy. Try the petals alone, then the sepals alone.",
        classes=3,
    ),
    _card(
        "wine",
        "Wine cultivars",
        "classification",
        _wine,
        "M. Forina et al., UCI Machine Learning Repository (1991)",
        "178 wines from three cultivars of one Italian region, thirteen chemical measurements. The features differ in "
        "size by a factor of a thousand, which makes it the place to see what scaling does: try nearest neighbours "
        "with scale none and standard.",
        classes=3,
    ),
    _card(
        "breast_cancer",
        "Breast cancer, Wisconsin",
        "classification",
        _breast_cancer,
        "W. H. Wolberg, W. N. Street, O. L. Mangasarian, UCI Machine Learning Repository (1995)",
        "569 tumours described by thirty shape measurements of their cell nuclei. The positive class is malignant, the "
        "one that is looked for (scikit-learn numbers it 0, so its scores are the other way round). Move the "
        "threshold: a missed malignant tumour and a false alarm do not cost the same.",
    ),
    _card(
        "digits",
        "Handwritten digits",
        "classification",
        _digits,
        "E. Alpaydin, C. Kaynak, UCI Machine Learning Repository (1998)",
        "1,797 handwritten digits as 8 by 8 pixels of 17 grey levels, ten classes. Nearest neighbours are hard to beat "
        "here, and the confusion matrix shows which digits look alike. Compare a linear model, a forest and a network.",
        classes=10,
    ),
    _card(
        "diabetes",
        "Diabetes progression",
        "regression",
        _diabetes,
        "B. Efron et al., Annals of Statistics 32 (2004) 407",
        "442 patients, ten measurements, and a score of how the disease went on a year later. Little of the spread can "
        "be explained: an R² near 0.5 is good, and a flexible model soon learns by heart. Compare linear regression "
        "with boosted trees on training and validation.",
    ),
)
