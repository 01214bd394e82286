"""Reads HDF5 files: datasets of one length, 2-D and compound ones, and tables as pandas writes them."""

from mltui.data.readers.hdf5.source import READER

__all__ = ["READER"]
