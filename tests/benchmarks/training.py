"""Training a network in the worker against the loops and libraries that a student would use in its place.

    python tests/benchmarks/training.py [--rounds 3] [--threads 2] [--cases ...] [--ways ...] [--print | --quick]

Each way trains the same network on as many rows in the same batches, in a process of its own, all in turn, round after
round. A round gives each way's epochs a second as a multiple of those of a plain torch loop over a DataLoader; the
table holds the medians over the rounds, and is written into README.md beside this file. The peers come with
`pip install -e '.[bench]'`; one that is not there is named.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from mltui.core.events import Event
from mltui.record.reader import EventReader
from mltui.runs.experiments import load, read_text
from mltui.runs.launch import launch
from mltui.runs.store import Store
from mltui.training.__main__ import NEIGHBOURLY

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- written by training.py -->", "<!-- up to here -->"
EXPERIMENT = """\
format = 1
[data]
files = ["rows.parquet"]
target = "label"
[split]
train = 0.8
validation = 0.08
test = 0.12
stratify = false
[model]
name = "mlp"
hidden_layers = {layers}
activation = "{activation}"
[training]
epochs = {epochs}
batch_size = {batch}
optimizer = "adam"
learning_rate = 0.001
device = "cpu"
threads = {threads}
"""


@dataclass(frozen=True)
class Case:
    """A network and its rows.

    Attributes:
        rows: of the training part; a tenth as many validate.
    """

    layers: tuple[int, ...]
    activation: str
    features: int
    rows: int
    batch: int
    epochs: int
    threads: int = 2

    @property
    def title(self) -> str:
        """What is trained, as the table heads it."""
        widths = "-".join(map(str, (self.features, *self.layers, 1)))
        return f"{widths}, {self.activation}, {self.rows:,} rows, batch {self.batch}"

    @property
    def validation(self) -> int:
        """Rows of the validation part."""
        return self.rows // 10

    @property
    def warm(self) -> int:
        """The first epochs, which are not timed, as they still load libraries."""
        return max(1, self.epochs // 10)

    def fitting(self, quick: bool) -> Case:
        """The same, or if only whether it runs is asked, in a tenth of the rows and few epochs."""
        return self if not quick else replace(self, rows=max(500, self.rows // 10), epochs=max(4, self.epochs // 10))


CASES = {
    "batch128": Case((64, 64, 64), "relu", 28, 200_000, 128, epochs=6),
    "batch1024": Case((64, 64, 64), "relu", 28, 200_000, 1024, epochs=20),
    "tiny": Case((4, 2), "tanh", 2, 500, 10, epochs=300),
}
WAYS = {
    "loader": "plain torch loop over a DataLoader",
    "worker": "mltui: the whole worker °",
    "judging": "mltui: its loop without telemetry °",
    "loop": "mltui: its loop without telemetry and validation",
    "views": "bare torch loop: shuffled once an epoch, batches as views, fused Adam",
    "sklearn": "scikit-learn's MLPClassifier °",
    "lightning": "Lightning °",
    "skorch": "skorch °",
    "keras": "Keras on torch °",
}
"""Every way by the name that training_peers.py knows it by, except for the worker, as the table calls it."""
OWN = ("loop", "judging")
"""The worker's own loop, whose threads wait as the worker's do."""
CLOSE, TURNS = ("worker", "judging"), 3
"""Two ways that are nearer to each other than the machine is to itself a minute later: in every round they take so
many turns, of which the quickest counts: other work on the machine can only lengthen one."""
PEERS = ("lightning", "skorch", "keras")
"""Ways that need a package, of the same name, which mltui does not bring along."""
Seconds = Mapping[str, Sequence[float]]
"""Of each way the seconds an epoch took, round by round."""
BOUNDS: Sequence[tuple[str, tuple[str, ...], float]] = (
    ("batch128", ("loader",), 1.9),
    ("batch1024", ("loader",), 5.0),
    ("batch128", ("judging",), 0.95),
    ("batch1024", ("judging",), 0.95),
    ("tiny", ("loader", "views"), 0.9),
)
"""A case, other ways, and of the epochs a second of the fastest of those the multiple that the worker has to reach."""


def main() -> None:
    """Measure, and write or print the table."""
    asked = _arguments()
    os.environ |= {"CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": str(asked.threads)}
    missing = [name for name in asked.ways if name in PEERS and not importlib.util.find_spec(name)]
    for name in missing:
        _say(f"{name} is not installed and so not measured; pip install -e '.[bench]' brings it")
    ways = [name for name in WAYS if name in {"loader", *asked.ways} - set(missing)]
    cases = {name: replace(CASES[name], threads=asked.threads).fitting(asked.quick) for name in asked.cases}
    rounds = 1 if asked.quick else asked.rounds
    found: dict[str, Seconds] = {}
    for name, case in cases.items():
        with tempfile.TemporaryDirectory(prefix="mltui-training-") as folder:
            _write(case, Path(folder))
            found[name] = _measured(case, Path(folder), ways, rounds)
    text = "\n\n".join((_table(cases, found, missing), _bounds(cases, found), _circumstances(rounds, asked.threads)))
    if asked.quick or asked.print or (len(cases), len(ways)) != (len(CASES), len(WAYS) - len(missing)):
        print(text)
    else:
        _put(text)


def _measured(case: Case, folder: Path, ways: Sequence[str], rounds: int) -> Seconds:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        took: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(TURNS):
            there = [name for name in ways if not turn or name in CLOSE]
            for name in there if turn % 2 == 0 else reversed(there):
                took[name].append(_worker(case, folder) if name == "worker" else _peer(case, folder, name))
                _say(f"{case.title}; round {number + 1}: {WAYS[name]}: {1000 * took[name][-1]:,.2f} ms an epoch")
        for name, each in took.items():
            seconds[name].append(min(each))
    return seconds


def _write(case: Case, folder: Path) -> None:
    """The rows, for mltui as a file and for the others as arrays, with what is to be done with them."""
    rng = np.random.default_rng(1)
    rows = case.rows * 5 // 4
    x = rng.normal(size=(rows, case.features)).astype(np.float32)
    signal = x[:, 0] ** 2 + x[:, 1] ** 2 - 1.4
    y = (signal + rng.normal(size=rows) > 0).astype(np.float32)  # noise: nothing that could be learnt by heart
    columns = {f"x{number}": x[:, number] for number in range(case.features)}
    pl.DataFrame({**columns, "label": y.astype(np.int64)}).write_parquet(folder / "rows.parquet")
    ends = [case.rows, case.rows + case.validation]
    (train_x, validation_x, _), (train_y, validation_y, _) = (np.split(values, ends) for values in (x, y))
    arrays = {"train_x": train_x, "train_y": train_y, "validation_x": validation_x, "validation_y": validation_y}
    np.savez(folder / "rows.npz", allow_pickle=False, **arrays)
    facts = asdict(case)
    (folder / "task.json").write_text(json.dumps(facts))
    (folder / "experiment.toml").write_text(EXPERIMENT.format(**{**facts, "layers": list(case.layers)}))


# -- one training ------------------------------------------------------------------------------------------------
def _peer(case: Case, folder: Path, way: str) -> float:
    """Seconds an epoch: the mean of those after the warm ones, so that what happens in a few of them counts."""
    script = Path(__file__).with_name("training_peers.py")
    env = {**os.environ, **NEIGHBOURLY} if way in OWN else None
    command = [sys.executable, str(script), way, str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
    if done.returncode:
        raise SystemExit(f"{WAYS[way]} failed:\n{done.stderr}")
    moments: list[float] = json.loads((folder / "moments.json").read_text())
    return (moments[-1] - moments[case.warm - 1]) / (case.epochs - case.warm)


def _worker(case: Case, folder: Path) -> float:
    """The same of a run, started as `mltui run` does, by its events.

    Each progress event says how far training is at its time: the first one past the warm epochs and the last one
    count. The last comes after the last epoch has been judged and drawn.
    """
    path = folder / "experiment.toml"
    run = Store(folder / "home").create(load(path), read_text(path), folder)
    if launch(run, threads=case.threads).wait():
        raise SystemExit(f"the worker failed:\n{run.log.read_text()}")
    events = EventReader(run).poll()
    _make_sure(case, events)
    reached = [(float(event.fields["done"]), event.time) for event in events if "done" in event.fields]
    first, began = next((done, when) for done, when in reached if done * case.epochs >= case.warm)
    ended = next(when for done, when in reached if done == 1)
    return (ended - began) / (1 - first) / case.epochs


def _make_sure(case: Case, events: Sequence[Event]) -> None:
    """That the run did what it is timed for."""
    started = next(event.fields for event in events if event.kind == "started")
    if (started["parts"]["train"], started["parts"]["validation"]) != (case.rows, case.validation):
        raise SystemExit(f"the worker divided the rows otherwise: {started['parts']}")
    if not any(event.kind == "snapshot" and event.fields["files"] for event in events):
        raise SystemExit("the worker kept no snapshot")
    judged = [place for place, curve in enumerate(started["curves"]) if curve["part"] == "validation"]
    told = [event.fields["columns"] for event in events if "columns" in event.fields]
    if sum(len(columns[judged[0]]) for columns in told) != case.epochs:
        raise SystemExit("the worker's validation curve lacks epochs")


# -- what is said ------------------------------------------------------------------------------------------------
def _ratios(seconds: Seconds, way: str, others: Sequence[str]) -> list[float]:
    """Round by round, a way's epochs a second over those of the fastest of others."""
    rounds = zip(seconds[way], *(seconds[other] for other in others), strict=True)
    return [min(rest) / own for own, *rest in rounds]


def _spread(ratios: Sequence[float]) -> str:
    """Median, and lowest to highest."""
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def _table(cases: Mapping[str, Case], found: Mapping[str, Seconds], missing: Sequence[str]) -> str:
    head = ["epochs a second, over those of the plain loop", *(case.title for case in cases.values())]
    rows = [head, ["---"] * len(head)]
    for name, title in WAYS.items():
        if name in missing:
            rows.append([title, *("not installed" for _ in cases)])
        elif all(name in found[case] for case in cases):
            rows.append([title, *(_cell(found[case], name) for case in cases)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cell(seconds: Seconds, way: str) -> str:
    if way == "loader":
        took = statistics.median(seconds[way])
        return f"1 ({took:.2f} s an epoch)" if took >= 0.1 else f"1 ({1 / took:.0f} epochs a second)"
    return _spread(_ratios(seconds, way, ["loader"]))


def _bounds(cases: Mapping[str, Case], found: Mapping[str, Seconds]) -> str:
    text = ["| the whole worker's epochs a second over those of | for | at least | measured |", "|---|---|---|---|"]
    for case, others, least in BOUNDS:
        if {"worker", *others} <= set(found.get(case, ())):
            ratios = _ratios(found[case], "worker", others)
            title = ", or if it is faster the ".join(WAYS[other] for other in others)
            text.append(f"| {title} | {cases[case].title} | {least:g} | {_spread(ratios)} |")
            if statistics.median(ratios) < least:
                _say(f"too slow, {case}: {statistics.median(ratios):.2f} of the {title}, not {least:g}")
    return "\n".join(text)


def _circumstances(rounds: int, threads: int) -> str:
    packages = ("torch", "scikit-learn", "numpy", *PEERS)
    there = {each.name.lower(): each.version for each in importlib.metadata.distributions()}
    versions = ", ".join(f"{package} {there[package]}" for package in packages if package in there)
    return (
        "° judges the validation rows, a tenth as many as the training rows, after every epoch. Medians of "
        f"{rounds} rounds, with the lowest and the highest; {threads} threads on {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {versions}."
    )


def _put(text: str) -> None:
    before, _, rest = README.read_text().partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{README} lacks the lines {BEGIN} and {END}, between which the table belongs:\n\n{text}")
    README.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS), help="the plain loop comes along")
    parser.add_argument(
        "--print", action="store_true", help="leave README.md as it is; so do some of the cases or ways"
    )
    parser.add_argument("--quick", action="store_true", help="small and one round, printed: whether all of it works")
    return parser.parse_args()


if __name__ == "__main__":
    main()
