"""What stands over the lab until it has its answer."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen, ScreenResultType


class LeftOnce(Screen[ScreenResultType]):
    """A screen that is left once, however quickly its keys follow each other.

    Textual takes away whichever screen is on top: of two answers that come in one piece, as by a key that repeats over
    a slow line, the second would take away what is below.
    """

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave with a result, unless it has been left already or something stands over it."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class Modal(ModalScreen[ScreenResultType], LeftOnce[ScreenResultType]):  # styles follow the first base alone
    """A sheet over what is below, which is still seen."""
