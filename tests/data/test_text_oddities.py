"""Text the way that people's files are: each oddity with what it must be read as, and said of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mltui.core.errors import InputError
from tests.data.texts import NAN, Seen, seen


def test_a_plain_table(tmp_path: Path) -> None:
    table = seen(tmp_path, "x,y,kind\n1.5,2,a\n-3e2,4,b\n")
    assert table.values == {"x": [1.5, -300.0], "y": [2, 4], "kind": ["a", "b"]}
    assert table.listing.guesses == {"header": True, "separator": ",", "decimal": ".", "encoding": "utf-8"}
    assert (table.listing.rows, table.listing.exact, table.listing.notes) == (2, True, ())
    assert table.kinds == ["number", "number", "category"]


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a;b;c\n1;x;3\n2;y;4\n", ";"),
        ("a\tb\tc\n1\tx\t3\n2\ty\t4\n", "tab"),
        ("a|b|c\n1|x|3\n2|y|4\n", "|"),
        ("a:b:c\n1:x:3\n2:y:4\n", ":"),
        ("a b c\n1 x 3\n2 y 4\n", "space"),
        ("   a    b  c\n   1    x  3\n   2\ty  4  \n", "space"),
        ("a, b, c\n1, x, 3\n2, y, 4\n", ","),
        ("a , b ,c\n1 ,x , 3\n2 , y,4 \n", ","),
        ("a ; b ; c\n1 ; x ; 3\n2 ; y ; 4\n", ";"),
    ],
)
def test_separators(text: str, separator: str, tmp_path: Path) -> None:
    table = seen(tmp_path, text)
    assert table.values == {"a": [1, 2], "b": ["x", "y"], "c": [3, 4]}
    assert table.listing.guesses["separator"] == separator


def test_separators_that_stand_in_fields_too(tmp_path: Path) -> None:
    assert seen(tmp_path, "t,x\n2019-03-23 20:21:09,1\n2019-03-04 16:11:55,2\n").names == ["t", "x"]
    assert seen(tmp_path, "t,x\n18:00:00,1.5\n19:30:00,2.5\n").names == ["t", "x"]
    assert seen(tmp_path, "run,x\nA 1,b\nA 2,c\n").values == {"run": ["A 1", "A 2"], "x": ["b", "c"]}
    assert seen(tmp_path, "name;place\nsmith, j;a b\njones, k;c d\n").values["name"] == ["smith, j", "jones, k"]
    assert seen(tmp_path, '"a b","c, d"\n1,"x, y"\n2,"z;"\n').values == {"a b": [1, 2], "c, d": ["x, y", "z;"]}
    assert seen(tmp_path, "1,5;2,5;3,5\n4,5;5,5;6,5\n").columns == [[1.5, 4.5], [2.5, 5.5], [3.5, 6.5]]
    assert seen(tmp_path, "1,5  2,5  3,5\n4,5  5,5  6,5\n").columns == [[1.5, 4.5], [2.5, 5.5], [3.5, 6.5]]
    assert seen(tmp_path, 'a b\n"x y" 1\n"z ""w""" 2\n').values == {"a": ["x y", 'z "w"'], "b": [1, 2]}


def test_no_header(tmp_path: Path) -> None:
    table = seen(tmp_path, "1\t0.5\n0\t0.7\n", name="binary.train")
    assert table.values == {"column_1": [1, 0], "column_2": [0.5, 0.7]}
    assert table.listing.guesses["header"] is False
    assert table.listing.notes == ("There is no header: the columns are called column_1 and column_2.",)
    assert seen(tmp_path, "5.1,3.5,setosa\n4.9,3.0,setosa\n6,3,virginica\n").names == [
        "column_1",
        "column_2",
        "column_3",
    ]
    assert seen(tmp_path, "p,x,s\ne,x,s\np,b,y\ne,x,y\np,x,s\n").names[0] == "column_1"
    assert seen(tmp_path, "class,shape,bruises\np,x,s\ne,x,s\np,b,y\n").names == ["class", "shape", "bruises"]
    assert seen(tmp_path, "id,2019,2020\n1,5,6\n2,7,8\n").names == ["id", "2019", "2020"]
    assert seen(tmp_path, "?,1\n2,3\n4,5\n").columns == [[NAN, 2.0, 4.0], [1, 3, 5]]


@pytest.mark.parametrize(
    "text",
    [
        "# a run of 2020\n# x y z\n1 2 3\n4 5 6\n",
        "#x y z\n1 2 3\n4 5 6\n",
        "% x, y, z\n1,2,3\n4,5,6\n",
        "// x y z\n1 2 3\n4 5 6\n",
        "# x,y,z\n1,2,3\n# in the middle\n4,5,6\n",
        "# x\ty\tz\n# 1\n1\t2\t3\n4\t5\t6\n".replace("# 1\n", ""),
    ],
)
def test_a_header_in_a_comment(text: str, tmp_path: Path) -> None:
    table = seen(tmp_path, text)
    assert table.values == {"x": [1, 4], "y": [2, 5], "z": [3, 6]}
    assert table.listing.guesses["header"] is True


def test_comments_that_are_none(tmp_path: Path) -> None:
    table = seen(tmp_path, "#,name,hp\n1,bulbasaur,45\n2,ivysaur,60\n")
    assert table.values == {"#": [1, 2], "name": ["bulbasaur", "ivysaur"], "hp": [45, 60]}
    assert seen(tmp_path, "colour,x\n#ff0000,1\n#00ff00,2\n#0000ff,3\n").values["colour"] == [
        "#ff0000",
        "#00ff00",
        "#0000ff",
    ]


def test_comments_in_the_middle_are_said(tmp_path: Path) -> None:
    table = seen(tmp_path, "x,y\n1,2\n# run 2\n3,4\n#5,6\n")
    assert table.values == {"x": [1, 3], "y": [2, 4]}
    assert "2 lines that begin with # are passed over as comments." in table.listing.notes


def test_titles_before_the_table(tmp_path: Path) -> None:
    table = seen(tmp_path, "Data of the pendulum\nmeasured in May\n\nt;x;v\n1;2;3\n4;5;6\n")
    assert table.values == {"t": [1, 4], "x": [2, 5], "v": [3, 6]}
    assert table.listing.guesses["skip"] == 3


def test_units_in_a_second_line(tmp_path: Path) -> None:
    table = seen(tmp_path, "t,x,name\n[s],[m/s],\n1,2.5,a\n2,3.5,b\n")
    assert table.values == {"t": [1, 2], "x": [2.5, 3.5], "name": ["a", "b"]}
    assert [field.unit for field in table.listing.fields] == ["s", "m/s", ""]
    assert table.listing.notes == ("The line under the header holds the units.",)
    assert seen(tmp_path, "t x\ns cm\n1 2\n3 4\n").listing.fields[1].unit == "cm"


def test_several_header_lines(tmp_path: Path) -> None:
    table = seen(tmp_path, "net,1,1,2\nhemi,lh,rh,lh\n,,,\n0,1.5,2.5,3.5\n1,4.5,5.5,6.5\n2,7.5,8.5,9.5\n")
    assert table.names == ["net_hemi", "1_lh", "1_rh", "2_lh"]
    assert table.values["2_lh"] == [3.5, 6.5, 9.5]
    assert "The columns' names are put together from the first 2 lines, such as 2_lh." in table.listing.notes


def test_units_in_headers(tmp_path: Path) -> None:
    table = seen(
        tmp_path, "Flipper Length (mm),pt [GeV],E/GeV,CO(GT),S/B,Delta 15 N (o/oo)\n1,2,3,4,5,6\n2,3,4,5,6,7\n"
    )
    assert [(field.name, field.title, field.unit) for field in table.listing.fields] == [
        ("Flipper Length (mm)", "Flipper Length", "mm"),
        ("pt [GeV]", "pt", "GeV"),
        ("E/GeV", "E", "GeV"),
        ("CO(GT)", "", ""),
        ("S/B", "", ""),
        ("Delta 15 N (o/oo)", "Delta 15 N", "o/oo"),
    ]


def test_names_that_are_blank_or_repeated(tmp_path: Path) -> None:
    table = seen(tmp_path, ",a,a, b ,\n0,1,2,3,x\n1,4,5,6,y\n")
    assert table.names == ["column_1", "a", "a_3", "b", "column_5"]
    assert table.listing.notes == (
        "1 name is repeated and ends in the column's place: a.",
        "2 columns have no name: column_1, column_5.",
    )


def test_a_header_that_is_short_by_the_row_names_of_r(tmp_path: Path) -> None:
    table = seen(tmp_path, '"mpg" "cyl"\n"Mazda RX4" 21 6\n"Datsun 710" 22.8 4\n')
    assert table.values == {"column_1": ["Mazda RX4", "Datsun 710"], "mpg": [21.0, 22.8], "cyl": [6, 4]}


def test_trailing_separators_below_a_header_without_one(tmp_path: Path) -> None:
    for text in ("x,y,kind\n1,2,a,\n3,4,b,\n", "x;y;kind\n1;2;a;\n3;4;b;\n"):
        table = seen(tmp_path, text)
        assert table.values == {"x": [1, 3], "y": [2, 4], "kind": ["a", "b"]}
        assert table.listing.notes == ("1 column without name and values left out.",)
    assert seen(tmp_path, "x,y\na,1,\nb,,2\n").names == ["column_1", "x", "y"]


def test_the_line_in_which_excel_names_the_separator(tmp_path: Path) -> None:
    for text in ("sep=;\nx;y\n1,5;2\n3,5;4\n", '"sep=;"\nx;y\n1,5;2\n3,5;4\n'):
        table = seen(tmp_path, text, newline="\r\n", encoding="utf-8-sig")
        assert table.values == {"x": [1.5, 3.5], "y": [2, 4]}
        assert (table.listing.guesses["separator"], table.listing.guesses["skip"]) == (";", 1)
        assert table.listing.notes == ()
    assert seen(tmp_path, "sep=;\nx;y\n1;2\n3;4\n", skip=1).names == ["x", "y"]
    assert seen(tmp_path, "sep=\t\nx\ty z\n1\t2\n").names == ["x", "y z"]
    assert seen(tmp_path, "sep=,\nx,y;z\n1,2\n").names == ["x", "y;z"]


def test_trailing_separators_and_blank_rows(tmp_path: Path) -> None:
    table = seen(tmp_path, "a;b;;\n1,5;2;;\n\n;;;\n2,5;3;;\n;;;\n", newline="\r\n")
    assert table.values == {"a": [1.5, 2.5], "b": [2, 3]}
    assert table.listing.guesses["decimal"] == ","
    assert table.listing.notes == (
        "2 columns without name and values left out.",
        "3 blank rows are passed over.",
    )
    assert seen(tmp_path, "1,2,\n3,4,\n").values == {"column_1": [1, 3], "column_2": [2, 4]}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings_and_line_ends(encoding: str, newline: str, tmp_path: Path) -> None:
    text = "Größe,Straße\n1.5,Köln\n2.5,Zürich\n"
    table = seen(tmp_path, text, newline=newline, encoding=encoding)
    assert table.values == {"Größe": [1.5, 2.5], "Straße": ["Köln", "Zürich"]}
    assert table.listing.guesses["encoding"] == {"cp1252": "latin-1"}.get(encoding, encoding[:6].rstrip("-"))


def test_a_letter_that_is_not_utf_8_after_the_sample(tmp_path: Path) -> None:
    text = ("x,name\n" + "1,abcdefgh\n" * 500_000).encode() + "2,Köln\n".encode("latin-1") + b"1,abcdefgh\n" * 100_000
    assert "Köln" in set(seen(tmp_path, text).values["name"])


def test_quotes(tmp_path: Path) -> None:
    table = seen(tmp_path, 'a,b\n"x, y",1\n"two\nlines",2\n"say ""hi""",3\n')
    assert table.values == {"a": ["x, y", "two\nlines", 'say "hi"'], "b": [1, 2, 3]}
    assert seen(tmp_path, '"1","2"\n"3","4"\n').columns == [[1, 3], [2, 4]]
    assert seen(tmp_path, "height,n\n5'10\",1\n6'1\",2\n5'2\",3\n").values["height"] == ["5'10\"", "6'1\"", "5'2\""]


def test_missing_values(tmp_path: Path) -> None:
    table = seen(tmp_path, 'x,y,z\n1,a,\n?,NA,2\nNA,"",3\n,?,4\nnull,b,NaN\n')
    assert table.values == {"x": [1.0, NAN, NAN, NAN, NAN], "y": ["a", None, None, None, "b"], "z": [NAN, 2, 3, 4, NAN]}
    told = seen(tmp_path, "x,y\n1,-\nnone given,a\n3,b\n", missing=frozenset({"none given", "-"}))
    assert told.values == {"x": [1.0, NAN, 3.0], "y": [None, "a", "b"]}


def test_a_column_of_nothing(tmp_path: Path) -> None:
    assert seen(tmp_path, "x,y\n,1\nNA,2\n").values == {"x": [NAN, NAN], "y": [1, 2]}


def test_numbers_of_every_writing(tmp_path: Path) -> None:
    table = seen(
        tmp_path,
        'exp,special,thousands,fortran,whole,big\n1e5,inf,"1,234.5",1.5D+03,+7,12345678901234567890\n'
        '-2.5E-3,-Infinity,"12,000",2.5d-1,-8,1\n.5,3.,"7",1,9,2\n',
    )
    assert table.values == {
        "exp": [1e5, -2.5e-3, 0.5],
        "special": [np.inf, -np.inf, 3.0],
        "thousands": [1234.5, 12000.0, 7.0],
        "fortran": [1500.0, 0.25, 1.0],
        "whole": [7, -8, 9],
        "big": [12345678901234567890.0, 1.0, 2.0],
    }
    assert seen(tmp_path, "id\n0x1F\n0x2a\n").kinds == ["category"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a;b\n1,5;2\n3;4\n", [[1.5, 3.0], [2, 4]]),
        ("a;b\n1.234,56;2\n12,5;4\n", [[1234.56, 12.5], [2, 4]]),
        ("a;b\n1,234.56;2\n12.5;4\n", [[1234.56, 12.5], [2, 4]]),
        ("a;b\n1,234;2\n12,500,000;4\n", [[1234, 12_500_000], [2, 4]]),
        ('a,b\n"1,5",2\n"2,25",4\n', [[1.5, 2.25], [2, 4]]),
        ("a;b\n0,125;1\n0,250;2\n", [[0.125, 0.25], [1, 2]]),
        ("a;b\n1,5e3;1\n-,5;2\n", [[1500.0, -0.5], [1, 2]]),
    ],
)
def test_decimal_commas_and_thousands(text: str, values: list[list[float]], tmp_path: Path) -> None:
    assert seen(tmp_path, text).columns == values


def test_mostly_numbers(tmp_path: Path) -> None:
    text = "x,y,z\n" + "".join(f"{i},{i},{i}\n" for i in range(40)) + "broken,a,1\n" + "40,b,2\n" + "41,c,x\n"
    table = seen(tmp_path, text)
    assert table.kinds == ["number", "category", "number"]
    assert table.values["x"][38:] == [38.0, 39.0, NAN, 40.0, 41.0]
    assert table.odd == {"x": 1, "y": 0, "z": 1}
    assert table.listing.guesses["kinds"] == {"x": "number", "z": "number"}
    assert table.listing.notes == (
        "The column x is taken for numbers: 1 text such as 'broken' counts as missing.",
        "The column z is taken for numbers: 1 text such as 'x' counts as missing.",
    )


def test_truth_values(tmp_path: Path) -> None:
    table = seen(tmp_path, "a,b,c,d\nTrue,TRUE,yes,-1\nfalse,,no,1\nTRUE,FALSE,yes,-1\n")
    assert table.values == {
        "a": [True, False, True],
        "b": [1.0, NAN, 0.0],
        "c": ["yes", "no", "yes"],
        "d": [-1, 1, -1],
    }


def test_ten_thousand_columns(tmp_path: Path) -> None:
    names = [f"x{i}" for i in range(10_000)]
    rows = [",".join(str(i + row / 2) for i in range(10_000)) for row in range(3)]
    table = seen(tmp_path, "\n".join([",".join(names), *rows]) + "\n")
    assert table.names == names
    assert table.values["x9999"] == [9999.0, 9999.5, 10000.0]


def test_texts_only(tmp_path: Path) -> None:
    assert seen(tmp_path, "word\nalpha\nbeta\nalpha\n").values == {"word": ["alpha", "beta", "alpha"]}


def test_no_line_end_at_the_end(tmp_path: Path) -> None:
    assert seen(tmp_path, "x,y\n1,2\n3,4").values == {"x": [1, 3], "y": [2, 4]}
    assert seen(tmp_path, "1,2").columns == [[1], [2]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n3,4,5\n6,7\n", "t.csv, line 3: 3 fields, but the table has 2"),
        ("a,b,c\n1,2,3\n3,4\n6,7,8\n", "t.csv, line 3: 2 fields, but the table has 3"),
        ("# of May\na,b,c\n1,2,3\n\n# more\n3\n6,7,8\n", "t.csv, line 6: 1 field, but the table has 3"),
        ('a,b\n"x\ny",2\n3,4,5\n6,7\n8,9\n', "t.csv, line 4: 3 fields, but the table has 2"),
        ("a b\n1 2\n3 4 5\n6 7\n", "t.csv, line 3: 3 fields, but the table has 2"),
        ("a,b,c\n1,2,3,4,5\n1,2,3,4,5\n", "t.csv has in its header, line 1, 3 fields, but in the rows below 5"),
        ("a,b\n", "t.csv has a header line and no rows"),
        ("\n\n", "t.csv holds nothing but blank lines"),
        ("# only\n# comments\n", "t.csv holds no row"),
        ("", "t.csv is empty"),
        ("1," * 200_000, "t.csv has more than 100,000 fields in its first row"),
        ("1 1:0.5 3:0.25\n0 2:1.5\n1 1:2 2:3 3:4\n", "t.csv is in the LIBSVM form"),
        ("\n<!DOCTYPE html>\n<html>\n<p>1, 2</p>\n<p>3, 4</p>\n", "t.csv is a web page, not the file that it shows"),
        ('<?xml version="1.0"?>\n<a>\n<b>1,2</b>\n</a>\n', "t.csv is XML, which is no table"),
        ('{"x": 1, "y": 2}\n{"x": 3, "y": 4}\n', "t.csv is JSON, which is no table here"),
        ('[\n {\n  "x": 1\n },\n {\n  "x": 2\n }\n]\n', "t.csv is JSON, which is no table here"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "t.csv only points to the file"),
    ],
)
def test_what_is_no_table(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        seen(tmp_path, text)
    assert caught.value.sentence.startswith(said)
    assert caught.value.key == "data.files"


def test_an_uneven_row_far_behind(tmp_path: Path) -> None:
    """Found while reading, beyond what describing looks at; whichever columns are asked for."""
    text = "a,b,c\n" + "1,2,3\n" * 900_000
    lines = text.splitlines(keepends=True)
    for bad in ("4,5\n", "4,5,6,7\n"):
        lines[800_000] = bad
        (tmp_path / "t.csv").write_text("".join(lines))
        table = Seen.of(tmp_path / "t.csv", read=False)
        for names in (["a", "b", "c"], ["a"], ["c"]):
            with pytest.raises(InputError, match="line 800,001: "):
                table.again(names)
