"""Writes columns into files piece by piece: a new file shows only when it is whole."""

from mltui.data.writers.contract import WritingError, opened

__all__ = ["WritingError", "opened"]
