"""What a person picked out: the cell of the matrix or the bin of the scores that is marked, and the events pinned."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mltui.core.sample import Place

LETTERS = "ABCDEFGHI"
"""What pinned events are called, in the order in which they were pinned; with more of them no mark is found again."""


@dataclass(frozen=True)
class Picked:
    """A new value is made for each change.

    Attributes:
        cell: of the confusion matrix, as the codes of the true class and of the class said; None: none is marked.
        bins: of the histogram of the scores, the first one that is marked and the one after the last; None: none is.
        pins: the events that are followed, by letter.
    """

    cell: tuple[int, int] | None = None
    bins: tuple[int, int] | None = None
    pins: tuple[tuple[str, Place], ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the pinned events came from."""
        return tuple(place for _, place in self.pins)

    def letter(self, place: Place) -> str:
        """What a pinned event is called; empty for another."""
        return next((letter for letter, pinned in self.pins if pinned == place), "")

    def turned(self, place: Place) -> Picked:
        """With this event pinned, or no longer pinned where it was; the same where no letter is free."""
        if place in self.places:
            return replace(self, pins=tuple(pin for pin in self.pins if pin[1] != place))
        taken = {letter for letter, _ in self.pins}
        free = next((letter for letter in LETTERS if letter not in taken), "")
        return replace(self, pins=tuple(sorted((*self.pins, (free, place))))) if free else self
