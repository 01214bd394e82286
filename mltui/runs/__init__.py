"""The parent side of runs: store, launching, following, control."""
