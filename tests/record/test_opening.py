"""Who may open the test part, where several processes find that the last one has died."""

from __future__ import annotations

from pathlib import Path

import pytest

from mltui.record import opening
from mltui.record.folder import RunFolder


def test_one_that_was_slower_to_clear_a_dead_ones_place_leaves_it_to_the_quicker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked at the dead one's place before the quicker made its own there."""
    folder, truth = RunFolder(tmp_path), opening._given_up
    looks = iter([True])
    with opening.opening(folder):
        monkeypatch.setattr(opening, "_given_up", lambda place: next(looks, None) or truth(place))
        with pytest.raises(opening.Busy), opening.opening(folder):
            pass
        assert (folder.opening / "owner.json").is_file()
        with pytest.raises(opening.Busy), opening.opening(folder):
            pass
    assert list(tmp_path.iterdir()) == []
