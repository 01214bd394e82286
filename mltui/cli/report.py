"""A run's outcome in words, tables and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mltui.cli import report_tables
from mltui.cli.documents import status
from mltui.cli.output import Output, look, picture_size, shown
from mltui.core.events import STEPS
from mltui.runs.log import log_end

if TYPE_CHECKING:
    from rich.text import Text

    from mltui.cli.asked import Asked
    from mltui.record.folder import RunFolder
    from mltui.record.state import RunState

_PICTURES = ("curve", "roc", "matrix", "predicted")
LOG_LINES = 15
"""Lines of a dead worker's log that are shown."""


def print_run(output: Output, folder: RunFolder, state: RunState, asked: Asked) -> None:
    """Print what became of a run: one line, the metrics by part, and on a terminal its pictures."""
    from mltui.plots import resources

    if output.mode == "json":
        return
    output.line(summary(folder, state, asked))
    for line in steered_lines(state):
        output.line(line)
    output.line(f"folder {shown(folder.path)}")
    used = resources.said(state.resources)
    if used:
        output.text(used)
    for warning in state.warnings if output.pictures else ():
        output.line(f"warning: {shown(warning)}")
    report_tables.print_tables(output, state)
    if output.pictures:
        for rows in _pictures(folder):
            output.line()
            output.rows(rows)


def summary(folder: RunFolder, state: RunState, asked: Asked) -> str:
    """One line: ``run 7 finished: circles, mlp, 50 epochs, kept epoch 37, in 0.8 s``."""
    from mltui.plots import members
    from mltui.plots.words import count, duration

    data = asked.data or str(state.started.get("dataset", ""))
    model = str(state.started.get("model") or asked.model)
    words = [f"run {folder.id} {status(state.phase)}: {shown(data)}", shown(model)]
    several = members.said(state)
    if several:
        words.append(several)
    if state.started and state.started.get("axis") not in STEPS:
        words.append("fitted at once")
    elif state.step and not several:
        words.append(count(state.step, axis_name(state)))
        if state.kept is not None and state.kept != state.step:
            words.append(f"kept {axis_name(state)} {state.kept:.10g}")
    if state.seconds is not None:
        words.append(f"in {duration(state.seconds)}")
    return ", ".join(words)


def steered_lines(state: RunState) -> list[str]:
    """``steered: learning_rate 0.1 -> 0.01 at epoch 12.4``, a line for each change while it trained."""
    from mltui.plots import steered

    return [f"steered: {steered.said(c, ascii=True)} at {steered.where(state, c)}" for c in state.changes]


def last_words(folder: RunFolder, state: RunState) -> list[str]:
    """The end of a failed worker's log, indented, where the sentence on its end does not say all there is to know."""
    puzzling = state.phase == "interrupted" or (state.phase == "failed" and state.cause == "crash")
    return [f"  {line}" for line in log_end(folder, LOG_LINES)] if puzzling else []


def axis_name(state: RunState) -> str:
    """What the run counts its training in: epoch, tree, training size."""
    name = str(state.started.get("axis", "step"))
    return "training size" if name == "training_size" else name


def _pictures(folder: RunFolder) -> Iterator[list[Text]]:
    """The curve, and how the part that was held out is told apart: the test part, once it is opened."""
    from dataclasses import replace

    from rich.text import Text

    from mltui.runs.watch import Watch
    from mltui.views import VIEWS
    from mltui.views.opened import opened
    from mltui.views.writing import heading

    width, height = picture_size()
    shown = opened(Watch(folder).look(), look())
    if shown.snapshot is not None and "test" in shown.snapshot.scores:
        shown = replace(shown, part="test")
    for kind in VIEWS:
        if kind.name in _PICTURES and kind.offered(shown) and kind.ready(shown):
            for target in range(max(1, len(shown.targets)) if kind.name == "predicted" else 1):
                view, one = kind(), replace(shown, target=target)
                yield [Text(heading(view, one)), *view.picture(one, width, height)]
