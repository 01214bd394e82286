"""What the panes of the data browser show: titles, words and drawings, from what is looked at and what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.style import Style
from rich.text import Text
from textual.content import Content
from textual.geometry import Size

from mltui.plots.columns import column_list, first_rows
from mltui.plots.correlation import correlation_matrices
from mltui.plots.facts import column_facts
from mltui.plots.grid import message as sentence
from mltui.plots.images import class_images
from mltui.plots.look import Look
from mltui.plots.pairs import pair_plot
from mltui.plots.ranking import ranking as ranking_picture
from mltui.plots.reading import reading
from mltui.plots.variables import class_histogram
from mltui.plots.words import clean, count
from mltui.ui.browsed import ORDERS, Browsed
from mltui.ui.explored import Explored, Wish
from mltui.ui.signs import said
from mltui.ui.widgets.picture import Drawing


@dataclass(frozen=True)
class View:
    """What drawings are made from.

    Attributes:
        browsed: what is looked at. explored: what is known of the variables.
        data: the keys of the data as the form has them.
        look: what the terminal can show.
        asking: what is being asked, or None.
        cursor: the style of the row under the cursor.
        trouble: why the data cannot be read, or nothing.
    """

    browsed: Browsed
    explored: Explored
    data: Mapping[str, Any]
    look: Look
    asking: Wish | None
    cursor: Style
    trouble: str = ""


def listing(view: View, tab: str, ranking: Sequence[Mapping[str, Any]], *, typing: bool) -> tuple[Content, Drawing]:
    """The list on the left with its title: where the cursor is, what the filter is."""
    browsed, look = view.browsed, view.look
    names = browsed.names(tab, ranking)
    here = f"{names.index(browsed.chosen) + 1:,} of " if browsed.chosen in names else ""
    words = "Ranking" if tab == "ranking" else "Columns"
    if typing or browsed.wanted:
        words += f"  /{clean(browsed.wanted)}{look.sign('▏', '_') if typing else ''}"
    elif browsed.order and tab == "columns":
        words += f" {ORDERS[browsed.order]}"
    heading = Content(f"{words}  {here}{len(names):,}")
    first = browsed.first.get(tab, (0, 0))[0]
    if tab == "ranking":
        return heading, _ranking(view, browsed.ranked(ranking), first)
    empty = "no column has that in its name" if browsed.wanted else clean(view.trouble) or "looking at the data"
    key = (
        "columns",
        id(browsed.description),
        browsed.listed,
        first,
        browsed.chosen,
        browsed.paired,
        look,
        view.cursor,
        empty,
    )
    return heading, Drawing(
        _frozen(key),
        lambda width, height: column_list(
            browsed.listed, width, height, look, first=first, chosen=browsed.chosen, paired=browsed.paired,
            cursor=view.cursor, empty=empty,
        ),
    )  # fmt: skip


def _frozen(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """A key whose long parts are known by what they are, not by what they hold."""
    return tuple(
        id(part) if isinstance(part, tuple) and part and isinstance(part[0], Mapping) else part for part in key
    )


def _ranking(view: View, ranked: Sequence[Mapping[str, Any]], first: int) -> Drawing:
    answer, trouble = view.explored.summary()
    browsed, look = view.browsed, view.look
    if not ranked:
        return _said(_why_nothing(view, answer, trouble, "no feature's name has that" if browsed.wanted else ""), look)
    return Drawing(
        ("ranking", id(answer), first, browsed.chosen, browsed.wanted, look, view.cursor),
        lambda width, height: ranking_picture(
            ranked, width, height, look, first=first, chosen=browsed.chosen, cursor=view.cursor
        ),
    )


def _why_nothing(view: View, answer: Mapping[str, Any] | None, trouble: str, filtered: str) -> str:
    if trouble:
        return clean(trouble)
    if answer is None:
        return "looking at the variables" if view.browsed.has_features else "no feature is chosen"
    return filtered or "nothing to rank: choose a target with t in the columns"


def _said(words: str, look: Look) -> Drawing:
    words = said(words, look.ascii)
    return Drawing(("said", words, look), lambda width, height: sentence(words, width, height, look))


def detail_title(view: View) -> Content:
    """The title beside the list: the column's title and unit."""
    column = view.browsed.column
    return Content(clean(_label(column), limit=200) or "Column")


def _label(column: Mapping[str, Any]) -> str:
    name, unit = str(column.get("title") or column.get("name") or ""), column.get("unit")
    return str(column.get("label") or (f"{name} [{unit}]" if unit else name))


def _labels(browsed: Browsed) -> list[str]:
    return [str(entry.get("label")) for entry in browsed.description.get("classes") or ()]


def histogram(view: View) -> Drawing:
    """The chosen column's distribution by class, of images what they look like, or why there is none."""
    browsed, look, column = view.browsed, view.look, view.browsed.column
    name, kind = browsed.chosen, str(column.get("kind"))
    if not name:
        return _said("", look)
    if kind == "unusable":
        return _said(f"cannot be used: it {clean(column.get('why') or 'cannot be read')}", look)
    if column.get("role") == "target" and browsed.description.get("classes"):
        return _classes(view)
    if kind == "text":
        return _said("more texts than can be told apart", look)
    found, trouble = view.explored.histogram(name)
    if found is None or trouble:
        return _said(clean(trouble) or "looking at the column", look)
    return _drawn(view, found)


def _drawn(view: View, found: Mapping[str, Any]) -> Drawing:
    browsed, look, classes = view.browsed, view.look, _labels(view.browsed)
    if found.get("images"):
        return Drawing(
            ("images", id(found), tuple(classes), browsed.log, look),
            lambda width, height: class_images(found["images"], width, height, look, classes=classes, log=browsed.log),
        )
    label = _label(browsed.column)
    return Drawing(
        ("histogram", id(found), tuple(classes), label, browsed.log, look),
        lambda width, height: class_histogram(
            found, width, height, look, classes=classes, x_label=label, log=browsed.log
        ),
    )


def _classes(view: View) -> Drawing:
    """How large the classes are; each lies in one of the target's values, which would be a dull picture."""
    found, look = list(view.browsed.description.get("classes") or ()), view.look
    weighted = bool(view.browsed.description.get("weight"))
    sums = [[entry.get("weight" if weighted else "rows") or 0 for entry in found]]
    counted = {"labels": _labels(view.browsed), "sums": sums}
    title = "share of the weights" if weighted else "share of the rows"
    return Drawing(
        ("classes", id(view.browsed.description), look),
        lambda width, height: class_histogram(counted, width, height, look, title=title),
    )


def facts(view: View, ranking: Sequence[Mapping[str, Any]]) -> Drawing:
    """What is known of the chosen column."""
    browsed, look, column = view.browsed, view.look, view.browsed.column
    names = [str(entry.get("name")) for entry in ranking]
    at = names.index(browsed.chosen) if browsed.chosen in names else None
    ranked = ranking[at] if at is not None else None
    place = (at + 1, len(names)) if at is not None else None
    overruled = browsed.chosen in (view.data.get("kinds") or {})
    problems = [
        str(finding.get("sentence"))
        for finding in browsed.description.get("findings") or ()
        if browsed.chosen in (finding.get("columns") or ())
    ]
    histogram, _ = view.explored.histogram(browsed.chosen)
    classes = _labels(browsed)

    def draw(width: int, height: int) -> Sequence[Text]:
        if not column:
            return ()
        lines = column_facts(
            column, width, look, histogram=histogram, classes=classes, overruled=overruled, ranked=ranked,
            place=place, problems=problems,
        )  # fmt: skip
        if len(lines) > height > 0:
            left = count(len(lines) - height + 1, "more line")
            lines = [*lines[: height - 1], Text(said(f"… {left} in a taller terminal", look.ascii), look.style("dim"))]
        return lines

    return Drawing(("facts", id(column), id(histogram), id(ranked), place, overruled, look), draw)


# The tabs that fill the whole width


def whole(view: View, tab: str, paired: Sequence[str]) -> Drawing:
    """Correlations, pairs, rows or reading."""
    if not view.browsed.description:
        return _said(clean(view.trouble) or "looking at the data", view.look)
    if tab == "correlations":
        return _correlations(view)
    if tab == "pairs":
        return _pairs(view, paired)
    return _rows(view) if tab == "rows" else _reading(view)


def _matrices(view: View) -> list[Mapping[str, Any]]:
    """The matrices of the classes, turned so that the wanted ones come first; with two, the signal is the second."""
    answer, _ = view.explored.summary()
    found = list((answer or {}).get("correlations") or ())
    turn = view.browsed.turn % len(found) if len(found) > 2 else 0
    return [*found[turn:], *found[:turn]]


def many_classes(view: View) -> bool:
    """Whether there are more matrices than two."""
    return len(_matrices(view)) > 2


def _correlations(view: View) -> Drawing:
    look, first = view.look, view.browsed.first.get("correlations", (0, 0))
    answer, trouble = view.explored.summary()
    found = _matrices(view)
    if not found:
        nothing = "no correlations: at least two features that are numbers are needed"
        return _said(clean(trouble) or ("looking at the variables" if answer is None else nothing), look)
    return Drawing(
        ("correlations", id(answer), first, view.browsed.turn, view.browsed.brief, look),
        lambda width, height: correlation_matrices(
            found,
            width,
            height,
            look,
            first=first,
            least=min(2, len(found)),
            classes=_labels(view.browsed),
            brief=view.browsed.brief,
        ),
    )


def _pairs(view: View, paired: Sequence[str]) -> Drawing:
    look = view.look
    answer, trouble = view.explored.pairs()
    if not paired or answer is None or trouble:
        words = "looking at the pairs" if paired else "no number to draw: p in the columns takes one in"
        return _said(clean(trouble) or words, look)
    found = answer
    return Drawing(("pairs", id(found), look), lambda width, height: pair_plot(found, width, height, look))


def _rows(view: View) -> Drawing:
    look, first = view.look, view.browsed.first.get("rows", (0, 0))
    description = view.browsed.description
    head = description.get("head") or {}
    roles = {str(column.get("name")): str(column.get("role")) for column in view.browsed.columns}
    return Drawing(
        ("rows", id(description), first, look),
        lambda width, height: first_rows(head, width, height, look, first=first, roles=roles),
    )


def _reading(view: View) -> Drawing:
    look, first = view.look, view.browsed.first.get("reading", (0, 0))[0]
    description, data = view.browsed.description, view.data

    def draw(width: int, height: int) -> Sequence[Text]:
        return reading(description, data, width, look)[first : first + height]

    return Drawing(("reading", id(description), id(data), first, look), draw)


def most_rows(view: View, tab: str, size: Size) -> tuple[int, int]:
    """How far a tab can be scrolled: rows and columns."""
    if tab == "reading":
        lines = reading(view.browsed.description, view.data, max(size.width, 1), view.look)
        return max(len(lines) - size.height, 0), 0
    if tab == "rows":
        head = view.browsed.description.get("head") or {}
        rows, names = len(head.get("rows") or ()), len(head.get("names") or ())
        return max(rows - size.height + 1, 0), max(names - 1, 0)
    found = _matrices(view)
    names = len(found[0].get("names") or ()) if found and tab == "correlations" else 1
    return max(names - max(size.height - 3, 1), 0), max(names - 1, 0)
