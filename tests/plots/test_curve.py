"""The curve: what it shows, that its axes snap, and that nothing given to it can hurt the process."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from rich.text import Text

from mltui.plots.curve import Line, LineRole, curve
from mltui.plots.decimate import envelope
from mltui.plots.look import Look
from mltui.plots.marks import Mark

PLAIN = Look(colours="none")
STEPS = np.arange(0.0, 50)


def falling(role: LineRole = "train", offset: float = 0.05, points: int = 50) -> Line:
    xs = STEPS[:points]
    return Line(role, xs, 0.6 * np.exp(-xs / 10) + offset, role)


def text(rows: list[Text]) -> str:
    return "\n".join(row.plain.rstrip() for row in rows)


def loss(*lines: Line, look: Look = PLAIN, log: bool = False, kept: float | None = None, cursor: float | None = None,
         end: float | None = None, size: tuple[int, int] = (50, 12)) -> list[Text]:  # fmt: skip
    return curve(lines, *size, look, x_label="epoch", y_label="loss", log=log, kept=kept, cursor=cursor, end=end)


def test_a_curve_as_it_should_look() -> None:
    assert text(loss(falling(), falling("validation", 0.1), kept=40, size=(60, 12))) == GOLDEN


def test_a_curve_in_ascii() -> None:
    rows = loss(falling(), falling("validation", 0.2), look=Look(ascii=True, colours="none"), kept=40, size=(60, 10))
    assert text(rows) == GOLDEN_ASCII


CHANGED = [Mark(12.4, ("learning_rate 0.01", "0.01")), Mark(13, ("dropout 0.5", "0.5")), Mark(49.5, ("noise 1", "1"))]


@pytest.mark.parametrize("ascii_only", [False, True])
def test_what_was_changed_is_marked_under_the_lines_and_named_where_there_is_room(ascii_only: bool) -> None:
    look = Look(ascii=ascii_only, colours="none")
    plain, marked = (
        curve([falling()], 60, 12, look, x_label="epoch", y_label="loss", end=50, marks=marks)
        for marks in ([], CHANGED)
    )
    sign = "'" if ascii_only else "┊"
    assert f"{sign} changed" in marked[0].plain
    for before, after in zip(plain[1:], marked[1:], strict=True):
        assert all(old in (new, " ") for old, new in zip(before.plain, after.plain, strict=True))
    first, second = marked[1].plain, marked[2].plain
    columns = [place for place, found in enumerate(first) if found == sign]
    assert len(columns) == 3
    assert [round((column - 5) / 55 * 50) for column in columns] == [12, 13, 49]
    assert f"{sign}dropout 0.5 " in first
    assert f"noise 1{sign}" in first, "to the left at the right end"
    assert f"learning_rate 0.01{sign}" not in first + second, "it does not lie on the curve"
    assert f" 0.01{sign}" in first + second, "where there is no room for the name, the value"


def test_a_mark_outside_the_axis_or_without_room_hurts_nobody() -> None:
    marks = [Mark(-1, ("a",)), Mark(1e9, ("b",)), Mark(25, ("a name of sixty signs that finds no room anywhere here",))]
    for size in ((22, 8), (9, 3), (1, 1)):
        rows = curve([falling()], *size, PLAIN, x_label="epoch", y_label="loss", end=50, marks=marks)
        assert [len(row.plain) for row in rows] == [size[0]] * size[1]


def test_the_cursor_hides_the_mark_that_it_stands_on() -> None:
    rows = curve(
        [falling()], 60, 12, PLAIN, x_label="epoch", y_label="loss", end=50, cursor=25, marks=[Mark(25, ("x 1",))]
    )
    assert "┊" not in text(rows[1:])
    assert "│x 1" in rows[1].plain


def test_another_point_within_the_range_changes_few_rows() -> None:
    before = loss(falling(points=40), falling("validation", 0.1, points=40), end=50, size=(78, 16))
    after = loss(falling(points=41), falling("validation", 0.1, points=41), end=50, size=(78, 16))
    changed = sum(a != b for a, b in zip(before, after, strict=True))
    assert 1 <= changed <= 3


def test_the_range_moves_rarely_while_the_loss_falls() -> None:
    def axes(points: int) -> str:
        return "\n".join(row.plain[:5] for row in loss(falling(points=points), end=50)[1:])

    assert len({axes(points) for points in range(5, 51)}) <= 5


def test_values_that_are_no_numbers_change_nothing_else() -> None:
    line = falling()
    holed = Line("train", np.append(line.xs, [50, 51]), np.append(line.ys, [np.nan, np.inf]), "train")
    assert text(loss(holed, end=60)) == text(loss(line, end=60))


def test_the_legend_gives_the_last_value_or_the_one_at_the_cursor() -> None:
    line = Line("train", np.array([0.0, 1, 2]), np.array([3.0, 2, 1]), "train")
    assert "train 1" in loss(line)[0].plain
    assert "train 2" in loss(line, cursor=1.5)[0].plain


def test_a_logarithmic_axis_has_decades() -> None:
    line = Line("train", STEPS, 10.0 ** (-STEPS / 10), "train")
    labels = [row.plain[:5].strip() for row in loss(line, log=True, size=(60, 20)) if "┤" in row.plain]
    assert labels == ["1", "0.1", "0.01", "0.001", "1e-4", "1e-5"]


def test_a_logarithmic_axis_without_positive_values_says_so() -> None:
    assert "no positive values" in text(loss(Line("train", STEPS, -STEPS, "train"), log=True))


@pytest.mark.parametrize("width", [22, 27, 36, 49, 78])
def test_the_legend_explains_both_lines_however_narrow(width: int) -> None:
    head = loss(falling(), falling("validation", 0.1), falling("previous_train"), kept=40, size=(width, 14))[0].plain
    assert "train" in head
    assert "valid" in head


def test_a_dashed_line_is_not_lost_where_it_is_steep_nor_at_its_ends() -> None:
    """The columns of a validation line that plunges, wherever in a dash or gap the plunge falls."""
    for plunge in range(20, 32):
        xs = np.arange(60.0)
        line = Line("validation", xs, np.where(xs < plunge, 1.0, 0.0), "validation")
        rows = [row.plain[5:] for row in loss(line, size=(70, 14), end=59)[1:-2]]
        assert all(row.strip() for row in rows), plunge
        ends = "".join(column) if (column := [row[0] for row in rows]) else ""
        assert ends.strip()
        assert "".join(row[64] for row in rows).strip()


def test_no_tick_stands_between_two_epochs() -> None:
    for end in (1, 2, 3, 4, 7):
        line = Line("train", np.arange(end + 1.0), np.arange(end + 1.0), "train")
        assert "." not in loss(line, size=(78, 14), end=end)[-1].plain


def test_a_growing_curve_keeps_its_axis_and_its_past() -> None:
    random = np.random.default_rng(1)
    values = random.exponential(size=3000)
    pictures = [
        loss(Line("train", np.arange(points, dtype=float), values[:points], "train"), size=(60, 16))
        for points in range(2050, 2500, 50)
    ]
    axes = {(row[-1].plain, row[-2].plain) for row in pictures}
    assert len(axes) == 1
    past = {"\n".join(row.plain[:40] for row in rows[1:-2]) for rows in pictures}
    assert len(past) == 1


def test_train_and_validation_differ_without_colour() -> None:
    one = loss(falling("train"), size=(60, 14))[1:]
    other = loss(falling("validation"), size=(60, 14))[1:]
    assert sum(len(row.plain.replace(" ", "")) for row in other) < sum(len(row.plain.replace(" ", "")) for row in one)


@pytest.mark.parametrize("value", [np.nan, 1e30, -1e308, 1e308, np.inf])
def test_a_number_that_would_end_the_process_in_plotext_is_kept_from_it(value: float) -> None:
    ys = np.array([0.0, value, 1.0, 0.5])
    assert len(loss(Line("train", np.arange(4.0), ys, "train"))) == 12


def test_pictures_may_be_drawn_from_many_threads() -> None:
    wanted = {points: text(loss(falling(points=points))) for points in (10, 20, 30, 40)}
    wrong: list[int] = []

    def draw(points: int) -> None:
        wrong.extend(points for _ in range(10) if text(loss(falling(points=points))) != wanted[points])

    threads = [threading.Thread(target=draw, args=(points,)) for points in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_envelope_keeps_every_extreme() -> None:
    ys = np.random.default_rng(1).normal(size=10_000)
    ys[5_000], ys[5_001] = 99, -99
    xs, kept = envelope(np.arange(10_000.0), ys, 80)
    assert len(kept) <= 162
    assert {kept.max(), kept.min()} == {99, -99}
    assert (np.diff(xs) > 0).all()
    assert (xs[0], xs[-1]) == (0, 9_999)
    for column in np.array_split(np.arange(10_000), 80):
        inside = (xs >= column[0]) & (xs <= column[-1])
        assert kept[inside].max() == ys[column].max()
        assert kept[inside].min() == ys[column].min()


GOLDEN = """\
     ━━ train 0.0545  ╍╍ validation 0.104  ▲ kept 40 (0.111)
    │⢕⢄
    │⠈⢢⠣⡀
 0.5┤  ⠑⢜⢄
    │    ⠑⠢⡑⢄
    │      ⠈⠢⢄⡢⢄
    │         ⠈⠒⠤⣉⠒ ⣀⣀
    │             ⠉⠒⠒⠤⢄⣑⡒ ⠤⠤ ⣀⣀
    │                   ⠈⠉⠑⠒⠒⠤⠤⠤⠭⢍⣀⣉⣑⣀⣒⠒ ⠒⠒ ⠢⠤ ⠤⠤ ⠤⠤ ⠤⠤ ⠤⠤⠤
   0┤                                  ⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠒⠒⠒⠒⠒⠒⠒
    └┬──────────┬──────────┬──────────┬──────────▲─────────┬
     0         10         20         30         40  epoch 50"""
GOLDEN_ASCII = """\
     ** train 0.0545  oo validation 0.204  ^ kept 40 (0.211)
    |ooo
    |** oo
 0.5+  ** oooo
    |    **** ooooooo
    |        ******  oooooooooooooooooo
    |              ***********         oooooooooooooooooooo
   0+                         *****************************
    ++----------+----------+----------+----------^---------+
     0         10         20         30         40  epoch 50"""
