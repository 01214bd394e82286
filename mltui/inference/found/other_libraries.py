"""The trees of XGBoost and LightGBM, by what these libraries write out of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mltui.core.table import Floats
from mltui.inference.found.forest import Forest, Known
from mltui.inference.found.grown import Grown
from mltui.inference.found.scikit_trees import spoken_for

UNKNOWN = -1
"""In place of a number of rows."""


def other_trees(booster: Any, codes: Sequence[int], most: int) -> Forest | None:
    """The trees of a Booster of XGBoost or LightGBM; None where it is neither, or has no trees.

    Args:
        codes: of the classes that the rows held which it was fitted on; of a regression one number.
        most: so many trees are read.
    """
    if hasattr(booster, "num_boosted_rounds"):
        return _xgboost(booster, codes, most)
    return _lightgbm(booster, codes, most) if hasattr(booster, "num_model_per_iteration") else None


def _xgboost(booster: Any, codes: Sequence[int], most: int) -> Forest | None:
    steps = booster.num_boosted_rounds()
    if not steps:
        return None
    each = max(1, len(booster[0:1].get_dump()))
    dumped = booster[0 : min(steps, -(-most // each))].get_dump(with_stats=True, dump_format="json")
    trees = [json.loads(text) for text in dumped]

    def importances(_known: Known) -> tuple[Floats, Floats | None]:
        gains = np.zeros(booster.num_features())
        for name, gain in booster.get_score(importance_type="gain").items():
            gains[int(name.removeprefix("f"))] = gain
        return gains, None

    speaks = spoken_for(codes, each)
    return Forest(trees, steps * each, "step", _of_xgboost, importances, "gain", speaks, strict=True)


def _of_xgboost(tree: Mapping[str, Any]) -> Grown:
    nodes, places = _walk(tree, _by_id)
    feature = [int(str(node["split"]).removeprefix("f")) if "split" in node else -1 for node in nodes]
    return _grown(
        feature,
        [float(np.float32(node.get("split_condition", np.nan))) for node in nodes],  # written in nine digits
        places,
        [UNKNOWN for _ in nodes],
        [float(node.get("cover", np.nan)) for node in nodes],
        [float(node.get("leaf", np.nan)) for node in nodes],
    )


def _by_id(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The children: first where a row goes that is below the threshold."""
    children = {child["nodeid"]: child for child in node.get("children", ())}
    return [children[node["yes"]], children[node["no"]]] if children else []


def _lightgbm(booster: Any, codes: Sequence[int], most: int) -> Forest | None:
    each = max(1, booster.num_model_per_iteration())
    total = booster.num_trees()
    if not total:
        return None
    told = booster.dump_model(num_iteration=-(-most // each))
    trees = [tree["tree_structure"] for tree in told["tree_info"]]

    def importances(_known: Known) -> tuple[Floats, Floats | None]:
        return np.asarray(booster.feature_importance("gain"), np.float64), None

    return Forest(trees, total, "step", _of_lightgbm, importances, "gain", spoken_for(codes, each))


def _of_lightgbm(tree: Mapping[str, Any]) -> Grown:
    nodes, places = _walk(tree, lambda node: [node[side] for side in ("left_child", "right_child") if side in node])
    return _grown(
        [int(node.get("split_feature", -1)) for node in nodes],
        [float(node.get("threshold", np.nan)) for node in nodes],
        places,
        [int(node.get("internal_count", node.get("leaf_count", UNKNOWN))) for node in nodes],
        [float(node.get("internal_weight", node.get("leaf_weight", np.nan))) for node in nodes],
        [float(node["leaf_value"]) if "split_feature" not in node else np.nan for node in nodes],
    )


def _walk(root: Mapping[str, Any], children: Any) -> tuple[list[Mapping[str, Any]], list[tuple[int, int]]]:
    """The nodes from the root down, and the places of each one's children, -1 for none."""
    nodes: list[Mapping[str, Any]] = [root]
    places: list[tuple[int, int]] = []
    for node in _growing(nodes):
        below = children(node)
        places.append((len(nodes), len(nodes) + 1) if below else (-1, -1))
        nodes += below
    return nodes, places


def _growing(nodes: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    place = 0
    while place < len(nodes):
        yield nodes[place]
        place += 1


def _grown(
    feature: list[int], threshold: list[float], places: list[tuple[int, int]], rows: list[int], weight: list[float],
    leaf: list[float],
) -> Grown:  # fmt: skip
    left, right = np.array(places, np.int64).T
    return Grown(
        np.array(feature, np.int64),
        np.array(threshold),
        left,
        right,
        np.array(rows, np.int64),
        np.array(weight),
        np.array(leaf)[:, None],
        np.full(len(feature), np.nan),
        np.zeros(len(feature), np.int64),
    )
