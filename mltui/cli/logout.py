"""Whether a user's processes live on after logout: some systems kill them."""

from __future__ import annotations

import configparser
import getpass
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SYSTEMD = Path("/run/systemd/system")
LOGIND = ("/etc/systemd/logind.conf", "/run/systemd/logind.conf", "/usr/lib/systemd/logind.conf")


@dataclass(frozen=True)
class Survival:
    """Whether a run survives logout, None where that is not known; in words, with advice where it does not."""

    survives: bool | None
    words: str
    advice: str = ""


def survival() -> Survival:
    """Ask systemd's login manager, or read its settings."""
    if not SYSTEMD.is_dir():
        return Survival(True, "yes: no systemd here that would end a user's processes")
    kills, linger = _kills(), _linger()
    if kills is False:
        return Survival(True, "yes: systemd leaves a user's processes alone (KillUserProcesses=no)")
    if linger:
        return Survival(True, "yes: lingering is on for this user")
    if kills is None:
        return Survival(None, "not known: systemd could not be asked for KillUserProcesses")
    return Survival(
        False,
        "no: systemd ends a user's processes at logout (KillUserProcesses=yes)",
        "runs end at logout here; loginctl enable-linger lets them live, or start them in a batch job",
    )


def _kills() -> bool | None:
    said = _asked(
        "busctl", "get-property", "org.freedesktop.login1", "/org/freedesktop/login1",
        "org.freedesktop.login1.Manager", "KillUserProcesses",
    )  # fmt: skip
    if said in ("b true", "b false"):
        return said == "b true"
    return configured()


def configured() -> bool | None:
    """What the login manager's files say; systemd's own default where they are silent; None where there are none."""
    files = [Path(name) for name in LOGIND]
    pieces = [piece for file in files for piece in (file.parent / "logind.conf.d").glob("*.conf")]
    # the main file is the first that exists; pieces override it, the last by name wins
    main = [file for file in files if file.is_file()][:1]
    if not main and not pieces:
        return None
    value = False
    for file in [*main, *sorted(pieces, key=lambda piece: piece.name)]:
        found = _setting(file)
        value = value if found is None else found
    return value


def _setting(file: Path) -> bool | None:
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    try:
        parser.read_string(file.read_text())
        return parser.getboolean("Login", "KillUserProcesses", fallback=None)
    except (OSError, ValueError, configparser.Error):
        return None


def _linger() -> bool:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        return False
    return Path("/var/lib/systemd/linger", user).exists()


def _asked(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
