"""The view: one aspect of a run, drawn as rows of styled text for whoever asks: the screen or the command line."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from rich.text import Text

from mltui.plots.look import Look
from mltui.views.numbers_of import NOTHING, Numbers
from mltui.views.picked import Picked
from mltui.views.shown import Shown


@dataclass(frozen=True)
class Key:
    """A key of a view's own, or several with a comma between them.

    Attributes:
        method: what it calls, with by how much, the Shown value, and the picture's width and height; it may answer
            with a `Change`.
        words: what that does.
    """

    keys: str
    method: str
    by: int
    words: str


@dataclass(frozen=True)
class Change:
    """What a key of a view's own asks the screen for.

    Attributes:
        picked: what is marked and pinned from now on; None: as it is.
        forms: of views, in which form they are drawn from now on.
        front: the view to bring to the front; empty: none.
    """

    picked: Picked | None = None
    forms: Mapping[str, str] = field(default_factory=dict)
    front: str = ""


class View:
    """One aspect of a run.

    A subclass says when it is offered, what its picture needs and how it is drawn. Class methods are pure functions of
    the Shown value; an instance holds what a person scrolled to, and its picture may be drawn in a thread.

    Attributes:
        name: the tab's id. title: what stands in the tab and in the border. tab: a shorter one for the tab, where
            there is one.
        help: what it shows, how to read it, what to try next.
        pace: seconds between two pictures of a moving run. What a key changes is drawn at once.
        keys: of its own; a view that has some has the focus while it is in front.
        wheel: the method that the mouse wheel calls, and by how much; none where it is empty.
        selectable: whether the mouse can mark text in it.
        forms: the ways to draw it, the usual one first; none where there is one only.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    tab: ClassVar[str] = ""
    help: ClassVar[str] = ""
    pace: ClassVar[float] = 0.25
    keys: ClassVar[tuple[Key, ...]] = ()
    wheel: ClassVar[tuple[str, int]] = ("", 0)
    selectable: ClassVar[bool] = False
    forms: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def forms_of(cls, shown: Shown) -> tuple[str, ...]:
        """Those of its forms that this run can be drawn in."""
        return cls.forms

    @classmethod
    def form(cls, shown: Shown) -> str:
        """In which of its forms it is drawn; empty where it has one only."""
        forms, chosen = cls.forms_of(shown), shown.forms.get(cls.name, "")
        return chosen if chosen in forms else next(iter(forms), "")

    @classmethod
    def variables(cls, shown: Shown) -> tuple[str, ...]:
        """The names of the variables that its picture can be of one of; none where it is of no single one."""
        return ()

    @classmethod
    def variable(cls, shown: Shown) -> str:
        """Which of them it is of; asked where there are some."""
        return shown.variable

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether this run has this view."""
        return True

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the numbers for a picture are there."""
        return True

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The most important number, as it stands after the title; empty where there is none."""
        return ""

    @classmethod
    def heading(cls, shown: Shown) -> str:
        """What stands in the border instead of the title, for a view whose title depends on what it shows."""
        return cls.title

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """One line: what will appear here, and which key makes it so."""
        return "Press r to run."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """What training changes in the picture; compared by identity, plain values also by equality."""
        return (shown,)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """What a person changes in the picture, and what comes at most a few times a run: drawn at once."""
        return (shown.look, shown.state.run, shown.state.phase, shown.awaited, cls.form(shown))

    @classmethod
    def hears(cls, method: str, shown: Shown) -> bool:
        """Whether its key for this method works now; else the key means what it means elsewhere."""
        return True

    @classmethod
    def hints(cls, shown: Shown) -> tuple[tuple[str, str], ...]:
        """Its keys that the key line names while it has the focus, each with a word or two."""
        return ()

    def draw(self, shown: Shown, width: int, height: int) -> Sequence[Text]:
        """The picture: `height` rows of `width` cells. It may run in a thread and may look at nothing but `shown`."""
        raise NotImplementedError

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """What the picture shows, in numbers."""
        return NOTHING

    def picture(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The rows as they are seen: the picture, or the line that says how to get one."""
        if not self.ready(shown):
            return centred("The run is starting." if shown.awaited else self.empty(shown), width, height, shown.look)
        return list(self.draw(shown, width, height))


def centred(line: str, width: int, height: int, look: Look) -> list[Text]:
    """One dim line in the middle, wrapped where the pane is narrow."""
    lines = textwrap.wrap(line, max(1, width - 2))[:height] if height else []
    above = (height - len(lines)) // 2
    rows = [""] * above + [words.center(width)[:width] for words in lines]
    rows += [""] * (height - len(rows))
    return [Text(words.ljust(width), style=look.style("dim"), end="") for words in rows]
