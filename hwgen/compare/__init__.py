"""`hwgen compare`: all criteria and training methods at the same budgets, on one trained backbone."""

from hwgen.compare.run import compare

__all__ = ["compare"]
