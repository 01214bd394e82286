"""How a training step moves a network's weights: down the slope in many ways, by the curvature, or by selection."""

from mltui.training.optimizers.choice import optimiser
from mltui.training.optimizers.state import Optimiser, State

__all__ = ["Optimiser", "State", "optimiser"]
