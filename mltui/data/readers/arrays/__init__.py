"""Reads NumPy's NPY and NPZ files: arrays of one length are the columns of a table; nothing is unpickled."""

from mltui.data.readers.arrays.source import READER

__all__ = ["READER"]
