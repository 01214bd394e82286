"""The runs that scripts are held against come from real workers."""

from tests.training.conftest import workers

__all__ = ["workers"]
