"""What [[data.variations]] and cross-sections may say together."""

from __future__ import annotations

from typing import Any

import pytest

from mltui.core.data_rules import read_data
from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.source import Source
from mltui.runs import experiments

SAMPLES = [
    {"label": "s", "process": "H", "files": ["h.root"], "cross_section": 0.05, "generated": 1e6},
    {"label": "b", "process": "Z", "files": ["z.root"]},
]
OF_FILES = {"files": ["a.csv"], "target": "y"}


def checked(variations: list[dict[str, Any]], **data: Any) -> Any:
    return experiments.check({"data": {**data, "variations": variations}, "model": {"name": "mlp"}})


def test_variations_are_written_and_read_back() -> None:
    said: list[dict[str, Any]] = [
        {"name": "JES_up", "replace": {"pt": "pt_up", "n": 3}},
        {"name": "alt", "files": ["alt.root"], "process": "H", "generated": 2e6},
        {"name": "pu", "weight": "w * pu_up"},
    ]
    asked = checked(said, samples=SAMPLES, luminosity=140.0)
    assert experiments.check(asked.document()) == asked
    assert asked.data.variations[1].generated == 2e6
    assert dict(asked.data.variations[0].replace) == {"pt": "pt_up", "n": 3}


@pytest.mark.parametrize(
    ("variation", "data", "key", "said"),
    [
        ({"replace": {"a": "b"}}, OF_FILES, "", "needs a name"),
        ({"name": "v"}, OF_FILES, "", "says nothing that varies"),
        ({"name": "v", "replace": {"a": "b"}, "files": ["f"]}, OF_FILES, "", "has both replace and files"),
        ({"name": "v", "weight": "w", "process": "H"}, OF_FILES, ".process", "no entry of data.samples names"),
        ({"name": "v", "weight": "w", "process": "h"}, {"samples": SAMPLES}, ".process", "known here: H, Z"),
        ({"name": "v", "files": ["f"]}, {"dataset": "moons"}, ".files", "is for files"),
        ({"name": "v", "files": ["f"]}, {"samples": SAMPLES}, "", "needs process"),
        ({"name": "v", "files": ["f"], "generated": 3}, {"samples": SAMPLES}, "", "needs process"),
        ({"name": "v", "weight": "w", "generated": 3}, {"samples": SAMPLES}, ".generated", "is of other files"),
        (
            {"name": "v", "files": ["f"], "process": "Z", "generated": 3},
            {"samples": SAMPLES},
            ".generated",
            "scales a cross-section, and the varied process has none",
        ),
        ({"name": "v", "files": ["f"], "generated": 3}, OF_FILES, ".generated", "scales a cross-section"),
        ({"name": "v", "files": ["f"], "process": "H"}, {"samples": SAMPLES}, "", "needs generated"),
        ({"name": "nominal", "weight": "w"}, OF_FILES, ".name", "give it another name"),
        ({"name": "v", "replaces": {}}, OF_FILES, ".replaces", "did you mean replace?"),
    ],
)
def test_mistakes_of_a_variation_name_its_key(
    variation: dict[str, Any], data: dict[str, Any], key: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        checked([variation], **data)
    assert said in caught.value.sentence
    assert caught.value.key == f"data.variations.0{key}"


def test_a_name_is_there_once() -> None:
    with pytest.raises(InputError, match=r"two entries of data.variations are called 'v'"):
        checked([{"name": "v", "weight": "a"}, {"name": "v", "weight": "b"}], **OF_FILES)


def test_both_ends_of_a_cross_section_are_needed() -> None:
    with pytest.raises(InputError, match="has cross_section and needs generated too") as caught:
        read_data({"samples": [{"label": "s", "files": ["a"], "cross_section": 2}]})
    assert caught.value.key == "data.samples.0"
    with pytest.raises(InputError, match=r"no entry of data.samples has a cross_section"):
        checked([], samples=SAMPLES[1:], luminosity=3.0)


def test_a_setting_may_write_them_on_one_line() -> None:
    source = Source("lab.toml", '[data]\nfiles = ["a.csv"]\ntarget = "y"\n[model]\nname = "mlp"\n')
    line = "JES_up = {pt = pt_up, eta = eta * 1.1}, pu = {weight = w_up}"
    asked = Experiment.parse(source, experiments.known(), [f"data.variations={line}"])
    assert [each.name for each in asked.data.variations] == ["JES_up", "pu"]
    assert dict(asked.data.variations[0].replace) == {"pt": "pt_up", "eta": "eta * 1.1"}
    assert asked.data.variations[1].weight == "w_up"
    with pytest.raises(InputError, match=r"--set data.variations: .*must be written name = value"):
        Experiment.parse(source, experiments.known(), ["data.variations=JES_up"])
