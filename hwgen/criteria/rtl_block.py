"""How a gate says which RTL decides as it does, and how long that takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from hwgen.criteria.parts import Table

Form = Literal["parallel", "serial"]


@dataclass(frozen=True)
class RtlBlock:
    """The SystemVerilog block of one gate, in one form.

    Args:
        files: sources below `firmware_templates/rtl/gate`; the last one, `<name>.sv`, holds the block
            `hwgen_<name>`. Its parameters are taken by name from the gate's `cpp_params()`, from `parameters`,
            from the widths of the tables that it reads, and for signedness and width of the class.
        latency: cycles from a sample to its decision when nothing stalls.
        interval: cycles from one decision to the next.
        reads: of each table that lies outside the block, how many entries are read at once.
        parameters: what else the block is told.
        tables: constants that it is told besides those of the gate.
        sequential: whether it takes one sample after the other with a handshake of its own, as all serial blocks do.
        steps: parts in which a parallel block reads a sample, one a cycle (steps.sv); 0: all at once.
    """

    files: tuple[str, ...]
    latency: int
    interval: int = 1
    reads: Mapping[str, int] = field(default_factory=dict)
    parameters: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    steps: int = 0
    sequential: bool = False

    @property
    def registers(self) -> int:
        """Registers of a parallel block that a whole sample passes."""
        return self.latency - max(self.steps - 1, 0)

    def then(
        self, files: tuple[str, ...], cycles: int, reads: Mapping[str, int], parameters: Mapping[str, int]
    ) -> RtlBlock:
        """A block that this one is the first part of."""
        return replace(
            self,
            files=tuple(dict.fromkeys((*self.files, *files))),
            latency=self.latency + cycles,
            reads={**self.reads, **reads},
            parameters={**self.parameters, **parameters},
        )


AHEAD = 3
"""Registers that the parts of a sample pass before they are added up."""

LEADER = ("pick.sv", "leader_node.sv", "leader.sv", "delay.sv")
TOP_TWO = ("pick.sv", "leader_node.sv", "top_two.sv", "top_two_merge.sv", "delay.sv")
# front.sv names both trees, whichever of them a gate asks for.
LOOK_UP = (*TOP_TWO, "leader.sv", "front.sv", "bin_index.sv", "bins.sv", "sum.sv", "exp_sum.sv")

SCAN_SERIAL = ("serial_pick.sv", "bin_index.sv", "scan_serial.sv")
LOGARITHM_SERIAL = ("product_serial.sv", "logarithm_serial.sv")


def leader_levels(classes: int) -> int:
    """Levels of leader.sv: groups of three until at most four values are left."""
    levels = 1
    while classes > 4:
        classes = (classes + 1) // 3
        levels += 1
    return levels


def sum_levels(values: int) -> int:
    """Levels of sum.sv: four values to one."""
    levels = 1
    while values > 4:
        values = -(-values // 4)
        levels += 1
    return levels


def division_cycles(fraction: int) -> int:
    """Registers of reciprocal.sv: two bits of the quotient a cycle."""
    return fraction // 2 + 1


def look_up(
    files: tuple[str, ...],
    classes: int,
    cycles: int,
    reads: Mapping[str, int],
    *,
    second: bool = False,
    parameters: Mapping[str, int] | None = None,
) -> RtlBlock:
    """A parallel block that finds the leader, looks up every class and adds up.

    Args:
        files: sources besides `LOOK_UP`, the block last.
        classes: K.
        cycles: besides those of the leader, of index and table (2) and of the sum.
        reads: as of `RtlBlock`.
        second: whether it reads the runner-up, which takes longer to find.
        parameters: what else the block is told.
    """
    front = 2 * leader_levels(classes) - 1 if second else leader_levels(classes)
    levels = {"front_stages": front, "sum_levels": sum_levels(classes)}
    latency = front + 2 + levels["sum_levels"] + cycles
    return RtlBlock((*LOOK_UP, *files), latency, 1, reads, levels | dict(parameters or {}))


def scan_cycles(classes: int) -> int:
    """Of scan_serial.sv: a pass for the leader, one for the table."""
    return 2 * classes + 3


def product_cycles(bits: int) -> int:
    """Of product_serial.sv, one bit of a factor a cycle."""
    return bits + 1


def compare_cycles(factor_bits: int, fraction: int) -> int:
    """Of compare_serial.sv, one bit of the factor a cycle."""
    return max(factor_bits, fraction + 1) + 2


def serial(
    files: tuple[str, ...],
    cycles: int,
    reads: Mapping[str, int],
    parameters: Mapping[str, int] | None = None,
) -> RtlBlock:
    """A serial block: it takes a sample with its answer, and rests a cycle before the next.

    Args:
        files: sources, the block last.
        cycles: from a sample to its answer.
        reads: as of `RtlBlock`.
        parameters: what the block is told.
    """
    return RtlBlock(files, cycles, cycles + 1, reads, parameters or {})
