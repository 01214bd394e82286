"""The network in the lab: offered for networks alone, with its key and its scrolling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mltui.core.snapshot import Layers
from mltui.record.snapshots import write_snapshot
from tests.ui.conftest import HandRun, picture


def layers(*widths: int) -> Layers:
    random = np.random.default_rng(0)
    names = (*(f"hidden_{n}" for n in range(1, len(widths) - 1)), "output")
    return Layers(
        names,
        {name: random.normal(size=(o, i)) for name, i, o in zip(names, widths, widths[1:], strict=False)},
        {},
        np.full(len(names), 0.01),
        {name: random.normal(size=(60, out)) for name, out in zip(names[:-1], widths[1:], strict=False)},
        widths,
        (*("tanh" for _ in names[1:]), "linear"),
        {name: random.normal(size=(out, 20, 20)) for name, out in zip(("input", *names), widths, strict=True)},
    )


def show(hand: HandRun, found: Layers) -> None:
    write_snapshot(hand.folder.snapshots / "3.npz", replace(picture(3), layers=found))
    hand.writer.emit("snapshot", files=[[3, "3.npz"]])


async def test_before_a_run_the_form_decides_whether_there_is_a_network(open_lab: Any) -> None:
    async with open_lab() as test:
        assert "network" in test.lab.offered
        test.lab.edit(test.lab.sheet.put("model.name", "knn"))
        await test.until(lambda: "network" not in test.lab.offered, "no network")
        test.lab.edit(test.lab.sheet.put("model.name", "logistic_regression"))
        assert "network" not in test.lab.offered
        test.lab.edit(test.lab.sheet.put("model.solver", "gradient"))
        await test.until(lambda: "network" in test.lab.offered, "the smallest of networks")


async def test_h_goes_through_the_hidden_layers_and_back(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        show(hand, layers(2, 4, 2, 1))
        await test.until(lambda: "network" in test.lab.offered, "the network")
        await test.press("7")
        await test.seen("2 → 4 → 2 → 1")
        await test.seen("hidden 2")
        await test.seen("h layer 1")
        await test.press("h")
        await test.seen("Hidden layer 1 of 2  2 main directions of 4 neurons")
        await test.press("h")
        await test.seen("Hidden layer 2 of 2  2 neurons")
        assert "h network" in test.lines()[-1]
        await test.press("h")
        await test.seen("gradient:")


async def test_the_arrows_scroll_through_wide_layers(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        show(hand, layers(2, 64, 1))
        await test.until(lambda: "network" in test.lab.offered, "the network")
        await test.press("7")
        await test.seen("+6")
        await test.press("down")
        await test.seen("of 64")
        await test.press("end")
        await test.seen("–64 of 64")
        await test.press("home")
        await test.until(lambda: "of 64" not in test.screen(), "the first ones")


async def test_the_desk_has_it_beside_the_surface_where_it_is_wide(open_lab: Any) -> None:
    async with open_lab((200, 60)) as test:
        hand = await test.run()
        show(hand, layers(2, 4, 1))
        await test.until(lambda: "network" in test.lab.in_sight, "the network")
        await test.seen("2 → 4 → 1")
        tops = {str(view.name): view.region.y for view in test.lab.query("Pane") if view.name in test.lab.in_sight}
        assert tops["curve"] == tops["surface"] == tops["network"] < tops["roc"]
