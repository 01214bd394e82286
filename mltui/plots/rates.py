"""The rates of two classes at a threshold under the names of both worlds, with their errors."""

from __future__ import annotations

from mltui.evaluation.rates import Rate, Rates
from mltui.plots import words
from mltui.plots.grid import Grid, cells
from mltui.plots.look import Look
from mltui.plots.table import Column, put_table

ROWS = 6
"""The rows that the table takes, its heads among them."""
LEAST_WIDTH = 40


def put_rates(grid: Grid, row: int, found: Rates, labels: tuple[str, str]) -> None:
    """Draw the table from a row on.

    Args:
        grid: to draw on.
        row: of the heads.
        found: the rates.
        labels: of background and signal, clean.
    """
    background, signal = labels
    named = (
        ("efficiency", "sensitivity, recall", found.signal_efficiency, f"of {signal} is found"),
        ("rejection", "specificity", found.background_rejection, f"of {background} is refused"),
        ("purity", "precision, PPV", found.purity, f"of what is said {signal} is it"),
        ("NPV", "negative purity", found.negative_purity, f"of what is said {background} is it"),
        ("accuracy", "", found.accuracy, "of all is said rightly"),
    )
    columns = [
        Column("rate", tuple(name for name, _, _, _ in named), roles=("label",) * len(named), left=True),
        Column("also called", tuple(also for _, also, _, _ in named), "dim", keep=5, left=True),
        Column("share", measured([rate for _, _, rate, _ in named], grid.look), "strong", keep=9, left=True),
        Column("", tuple(said for _, _, _, said in named), "dim", left=True),
    ]
    put_table(grid, columns, top=row)


def measured(rates: list[Rate], look: Look) -> tuple[str, ...]:
    """Shares with their errors, the signs between them under each other."""
    pairs = [words.measured(rate.value, rate.error, ascii=look.ascii) for rate in rates]
    left = max(cells(value) for value, _ in pairs)
    sign = look.sign("±", "+-")
    return tuple(f"{value:<{left}} {sign} {error}" if error else value for value, error in pairs)
