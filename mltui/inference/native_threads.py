"""How many threads the native libraries under scikit-learn may use, such that the numbers do not depend on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def native_threads(threads: int) -> Iterator[None]:
    """OpenMP (boosting, brute-force neighbours) gets these threads, BLAS one.

    With more than one thread BLAS adds in another order, and so gives other last digits; and on the sizes met here
    it is no faster.
    """
    with threadpool_limits({"openmp": threads, "blas": 1}):
        yield
