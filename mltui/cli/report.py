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
    from mltui.core.snapshot import Scores
    from mltui.plots.look import Look
    from mltui.record.folder import RunFolder
    from mltui.record.state import RunState

LOG_LINES = 15
"""Lines of a dead worker's log that are shown."""


def print_run(output: Output, folder: RunFolder, state: RunState, asked: Asked) -> None:
    """Print what became of a run: one line, the metrics by part, and on a terminal its pictures."""
    if output.mode == "json":
        return
    output.line(summary(folder, state, asked))
    for line in steered_lines(state):
        output.line(line)
    output.line(f"folder {shown(folder.path)}")
    for warning in state.warnings if output.pictures else ():
        output.line(f"warning: {shown(warning)}")
    report_tables.print_tables(output, state)
    if output.pictures:
        for rows in _pictures(folder, state):
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
    if state.started.get("axis") not in STEPS:
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


def _pictures(folder: RunFolder, state: RunState) -> Iterator[list[Text]]:
    width, height = picture_size()
    style = look()
    yield from _curve(state, width, height, style)
    yield from _scored(folder, state, width, height, style)


def _curve(state: RunState, width: int, height: int, style: Look) -> Iterator[list[Text]]:
    from mltui.plots.curve import curve, wide
    from mltui.plots.members import lines
    from mltui.plots.steered import marks
    from mltui.plots.words import ROWS

    found = lines(state, "loss", previous=False)
    if found:
        kept = None if len(state.members) > 1 else state.kept
        log_x = state.started.get("axis", "step") not in {*STEPS, ROWS} and wide(found)
        yield curve(
            found, width, height, style,
            x_label=axis_name(state), y_label="loss", log_x=log_x, kept=kept, marks=marks(state),
        )  # fmt: skip


def _scored(folder: RunFolder, state: RunState, width: int, height: int, style: Look) -> Iterator[list[Text]]:
    """ROC and confusion matrix, or predicted against true, of the part that was held out."""
    from mltui.record.predictions import read_predictions

    for part in ("test", "validation", "train"):
        predictions = read_predictions(folder, [part])  # one part at a time: they may be large
        if predictions is not None and part in predictions.parts:
            break
    else:
        return
    scores = predictions.parts[part].scores
    if state.started.get("task") == "regression":
        from mltui.plots.regression import predicted_true

        labels = state.started.get("target_labels") or [state.started.get("target", "")]
        for place, label in enumerate(labels[: scores.targets]):
            yield predicted_true(scores.of(place), width, height, style, target=str(label), role=part)
    else:
        yield from _classified(part, scores, predictions.classes, width, height, style)


def _classified(
    part: str, scores: Scores, classes: tuple[str, ...], width: int, height: int, style: Look
) -> Iterator[list[Text]]:
    from rich.text import Text

    from mltui.evaluation.confusion import confusion
    from mltui.evaluation.roc import one_against_rest
    from mltui.plots.matrix import confusion_matrix
    from mltui.plots.roc import roc_curve

    rocs = one_against_rest(scores, classes)
    names = classes if len(rocs) == len(classes) else (part,)
    yield roc_curve(list(zip(names, rocs, strict=True)), width, height, style)
    yield [Text(f"{part}, rows true, columns said")]
    yield confusion_matrix(confusion(scores, classes), width, min(height, 2 * len(classes) + 4), style)
