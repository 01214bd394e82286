"""What has been learnt of the data's variables, and what to ask for next; holds answers, asks nobody itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

BATCH = 24
"""So many histograms are asked for at once: those in sight."""
POINTS = 600
BINS = 40
Answer = Mapping[str, Any]
Wanted = Literal["histogram", "summary", "pairs"]


@dataclass(frozen=True)
class Wish:
    """A job to ask for.

    Attributes:
        what: it is for. job, fields: what the session is asked.
        key: of the data it was asked about.
        names: of the columns it is about; empty for all features.
    """

    what: Wanted
    job: str
    fields: Mapping[str, Any]
    key: str
    names: tuple[str, ...] = ()


@dataclass
class Explored:
    """Answers about one table. What was learnt of other data stays to be shown until it is learnt anew.

    Attributes:
        data: the keys of the data.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    _histograms: dict[str, tuple[str, Answer]] = field(default_factory=dict)
    _summary: tuple[str, Answer] | None = None
    _pairs: tuple[str, tuple[str, ...], Answer] | None = None
    _troubles: dict[tuple[str, str], str] = field(default_factory=dict)
    _batch: int = BATCH

    def look_at(self, data: Mapping[str, Any]) -> bool:
        """From now on these data are asked about; whether they are others than before."""
        changed = dict(data) != dict(self.data)
        self.data = dict(data)
        return changed

    def forget(self) -> None:
        """Leave nothing of other data, such as other files, to be shown."""
        self._histograms, self._summary, self._pairs, self._troubles, self._batch = {}, None, None, {}, BATCH

    # What is known

    def histogram(self, name: str) -> tuple[Answer | None, str]:
        """A column's histogram, perhaps of the data before, and why there is none."""
        held = self._histograms.get(name)
        return (held[1] if held else None), self._troubles.get((_key(self.data), name), "")

    def summary(self) -> tuple[Answer | None, str]:
        """Ranking and correlations, and why there are none."""
        trouble = self._troubles.get((_key(self.data, whole=True), ""), "")
        return (self._summary[1] if self._summary else None), trouble

    def pairs(self) -> tuple[Answer | None, str]:
        """The values of the pair plot, and why there are none."""
        trouble = self._troubles.get((_key(self.data), "\0pairs"), "")
        return (self._pairs[2] if self._pairs else None), trouble

    # What to ask

    def wish_histograms(self, names: Sequence[str]) -> Wish | None:
        """A wish for those of these columns that are not known yet, the first of them being the most wanted."""
        key = _key(self.data)
        open_names = [name for name in names if not self._has(key, name)]
        if not open_names or open_names[0] != names[0]:
            return None
        chosen = tuple(open_names[: self._batch])
        return Wish("histogram", "variables", {"data": self.data, "names": list(chosen), "bins": BINS}, key, chosen)

    def wish_summary(self) -> Wish | None:
        """A wish for ranking and correlations."""
        key = _key(self.data, whole=True)
        if (self._summary is not None and self._summary[0] == key) or (key, "") in self._troubles:
            return None
        return Wish("summary", "variables", {"data": self.data, "names": None, "bins": BINS}, key)

    def wish_pairs(self, names: Sequence[str]) -> Wish | None:
        """A wish for the rows of the pair plot of these columns."""
        key, chosen = _key(self.data), tuple(names)
        known = self._pairs is not None and self._pairs[:2] == (key, chosen)
        if not chosen or known or (key, "\0pairs") in self._troubles:
            return None
        fields = {"data": self.data, "names": list(chosen), "points": POINTS}
        return Wish("pairs", "pairs", fields, key, chosen)

    def again(self) -> None:
        """What failed may be asked once more."""
        self._troubles.clear()

    # Answers

    def granted(self, wish: Wish, answer: Answer) -> None:
        """Take the answer to a wish."""
        if wish.what == "pairs":
            self._pairs = (wish.key, wish.names, answer)
            return
        key = _key(wish.fields["data"])
        found = answer.get("histograms") or {}
        self._histograms.update({str(name): (key, found[name]) for name in found})
        for name in wish.names:
            if name not in found:
                self._troubles[(wish.key, name)] = "there is no histogram of this column"
        if wish.what == "summary":
            self._summary = (wish.key, answer)

    def refused(self, wish: Wish, sentence: str) -> None:
        """Take that a wish was not granted; where several columns were asked for, each is asked for alone next."""
        if len(wish.names) > 1 and wish.what == "histogram":
            self._batch = 1
            return
        name = {"histogram": wish.names[0] if wish.names else "", "summary": "", "pairs": "\0pairs"}[wish.what]
        self._troubles[(wish.key, name)] = sentence

    def _has(self, key: str, name: str) -> bool:
        held = self._histograms.get(name)
        return (held is not None and held[0] == key) or (key, name) in self._troubles


def _key(data: Mapping[str, Any], *, whole: bool = False) -> str:
    """What answers depend on: which columns are features does not change another column's histogram."""
    parts = data if whole else {name: held for name, held in data.items() if name not in ("features", "exclude")}
    return json.dumps(parts, sort_keys=True, default=str)
