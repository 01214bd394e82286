"""A rehearsal: a model trained on a few rows for nobody, so that its libraries are loaded when a run comes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import mltui.training.worker  # noqa: F401 - part of what a run needs
from mltui.core.errors import InputError, nearest
from mltui.core.experiment import Experiment
from mltui.inference.asked import known
from mltui.models.catalogue import CARDS
from mltui.training import devices
from mltui.training.engines import engine
from mltui.training.prepare import prepare
from mltui.training.report import Reporter


def rehearse(model: str) -> None:
    """Train the model shortly, from reading data to saving what was learnt; never on a graphics card.

    A spare that waits must not hold a share of a card's memory.

    Args:
        model: its name, and behind it settings that decide what trains it: ``linear_regression solver=gradient``.

    Raises:
        InputError: for a model that is not in the catalogue.
    """
    name, *given = model.split()
    if name not in CARDS:
        raise InputError(f"there is no model {name!r}; {nearest(name, CARDS)}", key="model.name")
    settings = dict(setting.split("=", 1) for setting in given)
    card = CARDS[name].chosen(settings)
    dataset = "moons" if "classification" in card.tasks else "plane"
    training = {"epochs": 1, "device": "cpu"} if card.engine == "network" else {}
    document = {"data": {"dataset": dataset}, "model": {"name": name, **settings}, "training": training}
    ready = prepare(Experiment.check(document, known()), Path()).member(0)
    problem = ready.problem
    devices.limit_threads(problem.threads, torch=card.engine == "network")
    fitted = engine(card).fit(problem, Reporter(lambda kind, **fields: None))
    fitted.predict(problem.train.x)
    with TemporaryDirectory(prefix="mltui-") as folder:
        ready.preprocessing.save(Path(folder))
        fitted.save(Path(folder))
