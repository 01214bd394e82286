"""What the started event says of a run, beside its curves and the end of its axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mltui.core.experiment import data_name
from mltui.core.process import Process
from mltui.record.folder import RunFolder
from mltui.training.prepare import Prepared
from mltui.training.problem import Problem

INPUTS = 200
"""Names of inputs are told where they are no more than this."""


def about(
    folder: RunFolder, prepared: Prepared, problem: Problem, whole: Sequence[Process], inputs: Sequence[str]
) -> dict[str, Any]:
    """Its fields.

    Args:
        problem: of the first model, or the only one.
        whole: what all rows add up to, process by process.
        inputs: the names of the columns that go into the model, after the preprocessing.
    """
    divided, table = prepared.divided, prepared.divided.table
    return {
        "run": folder.id,
        "name": problem.experiment.name,
        "model": problem.card.name,
        "model_title": problem.card.title,
        "engine": problem.card.engine,
        "task": problem.task,
        "dataset": data_name(problem.experiment.document()["data"]),
        "axis": problem.axis,
        "parts": {part: len(rows) for part, rows in divided.parts.items()},
        "classes": list(problem.classes),
        "features": list(table.features),
        "inputs": list(inputs) if len(inputs) <= INPUTS else [],
        "target": table.target_label,
        "target_name": table.target_name,
        **({"targets": list(table.target_names), "target_labels": list(table.target_labels)} if table.targets else {}),
        "weighted": problem.weighted,
        "controls": sorted(problem.card.controls),
        "changeable": sorted(problem.card.changeable - problem.experiment.idle),
        "threads": problem.threads,
        "device": problem.device,
        "processes": [process.document() for process in whole],
        "process_names": list(table.processes),
        "duplicates": {part: count for part, count in divided.division.duplicates.items() if count},
        "background_uncertainty": problem.experiment.data.background_uncertainty,
        **({} if table.luminosity is None else {"luminosity": table.luminosity}),
    }
