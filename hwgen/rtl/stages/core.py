"""The core of a stage: da4ml's pieces with our registers between them.

Contract of the module `<stage>_core`: see `firmware_templates/rtl/generated/core.sv.j2`.
"""

from __future__ import annotations

from dataclasses import dataclass

from hwgen.firmware.templates import render
from hwgen.fixedpoint import IntArray
from hwgen.reference.network import Stage
from hwgen.rtl.stages.bus import gather, nominal
from hwgen.rtl.stages.graph import Graph
from hwgen.rtl.stages.size import LIMIT, check_size
from hwgen.rtl.stages.traced import TracedStage, trace
from hwgen.rtl.stages.verilog import library, piece_text

ADDERS = 5
"""Additions in a row between two registers: what da4ml's authors and our trials use at 100 to 200 MHz."""

TEMPLATE = "rtl/generated/core.sv.j2"


@dataclass(frozen=True)
class StageCore:
    """RTL of one stage.

    Args:
        module: its name, `<stage>_core`.
        files: file name -> content; of this stage only.
        library: file name -> content of da4ml's modules it uses; the same for every stage.
        in_bits: width of s_data: the input tensor, element 0 lowest.
        feature_bits: width of f_data: the features, element 0 lowest; 0 in the last stage, which has no such port.
        logit_bits: bits of one logit.
        z_bits: width of z_data: the logits, class 0 lowest, and above them the embedding if asked for.
        feature_cycles: from the cycle that takes a sample to the one with f_valid; 0 in the last stage.
        logit_cycles: from the cycle that takes a sample to the one with z_valid, if nothing stalls.
        registers: bits of data registers; `register_widths` one by one.
        register_widths: width of every register, the input one first.
        macs: non-zero multiply-accumulates.
        lut: da4ml's own count of LUTs; its source is "estimate".
        traced: the graphs, for da4ml's interpreter.
    """

    module: str
    files: dict[str, bytes]
    library: dict[str, bytes]
    in_bits: int
    feature_bits: int
    logit_bits: int
    z_bits: int
    feature_cycles: int
    logit_cycles: int
    register_widths: tuple[int, ...]
    macs: int
    lut: int
    traced: TracedStage

    @property
    def registers(self) -> int:
        """Bits of all data registers."""
        return sum(self.register_widths)


@dataclass(frozen=True)
class _Piece:
    """One instance of a combinational piece, from bus to bus."""

    module: str
    source: str
    target: str
    text: str


@dataclass(frozen=True)
class _Layout:
    """Registers and what stands between them.

    Args:
        widths: bits of every register; 0 if all it would hold is constant.
        pieces: in order.
        features_at: number of the register that holds the features.
    """

    widths: tuple[int, ...]
    pieces: tuple[_Piece, ...]
    features_at: int


def _chain(graph: Graph, prefix: str, entry: str, first: int) -> list[_Piece]:
    """Instances of a graph's pieces behind the bus `entry`; the register after them has the number `first`."""
    sources = [entry, *(f"bus{first + index}" for index in range(len(graph.pieces) - 1))]
    return [
        _Piece(f"{prefix}{index}", source, f"next{first + index}", piece_text(logic, f"{prefix}{index}"))
        for index, (source, logic) in enumerate(zip(sources, graph.pieces, strict=False))
    ]


def _behind(graph: Graph) -> list[int]:
    """Widths of the registers behind the pieces of a graph: at least one register, if only for its valid bit."""
    return list(graph.widths[1 : len(graph.pieces) + 1]) or [0]


def _lay_out(traced: TracedStage, module: str, input_register: bool) -> _Layout:
    first = traced.backbone or traced.head
    widths = [first.widths[0]] if input_register else []
    entry = "bus0" if input_register else "entering"
    pieces: list[_Piece] = []
    features_at = 0
    if traced.backbone is not None:
        pieces = _chain(traced.backbone, f"{module}_backbone", entry, len(widths))
        widths += _behind(traced.backbone)
        features_at = len(widths) - 1
        entry = "features"
    pieces += _chain(traced.head, f"{module}_head", entry, len(widths))
    widths += _behind(traced.head)
    return _Layout(tuple(widths), tuple(pieces), features_at)


def _answers(traced: TracedStage, bus: str) -> tuple[list[str], int]:
    """z_data from the bus that holds logits and embedding: parts, highest first, and their bits."""
    logits, words = traced.stage.logits, traced.head.outputs
    parts = nominal(words[: logits.size], logits.format.width, bus)
    bits = logits.size * logits.format.width
    if traced.embedding:
        vector = traced.stage.embedding
        assert vector is not None
        parts = nominal(words[logits.size :], vector.format.width, bus) + parts
        bits += vector.size * vector.format.width
    return parts, bits


def build_core(
    stage: Stage,
    *,
    last: bool,
    embedding: bool = False,
    banner: str,
    input_register: bool = True,
    adders: int = ADDERS,
    limit: int = LIMIT,
    ranges: tuple[IntArray, IntArray] | None = None,
) -> StageCore:
    """Unrolls a stage into RTL; the result depends on the arguments only.

    Args:
        stage: the stage.
        last: whether it is the last one: it has no feature port, and backbone and head are cut as one.
        embedding: whether its gate reads the embedding.
        banner: first line of every file.
        input_register: false if s_data comes from a register that stands still between samples.
        adders: the longest chain of additions between two registers.
        limit: most non-zero MACs.
        ranges: smallest and largest raw value of each input element, of the tensor's shape; default: its format.
    Raises:
        RecipeError: the stage is too large.
        ToolMissing: no da4ml.
        ToolFailed: what da4ml made differs from the reference.
    """
    macs = check_size(stage, limit)
    traced = trace(stage, last=last, embedding=embedding, adders=adders, ranges=ranges)
    module = f"{stage.name}_core"
    layout = _lay_out(traced, module, input_register)
    first = traced.backbone or traced.head
    width = stage.source.format.width
    in_bits = stage.source.size * width
    answers, z_bits = _answers(traced, f"bus{len(layout.widths) - 1}")
    held = f"bus{layout.features_at}"
    features = traced.backbone.outputs if traced.backbone is not None else ()
    varying = [word.low for word in features if word.width]
    core = StageCore(
        module=module,
        files={},
        library=library([piece.text for piece in layout.pieces]),
        in_bits=in_bits,
        feature_bits=0 if last else stage.features.size * stage.features.format.width,
        logit_bits=stage.logits.format.width,
        z_bits=z_bits,
        feature_cycles=0 if last else layout.features_at + 1,
        logit_cycles=len(layout.widths),
        register_widths=layout.widths,
        macs=macs,
        lut=traced.head.lut + (traced.backbone.lut if traced.backbone is not None else 0),
        traced=traced,
    )
    core.files[f"{module}.sv"] = render(
        TEMPLATE,
        banner=banner,
        stage=stage,
        core=core,
        last=last,
        embedding=embedding,
        input_register=input_register,
        features_at=layout.features_at,
        entering=gather(first.inputs, range(0, in_bits, width), "s_data"),
        entering_bits=first.widths[0],
        all_read=first.widths[0] == in_bits,
        head_input=[] if last else gather(traced.head.inputs, varying, held),
        head_bits=traced.head.widths[0],
        features=nominal(features, stage.features.format.width, held),
        answers=answers,
        pieces=layout.pieces,
    )
    for piece in layout.pieces:
        core.files[f"{piece.module}.v"] = f"{banner}\n{piece.text}".encode()
    return core
