"""What a run would cost: extrapolated by rule from a rehearsal, and near what the run then takes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.plots.cost import figures, sentences
from mltui.record.state import RunState
from mltui.runs import cost_rehearsal
from mltui.runs.cost import Cost, Rehearsal, cost, grown, growth, pace
from mltui.runs.cost_rehearsal import GivenUp, measure
from mltui.runs.experiments import check
from mltui.runs.follow import read_state
from mltui.runs.launch import launch
from mltui.runs.store import Store


def experiment(model: str, training: dict[str, Any] | None = None, samples: int = 400, **more: Any) -> Experiment:
    data = {"dataset": "moons", "options": {"samples": samples, "noise": 0.3}}
    return check({"data": data, "model": {"name": model, **more}, "training": training or {}})


def rehearsal(done: float, phase: str = "stopped", **more: Any) -> Rehearsal:
    """40 of 100 epochs or as much in 2 s, 1 s before it and 0.5 s after it."""
    started = {"axis": more.get("axis", "epoch"), "parts": {"train": 60, "validation": 40}, **more.get("started", {})}
    phases = {"preparing": 1.0, "training": 2.0, "closing": 0.5}
    state = RunState(
        run="1", phase=phase, started=started, total=100, done=done, snapshots=((1, "a"), (2, "b")),  # type: ignore[arg-type]
        resources={"peak_memory": 300_000_000, "threads": 2, "phases": phases},
    )  # fmt: skip
    points = [(0.5, done / 4), (1.0, done / 2), (2.0, done)]
    return Rehearsal(state, points, {"model": 1000, "events.jsonl": 2000, "snapshots": 4000, "predictions.npz": 500})


def test_a_run_that_was_over_is_told_as_it_was() -> None:
    found = cost(experiment("mlp"), rehearsal(1.0, "finished"))
    assert (found.seconds, found.whole, found.memory, found.disk) == (3.5, True, 300_000_000, 7500)
    assert sentences(found) == ["Measured: the whole run was rehearsed, nothing is extrapolated."]


def test_training_goes_on_at_its_later_pace() -> None:
    found = cost(experiment("mlp"), rehearsal(0.4))
    # the later part: 0.2 of the work in the last second; 0.6 is left
    assert found.training == pytest.approx(2.0 + 0.6 / 0.2)
    assert found.seconds == pytest.approx(1.0 + 5.0 + 0.5)
    assert (found.steps, found.total, found.memory) == (40, 100, 300_000_000)
    # events grow with the time, snapshots to 24 at most, model and predictions not at all
    assert found.disk == pytest.approx(1000 + 2000 * 2.5 + 4000 * 12 + 500)


def test_trees_make_the_model_and_its_judging_grow() -> None:
    found = cost(experiment("random_forest"), rehearsal(0.4, axis="tree"))
    assert found.closing == pytest.approx(0.5 / 0.4)
    assert found.memory == pytest.approx(300_000_000 + 1.5 * 1000)


def test_folds_share_the_work() -> None:
    found = cost(experiment("mlp"), rehearsal(0.1, started={"members": ["fold 1", "fold 2", "fold 3", "fold 4"]}))
    assert (found.models, found.total, found.steps) == (4, 400, 40)
    assert "4 models" in sentences(found)[-1]


def test_an_early_stop_is_spoken_of() -> None:
    found = cost(experiment("mlp", {"early_stopping": 5}), rehearsal(0.4))
    assert "An early stop may end it sooner." in sentences(found)


def test_one_point_alone_has_a_pace() -> None:
    assert pace([(2.0, 0.1)]) == pytest.approx(0.05)
    assert pace([(0.0, 0.1), (1.0, 0.4)]) == pytest.approx(0.3)


@given(st.floats(0.7, 3.5), st.floats(0.01, 5), st.floats(0, 3))
def test_growth_finds_the_law_that_the_times_follow(power: float, scale: float, base: float) -> None:
    def seconds(rows: int) -> float:
        return float(base + scale * (rows / 1000) ** power)

    timed = [(rows, seconds(rows)) for rows in (250, 500, 1000, 2000)]
    c, a, p = growth(timed)
    assert p == pytest.approx(power, abs=1e-3)
    assert c + a * 16000**p == pytest.approx(seconds(16000), rel=1e-2)


def test_two_times_or_nonsense_still_give_a_law_within_bounds() -> None:
    assert growth([(100, 1.0), (200, 4.0)])[2] == pytest.approx(2.0)
    for timed in ([(100, 2.0), (200, 1.0), (400, 0.0)], [(100, 0.0), (200, 0.0)], [(10, 1.0), (20, 1e9)]):
        c, a, p = growth(timed)
        assert all(map(math.isfinite, (c, a, p)))
        assert 0.5 <= p <= 4.0


def test_fewer_rows_stand_for_all() -> None:
    def whole(rows: int, seconds: float) -> Cost:
        return Cost(seconds + 2, 1.0, seconds, 1.0, 1e8 + 1000 * rows, 10 * rows, whole=True, rows=rows)

    found = grown(16_000, [whole(1000, 1.0), whole(2000, 4.0)])
    assert found.training == pytest.approx(256.0)
    assert found.memory == pytest.approx(1e8 + 16e6)
    assert found.disk == pytest.approx(160_000)
    assert not found.whole
    assert "1.0 s on 1,000 and 4.0 s on 2,000" in sentences(found)[0]


def test_what_does_not_fit_is_said() -> None:
    found = cost(experiment("mlp"), rehearsal(0.4))
    rows = {name: remark for name, _, remark in figures(found, 100_000_000, 1000)}
    assert rows["memory"] == "of 100 MB free; that is not enough"
    assert rows["disk"].endswith("that is not enough")


def near(told: float, true: float, factor: float) -> bool:
    return true / factor <= told <= true * factor


@pytest.mark.soak  # by the clock: it wants a machine to itself
@pytest.mark.parametrize(
    "asked",
    [
        experiment("hist_gradient_boosting", {}, 1000, max_iter=150),
        experiment("mlp", {"epochs": 400, "device": "cpu"}),
        experiment("random_forest", {}, 3000, n_estimators=400),
    ],
    ids=lambda asked: asked.model.name,
)
def test_the_cost_is_near_what_the_run_takes(asked: Experiment, mltui_home: Path) -> None:
    """Time within a factor of 3, on a machine that does much else; memory of 1.3 and disk of 2."""
    told = measure(asked, Path(), budget=0.3)
    folder = Store(mltui_home).create(asked, "", Path())
    assert launch(folder).wait(200) == 0
    state = read_state(folder)
    spent = sum(path.stat().st_size for path in folder.path.rglob("*") if path.is_file())
    assert near(told.training, state.resources["phases"]["training"], 3), (told, state.resources)
    assert near(told.memory, state.resources["peak_memory"], 1.3), (told, state.resources)
    assert near(told.disk, spent, 2), (told, spent)


def test_nothing_is_left_of_a_question_that_was_given_up(mltui_home: Path) -> None:
    with pytest.raises(GivenUp):
        measure(experiment("decision_tree"), Path(), wanted=lambda: False)
    assert not (mltui_home / "runs").exists()


def test_what_is_wrong_with_the_data_is_said(tmp_path: Path) -> None:
    absent = check({"data": {"files": ["absent.csv"], "target": "y"}, "model": {"name": "decision_tree"}})
    with pytest.raises(InputError, match=r"absent\.csv"):
        measure(absent, tmp_path)


def test_a_fit_that_takes_too_long_is_told_from_fewer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    late = Rehearsal(RunState(started={"parts": {"train": 6400, "validation": 6400}}), late=True)
    asked: list[int | None] = []

    class Watch:
        def __init__(self, experiment: Experiment, *_: object) -> None:
            self.rows = experiment.data.rows

        def rehearse(self) -> Rehearsal:
            asked.append(self.rows)
            if self.rows is None:
                return late
            seconds = (self.rows / 400) ** 2
            phases = {"training": seconds, "preparing": 1.0, "closing": 1.0}
            started = {"axis": "training_size", "parts": {"train": self.rows // 2, "validation": self.rows // 2}}
            return Rehearsal(RunState(phase="finished", started=started, resources={"phases": phases}))

    monkeypatch.setattr(cost_rehearsal, "_Watch", Watch)
    found = measure(experiment("svm"), Path())
    assert asked == [None, 200, 400, 800]
    assert found.training == pytest.approx((12800 / 400) ** 2, rel=1e-3)
    assert found.rows == 6400
