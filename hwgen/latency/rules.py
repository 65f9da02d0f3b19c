"""Cycles of single layers. Every number has its source beside it; none is calibrated on this design.

Sources: [hls4ml] the pragmas and loops of hls4ml 1.3.0's own C++ templates, which fix trip counts and
initiation intervals; [published] csynth reports in public repositories, compared in
tests/latency/test_published.py; [assumed] our assumption.
"""

from __future__ import annotations

import math

from hwgen.latency.settings import Settings
from hwgen.reference.layers import Shape, Weighted

TREE_LEVEL_NS = 1.3
"""[published] One level of an adder or comparator tree, about; dense layers of Vivado HLS, 5 ns."""
CHAIN_INPUT_NS = 1.0
"""[published] Vitis HLS 2021.1 does not balance the sums of pruned MLPs: about 1 ns per input."""
CHAIN_BASE = 4
"""[published] Same designs: multiplication, bias and activation."""
MULTIPLIER_LEVELS = 2
"""[assumed] A product of small numbers takes as long as two levels of the tree."""
RESOURCE_DEPTH = 2
"""[published] Dense, Resource: worst latency = reuse factor + 2 (830 of 871 designs)."""
RESOURCE_CONV_EXTRA = 11
"""[published] io_stream convolution, Resource: each input pixel takes reuse factor + 11 (7 of 7)."""
POOL_DEPTH = 2
"""[assumed] Comparisons of a pooling window."""


def tree_cycles(levels: int, clock_ns: float) -> int:
    """Cycles of `levels` levels of logic between two registers; at least 1."""
    return max(1, math.ceil(levels * TREE_LEVEL_NS / clock_ns))


def sum_depth(terms: int, backend: str, clock_ns: float) -> int:
    """Pipeline depth of one sum of products, strategy Latency.

    The weakest of the rules: published depths of the same network differ by a factor of six with
    tool and part. Vivado HLS builds a balanced tree, Vitis HLS often a chain.
    """
    if backend == "Vitis":
        return CHAIN_BASE + math.ceil(terms * CHAIN_INPUT_NS / clock_ns)
    return tree_cycles(math.ceil(math.log2(max(terms, 2))) + MULTIPLIER_LEVELS, clock_ns)


def weighted_depth(layer: Weighted, settings: Settings, backend: str, clock_ns: float) -> int:
    """Cycles from the inputs of one dense layer, or one window of a convolution, to its outputs."""
    if settings.strategy == "resource":
        return settings.reuse_factor + RESOURCE_DEPTH
    return settings.reuse_factor - 1 + sum_depth(layer.kernel_matrix().shape[0], backend, clock_ns)


def parallel_windowed(
    layer: Weighted, out_shape: Shape, settings: Settings, backend: str, clock_ns: float
) -> int:
    """io_parallel convolution: one partition of output pixels every reuse factor [hls4ml]."""
    partitions = math.ceil(out_shape[0] * out_shape[1] / settings.parallel_pixels)
    return (partitions - 1) * settings.reuse_factor + weighted_depth(layer, settings, backend, clock_ns)


def stream_pixel_interval(settings: Settings) -> int:
    """io_stream convolution: cycles per input pixel [hls4ml: PIPELINE II = reuse factor]."""
    if settings.strategy == "resource":
        return settings.reuse_factor + RESOURCE_CONV_EXTRA
    return settings.reuse_factor
