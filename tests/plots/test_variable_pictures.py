"""Pictures of variables: exactly their size, in every kind of terminal, literal, and true to the numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.text import Text

from mltui.plots.columns import column_list, first_rows
from mltui.plots.correlation import correlation_matrices
from mltui.plots.dates import date_axis
from mltui.plots.facts import column_facts
from mltui.plots.grid import cells, squeezed
from mltui.plots.look import Look
from mltui.plots.pairs import fitting, pair_plot
from mltui.plots.ranking import ranking
from mltui.plots.reading import reading
from mltui.plots.sentences import wrapped
from mltui.plots.variables import class_histogram

NASTY = (
    "pt",
    "",
    "\x1b[31mred\x1b[0m",
    "日本語のとても長い名前",
    "x" * 300,
    "tab\tnew\nline",
    "👍🏽",
    "é̂",
    "[bold]b[/]",
)
PLAIN = Look(ascii=False, colours="none")

names = st.sampled_from(NASTY)
looks = st.builds(Look, st.booleans(), st.sampled_from(["none", "16", "full"]), st.booleans())
wild = st.one_of(st.none(), st.floats(-1e308, 1e308), st.floats(-2, 2), st.sampled_from([0.0, 5e-324, 1e16]))
kinds = st.sampled_from(["number", "category", "ordered", "date", "image", "list", "text", "unusable"])


def numbers(count: int) -> st.SearchStrategy[list[float | None]]:
    return st.lists(wild, min_size=count, max_size=count)


def a_histogram(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    classes, bins = draw(st.sampled_from([1, 2, 3, 12])), draw(st.sampled_from([1, 4, 40]))
    rows = [draw(numbers(bins)) for _ in range(classes)]
    labels = draw(st.sampled_from([[], [f"{draw(names)}{number}" for number in range(bins)]]))
    edges = draw(st.sampled_from([np.linspace(-3, 9, bins + 1).tolist(), [0.0] * (bins + 1), [1e308] * 2, []]))
    found = {"edges": edges, "sums": rows, "errors": draw(st.sampled_from([rows, []])), "labels": labels}
    return class_histogram(
        {**found, "date": draw(st.booleans())}, width, height, look,
        classes=[f"{draw(names)}{c}" for c in range(classes)], x_label=draw(names), log=draw(st.booleans()),
    )  # fmt: skip


def a_matrix(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    count, classes = draw(st.sampled_from([0, 1, 2, 7, 60, 120])), draw(st.sampled_from([0, 1, 2, 12]))
    matrix = np.random.default_rng(draw(st.integers(0, 9))).uniform(-1.2, 1.2, (count, count)).tolist()
    if count:
        matrix[0][-1] = None
    labels = [f"{draw(names)}{number}" for number in range(classes)]
    found = [{"label": label, "names": [draw(names)] * count, "matrix": matrix, "rows": 10} for label in labels]
    first = (draw(st.integers(0, 130)), draw(st.integers(0, 130)))
    return correlation_matrices(
        found,
        width,
        height,
        look,
        first=first,
        least=draw(st.integers(0, 3)),
        classes=labels,
        brief=draw(st.booleans()),
    )


def a_pair_plot(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    count, classes, rows = draw(st.integers(0, 6)), draw(st.sampled_from([0, 2, 3, 12])), draw(st.integers(0, 30))
    titles = [f"{draw(names)}{number}" for number in range(count)]
    target = (np.arange(rows) % classes).tolist() if classes else draw(numbers(rows))
    found = {
        "names": titles, "labels": titles, "classes": [f"{draw(names)}{c}" for c in range(classes)],
        "values": {title: draw(numbers(rows)) for title in titles}, "target": draw(st.sampled_from([target, []])),
        "weights": draw(st.sampled_from([[], [-0.5] * rows])),
        "correlations": [[[draw(wild)] * count] * count] * draw(st.sampled_from([0, max(1, classes)])),
    }  # fmt: skip
    return pair_plot(found, width, height, look)


def a_ranking(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    keys = draw(st.sampled_from([("separation", "auc"), ("correlation",), ()]))
    ranked = [
        {"name": draw(names), "label": draw(names), **{key: draw(wild) for key in keys}}
        for _ in range(draw(st.integers(0, 40)))
    ]
    return ranking(ranked, width, height, look, first=draw(st.integers(0, 50)), chosen="pt")


def a_column(draw: st.DrawFn) -> dict[str, Any]:
    role = draw(st.sampled_from(["feature", "target", "weight", "unused"]))
    some = {key: draw(wild) for key in ("low", "high", "mean", "std")}
    return {
        "name": draw(names), "unit": draw(names), "kind": draw(kinds), "role": role, "why": draw(names), **some,
        "missing": draw(st.sampled_from([0, 3])), "rows": draw(st.sampled_from([0, 7])), "shape": [8, 8],
        "distinct": draw(st.sampled_from([None, 3])), "categories": [draw(names)] * draw(st.integers(0, 30)),
    }  # fmt: skip


def a_list(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    columns = [a_column(draw) for _ in range(draw(st.integers(0, 12)))]
    return column_list(columns, width, height, look, first=draw(st.integers(0, 20)), chosen="pt", paired={"pt"})


def a_table(draw: st.DrawFn, width: int, height: int, look: Look) -> list[Text]:
    count = draw(st.integers(0, 9))
    cell = st.one_of(names, st.sampled_from(["1.2345678901234567", "-3", "", "1e400"]))
    rows = [[draw(cell) for _ in range(count)] for _ in range(draw(st.integers(0, 6)))]
    head = {"names": [f"{draw(names)}{number}" for number in range(count)], "rows": rows}
    return first_rows(head, width, height, look, first=(draw(st.integers(0, 9)), draw(st.integers(0, 9))))


PICTURES: dict[str, Callable[[st.DrawFn, int, int, Look], list[Text]]] = {
    "histogram": a_histogram,
    "matrix": a_matrix,
    "pairs": a_pair_plot,
    "ranking": a_ranking,
    "list": a_list,
    "table": a_table,
}


@pytest.mark.parametrize("picture", PICTURES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_picture_keeps_its_size_and_its_look(picture: str, data: st.DataObject) -> None:
    width, height, look = data.draw(st.integers(0, 140)), data.draw(st.integers(0, 40)), data.draw(looks)
    rows = data.draw(st.composite(lambda draw: PICTURES[picture](draw, width, height, look))())
    assert len(rows) == height
    for row in rows:
        assert row.cell_len == width, row.plain
    assert_literal(rows, look)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_words_about_columns_and_files_fit_their_width(data: st.DataObject) -> None:
    width, look = data.draw(st.integers(16, 120)), data.draw(looks)
    lines = data.draw(st.composite(lambda draw: words_about(draw, width, look))())
    assert all(line.cell_len <= width for line in lines), [line.plain for line in lines]
    assert_literal(lines, look)


def words_about(draw: st.DrawFn, width: int, look: Look) -> list[Text]:
    if draw(st.booleans()):
        found = {"sums": [[1.0], [2.0]], "missing": [0.5, None], "below": [0, 1.0], "above": [0, 0]}
        return column_facts(
            a_column(draw), width, look, histogram=draw(st.sampled_from([found, None])), classes=[draw(names), "b"],
            ranked={"separation": draw(wild), "auc": draw(wild)}, place=(1, 3), problems=[draw(names) + " is odd."],
        )  # fmt: skip
    description = {
        "problems": [draw(names)],
        "format": {"reader": "CSV", "guesses": {draw(names): draw(names)}, "notes": [draw(names)]},
        "suggested": {"missing": [-999.0, draw(names)], "samples": [{"label": draw(names)}]},
        "classes": [{"label": draw(names), "rows": 3, "weight": 1.0}], "weight": "w", "target": draw(names),
        "files": [{"path": draw(names), "bytes": None}], "about": draw(names),
        "samples": [{"label": draw(names), "process": "p", "files": [draw(names)], "rows": 2}],
    }  # fmt: skip
    return reading(description, {"kinds": {draw(names): "text"}, "cut": draw(names)}, width, look)


def assert_literal(rows: Sequence[Text], look: Look) -> None:
    for row in rows:
        assert all(sign.isprintable() for sign in row.plain), row.plain
        if look.ascii:
            assert row.plain.isascii(), row.plain
        if look.colours == "none":
            assert all(not isinstance(s.style, str) and s.style.color is s.style.bgcolor is None for s in row.spans)


def text(rows: Sequence[Text]) -> str:
    return "\n".join(row.plain for row in rows)


def line_of(rows: Sequence[Text], words: str) -> str:
    return next(row.plain for row in rows if words in row.plain)


# True to the numbers


def gaussian(shift: float, count: int) -> Mapping[str, Any]:
    values = np.random.default_rng(1).normal(size=count) + shift
    sums, edges = np.histogram(values, np.linspace(-4, 8, 41))
    return {"edges": edges.tolist(), "sums": [sums.tolist()], "errors": [np.sqrt(sums).tolist()]}


def test_a_histogram_shows_both_classes_their_axis_and_errors() -> None:
    background, signal = gaussian(0, 2000), gaussian(3, 2000)
    found = {
        "edges": background["edges"],
        "sums": [*background["sums"], *signal["sums"]],
        "errors": [*background["errors"], *signal["errors"]],
    }
    rows = class_histogram(found, 70, 20, PLAIN, classes=("background", "signal"), x_label="m_bb [GeV]")
    assert "background" in text(rows)
    assert "signal" in text(rows)
    assert "m_bb [GeV]" in text(rows)
    body = [row.plain for row in rows[1:-2]]
    left, right = (sum(line[a:b].count(mark) for line in body) for (a, b), mark in (((6, 36), "·"), ((40, 70), "╱")))
    assert left > 20 < right
    bare = class_histogram({**found, "errors": None}, 70, 20, PLAIN, classes=("background", "signal"), x_label="m_bb")
    assert braille(rows) > braille(bare)


def braille(rows: Sequence[Text]) -> int:
    return sum((ord(sign) - 0x2800).bit_count() for sign in text(rows) if 0x2800 <= ord(sign) < 0x2900)


def test_an_error_is_as_long_as_it_says() -> None:
    found = {"edges": [0, 1, 2, 3], "sums": [[0, 100, 0]], "errors": [[0, 50, 0]]}
    rows = class_histogram(found, 40, 22, PLAIN)
    lines = [row.plain for row in rows]
    middle = 5 + (40 - 5) // 2
    drawn = [number for number, line in enumerate(lines) if 0x2800 < ord(line[middle]) < 0x2900]
    top = next(
        number for number, line in enumerate(lines) if "⠉⠉⠉" in line or "⠤⠤⠤" in line or "⠒⠒⠒" in line or "⣀⣀⣀" in line
    )
    foot = next(number for number, line in enumerate(lines) if "└" in line)
    height = foot - top
    above, below = top - min(drawn), max(drawn) - top
    assert above == pytest.approx(height / 2, abs=1.5)
    assert below >= height / 2 - 1.5


def test_categories_are_bars_with_their_share_of_the_class() -> None:
    found = {"labels": ["Biscoe", "Dream"], "sums": [[30, 10], [0, 50]]}
    rows = class_histogram(found, 60, 12, PLAIN, classes=("Adelie", "Gentoo"))
    first = [row.plain for row in rows].index(line_of(rows, "Biscoe"))
    assert rows[first].plain.endswith("75 %")
    assert rows[first + 1].plain.endswith("0 %")
    assert line_of(rows, "Dream").endswith("25 %")
    assert line_of(rows, "100 %").count("━") > line_of(rows, "Biscoe").count("━") > line_of(rows, "Dream").count("━")


def test_many_classes_share_one_bar_a_label() -> None:
    sums = np.eye(10).tolist()
    rows = class_histogram({"labels": [f"label {n}" for n in range(10)], "sums": sums}, 70, 20, PLAIN)
    assert sum("label" in row.plain for row in rows) == 10
    assert line_of(rows, "label 3").endswith("10 %")


def test_labels_without_room_are_counted() -> None:
    found = {"labels": [f"label {n}" for n in range(50)], "sums": [[1] * 50]}
    assert "more labels" in text(class_histogram(found, 60, 10, PLAIN))


def test_nothing_to_draw_is_said() -> None:
    assert "no value to draw" in text(class_histogram({"edges": [0, 1], "sums": [[0]]}, 40, 8, PLAIN))


def correlated(count: int, classes: Sequence[str] = ("signal", "background")) -> list[dict[str, Any]]:
    random = np.random.default_rng(3)
    found = []
    for label in classes:
        values = random.normal(size=(500, count)) @ random.normal(size=(count, count))
        matrix = np.corrcoef(values, rowvar=False).reshape(count, count).tolist()
        found.append({"label": label, "names": [f"variable{n}" for n in range(count)], "matrix": matrix, "rows": 500})
    return found


@pytest.mark.parametrize("look", [PLAIN, Look(colours="16"), Look(), Look(ascii=True, colours="none")])
def test_two_matrices_stand_side_by_side_with_their_numbers(look: Look) -> None:
    found = correlated(5)
    rows = correlation_matrices(found, 78, 20, look, least=2, classes=("background", "signal"))
    assert line_of(rows, "signal").index("signal") < line_of(rows, "signal").index("background")
    numbers = [int(part) for part in line_of(rows, "variable1 ").replace("■", " ").replace("#", " ").split()[2:]]
    expected = [round(100 * entry["matrix"][1][n]) for entry in found for n in range(5) if n != 1]
    assert numbers == expected


def test_a_correlation_of_nothing_is_a_dot_and_no_number() -> None:
    matrix = [[1.0, None], [None, 1.0]]
    rows = correlation_matrices(
        [{"label": "a", "names": ["momentum", "energy"], "matrix": matrix, "rows": 3}], 40, 8, PLAIN
    )
    assert line_of(rows, "momentum").split() == ["1", "momentum", "■", "·"]


def test_a_large_matrix_is_scrolled_and_says_where() -> None:
    rows = correlation_matrices(correlated(40), 80, 24, PLAIN, first=(10, 20), least=2)
    assert "variable10" in text(rows)
    assert "variable9 " not in text(rows)
    assert "rows 11 to" in text(rows)
    assert "columns 21 to" in text(rows)
    assert "of 40" in text(rows)


def test_without_numbers_more_of_a_matrix_is_in_sight() -> None:
    rows = correlation_matrices(correlated(28), 130, 34, PLAIN, least=2, brief=True)
    assert "columns" not in text(rows)
    assert "variable27" in text(rows)


def test_a_pair_plot_has_clouds_below_histograms_and_correlations_above() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=400)
    values = {"a": x.tolist(), "b": (-x).tolist(), "c": random.normal(size=400).tolist()}
    found = {
        "names": ["a", "b", "c"], "labels": ["a [GeV]", "b", "c"], "classes": ["no", "yes"], "values": values,
        "target": (random.random(400) > 0.5).astype(int).tolist(),
        "correlations": [[[1, -1, 0.12], [-1, 1, None], [0.12, None, 1]], [[1, -1, 0.34], [-1, 1, 0], [0.34, 0, 1]]],
    }  # fmt: skip
    rows = pair_plot(found, 90, 30, PLAIN)
    assert rows[0].plain.rstrip().endswith("yes")
    assert "a [GeV]" in text(rows)
    assert text(rows).count("-1.00") == 2  # a with b, in each class
    assert "0.12" in text(rows)
    assert "0.34" in text(rows)
    cloud = [row.plain[:30] for row in rows[11:20]]
    falling = [next((n for n, sign in enumerate(line) if sign in "⠛⣤⣿▀▄█"), None) for line in cloud]
    places = [place for place in falling if place is not None]
    assert places == sorted(places)  # b falls as a grows: the further down, the further right


def test_the_histograms_of_a_pair_plot_are_weighted() -> None:
    """Rows on the left count next to nothing: the tallest mark is on the right."""
    left, right = [0.1 * n for n in range(10)] * 9, [9.0, 9.1, 9.2]
    found = {
        "names": ["x"], "labels": ["x"], "classes": [], "target": [], "values": {"x": left + right},
        "weights": [1e-3] * len(left) + [1.0] * len(right),
    }  # fmt: skip
    top = next(row.plain for row in pair_plot(found, 60, 14, PLAIN)[2:] if row.plain.strip())
    assert top.strip()
    assert len(top) - len(top.lstrip()) > 40


def test_a_pair_plot_says_what_does_not_fit() -> None:
    values = {f"v{n}": [1.0, 2.0] for n in range(9)}
    found = {"names": list(values), "labels": [], "classes": [], "values": values, "target": [1.0, 2.0]}
    assert fitting(9, 80, 22) < 9
    assert "more in a larger terminal" in text(pair_plot(found, 80, 22, PLAIN))


def test_the_ranking_has_places_bars_and_numbers() -> None:
    ranked = [
        {"name": f"v{n}", "label": f"v{n} [GeV]", "separation": 0.4 / (n + 1), "auc": 0.9 - n / 10} for n in range(5)
    ]
    rows = ranking(ranked, 70, 10, PLAIN)
    assert line_of(rows, "v0 [GeV]").split()[:3] == ["1", "v0", "[GeV]"]
    assert line_of(rows, "v0 [GeV]").split()[-2:] == ["0.400", "0.900"]
    lengths = [line_of(rows, f"v{n} [GeV]").count("━") for n in range(4)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[1] == pytest.approx(lengths[0] / 2, abs=1)


def test_the_rankings_heads_and_numbers_stand_in_full() -> None:
    ranked = [{"name": "x", "separation": 0.5, "auc": 0.9}, {"name": "y", "separation": 8.5e-5, "auc": 0.5}]
    lines = [line.plain for line in ranking(ranked, 34, 3, PLAIN)]
    assert "variable" in lines[0]
    assert "0.500" in lines[1]
    assert "0.000" in lines[2]


def test_the_ranking_of_a_number_to_predict_is_by_correlation_whatever_its_sign() -> None:
    ranked: list[dict[str, Any]] = [
        {"name": "a", "separation": None, "auc": None, "correlation": -0.8},
        {"name": "b", "correlation": 0.4},
    ]
    rows = ranking(ranked, 60, 5, PLAIN)
    assert "correlation" in rows[0].plain
    assert line_of(rows, " a ").endswith("-0.800")
    assert line_of(rows, " a ").count("━") == pytest.approx(2 * line_of(rows, " b ").count("━"), abs=1)


def test_a_list_of_thousands_looks_only_at_what_is_in_sight() -> None:
    columns = [{"name": f"jet_{n}_pt", "kind": "number", "role": "feature"} for n in range(10_000)]
    rows = column_list(columns, 40, 12, PLAIN, first=9_000, chosen="jet_9004_pt")
    assert "jet_9000_pt" in rows[1].plain
    assert any(span.style.reverse for span in rows[5].spans if not isinstance(span.style, str))
    assert not any(span.style.reverse for span in rows[4].spans if not isinstance(span.style, str))


def test_the_list_tells_what_each_column_is_used_as() -> None:
    columns: list[dict[str, Any]] = [
        {
            "name": "pt",
            "unit": "GeV",
            "kind": "number",
            "role": "feature",
            "missing": 5,
            "rows": 10,
            "low": 1,
            "high": 9,
        },
        {"name": "kind", "kind": "category", "role": "target"},
        {"name": "w", "kind": "number", "role": "weight"},
        {"name": "raw", "kind": "unusable", "role": "unused"},
    ]
    rows = column_list(columns, 60, 6, PLAIN, paired={"pt"})
    assert line_of(rows, "pt [GeV]").split() == ["✓", "pt", "[GeV]", "p", "number", "50", "%", "1", "9"]
    assert line_of(rows, "kind   ").startswith("T") or any(row.plain.startswith("T kind") for row in rows)
    assert any(row.plain.startswith("W w") for row in rows)
    assert any(row.plain.startswith("✗ raw") for row in rows)


def test_first_rows_stand_under_their_names_and_scroll() -> None:
    head = {"names": ["pt", "name"], "rows": [["1.5", "a"], ["22.25", "b"]]}
    rows = first_rows(head, 30, 4, PLAIN)
    assert rows[1].plain.index("1.5") + 3 == rows[2].plain.index("22.25") + 5  # numbers end at the same place
    assert "pt" not in text(first_rows(head, 30, 4, PLAIN, first=(0, 1)))


def test_facts_tell_statistics_reasons_and_problems() -> None:
    column = {
        "name": "pt", "kind": "number", "role": "unused", "why": "looks like event weights", "missing": 10, "rows": 100,
        "low": -3.0, "high": 44.125, "mean": 2.5, "std": 1.1, "distinct": 90,
    }  # fmt: skip
    found = {"sums": [[80.0], [10.0]], "missing": [0.0, 10.0], "below": [0, 0], "above": [0, 0]}
    lines = column_facts(
        column, 70, PLAIN, histogram=found, classes=("a", "b"), overruled=True,
        ranked={"separation": 0.25, "auc": 0.75}, place=(3, 28), problems=["pt separates alone."],
    )  # fmt: skip
    said = text(lines)
    for words in (
        "number (as you say)", "not used", "90 values", "missing 10 (10 %)", "from -3 to 44.1", "missing in b 50 %",
        "separation 0.250 (3 of 28)", "auc alone 0.750", "not a feature: it looks like event weights",
        "▲ pt separates alone.",
    ):  # fmt: skip
        assert words in said, words


def test_what_is_odd_about_a_column_comes_before_its_numbers() -> None:
    column = {"name": "id", "kind": "number", "role": "unused", "why": "is a number of the row", "low": 1, "high": 9}
    lines = [line.plain for line in column_facts(column, 40, PLAIN, problems=["id counts."])]
    assert lines[1:3] == ["not a feature: it is a number of the row", "▲ id counts."]
    assert lines[3].startswith("from 1 to 9")


def test_suggested_samples_are_told_as_they_are_written() -> None:
    samples = [
        {"label": "signal", "files": ["a.root"], "tree": "S"},
        {"label": "background", "files": ["a.root"], "tree": "B"},
    ]
    said = text(reading({"suggested": {"samples": samples}}, {}, 80, PLAIN))
    assert "data.samples  signal = a.root:S, background = a.root:B" in said


def test_the_ends_of_a_pair_plots_axis_are_those_of_the_values() -> None:
    found = {
        "names": ["flag", "mass"], "labels": ["flag", "mass"], "classes": ["a", "b"],
        "values": {"flag": [0.0, 1.0, 0.0, 1.0], "mass": [91.2, 125.0, 100.0, 110.0]}, "target": [0, 1, 0, 1],
    }  # fmt: skip
    ends = [line.plain for line in pair_plot(found, 60, 17, PLAIN)]
    assert any(line.startswith("0 ") and " 1│" in line for line in ends)
    assert any("91.2" in line and line.rstrip().endswith("125") for line in ends)


def test_reading_tells_guesses_with_their_keys() -> None:
    description = {
        "problems": ["pt is the same in every row."],
        "format": {"reader": "text", "guesses": {"separator": "tab", "header": False}, "notes": ["4 blank rows."]},
        "suggested": {"target": "kind", "missing": [-999.0]},
        "files": [{"path": "/data/a.csv", "bytes": 1_240_000}],
    }  # fmt: skip
    said = text(reading(description, {"files": ["a.csv"], "kinds": {"pt": "category"}}, 80, PLAIN))
    for words in (
        "▲ pt is the same in every row.", "Read as text", "data.separator  tab", "data.header     false",
        "4 blank rows", "data.target", "-999", "pt = category", "1.2 MB  /data/a.csv",
    ):  # fmt: skip
        assert words in said, said


def test_a_sentence_is_wrapped_at_words_with_a_hanging_indent() -> None:
    lines = [line.plain for line in wrapped("one two three four", 10, PLAIN, mark="▲")]
    assert lines == ["▲ one two", "  three", "  four"]


@given(st.text(max_size=40), st.integers(0, 30))
def test_a_squeezed_name_fits_and_keeps_its_ends(name: str, width: int) -> None:
    shown = squeezed(name, width, PLAIN)
    assert cells(shown) <= width
    if cells(name) > width >= 6 and name.isascii() and name.isprintable():
        assert shown[0] == name[0]
        assert shown[-1] == name[-1]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 731.0, ["1970", "1971", "1972"]),
        (18_262.0, 18_353.0, ["2020-01", "2020-02", "2020-03", "2020-04"]),
        (0.0, 3.0, ["1970-01-01", "1970-01-02", "1970-01-03", "1970-01-04"]),
        (0.0, 0.25, ["01-01 00:00", "01-01 03:00", "01-01 06:00"]),
    ],
)
def test_dates_have_ticks_where_time_is_round(low: float, high: float, expected: list[str]) -> None:
    assert [label for _, label in date_axis(low, high, 4).ticks] == expected


@given(st.floats(-7e5, 1e6), st.floats(1e-5, 1e6), st.integers(2, 9))
def test_date_ticks_lie_on_the_axis_and_are_few(low: float, span: float, at_most: int) -> None:
    axis = date_axis(low, low + span, at_most)
    assert len(axis.ticks) <= max(at_most, 2)
    assert all(axis.low - 1e-6 <= day <= axis.high + 1e-6 for day, _ in axis.ticks)
