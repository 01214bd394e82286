"""The views: one pane for each aspect of a run, in the order of their tabs."""

from __future__ import annotations

from mltui.views.base import View
from mltui.views.coefficients import CoefficientsView
from mltui.views.curve import CurveView
from mltui.views.events import EventsView
from mltui.views.fit import FitView
from mltui.views.importance import ImportanceView
from mltui.views.inputs import InputsView
from mltui.views.log import LogView
from mltui.views.matrix import MatrixView
from mltui.views.network import NetworkView
from mltui.views.numbers import NumbersView
from mltui.views.regression import PredictedView, ResidualsView
from mltui.views.resources import ResourcesView
from mltui.views.roc import RocView
from mltui.views.scores import ScoresView
from mltui.views.surface import SurfaceView
from mltui.views.tree import TreeView
from mltui.views.variations import VariationsView
from mltui.views.yields import YieldsView

VIEWS: tuple[type[View], ...] = (
    CurveView,
    SurfaceView,
    FitView,
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
    EventsView,
    ResourcesView,
)

__all__ = ["VIEWS", "View"]
