"""The model cards, by family."""
