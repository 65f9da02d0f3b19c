"""Criteria: confidence measures and the integer gates that compute them."""

from hwgen.criteria.base import Criterion, FitSample, Gate
from hwgen.criteria.parts import Cost, ExitShape, Table
from hwgen.criteria.registry import get_criterion, names
from hwgen.criteria.seen import Seen, answers, observe, read_embeddings

__all__ = [
    "Cost",
    "Criterion",
    "ExitShape",
    "FitSample",
    "Gate",
    "Seen",
    "Table",
    "answers",
    "get_criterion",
    "names",
    "observe",
    "read_embeddings",
]
