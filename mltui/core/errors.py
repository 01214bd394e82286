"""The one error a user can cause: a sentence that says what is wrong, where, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(Exception):
    """Something the user gave cannot be used.

    Its text is one sentence for the user; `key` names the experiment key at fault, dotted, where there is one,
    so that a form can show the sentence beside its field.
    """

    def __init__(self, sentence: str, *, key: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.key = key


def nearest(wrong: str, known: Iterable[str], *, at_most: int = 12) -> str:
    """Say what a mistyped name may have meant: the closest known name, else the known names.

    >>> nearest("learning_rat", ["learning_rate", "epochs"])
    'did you mean learning_rate?'
    """
    names = sorted(known)
    close = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    if not names:
        return "nothing can be set here."
    shown = ", ".join(names[:at_most])
    rest = len(names) - at_most
    return f"known here: {shown}" + (f" and {rest} more." if rest > 0 else ".")
