"""A key is found on the line on which its statement begins."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.source import Source, override

TEXT = '''\
# a comment
name = "toy"
data.dataset = "moons"

[model]
text = """
name = "not here"
"""
layers = [
  1,  # one
]
name = "mlp"

[training]
deep = { of = { table = 3 } }
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("name", 2),
        ("data", 3),
        ("data.dataset", 3),
        ("model", 5),
        ("model.text", 6),
        ("model.layers", 9),
        ("model.name", 12),
        ("training", 14),
        ("training.deep.of.table", 15),
        ("training.absent", None),
        ("name.first", None),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_line_of_a_key(key: str, line: int | None, end: str) -> None:
    assert Source("toy.toml", TEXT.replace("\n", end)).line_of(key) == line


SAMPLES = """\
[[data.samples]]
label = "s"
[[data.samples]]
label = "b"
weight = "1"
[data.more]
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("data.samples.0", 1),
        ("data.samples.0.label", 2),
        ("data.samples.1", 3),
        ("data.samples.1.weight", 5),
        ("data.samples.0.weight", None),
        ("data.samples.2", None),
        ("data.samples.b", None),
    ],
)
def test_the_line_of_a_key_in_a_list_of_tables(key: str, line: int | None) -> None:
    assert Source("toy.toml", SAMPLES).line_of(key) == line


def test_a_setting_reaches_into_a_list_of_tables() -> None:
    document = Source("toy.toml", SAMPLES).parsed()
    assert override(document, ["data.samples.1.weight=w", "data.samples.0.cut=x > 1"]) == [
        "data.samples.1.weight",
        "data.samples.0.cut",
    ]
    assert document["data"]["samples"] == [{"label": "s", "cut": "x > 1"}, {"label": "b", "weight": "w"}]
    for wrong in ("data.samples.2.weight=w", "data.samples.b.weight=w", "data.samples.0=w"):
        with pytest.raises(InputError, match=r"--set data\.samples"):
            override(document, [wrong])


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (".05", 0.05), ("-.5", -0.5), ("+.5e-3", 0.0005), ("5.", 5.0), ("1.e3", 1000.0), ("5", 5), ("1e-3", 0.001),
        (".", "."), (".5.csv", ".5.csv"), ("5.csv", "5.csv"), (".e3", ".e3"), ("007", "007"),
        ("[.1, 2, 3.]", [0.1, 2, 3.0]), ("[quantile, pca]", ["quantile", "pca"]), ("[]", []),
        ('[max(a, b), "c, d"]', ["max(a, b)", "c, d"]), ("[ab]*.root", "[ab]*.root"),
    ],
)  # fmt: skip
def test_a_setting_is_read_as_a_person_means_it(written: str, value: object) -> None:
    document: dict[str, Any] = {}
    override(document, [f"a.b={written}"])
    assert document == {"a": {"b": value}}
    assert type(document["a"]["b"]) is type(value)


@pytest.mark.parametrize("strange", ["\u2028", "\x85", "\x0c", "\x1d"])
def test_only_a_line_feed_ends_a_line(strange: str) -> None:
    text = f"# {strange}\n" if strange in "\u2028\x85" else "\n"
    assert Source("t", f'{text}a = "{strange if strange > " " else ""}"\nb = 2\n').line_of("b") == 3


@given(st.lists(st.sampled_from(["", "# note", "x = [\n1,\n]", 's = """\nq\n"""', "[t]"]), max_size=6))
def test_a_key_after_anything_is_found(before: list[str]) -> None:
    unique = list(dict.fromkeys(before))
    text = "\n".join([*unique, "[last]", "wanted = 1"])
    assert Source("t", text).line_of("last.wanted") == text.count("\n") + 1


@pytest.mark.parametrize(
    ("value", "said"),
    [("9" * 5000, "a number has too many digits"), ("[" * 5000, "nested too deeply")],
    ids=["digits", "brackets"],
)
def test_what_the_parser_cannot_take_is_a_sentence(value: str, said: str) -> None:
    with pytest.raises(InputError, match=f"^toy.toml is not valid TOML: .*{said}"):
        Source("toy.toml", f"seed = {value}\n").parsed()
    with pytest.raises(InputError, match=f"^--set seed: .*{said}"):
        override({}, [f"seed={value}"])


def test_the_search_for_a_line_ends_soon_in_a_document_of_the_largest_size() -> None:
    text = "[data.options]\n" + "".join(f"key_{i} = {i}\n" for i in range(60_000))
    began = time.process_time()
    assert Source("e.toml", text).line_of("data.options.key_59999") is None
    assert Source("e.toml", text).line_of("data.options.key_100") == 102
    assert time.process_time() - began < 20
