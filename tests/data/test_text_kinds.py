"""What the columns of a text are: dates by their patterns, and whatever the user says they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.core.errors import InputError
from tests.data.texts import NAN, Seen, seen

MOMENTS = [
    datetime(2019, month, day, 13 + day % 9, 5 * month % 60, day, tzinfo=UTC) for month in (3, 11) for day in (4, 9, 27)
]
DATES = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%d/%m/%y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%b %d, %Y",
]
TIMES = [" %H:%M:%S", " %H:%M", "T%H:%M:%S", " %I:%M:%S %p"]


def days(moments: list[datetime], pattern: str) -> list[float]:
    """Days since 1970 of what a pattern keeps of some moments, by the standard library."""
    kept = [datetime.strptime(moment.strftime(pattern), pattern).replace(tzinfo=UTC) for moment in moments]
    return [moment.timestamp() / 86_400 for moment in kept]


@pytest.mark.parametrize("pattern", [*DATES, *(date + time for date in DATES[:4] for time in TIMES)])
def test_dates(pattern: str, tmp_path: Path) -> None:
    text = "when;x\n" + "".join(f"{moment.strftime(pattern)};{i}\n" for i, moment in enumerate(MOMENTS)) + ";9\n"
    table = seen(tmp_path, text)
    assert table.kinds == ["date", "number"]
    assert table.listing.guesses["kinds"] == {"when": pattern}
    assert table.values["when"][:-1] == pytest.approx(days(MOMENTS, pattern), abs=1e-9)
    assert table.values["when"][-1:] == [NAN]
    assert table.listing.notes == ()


def test_fractions_of_seconds_and_zones(tmp_path: Path) -> None:
    table = seen(tmp_path, "a,b,c\n2020-01-01T12:00:00.250Z,2020-01-01T12:00:00+02:00,2020-01-01 06:00:00.5\n")
    assert table.kinds == ["date"] * 3
    first = datetime(2020, 1, 1, tzinfo=UTC).timestamp() / 86_400
    assert table.values["a"] == pytest.approx([first + 0.5 + 0.25 / 86_400], abs=1e-9)
    assert table.values["b"] == pytest.approx([first + 10 / 24], abs=1e-9)
    assert table.values["c"] == pytest.approx([first + 0.25 + 0.5 / 86_400], abs=1e-9)


def test_times_of_day_are_parts_of_a_day(tmp_path: Path) -> None:
    table = seen(tmp_path, "a;b;c\n18:00:00;18.00.00;06:00\n06:30:00;06.30.00;23:59\n")
    assert table.kinds == ["date"] * 3
    assert table.values["a"] == table.values["b"] == pytest.approx([0.75, 6.5 / 24])


def test_day_and_month_that_could_be_either(tmp_path: Path) -> None:
    by_day = "".join(f"0{day}/0{month}/2020,1\n" for month in (1, 2) for day in range(1, 8))
    table = seen(tmp_path, "when,x\n" + by_day)
    assert table.listing.guesses["kinds"] == {"when": "%d/%m/%Y"}
    said = "The dates of when could have day and month the other way round; they are read as %d/%m/%Y."
    assert table.listing.notes == (said,)
    by_month = "".join(f"0{month}/0{day}/2020,1\n" for month in (1, 2) for day in range(1, 8))
    assert seen(tmp_path, "when,x\n" + by_month).listing.guesses["kinds"] == {"when": "%m/%d/%Y"}
    told = seen(tmp_path, "when,x\n" + by_day, kinds={"when": "%m/%d/%Y"})
    assert told.listing.notes == ()
    assert "kinds" not in told.listing.guesses
    assert told.values["when"][0] == days([datetime(2020, 1, 1, tzinfo=UTC)], "%Y-%m-%d")[0]


def test_a_date_that_does_not_fit_is_missing(tmp_path: Path) -> None:
    rows = "".join(f"2020-01-{day:02d},{day}\n" for day in range(1, 29))
    table = seen(tmp_path, "when,x\n" + rows + "soon,29\n")
    assert table.kinds == ["date", "number"]
    assert table.odd == {"when": 1, "x": 0}
    assert table.values["when"][-1:] == [NAN]


def test_digits_are_dates_on_demand_only(tmp_path: Path) -> None:
    text = "when,x\n20200131,1\n20200201,2\n"
    assert seen(tmp_path, text).values["when"] == [20200131, 20200201]
    for said in ("date", "%Y%m%d"):
        table = seen(tmp_path, text, kinds={"when": said})
        assert table.kinds == ["date", "number"]
        assert table.values["when"] == days(
            [datetime(2020, 1, 31, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)], "%Y-%m-%d"
        )


@pytest.mark.parametrize(
    ("said", "kind", "values"),
    [
        ("category", "category", ["1", "2", None, "10"]),
        ("text", "text", ["1", "2", None, "10"]),
        ("ordered", "ordered", ["1", "2", None, "10"]),
        (("10", "2", "1"), "ordered", ["1", "2", None, "10"]),
        ("number", "number", [1.0, 2.0, NAN, 10.0]),
    ],
)
def test_numbers_overruled(said: Any, kind: str, values: list[Any], tmp_path: Path) -> None:
    table = seen(tmp_path, "x,y\n1,a\n2,b\nNA,a\n10.0,b\n", kinds={"x": said})
    assert table.kinds[0] == kind
    assert table.values["x"] == values


def test_texts_overruled(tmp_path: Path) -> None:
    text = "size,x\nlarge,1\nsmall,2\nhuge,3\n,4\n5.5,5\n"
    assert seen(tmp_path, text, kinds={"size": "number"}).values["size"] == [NAN, NAN, NAN, NAN, 5.5]
    assert seen(tmp_path, text, kinds={"size": "number"}).odd["size"] == 3
    table = seen(tmp_path, text, kinds={"size": ("small", "large", "huge")})
    assert table.values["size"] == ["large", "small", "huge", None, None]
    assert table.odd["size"] == 1
    with pytest.raises(InputError, match="no pattern of dates fits the column size") as caught:
        seen(tmp_path, text, kinds={"size": "date"})
    assert caught.value.key == "data.kinds"
    with pytest.raises(InputError, match=r"the pattern %d\.%m\.%Y does not fit the column size, which holds 'large'"):
        seen(tmp_path, text, kinds={"size": "%d.%m.%Y"})
    with pytest.raises(InputError, match="cannot be"):
        seen(tmp_path, text, kinds={"size": "numbr"})


def test_leading_zeros_stay_in_labels(tmp_path: Path) -> None:
    text = "zip,x\n02139,1\n10115,2\n"
    assert seen(tmp_path, text).values["zip"] == [2139, 10115]
    assert seen(tmp_path, text, kinds={"zip": "category"}).values["zip"] == ["02139", "10115"]


def test_every_guess_can_be_overruled(tmp_path: Path) -> None:
    text = "p,q\n1,5\n2,5\n"
    assert seen(tmp_path, text).columns == [[1, 2], [5, 5]]
    assert seen(tmp_path, text, header=False).columns == [["p", "1", "2"], ["q", "5", "5"]]
    assert seen(tmp_path, text, separator=";").names == ["p,q"]
    assert seen(tmp_path, text, separator=";", decimal=",").columns == [[1.5, 2.5]]
    assert seen(tmp_path, text, columns=("a", "b")).values == {"a": [1, 2], "b": [5, 5]}
    assert seen(tmp_path, text, columns=("a", "b"), header=False).values["a"] == ["p", "1", "2"]
    assert seen(tmp_path, "1,2\n3,4\n", header=True).values == {"1": [3], "2": [4]}
    assert seen(tmp_path, "# x y\n1 2\n3 4\n", header=False).columns == [[1, 3], [2, 4]]
    assert seen(tmp_path, "a,b\n9,9\n1,2\n", skip=1).columns == [[9, 1], [9, 2]]
    assert seen(tmp_path, "a,b\n9,9\n1,2\n", skip=1, header=True).values == {"9": [1], "9_2": [2]}
    (tmp_path / "t.csv").write_text("x\nKöln\n")
    assert Seen.of(tmp_path / "t.csv", encoding="latin-1").values["x"] == ["KÃ¶ln"]
    told = Seen.of(tmp_path / "t.csv", header=True, separator=",", decimal=".", encoding="utf-8", skip=0)
    assert told.listing.guesses == {}
    with pytest.raises(InputError, match=r"data\.columns has 3 names, and t\.csv has 2 columns") as caught:
        seen(tmp_path, text, columns=("a", "b", "c"))
    assert caught.value.key == "data.columns"
    with pytest.raises(InputError, match=r"data\.columns names 'a' twice"):
        seen(tmp_path, text, columns=("a", "a"))


def test_what_describing_says_of_a_long_file_is_what_reading_gives(tmp_path: Path) -> None:
    """The sample decides, for the whole file alike: a column of numbers stays one where odd texts come later."""
    rows = [f"{i},{i},{i % 2},word\n" for i in range(400_000)]
    rows[222_222] = "222222.5,what,true,7\n"
    table = seen(tmp_path, "a,b,c,d\n" + "".join(rows))
    assert not table.listing.exact
    assert table.listing.rows == pytest.approx(400_000, rel=0.03)
    assert table.kinds == ["number", "number", "number", "category"]
    assert table.values["a"][222_221:222_224] == [222_221, 222_222.5, 222_223]
    assert table.odd == {"a": 0, "b": 1, "c": 1, "d": 0}
    assert len(table.values["b"]) == 400_000
    assert np.isnan(table.values["b"][222_222])
    assert table.values["d"][222_222] == "7"
