"""A kept model asked for scores: reading it back, and taking new rows through preprocessing and model."""
