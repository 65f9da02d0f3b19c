"""Data sets as integers of the recipe's input format, split into train, calibration and test."""

from hwgen.data.dataset import DataSet, Split
from hwgen.data.load import load_data

__all__ = ["DataSet", "Split", "load_data"]
