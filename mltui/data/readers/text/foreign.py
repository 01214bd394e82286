"""Knows texts that are no tables by how they begin, and says what they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mltui.core.errors import InputError

_LIBSVM = re.compile(r"\S+(?:\s+\d+:\S+)+\s*(?:#.*)?")
_BEGINNINGS = (
    (
        re.compile(r"<!doctype html|<html|<head|<body", re.IGNORECASE),
        "is a web page, not the file that it shows; download that one",
    ),
    (re.compile(r"<\?xml|<svg", re.IGNORECASE), "is XML, which is no table; save it as CSV"),
    (re.compile(r'\[\s*[\[{]|\{\s*"[^"]*"\s*:'), "is JSON, which is no table here; save it as CSV or Parquet"),
    (re.compile(r"version https://git-lfs\."), "only points to the file; git lfs pull fetches it"),
    (re.compile(r"%PDF-"), "is a PDF document"),
)


def check(text: str) -> None:
    """See that a text is none that is known to be something else than a table.

    Raises:
        InputError: in words that follow the file's name.
    """
    begin = text[:1000].lstrip("\ufeff \t\r\n")
    for pattern, said in _BEGINNINGS:
        if pattern.match(begin):
            raise InputError(said, key="data.files")


def check_rows(lines: Sequence[str]) -> None:
    """See that rows are not those of LIBSVM, which name their values.

    Raises:
        InputError: in words that follow the file's name.
    """
    alike = sum(bool(_LIBSVM.fullmatch(line)) for line in lines[:20])
    if alike > min(20, len(lines)) * 0.8:
        raise InputError(
            "is in the LIBSVM form index:value, which is no table; write a column for each", key="data.files"
        )
