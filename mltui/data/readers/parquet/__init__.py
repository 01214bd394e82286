"""Reads Parquet files, a column at a time, after their footer and page headers have been found honest."""

from mltui.data.readers.parquet.source import READER

__all__ = ["READER"]
