"""Wraps the IPs that vendor tools make of the stage projects as cores of the pipeline.

Names and widths of an IP's ports follow from the arguments of its C++ top; the rules are those of published designs:

io_stream, Vitis HLS     `<argument>_TDATA`: all elements of a beat in one stream, each in the next power of two of at
                         least 8 bits.
io_stream, Vivado HLS    `<argument>_V_data_<i>_V_TDATA`: a stream per element, padded to bytes.
io_parallel              `<argument>`, and `<argument>_<i>` per element of an output, each with `_ap_vld`; behind Vivado
                         HLS both end in `_V`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hwgen.errors import HwgenError
from hwgen.firmware.stage_hls4ml import EMBEDDING, FEATURES, stage_outputs
from hwgen.firmware.templates import banner, fixed, render
from hwgen.fixedpoint import FixedPoint
from hwgen.recipe.schema import Firmware
from hwgen.reference.network import IntegerNetwork, Stage
from hwgen.rtl.core import Core
from hwgen.rtl.hls_core import embedding_beats, feature_beats, input_beats

Files = dict[str, bytes]
FOLDER = "vendor"
BLOCKS = ("beat_adapter.sv", "beat_fork.sv", "element_join.sv", "sample_count.sv")
INPUT = "source"
_TOP = re.compile(r"\bvoid\s+(\w+)\s*\(([^)]*)\)\s*;")
_ARGUMENT = re.compile(r"(?:hls::stream<\w+>\s*&\s*(\w+)|\w+\s+(\w+)\[[^\]]*\])\s*(?:,|$)")


@dataclass(frozen=True)
class Lane:
    """One data port of an IP.

    Args:
        name: without `_TDATA` or `_ap_vld`.
        elements: indices of the elements of a beat that it carries, in order.
        stride: bits from one to the next.
    """

    name: str
    elements: tuple[int, ...]
    stride: int

    @property
    def bits(self) -> int:
        """Width of the port."""
        return len(self.elements) * self.stride


@dataclass(frozen=True)
class Port:
    """One argument of the stage's top.

    Args:
        signal: `source`, `features`, `embedding` or `logits`: its name in the wrapper.
        beats: of a sample.
        elements: of a beat.
        width: bits of an element.
        lanes: the ports it becomes.
    """

    signal: str
    beats: int
    elements: int
    width: int
    lanes: tuple[Lane, ...]

    @property
    def beat_bits(self) -> int:
        """Bits of a beat without padding."""
        return self.elements * self.width


def arguments(header: str, stage: str) -> list[str]:
    """Names of the arguments of a stage's top, from `<stage>/firmware/<stage>.h`.

    Raises:
        HwgenError: the prototype is not one of hls4ml's.
    """
    for name, text in _TOP.findall(header):
        if name == stage:
            found = [first or second for first, second in _ARGUMENT.findall(" ".join(text.split()))]
            if len(found) == text.count(",") + 1:
                return found
    raise HwgenError(f"{stage}/firmware/{stage}.h", "holds no prototype of the stage that is understood")


def _bytes(width: int) -> int:
    return -(-width // 8) * 8


def _lanes(argument: str, elements: int, width: int, firmware: Firmware, output: bool) -> tuple[Lane, ...]:
    vivado, each = firmware.backend == "Vivado", range(elements)
    if firmware.io == "stream":
        if vivado:
            return tuple(Lane(f"{argument}_V_data_{i}_V", (i,), _bytes(width)) for i in each)
        return (Lane(argument, tuple(each), max(8, 1 << (width - 1).bit_length())),)
    end = "_V" if vivado else ""
    if output:
        return tuple(Lane(f"{argument}_{i}{end}", (i,), width) for i in each)
    return (Lane(f"{argument}{end}", tuple(each), width),)


def ip_ports(stage: Stage, core: Core, header: str, firmware: Firmware) -> tuple[Port, ...]:
    """The ports of a stage's IP: input, then its outputs in the order of the arguments.

    Args:
        stage: the stage.
        core: as the pipeline was planned with.
        header: content of `<stage>/firmware/<stage>.h`.
        firmware: the recipe's `firmware`.
    Raises:
        HwgenError: the header is not one of this stage.
    """
    reads = core.z_bits > stage.logits.size * stage.logits.format.width
    outputs = stage_outputs(stage, core.last, reads)
    names = arguments(header, stage.name)
    if len(names) != len(outputs) + 1:
        raise HwgenError(
            f"{stage.name}/firmware/{stage.name}.h", f"has the arguments {names}, not {len(outputs) + 1}"
        )

    def port(argument: str, signal: str, size: int, fmt: FixedPoint, beats: int) -> Port:
        lanes = _lanes(argument, size // beats, fmt.width, firmware, signal != INPUT)
        return Port(signal, beats, size // beats, fmt.width, lanes)

    found = [port(names[0], INPUT, stage.source.size, stage.source.format, input_beats(stage, firmware.io))]
    for argument, output in zip(names[1:], outputs, strict=True):
        if output == FEATURES:
            tensor, beats = stage.features, feature_beats(stage, firmware.io)
        elif output == EMBEDDING:
            assert stage.embedding is not None
            tensor, beats = stage.embedding, embedding_beats(stage, firmware.io)
        else:
            tensor, beats = stage.logits, 1
        found.append(port(argument, output, tensor.size, tensor.format, beats))
    return tuple(found)


def vendor_core(
    stage: Stage, core: Core, header: str, firmware: Firmware, holds: int, line: str
) -> tuple[str, bytes]:
    """The wrapper of one stage.

    Args:
        stage: the stage.
        core: as the pipeline was planned with.
        header: content of `<stage>/firmware/<stage>.h`.
        firmware: the recipe's `firmware`.
        holds: most samples inside: the depth of the shell's meta FIFO.
        line: first line of the file.
    Returns:
        its file name and content.
    Raises:
        HwgenError: the header is not one of this stage.
    """
    ports = ip_ports(stage, core, header, firmware)
    embedding = None
    if core.z_bits > stage.logits.size * stage.logits.format.width:
        # What the stage does not output by itself are its features.
        own = [port for port in ports if port.signal == EMBEDDING]
        embedding = own[0] if own else ports[1]
    text = render(
        "rtl/generated/vendor_core.sv.j2",
        banner=line,
        stage=stage.name,
        core=core,
        ports=ports,
        embedding=embedding,
        io=firmware.io,
        lanes_apart=firmware.backend == "Vivado",
        tool=f"{firmware.backend} HLS",
        holds=holds,
    )
    return f"{core.stage}_core.sv", text


def vendor_files(
    network: IntegerNetwork,
    cores: tuple[Core, ...],
    headers: Mapping[str, str],
    firmware: Firmware,
    holds: tuple[int, ...],
    recipe: str,
    inputs_sha256: str,
) -> Files:
    """What the pipeline needs besides its own files to be built with IPs: wrappers and their blocks.

    They stay out of `sources.f`: a simulation has models of these cores, not the IPs.

    Args:
        network: the integer network.
        cores: of all stages; those with files of their own need no wrapper.
        headers: content of `<stage>/firmware/<stage>.h` by stage.
        firmware: the recipe's `firmware`.
        holds: depth of each shell's meta FIFO.
        recipe: its name.
        inputs_sha256: hash of everything the firmware is made from.
    Returns:
        path below `pipeline/` -> content; none if every core has files.
    Raises:
        HwgenError: a header is not one of its stage.
    """
    line = banner("core.sv", recipe, inputs_sha256)
    files: Files = {}
    for stage, core, depth in zip(network.stages, cores, holds, strict=True):
        if core.files:
            continue
        name, text = vendor_core(stage, core, headers[stage.name], firmware, depth, line)
        files[f"{FOLDER}/{name}"] = text
    if files:
        files |= {f"{FOLDER}/{name}": fixed(f"rtl/vendor/{name}") for name in BLOCKS}
    return files
