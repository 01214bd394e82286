"""The views in a host app at the two sizes: what they show, when they draw, what they send to the terminal."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from time import monotonic
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.app import App, ComposeResult
from textual.events import MouseScrollUp
from textual.pilot import Pilot
from textual.reactive import reactive
from textual.screen import Screen
from textual.strip import Strip

from mltui.core.events import Event
from mltui.core.snapshot import Layers, Points, Scores, Snapshot, Surface
from mltui.plots import canvas
from mltui.plots.look import Look
from mltui.record.state import RunState, fold
from mltui.ui.widgets import pane as widgets
from mltui.ui.widgets.pane import Pane, pane
from mltui.views import VIEWS, View
from mltui.views.coefficients import CoefficientsView
from mltui.views.curve import CurveView
from mltui.views.events import EventsView
from mltui.views.fit import FitView
from mltui.views.importance import ImportanceView
from mltui.views.inputs import InputsView
from mltui.views.log import LogView
from mltui.views.matrix import MatrixView
from mltui.views.numbers import NumbersView
from mltui.views.resources import ResourcesView
from mltui.views.roc import RocView
from mltui.views.scores import ScoresView
from mltui.views.shown import Shown
from mltui.views.surface import SurfaceView
from mltui.views.tree import TreeView
from mltui.views.variations import VariationsView
from mltui.views.yields import YieldsView
from tests.ui.moments import looked_into, physics, with_sample
from tests.ui.test_resources_view import looked

SIZES = [(80, 24), (120, 36)]


class Host(App[None]):
    """Views as the lab holds them: bound to the one Shown of the screen."""

    shown: reactive[Shown] = reactive(Shown, repaint=False)
    CSS = "Pane { height: 1fr; }"

    def __init__(self, kinds: list[type[View]], shown: Shown) -> None:
        super().__init__()
        self.kinds = kinds
        self.set_reactive(Host.shown, shown)

    def compose(self) -> ComposeResult:
        for kind in self.kinds:
            yield pane(kind).data_bind(Host.shown)


def run(
    task: str = "classification",
    classes: tuple[str, ...] = ("a", "b"),
    steps: int = 40,
    rate: float = 0.9,
    **ending: Any,
) -> RunState:
    """A run as its events tell it, after `steps` epochs of a falling loss."""
    names = ("loss", "accuracy") if task == "classification" else ("loss", "rmse")
    curves = [
        {"name": name, "part": part, "axis": "epoch", "better": "lower"}
        for name in names
        for part in ("train", "validation")
    ]
    started = {
        "run": "7", "model": "mlp", "model_title": "Neural network", "task": task, "dataset": "circles",
        "axis": "epoch", "total": 50, "curves": curves, "classes": list(classes), "features": ["x", "y"],
        "parts": {"train": 300, "validation": 100, "test": 100},
    }  # fmt: skip
    epochs = list(range(1, steps + 1))
    falling = [0.7 * rate**epoch + 0.01 for epoch in epochs]
    columns = [falling, [1.2 * value for value in falling]]
    columns += [[1 - value / 2 for value in column] for column in columns]
    events = [Event(0, 1, "started", 0.0, started)]
    if epochs:
        fields = {"axis": epochs, "columns": columns, "rate": 30.0, "done": steps / 50, "kept": steps - 3}
        events.append(Event(1, 1, "progress", 1.0, fields))
    last = [Event(2 + count, 1, kind, 2.0, fields) for count, (kind, fields) in enumerate(ending.items())]
    return fold(RunState(), [*events, *last])


def scores(rows: int, classes: int, seed: int) -> Scores:
    random = np.random.default_rng(seed)
    if classes == 0:
        true = random.normal(100, 20, rows)
        return Scores(true, true + random.normal(0, 5, rows), np.ones(rows))
    target = random.integers(0, classes, rows)
    if classes == 2:
        return Scores(target, 1 / (1 + np.exp(-random.normal(3 * target - 1.5, 1.2))), np.ones(rows))
    raw = np.exp(random.normal(0, 1, (rows, classes)) + 2 * np.eye(classes)[target])
    return Scores(target, raw / raw.sum(axis=1, keepdims=True), np.ones(rows))


def moment(classes: int = 2, step: int = 40, seed: int = 0) -> Snapshot:
    """What a model says at one step, in the plane of two features."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[-1:1:48j, -1:1:64j]
    values = 1 / (1 + np.exp(9 * (x**2 + y**2) - 4))
    places = random.uniform(-1, 1, (2, 120))
    inside = (places**2).sum(axis=0) < 0.45
    target = inside.astype(np.int64) if classes else (places.sum(axis=0))
    points = Points(places[0], places[1], target, (np.arange(120) % 4 == 0).astype(np.int64))
    parts = {"train": scores(300, classes, seed + 1), "validation": scores(100, classes, seed + 2)}
    return Snapshot(step, parts, Surface(values, "x", "y", (-1.0, 1.0, -1.0, 1.0)), points, network_inside(random))


def network_inside(random: np.random.Generator) -> Layers:
    """A network of two hidden layers, of 3 neurons and of 2."""
    sizes = {"hidden_1": (3, 2), "hidden_2": (2, 3), "output": (1, 2)}
    return Layers(
        tuple(sizes),
        {name: random.normal(size=size) for name, size in sizes.items()},
        {name: random.normal(size=size[0]) for name, size in sizes.items()},
        np.array([1e-5, 2e-3, 0.25]),
        {name: np.tanh(random.normal(size=(120, size[0]))) for name, size in sizes.items() if name != "output"},
        (2, 3, 2, 1),
        ("tanh", "tanh", "linear"),
        {name: np.tanh(random.normal(size=(size[0], 20, 20))) for name, size in {"input": (2, 2), **sizes}.items()},
    )


def binary(**changes: Any) -> Shown:
    shown = Shown(
        state=run(), snapshot=moment(), previous=run(steps=30, rate=0.95), previous_title="learning_rate 0.03 → 0.1",
        classes=("a", "b"), metric="loss",
    )  # fmt: skip
    return replace(shown, **changes)


def regression(**changes: Any) -> Shown:
    return replace(binary(), state=run("regression", ()), snapshot=moment(0), task="regression", classes=(), **changes)


def along_one(**changes: Any) -> Shown:
    """A regression over one feature."""
    shown = regression(**changes)
    places = np.linspace(0, 1, 240)
    line = Surface(places[None] ** 2, "x", "", (0.0, 1.0, 0.0, 1.0))
    rows = Points(places, np.zeros(240), places, np.arange(240) % 2)
    started = {**shown.state.started, "features": ["x"]}
    assert shown.snapshot is not None
    snapshot = replace(shown.snapshot, surface=line, points=rows, layers=None)
    return replace(shown, state=replace(shown.state, started=started), snapshot=snapshot)


def shown_for(kind: type[View]) -> Shown:
    if kind is FitView:
        return along_one()
    if kind in (YieldsView, InputsView, VariationsView):
        return physics()
    if kind in (CoefficientsView, TreeView, ImportanceView):
        return looked_into()
    if kind is ResourcesView:
        return binary(resources=looked())
    if kind is EventsView:
        return with_sample(binary())
    return binary() if kind.offered(binary()) else regression()


def pane_of(app: App[None], kind: type[View]) -> Pane:
    """The pane of a view."""
    return app.query_one(f"#{kind.name}", Pane)


def plain(view: Pane) -> str:
    """The picture as it reaches the terminal."""
    return "\n".join(Pane.render_line(view, y).text for y in range(view.size.height))


@asynccontextmanager
async def hosted(
    *kinds: type[View], shown: Shown, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Host, Pilot[None]]]:
    app = Host(list(kinds), shown)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def until(true: Callable[[], bool], pilot: Pilot[None], seconds: float = 30.0) -> None:
    """Wait for a condition, at most so long."""
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        await pilot.pause(0.02)
    pytest.fail("the condition did not come true in time")


class Counting(View):
    """A view that counts: one row tells the step, the others stay as they are."""

    name = "counting"
    title = "Counting"
    pace = 0.05

    def __init__(self) -> None:
        super().__init__()
        self.draws: list[float] = []
        self.threads: set[int] = set()

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        return (shown.state.step,)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        return (*super().by_hand(shown), shown.threshold)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        self.draws.append(shown.state.step)
        self.threads.add(threading.get_ident())
        return [Text(f"step {shown.state.step}" if y == 3 else f"row {y}") for y in range(height)]


def counting(app: Host) -> Counting:
    view = pane_of(app, Counting).view
    assert isinstance(view, Counting)
    return view


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows that panes are asked for."""
    asked: list[int] = []
    render_line = Pane.render_line

    def watched(self: Pane, y: int) -> Strip:
        asked.append(y)
        return render_line(self, y)

    monkeypatch.setattr(Pane, "render_line", watched)
    return asked


def at(step: float) -> Shown:
    return Shown(state=RunState(run="7", phase="training", step=step))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", VIEWS)
async def test_draws_what_it_has_and_puts_its_number_in_the_border(kind: type[View], size: tuple[int, int]) -> None:
    shown = shown_for(kind)
    async with hosted(kind, shown=shown, size=size) as (app, _):
        view = pane_of(app, kind)
        assert kind.ready(shown)
        assert sum(not char.isspace() for char in plain(view)) > 40
        assert all(cell_len(line) == view.size.width for line in plain(view).split("\n"))
        assert kind.heading(shown) in str(view.border_title)
        assert kind.headline(shown).replace("[", "") in str(view.border_title).replace("\\[", "")


@pytest.mark.parametrize("kind", VIEWS)
async def test_says_what_will_appear_and_which_key_makes_it_so(kind: type[View]) -> None:
    async with hosted(kind, shown=Shown()) as (app, _):
        assert "Press r to run" in " ".join(plain(pane_of(app, kind)).split())


async def test_a_run_that_was_asked_for_is_awaited() -> None:
    async with hosted(CurveView, shown=Shown(starting=True)) as (app, pilot):
        view = pane_of(app, CurveView)
        assert "The run is starting." in plain(view)
        app.shown = Shown(starting=True, state=run(steps=0))
        await until(lambda: "The curve begins with" in plain(view), pilot)


@pytest.mark.parametrize("kind", VIEWS)
def test_help_teaches(kind: type[View]) -> None:
    assert "Shows" in kind.help
    assert "Try next" in kind.help


def test_a_run_has_only_the_views_of_its_task() -> None:
    assert [kind.name for kind in VIEWS if kind.offered(binary())] == [
        "curve", "surface", "roc", "scores", "matrix", "network", "numbers", "yields", "inputs", "log",
        "events", "resources",
    ]  # fmt: skip
    assert [kind.name for kind in VIEWS if kind.offered(regression())] == [
        "curve", "surface", "predicted", "residuals", "network", "numbers", "inputs", "log", "events", "resources",
    ]  # fmt: skip


async def test_only_the_changed_rows_are_rendered_again(rendered: list[int]) -> None:
    async with hosted(Counting, shown=at(1)) as (app, pilot):
        view = pane_of(app, Counting)
        rendered.clear()
        app.shown = at(2)
        await until(lambda: "step 2" in plain(view), pilot)
        await pilot.pause()
        assert set(rendered) - set(range(view.size.height)) == set()
        rendered.clear()
        app.shown = at(3)
        await until(lambda: 3 in rendered, pilot)
        assert set(rendered) == {3}


async def test_nothing_is_drawn_when_nothing_it_looks_at_changed() -> None:
    async with hosted(Counting, shown=at(1)) as (app, pilot):
        view = counting(app)
        for count in range(5):
            app.shown = replace(at(1), log_lines=(str(count),))
            await pilot.pause(0.02)
        assert view.draws == [1]


async def test_an_unseen_view_does_not_draw_and_catches_up_when_seen() -> None:
    async with hosted(Counting, CurveView, shown=at(1)) as (app, pilot):
        view = counting(app)
        pane_of(app, Counting).display = False
        await pilot.pause()
        for step in range(2, 9):
            app.shown = at(step)
            await pilot.pause(0.02)
        assert view.draws == [1]
        pane_of(app, Counting).display = True
        await until(lambda: view.draws[-1] == 8, pilot)
        assert view.draws == [1, 8]


async def test_a_view_under_another_screen_does_not_draw_and_catches_up_when_it_leaves() -> None:
    async with hosted(Counting, shown=at(1)) as (app, pilot):
        view = counting(app)
        await app.push_screen(Screen())
        app.shown = at(2)
        await pilot.pause(0.1)
        assert view.draws == [1]
        await app.pop_screen()
        await until(lambda: view.draws == [1, 2], pilot)


async def test_a_fast_run_is_drawn_at_the_views_pace_and_ends_with_its_last_state() -> None:
    async with hosted(Counting, shown=at(0)) as (app, pilot):
        view = counting(app)
        began = monotonic()
        for step in range(1, 60):
            app.shown = at(step)
            await pilot.pause(0.002)
        await until(lambda: view.draws[-1] == 59, pilot)
        assert len(view.draws) <= 2 + (monotonic() - began) / Counting.pace


async def test_what_a_hand_moves_is_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counting, "pace", 60.0)
    async with hosted(Counting, shown=at(1)) as (app, pilot):
        view = counting(app)
        app.shown = replace(at(1), threshold=0.6)
        await pilot.pause()
        assert view.draws == [1, 1]


async def test_a_key_does_not_hurry_views_that_it_does_not_concern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CurveView, "pace", 60.0)
    async with hosted(CurveView, shown=binary(previous=None)) as (app, pilot):
        before = plain(pane_of(app, CurveView))
        app.shown = binary(state=run(steps=45), previous=None, threshold=0.7)
        await pilot.pause()
        assert plain(pane_of(app, CurveView)) == before


async def test_the_snapshot_that_follows_a_step_back_in_time_is_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScoresView, "pace", 60.0)
    async with hosted(ScoresView, shown=binary()) as (app, pilot):
        app.shown = replace(app.shown, cursor=5.0)
        await pilot.pause()
        before = plain(pane_of(app, ScoresView))
        app.shown = replace(app.shown, snapshot=moment(step=5, seed=9))
        await pilot.pause()
        assert plain(pane_of(app, ScoresView)) != before


async def test_a_slow_picture_is_drawn_beside_the_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widgets, "SLOW", -1.0)
    async with hosted(Counting, shown=at(1)) as (app, pilot):
        view = counting(app)
        await until(lambda: view.draws == [1] and "step 1" in plain(pane_of(app, Counting)), pilot)
        assert threading.get_ident() not in view.threads
        app.shown = at(2)
        await until(lambda: "step 2" in plain(pane_of(app, Counting)), pilot)


async def test_a_damaged_snapshot_is_said_and_does_not_end_the_lab(capfd: pytest.CaptureFixture[str]) -> None:
    stranger = Snapshot(1, {"validation": Scores(np.array([0, 99]), np.array([0.1, 0.2]), np.ones(2))})
    async with hosted(MatrixView, shown=replace(binary(), snapshot=stranger)) as (app, pilot):
        view = pane_of(app, MatrixView)
        await until(lambda: "cannot be drawn" in plain(view), pilot)
    assert "Traceback" in capfd.readouterr().err


async def test_a_new_size_is_drawn() -> None:
    async with hosted(CurveView, shown=binary()) as (app, pilot):
        view = pane_of(app, CurveView)
        await pilot.resize_terminal(60, 16)
        await until(lambda: {cell_len(line) for line in plain(view).split("\n")} == {58}, pilot)


async def test_one_more_epoch_repaints_few_rows_of_the_curve(rendered: list[int]) -> None:
    class Watched(CurveView):
        pace = 0.0

    async with hosted(Watched, shown=binary(previous=None)) as (app, pilot):
        app.shown = binary(state=run(steps=41), previous=None)
        await pilot.pause()
        rendered.clear()
        app.shown = binary(state=run(steps=42), previous=None)
        await until(lambda: bool(rendered), pilot)
        assert len(set(rendered)) < pane_of(app, Watched).size.height / 2


@pytest.mark.parametrize("kind", VIEWS)
async def test_ascii_means_ascii(kind: type[View]) -> None:
    shown = replace(shown_for(kind), look=Look(ascii=True, colours="none"), previous_title="")
    async with hosted(kind, shown=shown) as (app, _):
        assert plain(pane_of(app, kind)).isascii()


@pytest.mark.parametrize("kind", VIEWS)
async def test_without_colours_no_row_has_one(kind: type[View]) -> None:
    shown = replace(shown_for(kind), look=Look(colours="none"))
    async with hosted(kind, shown=shown) as (app, _):
        view = pane_of(app, kind)
        rows = view.picture(shown, 70, 20)
        styles = [style for row in rows for style in [row.style, *(span.style for span in row.spans)]]
        rich = [Style.parse(style) if isinstance(style, str) else style for style in styles]
        assert [style for style in rich if style.color or style.bgcolor] == []


@pytest.mark.parametrize("kind", [MatrixView, ScoresView, RocView])
async def test_the_threshold_moves_the_picture_at_once(kind: type[View]) -> None:
    async with hosted(kind, shown=binary()) as (app, pilot):
        view = pane_of(app, kind)
        before = plain(view)
        app.shown = replace(app.shown, threshold=0.9)
        await pilot.pause()
        assert plain(view) != before


@pytest.mark.parametrize("kind", [RocView, ScoresView])
def test_moving_the_threshold_draws_no_line_again(kind: type[View], monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    original = canvas._plotext

    def counted(*args: Any) -> Any:
        drawn.append(1)
        return original(*args)

    monkeypatch.setattr(canvas, "_plotext", counted)
    shown = binary(snapshot=moment(seed=77))
    pictures = [kind().picture(replace(shown, threshold=threshold), 60, 20) for threshold in (0.2, 0.5, 0.8)]
    assert len(drawn) == 1
    assert pictures[0] != pictures[1] != pictures[2]


def test_the_matrix_of_weighted_rows_says_whose_weights_it_holds() -> None:
    shown = binary()
    assert MatrixView.heading(shown) == "Matrix"
    assert MatrixView.heading(replace(shown, weighted=True)) == "Matrix, validation weights"


async def test_the_matrix_counts_what_the_threshold_says() -> None:
    shown = binary(threshold=0.9)
    assert shown.snapshot is not None
    judged = shown.snapshot.scores["validation"]
    async with hosted(MatrixView, shown=shown) as (app, _):
        words = plain(pane_of(app, MatrixView)).split()
        for true in (0, 1):
            said = judged.scores[judged.target == true] > 0.9
            assert str(int(said.sum())) in words
            assert str(int((~said).sum())) in words


async def test_the_numbers_are_live_before_the_final_ones_and_the_test_part_stays_sealed() -> None:
    async with hosted(NumbersView, shown=binary()) as (app, pilot):
        view = pane_of(app, NumbersView)
        assert "0.0204" in plain(view) or "0.020" in plain(view)
        assert "sealed" in plain(view)
        final = {"loss": 0.123456, "accuracy": 0.75}
        app.shown = binary(state=run(evaluated={"part": "validation", "metrics": final}))
        await until(lambda: "0.123" in plain(view), pilot)
        assert "0.75" in plain(view)


async def test_a_failure_is_told_in_the_log_with_the_end_of_the_workers_log() -> None:
    failed = {"message": "The worker was killed.", "log": "worker.log"}
    state = run(warning={"message": "negative weights"}, failed=failed)
    last_words = ("Traceback", "[b]MemoryError\x1b[31m")
    async with hosted(LogView, shown=binary(state=state, log_lines=last_words)) as (app, _):
        view = pane_of(app, LogView)
        assert "! negative weights" in plain(view)
        assert "! The worker was killed." in plain(view)
        assert "[b]MemoryError" in plain(view)
        assert "\x1b" not in plain(view)
        assert str(view.border_title) == "Log  the run failed"
        drawn = [Pane.render_line(view, y) for y in range(view.size.height)]
        words = [strip for strip in drawn if strip.text.strip()]
        assert next(iter(words[0])).style != next(iter(words[-1])).style


async def test_the_log_scrolls_back_and_returns_to_its_end() -> None:
    long = tuple(f"line {count}" for count in range(200))
    async with hosted(LogView, shown=Shown(log_lines=long)) as (app, pilot):
        view = pane_of(app, LogView)
        assert "line 199" in plain(view)
        view.focus()
        await pilot.press("home")
        await until(lambda: "line 0 " in plain(view), pilot)
        await pilot.press("down", "down")
        await until(lambda: "line 0 " not in plain(view), pilot)
        await pilot.press("end")
        await until(lambda: "line 199" in plain(view), pilot)
        view.post_message(MouseScrollUp(view, 1, 1, 0, -1, 0, False, False, False))
        await until(lambda: "line 199" not in plain(view), pilot)


async def test_text_of_the_log_can_be_selected() -> None:
    async with hosted(LogView, shown=Shown(log_lines=("first words", "second words"))) as (app, pilot):
        view = pane_of(app, LogView)
        await pilot.mouse_down(view, offset=(3, 2))
        await pilot.hover(view, offset=(8, 3))
        await pilot.mouse_up(view, offset=(8, 3))
        chosen = app.screen.get_selected_text()
        assert chosen is not None
        assert "words" in chosen


async def test_what_data_call_themselves_is_shown_literally() -> None:
    hostile = ("[red]s[/red]", "b\x1b[31m")
    shown = binary(classes=hostile, previous_title="[bold]target[/bold] \x1b[0m")
    async with hosted(CurveView, MatrixView, shown=shown, size=(120, 36)) as (app, _):
        assert "[red]s[/red]" in plain(pane_of(app, MatrixView))
        assert "\x1b" not in plain(pane_of(app, MatrixView)) + str(pane_of(app, CurveView).border_title)
        assert "bold" in str(pane_of(app, CurveView).border_title)


@pytest.mark.parametrize("kind", [CurveView, SurfaceView, RocView, ScoresView, MatrixView, NumbersView])
def test_picture(kind: type[View], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(Host([kind], binary()), terminal_size=(80, 24))
