"""A worker outlives whoever started it, on each Python that mltui supports and this machine has."""

from __future__ import annotations

import contextlib
import functools
import os
import pty
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from mltui.record import process
from mltui.record.folder import RunFolder
from mltui.record.status import read_object
from mltui.runs import launch

WaitFor = Callable[[Callable[[], object]], None]
REPOSITORY = Path(launch.__file__).parents[2]
VERSIONS = ("3.11", "3.12", "3.13")

CHILD = """
import os, sys, time
from pathlib import Path
folder, parent = Path(sys.argv[1]), int(sys.argv[2])
until = time.monotonic() + 60
while os.getppid() == parent or not (folder / "go").exists():
    if time.monotonic() > until:
        sys.exit("waited in vain")
    time.sleep(0.01)
print("stdin", repr(sys.stdin.read()), flush=True)
(folder / "done").write_text(f"{os.getsid(0) == os.getpid()}")
"""

PARENT = """
import asyncio, os, sys
from pathlib import Path
from mltui.runs import launch
from mltui.record.folder import RunFolder

async def main():
    folder = RunFolder(Path(sys.argv[1]))
    child = launch.start([sys.executable, "-c", sys.argv[2], sys.argv[1], str(os.getpid())], folder, dict(os.environ))
    launch.accompany(child, folder)
    await asyncio.sleep(0.05)
    print(child.pid, flush=True)
    if len(sys.argv) > 3:
        os.open(sys.argv[3], os.O_RDWR)  # a session's leader takes the first terminal it opens for its own
        print("hangs on", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@functools.cache
def interpreters() -> dict[str, str]:
    """The Pythons at hand, by version: this one, MLTUI_TEST_PYTHONS, those of PATH and of pyenv; each was run once."""
    candidates = [sys.executable, *os.environ.get("MLTUI_TEST_PYTHONS", "").split(os.pathsep)]
    candidates += [shutil.which(f"python{version}") or "" for version in VERSIONS]
    if shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False).stdout.strip()
        candidates += [str(path) for path in sorted(Path(root).glob("versions/*/bin/python3"))]
    found: dict[str, str] = {}
    for candidate in filter(None, candidates):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            answer = subprocess.run(
                [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                capture_output=True, text=True, check=False, timeout=20,
            )  # fmt: skip
            if answer.returncode == 0:
                found.setdefault(answer.stdout.strip(), candidate)
    return found


def parent_command(version: str, folder: RunFolder, *more: str) -> tuple[list[str], dict[str, str]]:
    python = interpreters().get(version)
    if python is None:
        pytest.skip(f"no Python {version} at hand; MLTUI_TEST_PYTHONS can name one")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    return [python, "-W", "error", "-c", PARENT, str(folder.path), CHILD, *more], environment


@pytest.mark.parametrize("version", VERSIONS)
def test_a_worker_outlives_the_event_loop_and_the_process_that_started_it(
    run_folder: RunFolder, version: str, wait_for: WaitFor
) -> None:
    command, environment = parent_command(version, run_folder)
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
    pid = int(ended.stdout)
    assert process.start_time(pid) is not None
    (run_folder.path / "go").touch()
    done = run_folder.path / "done"
    wait_for(done.exists)
    wait_for(lambda: done.read_text() == "True")
    wait_for(lambda: process.start_time(pid) is None)
    assert run_folder.log.read_text() == "stdin ''\n"
    assert run_folder.log.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("version", VERSIONS)
def test_a_worker_outlives_a_terminal_that_hangs_up(run_folder: RunFolder, version: str, wait_for: WaitFor) -> None:
    master, terminal = pty.openpty()
    command, environment = parent_command(version, run_folder, os.ttyname(terminal))
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert parent.stdout.readline() == "hangs on\n"
        os.close(terminal)
        os.close(master)
        assert parent.wait(timeout=60) == -signal.SIGHUP
    assert process.start_time(pid) is not None
    (run_folder.path / "go").touch()
    wait_for((run_folder.path / "done").exists)


def test_the_way_to_launch_imports_the_standard_library_alone() -> None:
    script = textwrap.dedent(
        """
        import sys
        import mltui.runs.launch
        outside = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
        print(sorted(name for name in outside if not name.startswith("_")))
        """
    )
    answer = subprocess.run([sys.executable, "-S", "-c", script], env={"PYTHONPATH": str(REPOSITORY)},
                            capture_output=True, text=True, check=True)  # fmt: skip
    assert answer.stdout.strip() == "['mltui']"


def test_the_command_is_the_worker_s_and_no_file_beside_the_user_s_gets_in_its_way(run_folder: RunFolder) -> None:
    assert launch.command(run_folder) == [sys.executable, "-P", "-m", "mltui.training", "run", str(run_folder.path)]
    assert launch.command(run_folder, unseal=True)[-1] == "--unseal"


def test_threads_reach_the_worker_and_its_libraries() -> None:
    given = launch.environment(3)
    assert {given[name] for name in ("MLTUI_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")} == {"3"}
    assert launch.environment() == dict(os.environ)


def test_the_exit_code_is_noted_for_everybody(run_folder: RunFolder, wait_for: WaitFor) -> None:
    child = launch.start([sys.executable, "-c", "raise SystemExit(4)"], run_folder, dict(os.environ))
    launch.accompany(child, run_folder)

    def note() -> dict[str, object]:
        return read_object(run_folder.launch) or {}

    wait_for(lambda: note().get("exit") == 4)
    assert note()["pid"] == child.pid


def test_a_run_started_again_meanwhile_keeps_its_own_note(run_folder: RunFolder, wait_for: WaitFor) -> None:
    waits = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE) as first:
        launch.accompany(first, run_folder)
        second = launch.start([sys.executable, "-c", ""], run_folder, dict(os.environ))
        launch.accompany(second, run_folder)
        wait_for(lambda: (read_object(run_folder.launch) or {}).get("exit") == 0)
    assert (read_object(run_folder.launch) or {})["pid"] == second.pid


def test_a_deleted_run_is_not_made_again_by_the_note(run_folder: RunFolder) -> None:
    waits = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE) as child:
        launch.accompany(child, run_folder)
        shutil.rmtree(run_folder.path)
    assert not run_folder.path.exists()
