"""`mltui show RUN [VIEW]`: any view of a run without the lab, as a picture or in numbers, or written to a file."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mltui.cli.chosen import RUN_HELP
from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output, look, picture_size, say
from mltui.core.errors import InputError, nearest

if TYPE_CHECKING:
    from mltui.views import View
    from mltui.views.numbers_of import Numbers
    from mltui.views.shown import Shown

_FILE_SIZE = (100, 30)
_FEW = 12
"""Rows of a table that plain lines show; --json and --out have all."""


def _declare(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument("view", metavar="VIEW", nargs="?", help="which; without it, those that the run has are listed")
    parser.add_argument("--form", metavar="F", help="of a view that can be drawn in several ways, which")
    parser.add_argument("--threshold", type=float, default=0.5, metavar="T", help="0 to 1; default 0.5")
    parser.add_argument("--metric", default="", metavar="M", help="which metric the curve draws")
    parser.add_argument("--target", metavar="NAME", help="of several targets, which")
    parser.add_argument("--variable", metavar="NAME", help="of a picture of one variable, which")
    parts = ("train", "validation", "test")
    parser.add_argument(
        "--part", choices=parts, metavar="P", help=f"whose scores: {', '.join(parts)} once it is opened"
    )
    parser.add_argument("--step", type=float, metavar="N", help="as the model was at the kept step at or before N")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it: .txt .svg .csv .json .png .pdf")
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.runs.home import home
    from mltui.runs.store import Store
    from mltui.runs.watch import Watch
    from mltui.views import VIEWS
    from mltui.views.opened import opened

    output = Output.chosen(arguments)
    if not 0 <= arguments.threshold <= 1:
        raise InputError(f"--threshold {arguments.threshold:g} is not between 0 and 1")
    seen = Watch(Store(home()).find(arguments.run)).look(arguments.step)
    shown = _chosen(opened(seen, look()), arguments)
    offered = {view.name: view for view in VIEWS if view.offered(shown)}
    if arguments.view is None:
        _list(output, list(offered.values()), shown)
        return 0
    if arguments.view not in offered:
        raise InputError(f"run {shown.state.run} has no view {arguments.view!r}; {nearest(arguments.view, offered)}")
    view = offered[arguments.view]()
    shown = _of_variable(view, _formed(view, shown, arguments.form), arguments.variable)
    if arguments.out is not None:
        _write(view, shown, arguments.out)
    else:
        _print(output, view, shown)
    return 0


def _chosen(shown: Shown, arguments: Namespace) -> Shown:
    metric, targets = arguments.metric, shown.targets
    if metric and metric not in shown.metrics:
        raise InputError(f"--metric: run {shown.state.run} has no curve {metric!r}; {nearest(metric, shown.metrics)}")
    target = 0
    if arguments.target is not None:
        if arguments.target not in targets:
            raise InputError(f"--target: there is no {arguments.target!r}; {nearest(arguments.target, targets)}")
        target = targets.index(arguments.target)
    part = arguments.part or ""
    scored = shown.snapshot.scores if shown.snapshot else {}
    if part and part not in scored:
        sealed = "; the test part is scored by mltui runs unseal" if part == "test" else ""
        raise InputError(f"--part: run {shown.state.run} has no scores of {part} to show{sealed}")
    return replace(
        shown, threshold=arguments.threshold, metric=metric, target=target, cursor=arguments.step, part=part
    )  # fmt: skip


def _formed(view: View, shown: Shown, form: str | None) -> Shown:
    if form is None:
        return shown
    forms = view.forms_of(shown)
    if form not in forms:
        known = nearest(form, forms) if len(forms) > 1 else "it is drawn in one way only"
        raise InputError(f"--form: {view.name} has no form {form!r}; {known}")
    return replace(shown, forms={view.name: form})


def _of_variable(view: View, shown: Shown, name: str | None) -> Shown:
    if name is None:
        return shown
    names = view.variables(shown)
    if name not in names:
        known = nearest(name, names) if names else "this picture is of no single one"
        raise InputError(f"--variable: there is no {name!r} for {view.name}; {known}")
    return replace(shown, variable=name)


def _list(output: Output, views: list[type[View]], shown: Shown) -> None:
    found = [
        {"name": view.name, "title": view.title, "forms": list(view.forms_of(shown)), "ready": view.ready(shown)}
        for view in views
    ]
    output.document({"run": shown.state.run, "views": found})
    rows: list[list[str]] = [
        [view.name, view.title, ", ".join(view.forms_of(shown)), "" if view.ready(shown) else "not yet"]
        for view in views
    ]
    output.table(["view", "title", "forms", ""], rows)


def _print(output: Output, view: View, shown: Shown) -> None:
    from mltui.views.writing import document, heading

    if output.mode == "json":
        output.document(document(view, shown))
        return
    output.text(heading(view, shown))
    if not view.ready(shown):
        output.text(view.empty(shown))
    elif output.pictures:
        output.rows(view.picture(shown, *picture_size()))
    else:
        _lines(output, view.numbers(shown))


def _lines(output: Output, numbers: Numbers) -> None:
    """The numbers in plain lines."""
    from mltui.views.numbers_of import plain

    if numbers.values:
        output.table(["name", "value"], [[name, _said(value)] for name, value in numbers.values.items()])
    for table in numbers.tables:
        columns = [plain(values) for values in table.columns.values()]
        rows = [[_said(cell) for cell in row] for row in zip(*columns, strict=True)]
        output.line()
        output.line(f"{table.name}:")
        output.table(list(table.columns), rows[:_FEW])
        if len(rows) > _FEW:
            output.line(f"and {len(rows) - _FEW:,} rows more; --json and --out FILE.csv have all")


def _said(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _write(view: View, shown: Shown, out: Path) -> None:
    from mltui.runs.new_files import write_exactly
    from mltui.views.writing import FORMATS, written

    ending = out.suffix.lower()
    if ending not in FORMATS:
        raise InputError(f"--out {out}: a view is written as one of {', '.join(FORMATS)}")
    for name, content in written(view, shown, ending, *_FILE_SIZE).items():
        path = out.with_name(f"{out.stem}-{name}{out.suffix}") if name else out
        write_exactly(path, content)
        say(f"wrote {path}")


COMMAND = Command(
    "show",
    "RUN [VIEW] [--form F] [--variable V] [--part P] [--threshold T] [--step N] [--out FILE] [--json] [--plain]",
    "One view of a run: its picture, its numbers, or a file of either.",
    _declare,
    _run,
)
