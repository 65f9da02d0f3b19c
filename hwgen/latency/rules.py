"""Cycles of single layers, on plain numbers. Every number has its source beside it; none is calibrated on
this design.

Sources: [hls4ml] the pragmas and loops of hls4ml 1.3.0's own C++ templates, which fix trip counts and
initiation intervals; [published] csynth reports in public repositories, compared in
tests/latency/test_published.py and, all of them, in benchmarks/estimator/errors.py; [assumed] our assumption.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hwgen.latency.parts import FAMILIES, Family, find_family
from hwgen.latency.products import Products, takes_dsp

USABLE = 0.875
"""[published] Share of the clock period that logic may take: the tools' default uncertainty."""
LEVEL_NS, PRODUCT_NS = 0.78, 3.2
"""[published] One level of a sum, and one product, on UltraScale+: 0 or 1 cycle at 5 ns."""
STEP_NS = 5.0
"""[published] 7 series: up to this clock period every level of a sum takes a cycle of its own."""
ROUNDING = 0.2
"""[published] Levels of a sum of n terms there: floor(log2 n + 0.2), 14 of 17
layers, all within a cycle."""
PRODUCT_STEP_NS = 0.83
"""[published] 7 series: the product takes a cycle more for every so many ns below `STEP_NS`."""
FULL_ARRAY = 4096
"""[published] Products in one array above which Vitis HLS adds them up one after another: hls4ml's limit for
arrays that are split into registers."""
CHAIN_NS = {True: 1.67, False: 0.78}
"""[published] One link of such a chain on 7 series (2 layers); [assumed] a level of the tree elsewhere."""
TREE_LEVEL_NS = 1.3
"""[assumed] One level of a tree of comparators in a gate, about."""
RESOURCE_DEPTH = 2
"""[published] Dense, Resource: worst latency = reuse factor + 2 (668 of 668 designs within one cycle)."""
RESOURCE_LESS = 1
"""[published] Best latency of such a layer against the worst (668 of 668 designs)."""
LONG, LONG_STEP, LONG_DEPTH = 16384, 21, 5
"""[published] Reuse factor above which Vivado HLS does not overlap the steps of such a layer, cycles of a step, and
cycles around them: one a step up to 10,000 (5 of 5 layers), 21 from 39,200 on (4 of 5, one takes 24). No layer of
Vitis HLS was published with so large a one."""
UNREGISTERED_BITS = 4
"""[published] Weights of so few bits are multiplied without a register: a cycle less where every multiplier
serves two outputs."""
PIXEL_EXTRA = {True: 11, False: 5}
"""[published] io_stream convolution, Resource: a pixel takes the reuse factor and 11 cycles on 7 series (7 of 7
layers), 5 on UltraScale+ (11 of 15, two take 6)."""
VITIS_PIXEL = 2
"""[published] io_stream convolution, Vitis HLS, sums of constants: the body of the loop is a function of its own
there, with what it keeps of a pixel for the next one; a pixel takes so many cycles, and one more where its sums have
a depth (3 of 3 layers of 2 designs on UltraScale+; sums of more than one cycle were not seen)."""
POOL_PIXEL = {True: 2, False: 1}
"""[published] io_stream pooling: cycles a pixel on 7 series (7 of 7 layers of 3 designs) and UltraScale+."""
PIXEL_IDLE = {True: 4, False: 2}
"""[published] The same, a pixel that completes no window (22 of 22 layers)."""
PIXEL_LEAST = 8
"""[published] The same, the least that a pixel takes on UltraScale+ (2 of 2, reuse factor 1)."""
GATHER_DEPTH = 3
"""[published] io_parallel convolution: cycles that gather a window (2 of 2 designs)."""
POOL_DEPTH = 3
"""[published] io_stream pooling: pixels + 3."""
ACTIVATION_DEPTH = 2
"""[published] io_stream ReLU: pixels + 2."""
CALL_CYCLES = {True: 1.2, False: 0.75}
"""[published] io_parallel: cycles from one layer to the next, 7 series and UltraScale+; less with a slower clock
(a design at 25 ns is done in one cycle)."""
LOGIC_BITS = 10
"""[published] Vitis HLS on UltraScale+ builds products of LUTs whose wider factor has up to so many bits (all of 450
products in four designs of versions 2022.2 to 2024.1)."""
TABLE_FUNCTIONS = ("elu", "selu", "sigmoid", "tanh", "softplus", "softsign")
"""Activations that look their answer up [hls4ml]."""
TABLE_CYCLES = 2
"""[published] Such a look-up: 2 or 3 cycles at 5 ns."""
SOFTMAX_CYCLES = 4
"""[published] Softmax on UltraScale+ at 5 ns: 3 to 5 cycles; 7 series: `softmax_cycles`."""


@dataclass(frozen=True)
class Timing:
    """What the cycles of a layer depend on besides the layer.

    Args:
        backend: `Vitis` or `Vivado`.
        clock_ns: clock period.
        part: the part; one of no known family counts as UltraScale+.
    """

    backend: str
    clock_ns: float
    part: str

    @property
    def family(self) -> Family:
        return find_family(self.part) or FAMILIES[1]

    @property
    def logic_bits(self) -> int:
        """Width of the wider factor up to which any product is built of LUTs; 0 where none is for that."""
        return LOGIC_BITS if self.backend == "Vitis" and not self.family.slow else 0


def tree_cycles(levels: int, clock_ns: float) -> int:
    """Cycles of `levels` levels of comparators between two registers; at least 1."""
    return max(1, math.ceil(levels * TREE_LEVEL_NS / clock_ns))


def _product_cycles(timing: Timing) -> int:
    return max(0, round((STEP_NS - timing.clock_ns) / PRODUCT_STEP_NS)) if timing.family.slow else 0


def sum_depth(products: Products, multiplied: bool, timing: Timing) -> int:
    """Pipeline depth of the sums of products of a layer, strategy Latency, cycles; may be 0.

    Args:
        products: of the kernel.
        multiplied: whether there are products that are no shifts and adds.
        timing: clock, part and tool.
    """
    terms = max(products.longest, 1)
    usable = USABLE * timing.clock_ns
    if timing.backend == "Vitis" and products.terms * products.outputs > FULL_ARRAY:
        return math.ceil(terms * CHAIN_NS[timing.family.slow] / usable)
    if timing.family.slow:
        levels = math.floor(math.log2(terms) + ROUNDING)
        return math.floor(levels * min(1.0, STEP_NS / timing.clock_ns)) + _product_cycles(timing)
    time = math.log2(terms) * LEVEL_NS + (PRODUCT_NS if multiplied else LEVEL_NS)
    return math.floor(time / usable)


def multiplier_limit(products: Products, reuse: int) -> int:
    """Multipliers that hls4ml allows a layer of strategy Latency [hls4ml]; at least 1."""
    size = products.terms * products.outputs * products.planes
    return max(1, -(-size // reuse) - (products.zeros // reuse if reuse > 1 else 0))


def latency_multipliers(
    products: Products, input_bits: int, weight_bits: int, reuse: int, timing: Timing
) -> int:
    """Multipliers in DSPs of a layer of strategy Latency: one per different multiplication, up to the limit."""
    wanted = products.multiplications(input_bits, weight_bits, timing.logic_bits)
    limit = multiplier_limit(products, reuse)
    if reuse > 1 and wanted > limit:
        return limit
    return max(0, wanted - (products.narrow if timing.backend == "Vivado" else 0))


def latency_cycles(products: Products, input_bits: int, weight_bits: int, reuse: int, timing: Timing) -> int:
    """Cycles from the inputs of one sum of products to its outputs, strategy Latency.

    Where fewer multipliers are allowed than there are multiplications these take turns, whatever the reuse
    factor asks for: exact on 41 of 44 published single layers of UltraScale+.
    """
    multiplied = products.distinct[2] > 0 and takes_dsp(input_bits, weight_bits, timing.logic_bits)
    depth = sum_depth(products, multiplied, timing)
    if reuse == 1:
        return depth
    wanted = products.multiplications(input_bits, weight_bits, timing.logic_bits)
    limit = multiplier_limit(products, reuse)
    if timing.family.slow:
        issue = 2 + _product_cycles(timing)
    else:
        issue = 1
        # A loop of its own, with a state more, where the layer is not asked to overlap with itself.
        depth += 0 < depth < reuse - 1
    return depth if wanted <= limit else max(depth, -(-wanted // limit) + issue)


def latency_interval(reuse: int, cycles: int) -> int:
    """Cycles between two inputs of a layer of strategy Latency; it is done earlier than a large reuse factor says."""
    return 1 if reuse == 1 else min(reuse, cycles + 1)


def long_loop(reuse: int, timing: Timing) -> bool:
    """Whether the steps of a layer of strategy Resource do not overlap."""
    return timing.backend == "Vivado" and reuse > LONG


def resource_cycles(terms: int, weight_bits: int, reuse: int, timing: Timing) -> int:
    """Worst cycles of one dense layer, or one window of a convolution, strategy Resource, reuse above 1."""
    single = weight_bits <= UNREGISTERED_BITS and reuse == 2 * terms
    if long_loop(reuse, timing):
        return LONG_STEP * reuse + LONG_DEPTH
    return reuse + RESOURCE_DEPTH - single


def call_cycles(calls: int, timing: Timing) -> int:
    """io_parallel: cycles that go from one layer to the next in a chain of `calls` layers."""
    time = min(1.0, STEP_NS / timing.clock_ns)
    return math.floor(CALL_CYCLES[timing.family.slow] * time * max(0, calls - 1))


def activation_cycles(function: str, timing: Timing) -> int:
    """Cycles of an activation on one beat."""
    if function in TABLE_FUNCTIONS:
        return TABLE_CYCLES
    # [published] 7 series: 0 at 5 ns, 1 at 3.33 ns.
    return int(timing.family.slow and timing.clock_ns < STEP_NS)


def softmax_cycles(classes: int, timing: Timing) -> int:
    """Cycles of hls4ml's softmax [published: 8 for 2, 14 for 10 classes at 5 ns, 20 for 16 at 3.33 ns]."""
    if not timing.family.slow:
        return SOFTMAX_CYCLES
    return round(5.4 + 2.6 * math.log2(max(classes, 2))) + 2 * _product_cycles(timing)


def parallel_windowed(pixels: int, parallel_pixels: int, reuse: int, depth: int) -> int:
    """io_parallel convolution: one partition of output pixels every reuse factor [hls4ml].

    Args:
        pixels: of the output.
        parallel_pixels: computed side by side.
        reuse: reuse factor.
        depth: cycles of one window.
    """
    return (math.ceil(pixels / parallel_pixels) - 1) * reuse + depth + GATHER_DEPTH


def overlaps(strategy: str, reuse: int, timing: Timing) -> bool:
    """Whether a streamed convolution starts a pixel before it is done with the last one.

    With Resource only where Vitis HLS sees constants [published: 2 of 2 layers, reuse factor 1].
    """
    return strategy != "resource" or (timing.backend == "Vitis" and reuse == 1)


def stream_pixel_interval(
    strategy: str, reuse: int, cycles: int, timing: Timing, *, depthwise: bool = False
) -> int:
    """io_stream convolution: cycles per input pixel [hls4ml: PIPELINE II = reuse factor; not with Resource].

    Args:
        strategy: `latency` or `resource`.
        reuse: reuse factor.
        cycles: of one window.
        timing: clock, part and tool.
        depthwise: whether it is a depthwise convolution, which Vitis HLS pipelines as asked.
    """
    vitis = timing.backend == "Vitis"
    if overlaps(strategy, reuse, timing):
        # [published] Done earlier than a large reuse factor says, and a cycle for the window (3 of 3 layers of
        # Vivado HLS at 256).
        asked = latency_interval(reuse, cycles + 1)
        return asked if depthwise or not vitis else max(asked, VITIS_PIXEL + (cycles > 0))
    slow = timing.family.slow
    return max(reuse + PIXEL_EXTRA[slow], 0 if slow else PIXEL_LEAST)


def weighted_cycles(
    products: Products, input_bits: int, weight_bits: int, strategy: str, reuse: int, timing: Timing
) -> int:
    """Cycles of one dense layer, or one window of a convolution; at least 1 for `resource`.

    With reuse factor 1 both strategies build the same sums: the weights are constants.
    """
    if strategy == "resource" and reuse > 1:
        return resource_cycles(products.terms, weight_bits, reuse, timing)
    return latency_cycles(products, input_bits, weight_bits, reuse, timing)
