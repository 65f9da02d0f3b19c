"""Plans the gated pipeline: cores, gates, buffers of computed depth, registers, and the top that joins them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from hwgen.calibration import Calibration
from hwgen.criteria import Gate
from hwgen.criteria.rtl_block import Form
from hwgen.firmware.templates import banner, fixed, render
from hwgen.recipe.schema import Firmware
from hwgen.reference.network import IntegerNetwork
from hwgen.rtl.class_gate import class_gate
from hwgen.rtl.control import ControlShape, control_files
from hwgen.rtl.control.files import SOURCES
from hwgen.rtl.core import Core
from hwgen.rtl.gates import RtlGate, class_bits, rtl_gate
from hwgen.rtl.host_driver import host_driver_files
from hwgen.rtl.sizes import Pipeline, Plan, StageTiming, continues_from_exits, plan_sizes, rows

Files = dict[str, bytes]

BLOCKS = (
    "entrance_beat.sv",
    "fifo.sv",
    "clock_gate.sv",
    "stage_shell.sv",
    "feature_buffer.sv",
    "exit_router.sv",
    "result_merge.sv",
    "reorder.sv",
    "watchdog.sv",
)
"""Hand-written blocks of every pipeline, in `firmware_templates/rtl`."""
TOP = "hwgen_pipeline"
SOURCE_LIST = "sources.f"
"""RTL in the order in which tools read it, one path a line."""
GATING = {"start": 0, "clock": 1}
_SHELL_REGISTER = 1
"""Cycles between the shell's door and the core."""


@dataclass(frozen=True)
class PipelinePlan:
    """The pipeline's files and what others need to know of it.

    Args:
        files: path below `pipeline/` -> content.
        sources: RTL below `rtl/` in the order in which tools read it, stage cores included if they are there.
        timing: of the stages, as the sizes were computed from it.
        sizes: depths, samples in flight, tag bits, memory.
        shape: of the control block.
        gates: of each exit.
        cores: of each stage.
    """

    files: Files
    sources: tuple[str, ...]
    timing: Pipeline
    sizes: Plan
    shape: ControlShape
    gates: tuple[RtlGate, ...]
    cores: tuple[Core, ...]

    def facts(self) -> dict[str, Any]:
        """What the manifest says of the pipeline, ready for JSON."""
        sizes = self.sizes.sizes
        return {
            "top": TOP,
            "sources": SOURCE_LIST,
            "tag_bits": self.sizes.tag_bits,
            "in_flight": self.sizes.in_flight,
            "exit_depth": sizes.exit_depth,
            "out_depth": sizes.out_depth,
            "reorder": sizes.reorder,
            "watchdog": _watchdog(self.timing),
            "stages": [
                {
                    "core": "rtl" if core.files else "hls",
                    "in_beats": core.in_beats,
                    "in_bits": core.in_bits,
                    "feature_beats": core.feature_beats,
                    "feature_bits": core.feature_bits,
                    "z_bits": core.z_bits,
                    "interval": core.interval,
                    "feature_cycles": core.feature_cycles,
                    "logit_cycles": core.logit_cycles,
                    "gate_cycles": gate.latency,
                    "source": core.source,
                    "meta_depth": sizes.meta[index],
                    "slots": None if core.last else sizes.slots[index],
                    "continues": stage.continues,
                }
                for index, (core, gate, stage) in enumerate(
                    zip(self.cores, self.gates, self.timing.stages, strict=True)
                )
            ],
            "buffers": [
                {**asdict(row), "memory": asdict(row.memory)} for row in rows(self.timing, self.sizes)
            ],
        }


def pipeline_timing(
    cores: tuple[Core, ...],
    gates: tuple[RtlGate, ...],
    shares: list[float],
    meta_bits: int,
    result_bits: int,
    reorder: bool,
) -> Pipeline:
    """What the sizes of a pipeline are computed from.

    Args:
        cores: one per stage.
        gates: one per exit.
        shares: of the samples that leave at each exit.
        meta_bits: sideband of a sample.
        result_bits: bits of a result, sideband included.
        reorder: whether results leave in the order of admission.
    """
    stages = []
    for core, gate, continues in zip(cores, gates, continues_from_exits(shares), strict=True):
        stages.append(
            StageTiming(
                core.stage,
                interval=core.interval,
                logits=core.logit_cycles + _SHELL_REGISTER,
                gate_latency=gate.latency,
                gate_interval=gate.interval,
                continues=continues,
                first_feature=None if core.last else core.feature_cycles + _SHELL_REGISTER,
                last_feature=None
                if core.last
                else core.feature_cycles + _SHELL_REGISTER + core.feature_beats - 1,
                in_beats=core.in_beats,
                feature_beats=max(core.feature_beats, 1),
                feature_bits=max(core.feature_bits, 1),
                meta_bits=meta_bits + gate.before_bits,
                kept_meta_bits=meta_bits + gate.carried_bits,
            )
        )
    return Pipeline(tuple(stages), result_bits, reorder)


def rtl_gates(
    network: IntegerNetwork, gates: Sequence[Gate | None], form: Form, line: str
) -> tuple[RtlGate, ...]:
    """The RTL of every exit's gate; one that only names the class where there is none.

    Args:
        network: the integer network.
        gates: one per exit.
        form: `parallel` or `serial`.
        line: first line of generated files.
    Raises:
        RecipeError: a criterion without RTL.
    """
    return tuple(
        class_gate(stage.logits.format, network.classes, f"gate{number}", line)
        if gate is None
        else rtl_gate(gate, f"gate{number}", line, form)
        for number, (stage, gate) in enumerate(zip(network.stages, gates, strict=True), 1)
    )


def plan_pipeline(
    network: IntegerNetwork,
    calibration: Calibration,
    firmware: Firmware,
    cores: tuple[Core, ...],
    recipe: str,
    inputs_sha256: str,
) -> PipelinePlan:
    """The files of `pipeline/`, the same for the same arguments.

    Args:
        network: the integer network.
        calibration: gates, policies and the shares of the active one, which the buffers are sized for.
        firmware: the recipe's `firmware`.
        cores: one per stage.
        recipe: its name.
        inputs_sha256: hash of everything the firmware is made from.
    Raises:
        RecipeError: a criterion without RTL, a tag too narrow, buffers or registers beyond what there is.
        ToolMissing: a package of PeakRDL is absent.
    """
    line = banner(f"{TOP}.sv", recipe, inputs_sha256)
    gates = rtl_gates(network, calibration.gates, firmware.gate, line)
    gated = [gate for gate in calibration.gates if gate is not None]
    widest = max((gate.threshold_bits for gate in gated), default=1)
    count = len(network.stages)
    policies = len(calibration.policies)
    # The widths do not depend on the depths, but for the number that puts results back into order.
    draft = ControlShape(count, len(gated), policies, widest, 1, parity=firmware.parity)
    base_bits = firmware.tag_bits + draft.policy_bits + 1
    shares = calibration.policies[calibration.active].calibration.share
    result_bits = base_bits + 1 + draft.exit_bits + class_bits(network.classes)
    timing = pipeline_timing(cores, gates, shares, base_bits, result_bits, firmware.reorder)
    sizes = plan_sizes(timing, firmware.part, firmware.tag_bits)
    shape = replace(draft, in_flight=sizes.in_flight)
    seq_bits = max(1, (sizes.in_flight - 1).bit_length())
    top = render(
        "rtl/generated/pipeline.sv.j2",
        banner=line,
        stages=_views(cores, gates, sizes, calibration, firmware, network),
        carries=any(gate.carried_bits for gate in gates),
        parity=int(firmware.parity),
        main_clk="main_clk" if GATING[firmware.gating] == 1 else "clk",
        tag_bits=firmware.tag_bits,
        policy_bits=shape.policy_bits,
        meta_bits=base_bits + (seq_bits if firmware.reorder else 0),
        result_bits=result_bits,
        seq_bits=seq_bits,
        exit_bits=shape.exit_bits,
        class_bits=class_bits(network.classes),
        address_bits=shape.address_bits,
        tdata_bits=-(-cores[0].in_bits // 8) * 8,
        gates=shape.gates,
        any_gate=bool(gated),
        exit_depth=sizes.sizes.exit_depth,
        out_depth=sizes.sizes.out_depth,
        in_flight=sizes.in_flight,
        reorder=firmware.reorder,
        wake=firmware.wake,
        hysteresis=firmware.hysteresis,
        watchdog=_watchdog(timing),
    )
    files: Files = {f"rtl/{name}": fixed(f"rtl/{name}") for name in BLOCKS}
    order = [f"rtl/{name}" for name in BLOCKS]
    parts: list[Files] = [{f"rtl/{name}": content for name, content in gate.files.items()} for gate in gates]
    parts += [{f"rtl/{name}": content for name, content in core.files.items()} for core in cores]
    for part in parts:
        files |= part
        order += sorted(part)
    files |= control_files(shape, recipe, inputs_sha256)
    files |= host_driver_files(network, calibration, firmware, cores[0], shape, recipe, inputs_sha256)
    files |= {f"rtl/{TOP}.sv": top}
    sources = tuple(dict.fromkeys([*SOURCES, *order, f"rtl/{TOP}.sv"]))
    files[SOURCE_LIST] = "".join(f"{name}\n" for name in sources).encode()
    return PipelinePlan(files, sources, timing, sizes, shape, gates, cores)


def _views(
    cores: tuple[Core, ...],
    gates: tuple[RtlGate, ...],
    sizes: Plan,
    calibration: Calibration,
    firmware: Firmware,
    network: IntegerNetwork,
) -> list[dict[str, Any]]:
    """What the template of the top needs to know of each stage."""
    views, slot = [], 0
    for index, core in enumerate(cores):
        gated = calibration.gates[index] is not None
        slots = 0 if core.last else sizes.sizes.slots[index]
        gate = gates[index]
        logit_bits = network.classes * network.stages[index].logits.format.width
        views.append(
            {
                "name": core.stage,
                "last": core.last,
                "in_beats": core.in_beats,
                "in_bits": core.in_bits,
                "feature_beats": core.feature_beats,
                "feature_bits": core.feature_bits,
                "z_bits": core.z_bits,
                "logit_bits": logit_bits,
                "embedding_bits": core.z_bits - logit_bits,
                "before_bits": gate.before_bits,
                "carried_bits": gate.carried_bits,
                "meta": _sideband(gate.before_bits),
                "kept_meta": _sideband(0 if core.last else gate.carried_bits),
                "in_flight": sizes.sizes.meta[index],
                "slots": slots,
                "count_bits": max(1, slots.bit_length()),
                "slot": slot if gated else None,
                "gating": GATING[firmware.gating],
            }
        )
        slot += gated
    return views


def _sideband(carried: int) -> str:
    """Width of what travels with a sample, as the top writes it."""
    return f"META_BITS + {carried}" if carried else "META_BITS"


def _watchdog(timing: Pipeline) -> int:
    """Cycles without a handshake that cannot be work: a power of two above twice the way through all stages."""
    way = sum(stage.decision + stage.pace for stage in timing.stages)
    return max(1024, 1 << (2 * way).bit_length())
