"""Cycle-by-cycle simulation of a generated pipeline with Verilator, and its switching activity."""

SOURCE = "rtl_simulation"
"""Stands beside every number that comes from here."""
