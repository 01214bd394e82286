"""The same lab without a screen."""
