"""The trees of XGBoost and LightGBM, by what these libraries write out of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mltui.core.table import Floats
from mltui.inference.found.forest import Forest, Known, spoken_for
from mltui.inference.found.grown import Grown

UNKNOWN = -1
"""In place of a number of rows."""


def other_trees(estimator: Any, codes: tuple[int, ...], most: int, known: Known) -> Forest | None:
    """The trees of a model of XGBoost or LightGBM, the library's own or one in scikit-learn's manner; None of others.

    Args:
        codes: of the classes that it was fitted to; of a regression the places of its targets.
        most: so many trees can be read, by their numbers.
    """
    if hasattr(estimator, "get_booster"):
        estimator = estimator.get_booster()
    elif hasattr(estimator, "booster_"):
        estimator = estimator.booster_
    if hasattr(estimator, "num_boosted_rounds"):
        return _xgboost(estimator, codes, most, known)
    return _lightgbm(estimator, codes, most) if hasattr(estimator, "dump_model") else None


def _xgboost(booster: Any, codes: tuple[int, ...], most: int, known: Known) -> Forest | None:
    steps, inputs = booster.num_boosted_rounds(), booster.num_features()
    each = known.of("each", 0, lambda step: len(booster[step : step + 1].get_dump())) if steps else 0
    names = {name: place for place, name in enumerate(booster.feature_names or [f"f{n}" for n in range(inputs)])}

    def grow(tree: int) -> Grown:
        step, place = divmod(tree, each)
        dumped = booster[step : step + 1].get_dump(with_stats=True, dump_format="json")[place]
        return _of_xgboost(json.loads(dumped), names)

    def importances(_known: Known) -> tuple[Floats, Floats | None]:
        found = np.zeros(inputs)
        for name, gain in booster.get_score(importance_type="total_gain").items():
            found[names[name]] = gain
        return found, None

    if not each:
        return None
    speaks = spoken_for(codes, each)
    return Forest(range(min(steps * each, most)), steps * each, "step", grow, importances, "gain", speaks, strict=True)


def _of_xgboost(tree: Mapping[str, Any], names: Mapping[str, int]) -> Grown:
    nodes, places = _walk(tree, _by_id)
    feature = [names[str(node["split"])] if "split" in node else -1 for node in nodes]
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


def _lightgbm(booster: Any, codes: tuple[int, ...], most: int) -> Forest | None:
    each, total = max(1, booster.num_model_per_iteration()), booster.num_trees()

    def grow(tree: int) -> Grown:
        step, place = divmod(tree, each)
        told = booster.dump_model(num_iteration=1, start_iteration=step)["tree_info"][place]
        return _of_lightgbm(told["tree_structure"])

    def importances(_known: Known) -> tuple[Floats, Floats | None]:
        return np.asarray(booster.feature_importance("gain"), np.float64), None

    if not total:
        return None
    return Forest(range(min(total, most)), total, "step", grow, importances, "gain", spoken_for(codes, each))


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
