"""What a model found in the lab: offered where the run has it, with its keys, its scrolling and its help."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mltui.core.found import Found
from mltui.core.snapshot import Layers, Snapshot
from mltui.record.snapshots import write_snapshot
from mltui.views import VIEWS
from mltui.views.coefficients import CoefficientsView
from mltui.views.importance import ImportanceView
from mltui.views.surface import SurfaceView, contested
from mltui.views.tree import TreeView
from tests.ui.conftest import HandRun, picture
from tests.ui.moments import grown, looked_into, progress, state, told_apart, weighed


def show(hand: HandRun, snapshot: Snapshot) -> None:
    write_snapshot(hand.folder.snapshots / "3.npz", snapshot)
    hand.writer.emit("snapshot", files=[[3, "3.npz"]])


def offered(found: Found | None) -> set[str]:
    shown = looked_into()
    assert shown.snapshot is not None
    shown = replace(shown, snapshot=replace(shown.snapshot, found=found))
    return {str(kind.name) for kind in VIEWS if kind.offered(shown)} & {"coefficients", "tree", "importance"}


def test_a_run_has_the_views_of_what_its_model_found() -> None:
    every = told_apart()
    assert offered(None) == offered(Found()) == set()
    assert offered(every) == {"coefficients", "tree", "importance"}
    assert offered(Found(weighed())) == {"coefficients"}
    assert offered(Found(trees=every.trees, importances=every.importances)) == {"tree", "importance"}


def test_a_network_of_one_layer_has_coefficients_and_a_deeper_one_has_not() -> None:
    weights = np.array([[0.5, -2.0]])
    one = Layers(("output",), {"output": weights}, {"output": np.array([0.1])}, np.zeros(1), {}, (2, 1), ("linear",))
    shown = replace(looked_into(), state=state(inputs=["pt", "colour=red"]), snapshot=Snapshot(3, layers=one))
    assert CoefficientsView.ready(shown)
    drawn = [row.plain for row in CoefficientsView().draw(shown, 76, 10)]
    assert drawn[1].split()[0] == "colour=red"
    assert drawn[1].split()[-1] == "-2"
    assert drawn[2].split()[0] == "pt"
    assert "a fit by gradient has none" in drawn[-1]
    deep = replace(one, names=("hidden_1", "output"), weights={**one.weights, "hidden_1": weights})
    assert not CoefficientsView.ready(replace(shown, snapshot=Snapshot(3, layers=deep)))
    large = replace(one, weights={})
    assert not CoefficientsView.ready(replace(shown, snapshot=Snapshot(3, layers=large)))


def test_of_several_models_it_says_into_which_it_looks() -> None:
    folds = ("fold 1", "fold 2", "refit")
    begun = state(progress(0, 10), progress(1, 4), members=folds)
    live = replace(looked_into(), state=begun)
    for kind in (CoefficientsView, TreeView, ImportanceView):
        assert "fold" not in kind.headline(looked_into())
        assert kind.headline(live).endswith("fold 2")
        assert "fold 1" in kind.headline(replace(live, cursor=3.0))
        ended = state(progress(0, 10), ("finished", {"step": 10}), members=folds)
        assert kind.headline(replace(live, state=ended)).endswith("fold 1")


async def test_keys_turn_and_unfold_trees_and_the_next_class_has_its_coefficients(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        assert not {"tree", "coefficients"} & set(test.lab.offered)
        rows = ("red", "green", "blue")
        show(hand, replace(picture(3), found=replace(told_apart(), coefficients=weighed(rows), trees=grown(4))))
        await test.until(lambda: "tree" in test.lab.offered, "the tree")
        test.lab.bring("tree")
        await test.seen("tree 1 of 4")
        await test.seen("pt ≤ 23.4 GeV")
        await test.press("right_square_bracket")
        await test.until(lambda: "tree 1 of 4" not in test.screen() and "tree 2 of 4" in test.screen(), "the next tree")
        await test.press("left_square_bracket", "left_square_bracket")
        await test.until(lambda: "tree 3 of 4" not in test.screen() and "tree 4 of 4" in test.screen(), "the last tree")
        await test.press("minus")
        await test.until(lambda: "pt ≤ 23.4 GeV" not in test.screen(), "a fold")
        await test.seen("14 nodes below")
        await test.press("plus")
        await test.seen("pt ≤ 23.4 GeV")
        test.lab.bring("coefficients")
        await test.seen("red  1/3")
        await test.seen("t class")
        await test.press("t")
        await test.seen("green  2/3")
        await test.press("t", "t")
        await test.seen("red  1/3")
        test.lab.bring("importance")
        await test.seen("Importance  pt")
        assert "t class" not in test.lines()[-1]


async def test_n_shows_who_decides_for_the_most_contested_row_first(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        shot = picture(3)
        assert shot.points is not None
        rows = len(shot.points.x)  # none of them of a validation part
        found = Found(neighbours=told_apart(len(shot.points.x)).neighbours)
        show(hand, replace(shot, found=found))
        await test.until(lambda: contested(test.lab.shown) == rows, "the neighbours")
        test.lab.bring("surface")
        await test.seen("n neighbours")
        await test.press("n")
        await test.seen("its 4 nearest:")
        test.lab.shown = replace(test.lab.shown, neighbours=rows)
        await test.press("n")
        await test.until(lambda: "nearest:" not in test.screen(), "the points again")


def test_the_most_contested_rows_are_those_that_their_neighbours_are_not() -> None:
    shown = looked_into()
    assert shown.snapshot is not None
    points, found = shown.snapshot.points, shown.snapshot.found
    assert points is not None
    assert found is not None
    assert found.neighbours is not None
    against = (found.neighbours.target != points.target[:, None]).mean(axis=1)
    validation = points.part == 1
    assert contested(shown) == validation.sum()
    first = replace(shown, neighbours=1)
    votes = SurfaceView.headline(first)
    worst = points.target[validation][np.argmax(against[validation])]
    assert votes.startswith(shown.classes[int(worst)])
    assert SurfaceView.headline(replace(shown, neighbours=999)).startswith("pt × eta")
