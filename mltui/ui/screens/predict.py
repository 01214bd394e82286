"""Scoring new files with a run's model: where the outputs go, how far it is, and what was written."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static
from textual.worker import Worker

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Hyperparameter
from mltui.core.prediction import FORMATS
from mltui.plots.bars import bar
from mltui.plots.look import Look
from mltui.plots.words import clean, count, percent
from mltui.runs.predict import Prediction, PredictionError
from mltui.ui.fields import Field
from mltui.ui.messages import ListWanted, RowLeft, Stepped, Typed
from mltui.ui.screens.choose import Choice, ChooseOne
from mltui.ui.screens.modal import Modal
from mltui.ui.session import Session
from mltui.ui.signs import said
from mltui.ui.widgets.field_row import FieldRow

AS_FILES = "as the files"
_INTO = Hyperparameter(
    name="into", kind="text", default="", help="The folder for the scores, one file for each, row for row."
)
_TREE = Hyperparameter(
    name="tree", kind="text", default=None, optional=True, help="Which table of a file. Empty: as in the run."
)
_FORMAT = Hyperparameter(
    name="format", kind="choice", default=AS_FILES, choices=(AS_FILES, *FORMATS), help="Of the outputs."
)
_KEYS: Mapping[str, str] = {
    "asking": "p predict   ↑↓ row   ←→ format   space types   esc back",
    "running": "x stop",
    "done": "p again   esc back",
    "sealed": "y score them, as an opening   esc back",
}
State = Literal["asking", "running", "done", "sealed"]


class Predict(Modal[None]):
    """Asks where the scores of some files shall go, has them made, and says what came of it."""

    DEFAULT_CSS = """
    Predict #predict-files { color: $foreground 80%; margin-bottom: 1; }
    Predict .sheet { height: auto; }
    Predict #predict-said { height: auto; max-height: 60vh; margin-top: 1; }
    Predict #predict-bar { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("p", "predict", "Predict", show=False),
        Binding("x", "stop", "Stop", show=False),
        Binding("y", "unseal", "Score the sealed rows too", show=False),
        Binding("down", "first_row", "To the rows", show=False),
    ]

    def __init__(self, session: Session, files: Sequence[str], look: Look) -> None:
        super().__init__()
        self._session, self._files, self._look = session, tuple(files), look
        into = session.started_in / f"run-{session.run.id if session.run else ''}-scores"
        self._values = {"into": str(into), "format": AS_FILES, "tree": ""}
        self._state: State = "asking"
        self._work: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """The files, the rows, how far it is, what is said, and the keys."""
        run = self._session.run
        with Vertical(classes="sheet") as box:
            box.border_title = f"Predict with run {run.id if run else ''}"
            yield Static(self._named(), id="predict-files", markup=False)
            for declared in (_INTO, _FORMAT, _TREE):
                row = FieldRow(Field(declared.name, "predict", declared, False), picks=True, empty="as in the run")
                row.value = self._values[declared.name]
                yield row
            yield Static("", id="predict-bar", markup=False)
            with VerticalScroll(id="predict-said", can_focus=False):
                yield Static("", id="predict-words", markup=False)
            yield Static("", id="predict-keys", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Ready to be asked."""
        self._turn("asking")
        self.set_focus(self.query(FieldRow).first())

    def _named(self) -> str:
        names = [clean(Path(path).name, limit=40) for path in self._files]
        more = f" and {count(len(names) - 3, 'more', 'more')}" if len(names) > 3 else ""
        return f"scores for {', '.join(names[:3])}{more}"

    # What is asked

    def on_typed(self, message: Typed) -> None:
        """A text changed."""
        self._put(message.key, message.text)

    def on_stepped(self, message: Stepped) -> None:
        """The next format."""
        self._put(message.key, str(_FORMAT.step(self._values[message.key], message.direction)))

    def on_list_wanted(self, message: ListWanted) -> None:
        """Every format."""

        def take(value: str | None) -> None:
            if value is not None:
                self._put(message.key, value)

        choices = [Choice(choice) for choice in _FORMAT.choices]
        self.app.push_screen(ChooseOne(message.key, choices, self._values[message.key]), take)

    def on_row_left(self, message: RowLeft) -> None:
        """Leave the rows; down comes back."""
        self.set_focus(None)

    def action_first_row(self) -> None:
        """Into the rows."""
        self.set_focus(self.query(FieldRow).first())

    def _put(self, key: str, value: str) -> None:
        self._values[key] = value
        for row in self.query(FieldRow):
            row.value = self._values[row.field.key]
        if self._state == "sealed":
            self._turn("asking")

    # Doing it

    def action_predict(self) -> None:
        """Begin."""
        if self._state in ("asking", "done"):
            self._begin(unseal=False)

    def action_unseal(self) -> None:
        """Begin, the sealed test part opened."""
        if self._state == "sealed":
            self._begin(unseal=True)

    def action_stop(self) -> None:
        """Call it off."""
        if self._work is not None and self._state == "running":
            self._work.cancel()

    def action_back(self) -> None:
        """Leave; what is being done is called off."""
        self.action_stop()
        self.dismiss()

    def _begin(self, *, unseal: bool) -> None:
        self.set_focus(None)
        self._turn("running", "looking at the files")
        self._work = self._predict(unseal)

    @work(group="predict")
    async def _predict(self, unseal: bool) -> None:
        chosen = next((format for format in FORMATS if format == self._values["format"]), None)
        request = self._session.prediction(
            self._files, self._values["into"],
            format=chosen, tree=self._values["tree"].strip() or None, unseal=unseal,
        )  # fmt: skip
        ended = False
        try:
            report = await request.run(self._progress)
            self._turn("done", *_told(report))
            ended = True
        except InputError as error:
            if error.key == "unseal":
                self._turn("sealed", f"{clean(error.sentence.partition(';')[0])}. y scores them and counts an opening.")
            else:
                self._turn("asking", clean(error.sentence), bad=True)
            ended = True
        except PredictionError as error:
            self._turn("asking", clean(error.sentence), *_told(request.report), bad=True)
            ended = True
        finally:
            if not ended and self.is_attached:
                self._turn("asking", "Stopped; nothing half done is left.", *_told(request.report))

    # What is seen

    def _progress(self, prediction: Prediction) -> None:
        words = f"  {percent(prediction.share, ascii=self._look.ascii)}"
        room = max(8, self.query_one("#predict-bar").size.width - len(words))
        line = bar(prediction.share, room, self._look)
        self.query_one("#predict-bar", Static).update(Text.assemble(line, words))
        if prediction.file:
            self._say(clean(prediction.file))

    def _turn(self, state: State, *lines: str, bad: bool = False) -> None:
        self._state = state
        self.query_one("#predict-bar").display = state == "running"
        for row in self.query(FieldRow):
            row.disabled = state == "running"
        if state != "running":
            self.query_one("#predict-bar", Static).update("")
        self._say("\n".join(lines), bad=bad)
        keys = said(_KEYS[state], self._look.ascii)
        self.query_one("#predict-keys", Static).update(keys)

    def _say(self, words: str, *, bad: bool = False) -> None:
        style = self._look.style("bad") if bad else ""
        self.query_one("#predict-words", Static).update(Text(words, style))


def _told(report: Mapping[str, Any] | None) -> list[str]:
    """What was written, with its counts, and what there is to know of it."""
    lines = []
    for one in (report or {}).get("files", ()):
        scored = one["rows"] - one["cut_away"] - one["unscored"]
        cut = f" ({one['cut_away']:,} cut away)" if one["cut_away"] else ""
        lines.append(f"{clean(_near(one['out']))}: {count(scored, 'score')} of {count(one['rows'], 'row')}{cut}")
    return [*lines, *(clean(note) for note in (report or {}).get("notes", ()))]


def _near(path: str) -> str:
    """A path as it is written from here, where that is shorter."""
    return min(path, os.path.relpath(path), key=len)
