"""Says where a row of a table came from."""

from __future__ import annotations

from pathlib import PurePath

from mltui.core.table import Table


def where_from(table: Table, row: int) -> str:
    """Its file and its number there, such as "entry 12 of events.csv"; its number where there is no file."""
    if not len(table.file):
        return f"row {row:,}"
    return f"entry {int(table.entry[row]):,} of {PurePath(table.files[int(table.file[row])]).name}"
