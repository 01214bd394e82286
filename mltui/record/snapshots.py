"""Kept moments of training: one .npz file each."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from mltui.core.snapshot import Layers, Points, Scores, Snapshot, Surface
from mltui.record.arrays import load_arrays, save_arrays
from mltui.record.files import private_part
from mltui.record.folder import RunFolder
from mltui.record.sound_found import sound_found

LARGEST = 1 << 28


def write_snapshot(path: Path, snapshot: Snapshot, *, sync: bool = True) -> None:
    """Keep a snapshot; its folder is made where absent.

    Raises:
        OSError: where it cannot be written.
    """
    private_part(path.parent)
    save_arrays(path, snapshot.arrays(), sync=sync)


def read_snapshot(path: Path) -> Snapshot | None:
    """The snapshot in a file, or None where there is none that can be drawn."""
    try:
        snapshot = Snapshot.read(load_arrays(path, limit=LARGEST))
        sound = _sound(snapshot)
    except (OSError, ValueError, TypeError, KeyError, IndexError, OverflowError):
        return None
    return snapshot if sound else None


def snapshot_path(folder: RunFolder, name: str) -> Path | None:
    """Where a snapshot named by an event lies; None for a name that leads out of the folder."""
    plain = name == os.path.basename(name) and name not in ("", ".", "..") and "\0" not in name
    return folder.snapshots / name if plain else None


def _sound(snapshot: Snapshot) -> bool:
    """Whether the arrays fit together, so that whoever draws them need not ask."""
    return (
        all(sound_scores(scores) for scores in snapshot.scores.values())
        and (snapshot.surface is None or sound_surface(snapshot.surface))
        and (snapshot.points is None or _sound_points(snapshot.points))
        and _targets_agree(snapshot)
        and (snapshot.layers is None or _sound_layers(snapshot.layers))
        and (snapshot.found is None or sound_found(snapshot.found))
    )


def _targets_agree(snapshot: Snapshot) -> bool:
    """Whether scores, surface and points are of as many targets."""
    counts = {scores.target.shape[1:] for scores in snapshot.scores.values()}
    counts |= {snapshot.points.target.shape[1:]} if snapshot.points else set()
    counts |= {snapshot.surface.values.shape[:-2]} if snapshot.surface else set()
    return len(counts) <= 1


def sound_scores(scores: Scores) -> bool:
    """Whether a part's arrays have one row for each row."""
    rows = scores.target.shape[0] if scores.target.ndim in (1, 2) else -1
    return (
        (scores.target.ndim == 1 or scores.target.shape == scores.scores.shape)
        and scores.target.dtype.kind in "biuf"
        and scores.scores.ndim in (1, 2)
        and scores.scores.shape[0] == rows
        and scores.weights.shape == (rows,)
        and scores.process.shape in ((0,), (rows,))
    )


def sound_surface(surface: Surface) -> bool:
    """Whether its values form a grid over a plane that has a width and a height."""
    x_low, x_high, y_low, y_high = surface.extent
    finite = bool(np.isfinite(surface.extent).all())
    return surface.values.ndim in (2, 3) and surface.values.size > 0 and finite and x_low < x_high and y_low < y_high


def _sound_points(points: Points) -> bool:
    shapes = {points.x.shape, points.y.shape, points.target.shape[:1], points.part.shape}
    return len(shapes) == 1 and points.x.ndim == 1 and points.target.ndim <= 2 and points.target.dtype.kind in "biuf"


def _sound_layers(layers: Layers) -> bool:
    dimensions = ((layers.weights, 2), (layers.biases, 1), (layers.activations, 2), (layers.maps, 3))
    shaped = all(values.ndim == wanted for held, wanted in dimensions for values in held.values())
    count = len(layers.names)
    told = len(layers.widths) in (0, count + 1) and len(layers.functions) in (0, count)
    return shaped and told and layers.gradients.shape == (count,)
