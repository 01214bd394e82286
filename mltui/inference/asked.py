"""What a run was asked to do, read back from its folder."""

from __future__ import annotations

import functools

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment, Known
from mltui.core.source import Source
from mltui.data import catalogue as datasets
from mltui.models import catalogue as models
from mltui.record.files import why
from mltui.record.folder import RunFolder


@functools.cache
def known() -> Known:
    """Every dataset and model that an experiment may name."""
    return Known(datasets=datasets.declared(), models=models.declared())


def experiment(folder: RunFolder) -> Experiment:
    """The resolved experiment of a run.

    Raises:
        InputError: where it cannot be read or is not a whole experiment.
    """
    try:
        text = folder.resolved.read_text(encoding="utf-8")
    except FileNotFoundError:
        if not folder.path.exists():
            raise InputError(f"run {folder.id} is no longer there ({folder.path})") from None
        raise InputError(f"{folder.path} is not a run folder: it has no {folder.resolved.name}") from None
    except OSError as error:
        raise InputError(f"{folder.resolved} cannot be read: {why(error)}") from None
    except UnicodeDecodeError:
        raise InputError(f"{folder.resolved} is not a text in UTF-8") from None
    return Experiment.parse(Source(str(folder.resolved), text), known())
