"""The work of a training step of a torch module."""

from __future__ import annotations

from typing import Any

from mltui.models.work import WORTH_A_CARD, WORTH_SHARING, operations

__all__ = ["WORTH_A_CARD", "WORTH_SHARING", "step_operations"]


def step_operations(module: Any, batch_size: int, rows: int) -> int:
    """As `models.work.operations`, of a torch module."""
    return operations(sum(parameter.numel() for parameter in module.parameters()), batch_size, rows)
