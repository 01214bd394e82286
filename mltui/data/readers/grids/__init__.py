"""Columns out of numpy-like arrays that are read by slices of rows: what NPY, NPZ and HDF5 files have in common."""
