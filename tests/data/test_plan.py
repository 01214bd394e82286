"""Several files as one plan: what they agree on."""

from __future__ import annotations

from pathlib import Path

import pytest

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.data.part import Wanted
from mltui.data.plan import opened
from mltui.data.roles import candidates


def test_a_column_that_a_file_of_the_same_name_lacks_cannot_be_used(tmp_path: Path) -> None:
    for folder, header in (("a", "x,y,z"), ("b", "x,y"), ("c", "x,y,z")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.csv").write_text(f"{header}\n" + "1,2,3\n"[: 2 * header.count(",") + 1] + "\n")
    data = Data(files=("a/t.csv", "b/t.csv", "c/t.csv"))
    with opened(data, tmp_path) as plan:
        assert plan.listing.unusable == {"z": "is not in t.csv"}
        assert candidates(data, plan.listing) == ["x", "y"]
        with pytest.raises(InputError, match=r"has no column 'z', which t\.csv has"):
            plan.check(Wanted(("z",)))


def test_files_alike_are_told_by_the_same_columns(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.csv").write_text("x,y\n1,2\n" if name < "c" else "x,y\n1,u\n")
    with opened(Data(files=("*.csv",)), tmp_path) as plan:
        first, second, third = (part.listing.fields for part in plan.parts)
        assert first is second
        assert third is not first
        assert [part.name for part in plan.unlike] == ["a.csv", "c.csv"]
