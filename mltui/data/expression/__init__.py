"""Cuts, weights and features written as expressions: parsed into a checked tree, never handed to Python to run."""

from mltui.data.expression.errors import ExpressionError
from mltui.data.expression.tree import Expression, parse

__all__ = ["Expression", "ExpressionError", "parse"]
