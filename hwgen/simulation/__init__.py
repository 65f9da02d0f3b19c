"""Compiles the firmware with g++ and proves it against the reference."""

from hwgen.simulation.simulate import simulate

__all__ = ["simulate"]
