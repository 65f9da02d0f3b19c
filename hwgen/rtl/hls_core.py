"""Cores that hls4ml builds: their ports, and their timing by an estimate or a synthesis report.

Beats are hls4ml's. io_stream: one per pixel with its channels packed, element 0 lowest, a vector in one beat.
io_parallel: one per sample. A neighbour that wants the whole sample at once (a core by da4ml, a dense stage after a
flattened image) makes them different on its two sides; the wrapper of the core adapts, see `hls_cores`.

Rules of the estimate, on top of those of `hwgen.latency`:

interval         `hwgen.latency.interval`: the slowest layer sets the pace. Never below the beats of a sample.
logit_cycles     Last cycle of the head, plus one for the output register; never before the last input beat is in.
feature_cycles   As if the features came in one run that ends with the backbone's last cycle, plus one. First beats
                 that come earlier change nothing: a slot is reserved on admission and judged when it is full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwgen.errors import RecipeError
from hwgen.latency.interval import chain_interval
from hwgen.latency.stage import Target, describe_stage, stage_cycles
from hwgen.latency.stage import beats as streamed_beats
from hwgen.recipe.schema import Firmware
from hwgen.reference.layers import Flatten, Layer
from hwgen.reference.network import IntegerNetwork, Stage, Tensor, trace_layers
from hwgen.rtl.core import Core
from hwgen.vendor.rows import CSYNTH


@dataclass(frozen=True)
class Synthesised:
    """What a csynth report says of a stage, cycles.

    Args:
        latency: worst, from the first input beat to the last output.
        interval: worst, between two samples.
    """

    latency: int
    interval: int


def _beats(tensor: Tensor, io: str) -> int:
    return streamed_beats(tensor.shape) if io == "stream" else 1


def input_beats(stage: Stage, io: str) -> int:
    """Beats in which hls4ml's stage takes a sample; `io` is `stream` or `parallel`."""
    return _beats(stage.source, io)


def _beats_behind(layers: tuple[Layer, ...], source: Tensor, io: str) -> int:
    """Beats of what a chain of layers gives: those in front of a Flatten, which moves nothing."""
    tensors = trace_layers(layers, source)
    while layers and isinstance(layers[-1], Flatten):
        layers, tensors = layers[:-1], tensors[:-1]
    return _beats(tensors[-1], io)


def feature_beats(stage: Stage, io: str) -> int:
    """Beats in which hls4ml's stage gives a sample's features."""
    return _beats_behind(stage.backbone, stage.source, io)


def embedding_beats(stage: Stage, io: str) -> int:
    """Beats in which hls4ml's stage gives a sample's embedding."""
    return _beats_behind((*stage.backbone, *stage.head[: stage.last_dense]), stage.source, io)


def hls_core(
    stage: Stage,
    *,
    last: bool,
    embedding: bool,
    firmware: Firmware,
    hls: dict[str, Any],
    in_beats: int | None = None,
    out_beats: int | None = None,
    report: Synthesised | None = None,
) -> Core:
    """The core of a stage as hls4ml builds it. It has no files: a DPI model or a wrapped IP becomes its module.

    Args:
        stage: the stage.
        last: whether it is the last one.
        embedding: whether its gate reads the embedding.
        firmware: the recipe's `firmware`.
        hls: the recipe's `hls`.
        in_beats: beats in which a sample arrives, if not hls4ml's own.
        out_beats: beats in which its features are wanted, if not hls4ml's own.
        report: replaces the estimate; the caller makes sure that it belongs to this firmware.
    Raises:
        RecipeError: the elements of a sample cannot be divided into the beats.
    """
    own_in, own_out = input_beats(stage, firmware.io), feature_beats(stage, firmware.io)
    beats, features = in_beats or own_in, 0 if last else out_beats or own_out
    for what, size, count in (
        ("input", stage.source.size, beats),
        ("features", stage.features.size, features or 1),
    ):
        if size % count:
            raise RecipeError(f"{stage.name} {what}", f"{size} elements in {count} beats", "use a divisor")
    target = Target(firmware.io, firmware.backend, float(firmware.clock_ns), hls, firmware.part)
    _, layers = stage_cycles(stage, target)
    spans = len(stage.backbone)
    # Whoever gathers or splits beats does it in one more register; so do the elements of io_parallel.
    enters, leaves = int(beats != own_in), int(not last and features != own_out)
    enters += firmware.io == "parallel"
    logits = layers[-1].last + 1 + enters
    written = layers[spans - 1].last + 1 + enters + leaves
    interval = chain_interval(describe_stage(stage, hls), firmware.io, target.timing)
    if report is not None:
        # The estimate only says how much earlier than the logits the features are there.
        early = max(0, layers[-1].last - layers[spans - 1].last)
        logits = report.latency + enters
        written = max(1, report.latency - early) + enters + leaves
        interval = report.interval
    return Core(
        stage.name,
        last,
        in_beats=beats,
        in_bits=stage.source.size // beats * stage.source.format.width,
        feature_beats=features,
        feature_bits=0 if last else stage.features.size // features * stage.features.format.width,
        z_bits=stage.logits.size * stage.logits.format.width + _embedding_bits(stage, embedding),
        interval=max(interval, beats, own_in, features, 1),
        feature_cycles=0 if last else max(written - (features - 1), beats),
        logit_cycles=max(logits, beats),
        source="estimate" if report is None else CSYNTH,
    )


def _embedding_bits(stage: Stage, embedding: bool) -> int:
    if not embedding:
        return 0
    if stage.embedding is None:
        raise RecipeError(
            f"{stage.name} exit", "has no embedding, but its gate reads one", "end it with a dense layer"
        )
    return stage.embedding.size * stage.embedding.format.width


def hls_cores(
    network: IntegerNetwork,
    reading: frozenset[int],
    firmware: Firmware,
    hls: dict[str, Any],
    built: Mapping[str, Core] | None = None,
    reports: Mapping[str, Synthesised] | None = None,
) -> tuple[Core, ...]:
    """A core for every stage: those given, and hls4ml's for the rest, with beats that fit together.

    Between two stages a sample travels in the beats of the one that makes it; in one beat if the next core was
    given and takes one.

    Args:
        network: the integer network.
        reading: indices of the stages whose gate reads the embedding.
        firmware: the recipe's `firmware`.
        hls: the recipe's `hls`.
        built: cores that exist already, by stage: one beat per sample on both sides.
        reports: what synthesis said, by stage.
    Raises:
        RecipeError: a given core takes or gives more than one beat per sample.
    """
    built, reports, cores = built or {}, reports or {}, list[Core]()
    for core in built.values():
        if core.in_beats != 1 or core.feature_beats > 1:
            raise RecipeError(core.stage, f"core with {core.in_beats} beats", "give it one beat per sample")
    for index, stage in enumerate(network.stages):
        if stage.name in built:
            cores.append(built[stage.name])
            continue
        last = index == len(network.stages) - 1
        wanted = None if last or network.stages[index + 1].name not in built else 1
        cores.append(
            hls_core(
                stage,
                last=last,
                embedding=index in reading,
                firmware=firmware,
                hls=hls,
                in_beats=cores[-1].feature_beats if cores else None,
                out_beats=wanted,
                report=reports.get(stage.name),
            )
        )
    return tuple(cores)
