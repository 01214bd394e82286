"""How much work one training step of a network is, and what that is worth: a second thread, a graphics card."""

from __future__ import annotations

WORTH_SHARING = 30_000_000
"""Operations in a step from which a second thread pays; two would mostly wait for each other below that."""
WORTH_A_CARD = 30_000_000
"""Operations in a step from which a graphics card pays: about the millisecond that starting its kernels takes."""


def operations(parameters: int, batch_size: int, rows: int) -> int:
    """The operations of a step: about six a parameter and row, forward, and backward twice.

    Args:
        rows: of the training part; a batch holds no more.
    """
    return 6 * parameters * min(batch_size, rows)
