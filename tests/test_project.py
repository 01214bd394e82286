"""The project as a stranger finds it: what is installed, and a README whose every word about it is true."""

from __future__ import annotations

import importlib.metadata
import re
import shlex
import tomllib
from pathlib import Path

import pytest

import mltui
from mltui.cli.command import Parser
from mltui.cli.dispatch import COMMANDS
from mltui.core.experiment import Experiment
from mltui.core.sections import Data, Preprocess, Split
from mltui.core.sections import declared as declared_keys
from mltui.data.readers.registry import READERS
from mltui.runs.experiments import check
from mltui.ui.commands import COMMANDS as KEYS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SHELL = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]


def test_the_installed_package_has_its_door_and_its_version() -> None:
    (door,) = importlib.metadata.entry_points(group="console_scripts", name="mltui")
    assert door.value == "mltui.__main__:main"
    assert importlib.metadata.version("mltui") == mltui.__version__


def test_the_top_level_stays_small() -> None:
    seen = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    built = {"build", "dist", "htmlcov", "snapshot_report.html"}
    assert seen - built == {"pyproject.toml", "mltui", "tests", "datasets", "README.md", "LICENSE"}


def test_bundled_data_have_their_licence_beside_them() -> None:
    for folder in (ROOT / "datasets").iterdir():
        assert (folder / "LICENSE").read_text().strip()


def test_the_two_commands_stand_alone_in_the_readme() -> None:
    lab, tests = (line for line in SHELL if line.startswith("python3 -m venv .venv && "))
    assert lab.endswith(" && .venv/bin/mltui")
    assert " -m pytest" in tests
    assert tests.startswith("python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && ")


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("mltui ")])
def test_every_command_of_the_tour_is_understood(line: str) -> None:
    words = shlex.split(line)[1:]
    name = " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]
    parser = Parser("mltui", "")
    COMMANDS[name].declare(parser)
    parser.read(words[len(name.split()) :])


def test_the_experiment_file_of_the_readme_is_accepted_with_every_key_it_names() -> None:
    (text,) = (block for kind, block in BLOCKS if kind == "toml" and "[model]" in block)
    assert isinstance(check(tomllib.loads(text)), Experiment)
    assert check(tomllib.loads(text.replace("# seeds = ", "seeds = "))).seeds == 8
    instead = r"^(dataset|options|test|# seeds) = .*$"  # of files, test_files and folds
    own = re.sub(r"^# (\w+ = )", r"\1", re.sub(instead, "", text, flags=re.MULTILINE), flags=re.MULTILINE)
    experiment = check(tomllib.loads(own))
    assert experiment.data.tree == "events"
    assert experiment.data.missing == (-999.0, "?")
    named = {
        section: set(re.findall(r"^(\w+) = ", own.partition(f"[{section}]")[2].partition("\n[")[0], re.MULTILINE))
        for section in ("data", "split", "preprocess")
    }
    in_pieces = {"samples", "variations", "luminosity", "background_uncertainty"}
    apart = {"dataset", "options", *in_pieces}
    assert named["data"] == {key.name for key in declared_keys(Data)} - apart
    assert named["split"] == {key.name for key in declared_keys(Split)} - {"test"}
    assert named["preprocess"] == {key.name for key in declared_keys(Preprocess)}
    for declared in ("[data]", "[split]", "[preprocess]", "[model]", "[training]"):
        assert declared in text


def test_the_pieces_of_experiments_in_the_readme_are_accepted() -> None:
    pieces = [block for kind, block in BLOCKS if kind == "toml" and "[model]" not in block]
    assert len(pieces) == 2
    for text in pieces:
        document = tomllib.loads(text)
        assert isinstance(check({**document, "model": {"name": "mlp"}}), Experiment)


def test_the_readme_names_every_format() -> None:
    table = README.partition("| format | endings |")[2].partition("\n\n")[0]
    named = {ending for cells in re.findall(r"^\| \w+ \| (.*?) \|", table, re.MULTILINE) for ending in cells.split()}
    known = {part for reader in READERS for ending in reader.endings for part in ending.split(".") if part}
    assert {word.strip(";") for word in named} - {"with"} == known


def test_the_readme_names_every_key() -> None:
    keys = README.partition("## The keys")[2].partition("## The command line")[0]
    for command in KEYS:
        for key in command.shown.split():
            sign = {"↵": "enter"}.get(key, key)
            assert f"`{sign}`" in keys, command.action


def test_the_readme_names_every_command() -> None:
    text = README.partition("## The command line")[2].partition("## Where things are")[0].replace("\\|", "|")
    for name in COMMANDS:
        group, _, verb = name.partition(" ")
        assert re.search(rf"mltui {group} (\w+\|)*{verb}\b" if verb else rf"mltui {group}\b", text), name


def test_the_readme_names_every_room() -> None:
    rooms = {path.name for path in (ROOT / "mltui").iterdir() if (path / "__init__.py").exists()}
    assert set(re.findall(r"^\| `(\w+)/` \|", README, re.MULTILINE)) == rooms


def test_the_places_the_readme_points_to_exist() -> None:
    for place in re.findall(r"`((?:mltui|datasets|\.ci)/[\w/.]+)`", README):
        assert (ROOT / place).exists(), place
    for folder, name in (("data", "playground"), ("models", "neighbours"), ("views", "matrix")):
        assert f"`{name}.py`" in README
        assert (ROOT / "mltui" / folder / f"{name}.py").exists()
