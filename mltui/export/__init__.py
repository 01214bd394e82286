"""Writes an experiment as a plain Python script, which needs no mltui and gives the same numbers."""
