"""Datasets that are made here: each module holds a generator in plain NumPy and the cards that offer it."""
