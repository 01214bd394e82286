"""The views: one pane for each aspect of a run, in the order of their tabs."""

from __future__ import annotations

from mltui.ui.views.base import View
from mltui.ui.views.coefficients import CoefficientsView
from mltui.ui.views.curve import CurveView
from mltui.ui.views.importance import ImportanceView
from mltui.ui.views.inputs import InputsView
from mltui.ui.views.log import LogView
from mltui.ui.views.matrix import MatrixView
from mltui.ui.views.network import NetworkView
from mltui.ui.views.numbers import NumbersView
from mltui.ui.views.regression import PredictedView, ResidualsView
from mltui.ui.views.roc import RocView
from mltui.ui.views.scores import ScoresView
from mltui.ui.views.surface import SurfaceView
from mltui.ui.views.tree import TreeView
from mltui.ui.views.variations import VariationsView
from mltui.ui.views.yields import YieldsView

VIEWS: tuple[type[View], ...] = (
    CurveView,
    SurfaceView,
    RocView,
    ScoresView,
    MatrixView,
    PredictedView,
    ResidualsView,
    NetworkView,
    CoefficientsView,
    TreeView,
    ImportanceView,
    NumbersView,
    YieldsView,
    InputsView,
    VariationsView,
    LogView,
)

__all__ = ["VIEWS", "View"]
