"""The machine's real share, from affinity and control groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from mltui.data import cgroups
from mltui.models.catalogue import CARDS
from mltui.training import devices


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def _eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)


V1 = "sys/fs/cgroup/cpu/user/me"
SHARES = {
    "no control groups": ({}, 8),
    "version 2, no limit": ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "max 100000\n"}, 8),
    "version 2, three cores": ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "300000 100000\n"}, 3),
    "version 2, the parent's limit": ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "150000 100000"}, 2),
    "version 2, half a core": ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"}, 1),
    "version 1": (
        {
            "proc/self/cgroup": "4:memory:/x\n3:cpu,cpuacct:/user/me\n",
            f"{V1}/cpu.cfs_quota_us": "400000\n",
            f"{V1}/cpu.cfs_period_us": "100000\n",
        },
        4,
    ),
    "version 1, no limit": (
        {
            "proc/self/cgroup": "3:cpu:/user/me\n",
            f"{V1}/cpu.cfs_quota_us": "-1\n",
            f"{V1}/cpu.cfs_period_us": "100000\n",
        },
        8,
    ),
}


@pytest.mark.usefixtures("_eight_cores")
@pytest.mark.parametrize(("files", "share"), SHARES.values(), ids=SHARES)
def test_the_share_is_what_affinity_and_quota_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], share: int
) -> None:
    monkeypatch.setattr(cgroups, "ROOT", write(tmp_path, files))
    assert devices.machine_share() == share


@pytest.mark.parametrize(
    ("share", "asked", "variable", "threads"),
    [(8, None, "", 2), (1, None, "", 1), (8, 5, "", 5), (8, None, "6", 6), (8, 3, "6", 3), (8, None, "many", 2)],
)
def test_the_experiment_comes_first_then_the_environment_then_modesty(
    monkeypatch: pytest.MonkeyPatch, share: int, asked: int | None, variable: str, threads: int
) -> None:
    monkeypatch.setattr(devices, "machine_share", lambda: share)
    monkeypatch.setenv("MLTUI_THREADS", variable)
    assert devices.threads(asked) == (threads, "")


def test_more_than_the_share_is_cut_to_it_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "machine_share", lambda: 4)
    threads, warning = devices.threads(64)
    assert threads == 4
    assert "64 threads were asked for" in warning


def test_the_processor_is_always_there() -> None:
    assert devices.choose("cpu") == "cpu"
    assert devices.describe("cpu")


def test_auto_finds_something() -> None:
    assert devices.choose("auto") in ("cpu", "cuda:0", "mps")


def test_threads_can_be_chosen_where_they_have_an_effect() -> None:
    offered = {name for name, card in CARDS.items() if "threads" in {key.name for key in card.training}}
    assert set(CARDS) - offered == {
        "decision_tree", "polynomial_regression", "ridge", "lasso", "least_squares_classifier", "lda", "qda",
        "gaussian_nb", "svm", "cuts", "adaboost", "gradient_boosting",
    }  # fmt: skip
    unused = {name for name in offered if "training.threads" in CARDS[name].idle({}, {})}
    assert unused == {"linear_regression", "logistic_regression"}
