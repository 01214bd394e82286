"""Numbers from scores, labels and weights."""
