"""The physics dataset that comes with the package: a toy Dalitz-plot selection, signal against background."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.table import Column, Table
from mltui.data.bundled import bundled
from mltui.data.card import Dataset
from mltui.data.readers.raw import How
from mltui.data.readers.registry import reader_of

ROWS = 20_000
FEATURES = ("M2AB", "M2AC", "Y1", "Y2", "Y3")


def dalitz(options: Mapping[str, Value]) -> Table:
    """The bundled file's rows, or a random share of them.

    Raises:
        InputError: where the file is not there, which means a broken installation.
    """
    path = bundled("dalitz") / "dalitz.root"
    with reader_of(path).open(path, How(tree="tree")) as source:
        pieces = list(source.chunks((*FEATURES, "labels")))
    columns = {name: np.concatenate([piece.columns[name].values for piece in pieces]) for name in (*FEATURES, "labels")}
    samples, seed = int(options["samples"]), int(options["seed"])  # type: ignore[arg-type]
    rows = np.sort(np.random.default_rng(seed).permutation(ROWS)[:samples])
    return Table(
        columns=tuple(Column(name) for name in FEATURES),
        values={name: columns[name][rows].astype(np.float64) for name in FEATURES},
        task="classification",
        target=columns["labels"][rows].astype(np.int64),
        target_name="labels",
        classes=("background", "signal"),
        files=("dalitz",),
        file=np.zeros(len(rows), np.int64),
        entry=rows,
    )


DATASETS = (
    Dataset(
        name="dalitz",
        title="Dalitz-plot selection",
        family="physics",
        task="classification",
        about=(
            "20,000 simulated decays of a particle into three, signal and background. M2AB and M2AC place a decay in "
            "its Dalitz plot, in units of the parent's squared mass; Y1, Y2 and Y3 are what a detector would give. "
            "Boosting reaches an AUC near 0.94 on the three Y and near 0.96 with all five: the gain is bought with a "
            "selection that favours some places of the plot, which an amplitude analysis pays for. Try both."
        ),
        source="hep_ml data (github.com/arogozhnikov/hep_ml, Apache-2.0), after arXiv:1305.7248 and arXiv:1410.4140",
        options=(
            Hyperparameter(
                name="samples",
                kind="integer",
                default=ROWS,
                low=100,
                high=ROWS,
                log=True,
                help="How many random rows of the file to use.",
            ),
            Hyperparameter(
                name="seed",
                kind="integer",
                default=1,
                low=0,
                high=2**31,
                help="Which random rows, where not all are used.",
            ),
        ),
        make=dalitz,
    ),
)
