"""What a model leans on in the lab: offered as the rows behind the scores come, its forms and variables by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mltui.core.permutation import Permutation
from mltui.core.sample import Sample, SampleRows
from mltui.core.snapshot import Scores
from mltui.core.table import Column
from mltui.record.sample import write_sample
from mltui.record.snapshots import write_snapshot
from mltui.ui.commands import available
from tests.ui.conftest import HandRun, LabTest, picture

NAMES = ("mass", "pt", "eta")


def scored(hand: HandRun) -> None:
    """A snapshot whose rows are known with their variables, of which the score follows the first."""
    random = np.random.default_rng(2)
    rows, target = 300, random.integers(0, 2, 300)
    values = {name: random.normal(size=rows) for name in NAMES}
    scores = Scores(target, 1 / (1 + np.exp(-2 * values["mass"])), np.ones(rows))
    place = np.arange(rows)
    sample = Sample(
        tuple(Column(name) for name in NAMES),
        {"validation": SampleRows(values, target, np.ones(rows), 0 * place, place, whole=rows)},
        3, files=("f",), classes=("a", "b"),
    )  # fmt: skip
    write_sample(hand.folder, sample)
    shown = replace(picture(3), scores={"validation": scores})
    for step in (2, 3):
        write_snapshot(hand.folder.snapshots / f"{step}.npz", replace(shown, step=step))
    hand.writer.emit("snapshot", files=[[2, "2.npz"], [3, "3.npz"]])


async def opened(test: LabTest) -> HandRun:
    hand = await test.run()
    assert "importance" not in test.lab.offered
    scored(hand)
    await test.until(lambda: "importance" in test.lab.offered, "the view")
    test.lab.bring("importance")
    return hand


async def test_f_goes_through_the_forms_and_i_through_the_variables(open_lab: Any) -> None:
    async with open_lab() as test:
        await opened(test)
        await test.seen("Correlation  mass")
        assert not available("variable", test.lab.now)
        await test.press("f")
        await test.seen("Sculpting of")
        await test.seen("mass  JSD 0.")
        assert available("variable", test.lab.now)
        await test.press("i")
        await test.seen("pt  JSD 0.")
        await test.press("i", "i")
        await test.seen("mass  JSD 0.")
        await test.press("I")
        await test.seen("eta  JSD 0.")
        await test.press("f")
        await test.seen("Correlation  mass")


async def test_the_permutation_comes_to_the_front_with_the_end_of_the_run(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await opened(test)
        told = Permutation("validation", "auc", 0.9, NAMES, (0.1, 0.3, 0.0), (0.01, 0.01, 0.0), 300, 5)
        hand.writer.emit("evaluated", part="validation", importance=told.document())
        await test.seen("Importance  pt")
        await test.seen("auc 0.900 with all of them, on 300 rows of validation")
        hand.finish(3)
        await test.seen("Importance  pt")
        await test.press("comma")
        await test.seen("Correlation")  # the importance is of the kept model alone
