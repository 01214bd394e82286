"""How many of the machine's processors are this process's share."""

from __future__ import annotations

import math
import os

from mltui.data import cgroups

MODEST = 2
"""Threads a run takes where nobody says: a login node belongs to everybody."""


def share() -> int:
    """The cores this process may use: what affinity and the control group's quota leave, at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = cgroups.cpu_quota()
    return max(1, min(cores, math.ceil(quota)) if quota else cores)
