"""What a terminal gets: tables and pictures, in what colours and signs it has; a dumb one gets plain lines."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Mltui = Callable[..., Any]
BRAILLE = re.compile("[⠁-⣿]")
COLOUR = re.compile(r"\x1b\[[0-9;]*(3[0-7]|38|9[0-7])[0-9;]*m")
FULL = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONIOENCODING": ""}


def on_terminal(
    *words: object, columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run the command line on a pseudo-terminal of a size; its exit code and all it wrote there."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (rows, columns))
    process = subprocess.Popen(
        [sys.executable, "-m", "mltui", *map(str, words)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, **FULL, **(env or {})},
    )
    os.close(theirs)
    written = b""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # the other side has closed
            break
        if not piece:
            break
        written += piece
    os.close(ours)
    return process.wait(timeout=30), written.decode()


def test_a_classification_is_shown_with_its_pictures(store: Path) -> None:
    code, text = on_terminal("runs", "show", "1")
    assert code == 0
    assert BRAILLE.search(text)
    assert COLOUR.search(text)
    assert "signal efficiency" in text
    assert "said a" in text
    assert "sealed" in text


def test_a_regression_is_shown_with_its_pictures(store: Path) -> None:
    code, text = on_terminal("runs", "show", "3")
    assert code == 0
    assert "predicted" in text
    assert "said" not in text


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_row_is_wider_than_the_terminal(store: Path, columns: int) -> None:
    code, text = on_terminal("runs", "show", "1", columns=columns, rows=10, env={"NO_COLOR": "1"})
    assert code == 0
    pictured = [re.sub(r"\x1b\[[0-9;]*m", "", line.rstrip("\r")) for line in text.split("\n")]
    drawn = [line for line in pictured if re.search("[⠁-⣿─│┤█]", line)]
    assert drawn
    assert [line for line in drawn if len(line) > columns] == []


def test_no_color_is_honoured(store: Path) -> None:
    _, text = on_terminal("runs", "show", "1", env={"NO_COLOR": "1"})
    assert BRAILLE.search(text)
    assert not COLOUR.search(text)


@pytest.mark.parametrize("environment", [{"MLTUI_ASCII": "1"}, {"PYTHONIOENCODING": "ascii"}])
def test_plain_signs_on_request_and_where_nothing_else_can_be_written(store: Path, environment: dict[str, str]) -> None:
    code, text = on_terminal("runs", "show", "1", env=environment)
    assert code == 0
    assert text.isascii()
    assert COLOUR.search(text)


@pytest.mark.parametrize(("words", "term"), [("runs show 1", "dumb"), ("runs show 1", ""), ("runs list", "")])
def test_a_dumb_terminal_gets_plain_lines(store: Path, words: str, term: str) -> None:
    code, text = on_terminal(*words.split(), env={"TERM": term})
    assert code == 0
    assert "\x1b" not in text
    assert not BRAILLE.search(text)


def test_the_lab_on_a_dumb_terminal_is_refused_in_a_sentence() -> None:
    code, text = on_terminal(env={"TERM": "dumb"})
    assert code == 2
    assert text.startswith("mltui: the lab needs a terminal that can place its cursor (TERM=dumb); ")
    assert text.count("\n") == 1


def test_a_run_has_a_bar_that_goes_away(toy: Path) -> None:
    code, text = on_terminal("run", toy)
    assert code == 0
    assert "━" in text
    assert "\x1b[?25h" in text  # the cursor that the bar hid is shown again
    assert "run 1 finished" in text


def test_plain_has_no_bar_on_a_terminal_either(mltui: Mltui, toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("output", "progress"):
        monkeypatch.setattr(f"mltui.cli.{place}.draws", lambda stream: True)
    said = mltui("run", toy, "--plain")
    assert said.code == 0
    assert "\x1b" not in said.out + said.err
    assert "run 1 finished" in said.out


def test_an_empty_no_color_means_colours(store: Path) -> None:
    """As no-color.org has it: only a NO_COLOR that is not empty counts."""
    _, text = on_terminal("runs", "show", "1", env={"NO_COLOR": ""})
    assert COLOUR.search(text)
