"""Says in words that a graphics card's memory was not enough, how much was asked for, and what would fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from mltui.training.problem import TrainingError

_ASKED = re.compile(r"Tried to allocate ([\d.]+ [KMGT]iB)")
_WHOLE = re.compile(r"total capacity of ([\d.]+ [KMGT]iB)")


@contextmanager
def said_in_words(batch_size: int) -> Iterator[None]:
    """Turn torch's complaint into a sentence.

    Args:
        batch_size: rows of a batch, of which half as many are offered.

    Raises:
        TrainingError: in place of `torch.OutOfMemoryError`.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise TrainingError(sentence(str(error), batch_size), cause="memory") from error


def sentence(said: str, batch_size: int) -> str:
    """One sentence from torch's own words.

    >>> sentence("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 8.00 GiB", 1024)
    'the graphics card had no room for another 2.00 GiB of its 8.00 GiB; try training.batch_size = 512, a smaller network or training.device = cpu'
    """  # noqa: E501
    asked, whole = _ASKED.search(said), _WHOLE.search(said)
    wanted = f"another {asked.group(1)}" if asked else "what this run needs"
    of = f" of its {whole.group(1)}" if whole else ""
    smaller = f"training.batch_size = {batch_size // 2}, " if batch_size > 1 else ""
    return f"the graphics card had no room for {wanted}{of}; try {smaller}a smaller network or training.device = cpu"
