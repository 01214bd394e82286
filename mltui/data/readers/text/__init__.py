"""Reads text in columns, the way that people's files are: separators, headers, numbers and dates are guessed."""

from mltui.data.readers.text.sampling import looks_like
from mltui.data.readers.text.source import READER

__all__ = ["READER", "looks_like"]
