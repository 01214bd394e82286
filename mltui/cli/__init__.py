"""The same lab without a screen."""

from mltui.cli.dispatch import main

__all__ = ["main"]
