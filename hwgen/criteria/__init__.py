"""Criteria: confidence measures and the integer gates that compute them."""

from hwgen.criteria.base import Criterion, Gate
from hwgen.criteria.registry import get_criterion, names

__all__ = ["Criterion", "Gate", "get_criterion", "names"]
