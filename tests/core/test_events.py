"""An event is one flat JSON object without NaN, and comes back as it was."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.events import Curve, Event, finite

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
heads = {"seq", "attempt", "kind", "time"}


@given(
    st.integers(0, 2**53),
    st.integers(0, 99),
    st.text(),
    st.floats(0, 1e12),
    st.dictionaries(st.text().filter(lambda k: k not in heads), plain),
)
def test_an_event_comes_back_from_its_line(
    seq: int, attempt: int, kind: str, time: float, fields: dict[str, object]
) -> None:
    event = Event(seq, attempt, kind, time, fields)
    line = json.dumps(event.document(), allow_nan=False)
    assert "\n" not in line
    assert Event.read(json.loads(line)) == event


def test_what_is_not_finite_becomes_null_at_any_depth() -> None:
    value = {"a": [1.0, math.nan, {"b": -math.inf}], "c": np.array([[1.5, np.nan]]), "d": np.float32("inf"), 3: (1,)}
    assert finite(value) == {"a": [1.0, None, {"b": None}], "c": [[1.5, None]], "d": None, "3": [1]}


@pytest.mark.parametrize("value", [np.int64(3), np.float64(0.5), np.bool_(True), np.str_("x")])
def test_numpy_scalars_become_plain(value: np.generic) -> None:
    assert type(finite(value)).__module__ == "builtins"
    assert finite(value) == value


@pytest.mark.parametrize("absent", sorted(heads))
def test_an_event_without_its_head_is_refused(absent: str) -> None:
    document = Event(1, 1, "progress", 2.0).document()
    del document[absent]
    with pytest.raises(KeyError, match=absent):
        Event.read(document)


def test_a_curve_comes_back_and_ignores_what_a_newer_writer_added() -> None:
    curve = Curve("auc", "validation", "tree", "higher", "3")
    assert Curve.read({**curve.document(), "colour": "red"}) == curve
