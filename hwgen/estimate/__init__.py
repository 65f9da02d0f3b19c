"""Cycles, area and energy before any synthesis tool has run, fitted to published reports, each with its spread."""

from hwgen.estimate.assumed import ASSUMPTION, assumed_network
from hwgen.estimate.csynth import csynth_estimates
from hwgen.estimate.document import FILE, Subject, build_document
from hwgen.estimate.model import fitted

__all__ = ["ASSUMPTION", "FILE", "Subject", "assumed_network", "build_document", "csynth_estimates", "fitted"]
