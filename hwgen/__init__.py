"""hwgen: from one recipe to gated, bit-exact early-exit firmware."""

__version__ = "0.1.0"
