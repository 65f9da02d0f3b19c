"""Latency in clock cycles: a first estimate from published rules, before any synthesis tool has run."""

from hwgen.latency.distribution import Distribution, distribution
from hwgen.latency.kernel import LatencyEstimate, estimate_latency

__all__ = ["Distribution", "LatencyEstimate", "distribution", "estimate_latency"]
