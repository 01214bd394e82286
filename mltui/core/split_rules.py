"""Which keys of the [split] section go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mltui.core.errors import InputError
from mltui.core.hyperparameters import check_all
from mltui.core.sections import Split, declared


def check_split(given: Mapping[str, Any]) -> Split:
    """The [split] section, each key by its own declaration, and all of them together.

    With test_files the shares divide the rows of the other files, so that `test` is 0, and train and validation
    keep the proportion of the defaults unless one of them is given.

    Raises:
        InputError: with the dotted key at fault in `key`.
    """
    split = Split(**check_all(declared(Split), given, section="split"))  # type: ignore[arg-type]
    if split.test_files:
        split = _with_test_files(split, given)
    _check_shares(split)
    _check_column(split)
    _check_folds(split)
    return split


def _with_test_files(split: Split, given: Mapping[str, Any]) -> Split:
    if given.get("test"):
        raise InputError("split has both test and test_files; keep one", key="split.test")
    split = replace(split, test=0.0)
    if "train" not in given and "validation" not in given:
        return replace(split, train=0.75, validation=0.25)
    return split


def _check_shares(split: Split) -> None:
    total = split.train + split.validation + split.test
    if total > 1 + 1e-9:
        raise InputError(
            f"split.train, split.validation and split.test add up to {total:g}; they may add up to 1 at most",
            key="split.validation" if split.test_files else "split.test",
        )


def _check_column(split: Split) -> None:
    needs = split.by in ("group", "time")
    if needs and split.column is None:
        raise InputError(
            f'split.by = "{split.by}" needs split.column, the column or expression that holds the {split.by}',
            key="split.column",
        )
    if split.column is not None and not needs:
        raise InputError(
            f'split.column is for split.by = "group" or "time"; split.by is "{split.by}"', key="split.column"
        )


def _check_folds(split: Split) -> None:
    if split.fold_by is not None and split.folds is None:
        raise InputError("split.fold_by needs split.folds, how many folds it gives", key="split.folds")
    if split.folds is not None and split.by == "time":
        raise InputError(
            'split.folds with split.by = "time" would train on what comes after; leave one of them out',
            key="split.folds",
        )
    if split.refit and split.folds is None and split.validation == 0:
        raise InputError("split.refit adds the validation part, and split.validation is 0", key="split.refit")
