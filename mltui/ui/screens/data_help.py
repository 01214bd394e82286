"""The words of the data browser: its title, what is going on, its keys, and the help of every tab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.style import Style
from rich.text import Text

from mltui.core.errors import InputError
from mltui.core.hyperparameters import shown
from mltui.plots.grid import squeezed
from mltui.plots.words import clean, count
from mltui.ui.screens.data_panes import View
from mltui.ui.signs import said
from mltui.ui.widgets.hints import Hint

_LEAST_NAME = 12
_NEXT = {
    "columns": "2 ranks the columns by how well each alone tells the classes apart",
    "ranking": "↑↓ through the ranking; space leaves a variable out, or takes it in again",
    "correlations": "in percent: above 0 both grow together, below 0 one falls as the other grows",
    "pairs": "p in the columns takes one in or out",
    "rows": "as they are read",
    "reading": "",
}
"""What to try next, a sentence for each tab."""

HELP = {
    "columns": """\
Shows every column of the data, and of the one under the cursor how its values are distributed in each class.

A tick is a feature: what the model learns from. T is the target, what it learns to predict; W the event weight. The \
histograms are densities, each class with area one, so that shapes compare; the upright lines are the statistical \
errors. Where the classes lie apart, the column alone already tells them apart; where they lie over each other, it may \
still help together with others. Of images each class shows its mean and first ones, of signals the first ones.

Try next: s orders the columns by separation. Untick the best one, run again, and see how much the model needed it. A \
histogram with a spike far off (at -999, say) shows a value that means missing: name it in the form under missing.""",
    "ranking": """\
Ranks the features by how well each alone tells the classes apart.

The separation is half the integral of (s - b)² / (s + b) over the densities s and b of the two classes: 0 where they \
are equal, 1 where they do not overlap (TMVA's definition). AUC alone is the area under the ROC curve of the feature \
taken as the score: 0.5 says nothing, near 0 or 1 says all. With more than two classes each is set against the rest.

Try next: look at the last features in the list. A model may do as well without them. A separation near 1 is too good: \
does the column repeat the target?""",
    "correlations": """\
Shows the linear correlation of every two features in percent, a matrix for each class.

Orange moves together, blue moves oppositely, dark is unrelated. 100 or -100 off the diagonal is the same information \
twice. Where the matrices of two classes differ, the features tell more together than each alone, and a model that \
sees them together gains.

Try next: arrows move through a large matrix; untick one of two features with nearly 100 and run again.""",
    "pairs": """\
Shows the features against each other, a cloud for each class; on the diagonal each feature's own distribution, above \
it the linear correlation in each class.

A straight line between the clouds is what a linear model can learn; a ring or a crossing needs a tree or a network.

Try next: p in the columns takes a column into this picture or out of it; without a choice it shows the best ones.""",
    "rows": """\
Shows the first rows as they are read, a column under its name. The target and the weight stand out, what is not used \
is dim.

Look for columns that slipped, headers read as rows, and signs that mean missing.

Try next: 6 tells what was guessed of the file and which key overrules each guess.""",
    "reading": """\
Tells how the data were read: what is worth knowing before training, what was guessed of the file and the key that \
overrules each guess, what you said yourself, and where all comes from.

Every key stands in the form (e shows all settings) and may be written into an experiment file.

Try next: put right what is guessed wrong, and look at the rows again.""",
}
KEYS = (
    ("1-6", "The tabs; tab and shift+tab go through them."),
    ("↑↓", "To another column; page up and down, home, end. Elsewhere they scroll, as ← → do."),
    ("space", "Make the column a feature, or leave it out."),
    ("t", "Make it the target, or take that back."),
    ("T", "Make it one target more, for a regression of several values, or take that back."),
    ("w", "Make it the event weight, or take that back."),
    ("k", "Take it for another kind: number, category, ordered, date, text, and as guessed again."),
    ("p", "Take it into the pair plot, or out of it."),
    ("/", "Type a part of a name to list only such columns; enter keeps it, esc takes it away."),
    ("s", "Order the list as in the file, by separation, by name, by what is missing."),
    ("l", "The histogram on a logarithmic axis, and back."),
    ("z", "The correlations as shades without numbers, so that more is in sight, and back."),
    ("c", "With many classes, the correlations of the next ones."),
    ("g", "Take what the data look like into the form."),
    ("u", "Take the last edit back."),
    ("esc", "Back to the lab."),
)


def hints(tab: str, *, typing: bool, many: bool, guesses: bool = False) -> tuple[Hint, ...]:
    """The keys that work in a tab, the most wanted first."""
    if typing:
        return (Hint("↵", "keep the filter"), Hint("esc", "all columns"), Hint("^u", "clear"))
    take = (Hint("g", "take the guesses", "guesses"),) if guesses else ()
    if tab in ("columns", "ranking"):
        return (
            *take,
            Hint("space", "use", "tick"),
            Hint("t", "target", "take('target')"),
            Hint("w", "weight", "take('weight')"),
            Hint("k", "kind", "kind"),
            Hint("/", "find", "filter"),
            Hint("s", "sort", "order"),
            Hint("p", "pair", "pair"),
            Hint("l", "log", "log"),
            Hint("u", "undo", "undo"),
        )
    arrows = {"correlations": "↑↓←→", "rows": "↑↓←→", "reading": "↑↓"}.get(tab)
    scroll = (Hint(arrows, "move" if tab == "correlations" else "scroll"),) if arrows else ()
    zoom = (Hint("z", "zoom", "brief"),) if tab == "correlations" else ()
    turn = (Hint("c", "next classes", "classes"),) if many and tab == "correlations" else ()
    return (*take, *scroll, *zoom, *turn, Hint("1", "columns", "show('columns')"))


def title(view: View, accent: Style, width: int) -> Text:
    """The line above all: which data, how many rows, what is learnt of what; a long name gives way."""
    found = view.browsed.description
    rows, features = found.get("rows"), len(found.get("features") or ())
    parts = [count(rows, "row")] if isinstance(rows, int | float) else []
    target, task, weight = found.get("target"), found.get("task"), found.get("weight")
    parts += [count(features, "feature")] if found else []
    of = "" if found.get("samples") else f" of {clean(target, limit=40)}"  # samples are the classes: no column is
    parts += [f"{task or 'learning'}{of}" if target else "no target"] if found else []
    parts += [f"weight {clean(weight, limit=40)}"] if weight else []
    if weight and len(" · ".join(parts)) > width - len(" Data     ") - _LEAST_NAME:
        parts.pop()  # its column is marked in the list
    facts = said("   " + " · ".join(parts), view.look.ascii)
    name = clean(found.get("title") or found.get("name") or "data", limit=200)
    line = Text(" ", no_wrap=True, overflow="ellipsis")
    line.append("Data", accent)
    line.append("  " + squeezed(name, max(width - len(facts) - len(" Data   "), _LEAST_NAME), view.look))
    return line.append(facts, "dim")


def message(view: View, trouble: InputError | None, tab: str, *, again: bool = False) -> tuple[str, str]:
    """What is going on, one sentence, and whether it is bad, a warning, or plain; `again`: the data are read anew."""
    found = view.browsed.description
    problems = len(found.get("problems") or ()) if tab != "reading" else 0
    if trouble is not None and str(trouble.key or "data").startswith("data"):
        return f"▲ {clean(trouble.sentence)}", "bad"
    busy = _busy(view, again=again)
    if busy:
        return busy, ""
    if found.get("suggested") and tab != "reading":
        return f"g takes {_suggested(found['suggested'])} into the form; 6 tells more", "warn"
    if problems:
        return f"▲ {count(problems, 'thing')} to know before training: 6 tells", "warn"
    return _NEXT[tab], ""


def _suggested(found: Mapping[str, Any]) -> str:
    """What the guesses are, in few words."""
    words = [f"{key} {clean(found[key], limit=24)}" for key in ("target", "weight") if found.get(key)]
    if found.get("samples"):
        labels = [clean(sample.get("label", ""), limit=16) for sample in found["samples"]]
        words.append(f"samples {', '.join(labels[:3])}" + (" and more" if len(labels) > 3 else ""))
    if found.get("missing"):
        held = found["missing"]
        values = held if isinstance(held, list | tuple) else [held]
        words.append(f"{', '.join(clean(shown(value), limit=8) for value in values[:3])} as missing")
    return ", ".join(words) or "what the data look like"


def _busy(view: View, *, again: bool) -> str:
    """What is being looked at, if anything is."""
    if again or not view.browsed.columns:
        return "looking at the data" + (" again" if again else "")
    if view.asking is None:
        return ""
    return {"histogram": "looking at the columns", "summary": "looking at the variables together"}.get(
        view.asking.what, "looking at the pairs"
    )
