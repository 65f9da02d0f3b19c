"""What the control registers are built for."""

from __future__ import annotations

from dataclasses import dataclass

from hwgen.errors import RecipeError

MAX_STAGES = 32
MAX_POLICIES = 16
MAX_IN_FLIGHT = (1 << 16) - 2
ADDRESS_BITS = 15
"""Of a byte address: the map is the same for every shape."""


def _bits(values: int) -> int:
    """Bits that tell `values` values apart, at least 1."""
    return max(1, (values - 1).bit_length())


@dataclass(frozen=True)
class ControlShape:
    """Sizes of the control block.

    Args:
        stages: stages of the pipeline, each with an exit, 1..32.
        gated_exits: exits with a gate, from the first on: stages - 1, or stages with abstention.
        policies: policies of a bank, 1..16.
        threshold_bits: of the widest raw threshold, 1..64.
        in_flight: most samples that can be inside at once, 1..65534.
        counter_bits: width of the event counters, 32..64; they wrap.
        parity: whether a parity bit watches the counts of samples inside.

    Raises:
        RecipeError: a size that the register map cannot hold.
    """

    stages: int
    gated_exits: int
    policies: int
    threshold_bits: int
    in_flight: int
    counter_bits: int = 48
    parity: bool = False

    def __post_init__(self) -> None:
        limits = (
            ("stages", self.stages, 1, MAX_STAGES, "use fewer exits"),
            ("gates", self.gated_exits, self.stages - 1, self.stages, "one per exit but the last, or all"),
            ("policies", self.policies, 1, MAX_POLICIES, "calibrate fewer policies"),
            ("threshold bits", self.threshold_bits, 1, 64, "use narrower logits or tables"),
            ("samples in flight", self.in_flight, 1, MAX_IN_FLIGHT, "use smaller buffers"),
            ("counter bits", self.counter_bits, 32, 64, "48 is enough for a month at 100 MHz"),
        )
        for what, value, least, most, remedy in limits:
            if not least <= value <= most:
                raise RecipeError(
                    "control registers", f"{what} = {value}, possible are {least}..{most}", remedy
                )

    @property
    def gates(self) -> int:
        """Lookup ports; a design without a gate has one that nobody reads."""
        return max(1, self.gated_exits)

    @property
    def policy_bits(self) -> int:
        """Of the policy that a sample carries; index `policies` is the one that does not exist."""
        return _bits(self.policies + 1)

    @property
    def exit_bits(self) -> int:
        """Of the number of an exit, counted from 0."""
        return _bits(self.stages)

    @property
    def threshold_words(self) -> int:
        """32-bit words of a threshold register."""
        return 1 if self.threshold_bits <= 32 else 2

    @property
    def counter_words(self) -> int:
        """32-bit words of a counter."""
        return 1 if self.counter_bits <= 32 else 2

    @property
    def count_bits(self) -> int:
        """Of the samples inside per bank; the value of all ones says that the count was lost."""
        return _bits(self.in_flight + 2)

    @property
    def address_bits(self) -> int:
        """Of the byte addresses on AXI4-Lite."""
        return ADDRESS_BITS
