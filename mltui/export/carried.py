"""A function's own source, with all of its module that it uses, for a script that cannot import it."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any


def carried(function: Callable[..., Any]) -> str:
    """The source of a function and of what it uses at the top of its module, in the order of the module.

    Types are left out, and the underscores before names that are the module's own affair, so that it reads as if it
    had been written where it now stands. What the module imports is not carried.

    Args:
        function: plain: without decorators, defaults and keywords of its own.
    """
    source = inspect.getsource(sys.modules[function.__module__])
    top = dict(_named(ast.parse(source)))
    wanted, waiting = set(), [function.__name__]
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        used = {node.id for node in ast.walk(top[name]) if isinstance(node, ast.Name)}
        waiting += [other for other in used & top.keys() - wanted if not _is_type(other, top[name])]
    text = "\n\n".join(_written(node, source) for name, node in top.items() if name in wanted)
    for name in wanted:
        if name.startswith("_"):
            text = re.sub(rf"\b{name}\b", name.lstrip("_"), text)
    return text


def _named(module: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.Assign]]:
    """Functions and constants by name."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node


def _is_type(name: str, user: ast.FunctionDef | ast.Assign) -> bool:
    """Whether a function uses a name in its types alone."""
    if isinstance(user, ast.Assign):
        return False
    return not any(isinstance(node, ast.Name) and node.id == name for part in user.body for node in ast.walk(part))


def _written(node: ast.FunctionDef | ast.Assign, source: str) -> str:
    if isinstance(node, ast.Assign):
        return ast.get_source_segment(source, node) or ""
    arguments = ", ".join(argument.arg for argument in node.args.args)
    body = source.splitlines()[node.body[0].lineno - 1 : node.end_lineno]
    return "\n".join([f"def {node.name}({arguments}):", *body])
