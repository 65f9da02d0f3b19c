"""What every layer of the compiled firmware puts out, by hls4ml's own tracing.

hls4ml copies a layer's output where the layer has `Trace` and the whole project `TraceOutput`. No recipe can switch
the latter on, so trees for users never hold these calls; here it is switched on between the planner and hls4ml.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.firmware import stage_hls4ml
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.material import material
from hwgen.reference.executor import execute, layer_values
from hwgen.reference.layers import Flatten
from hwgen.reference.network import IntegerNetwork, Stage, trace_layers
from hwgen.simulation import processes
from hwgen.simulation.toolchain import Toolchain, Unit

MAIN = Path(__file__).with_name("trace_main.cpp")
NAMED = 5
"""Differences written out per layer."""


@contextlib.contextmanager
def tracing() -> Iterator[None]:
    """Stages planned inside hold a call of `nnet::save_layer_output` behind every layer."""
    original = stage_hls4ml._config

    def config(stage: Stage, names: dict[str, Any], *rest: Any) -> dict[str, Any]:
        traced = {name: settings | {"Trace": True} for name, settings in names.items()}
        return original(stage, traced, *rest) | {"TraceOutput": True}

    stage_hls4ml._config = config
    try:
        yield
    finally:
        stage_hls4ml._config = original


def traced_layers(stage: Stage) -> list[str]:
    """Names of the layers that hold code: a flatten is a name for the values of the layer before."""
    return [layer.name for layer in (*stage.backbone, *stage.head) if not isinstance(layer, Flatten)]


class Tracer:
    """The stages of a traced tree, compiled with one kind of types.

    Args:
        tree: the firmware folder, planned under `tracing`.
        network: the integer network it was made from.
        types: `reference` or `fast`.
        work: folder for objects and intermediate files.
    """

    def __init__(self, tree: Path, network: IntegerNetwork, types: str, work: Path) -> None:
        self.tree = tree.resolve()
        self.network = network
        self.types = types
        self.work = work.resolve()
        self.toolchain = Toolchain(self.tree, self.work / "objects", types)

    def _unit(self, stage: Stage) -> Unit:
        types = self.toolchain.types.include(stage.name)
        support = material("firmware_templates") / "hls" / "testbench"
        folders = (types, "include", "include/gxx", str(support), str(material("sim") / "csim"), "kernel")
        features = 0 if stage is self.network.stages[-1] else stage.features.size
        defines = (
            f'HWGEN_CALL_FILE="{stage.name}_call.cpp"',
            f"HWGEN_STAGE={stage.name}",
            f"HWGEN_NNET=hwgen_nnet_{stage.name}",
            f"HWGEN_INPUTS={stage.source.size}",
            f"HWGEN_FEATURES={features}",
        )
        return Unit(str(MAIN), folders, defines)

    def build(self) -> dict[str, Path]:
        """Compiles and links one program per stage: name of the stage -> program."""
        objects = self.toolchain.compile({stage.name: self._unit(stage) for stage in self.network.stages})
        return {name: self.toolchain.link(f"trace-{name}", [item]) for name, item in objects.items()}

    def run(self, program: Path, stage: Stage, raw: IntArray) -> dict[str, FloatArray]:
        """Outputs of the layers of one stage: name -> float64 (n, size), in real values."""
        code = (self.tree / stage.name / "firmware" / f"{stage.name}.cpp").read_text()
        found = re.findall(r'save_layer_output<\w+>\(\w+, "(\w+)", ([\d*]+)\);', code)
        assert [name for name, _ in found] == traced_layers(stage), "hls4ml dropped or reordered layers"
        sizes = [int(np.prod([int(factor) for factor in size.split("*")])) for _, size in found]
        source, target = self.work / f"{stage.name}.input", self.work / f"{stage.name}.layers"
        raw.astype(np.int64).tofile(source)
        layers = [str(text) for (name, _), size in zip(found, sizes, strict=True) for text in (name, size)]
        command = [str(program), str(source), "0", str(len(raw)), *layers, str(target)]
        processes.run(command, self.tree, f"{stage.name}, {self.types} types", lambda _: None)
        values = np.fromfile(target, dtype=np.float64).reshape(len(raw), -1)
        parts = np.split(values, np.cumsum(sizes)[:-1], axis=1)
        return {name: part for (name, _), part in zip(found, parts, strict=True)}


def compare_layers(network: IntegerNetwork, raw: IntArray, tracers: list[Tracer]) -> list[str]:
    """Runs every stage on what the reference says reaches it and compares every layer's output.

    Args:
        network: the integer network.
        raw: int64 (n, *input shape).
        tracers: the same tree with each kind of types.
    Returns:
        one line per difference: stage, layer, sample, index, raw values.
    """
    programs = [tracer.build() for tracer in tracers]
    sources = [raw, *(values.features for values in execute(network, raw))]
    lines: list[str] = []
    for stage, source in zip(network.stages, sources[:-1], strict=True):
        expected = layer_values(stage, source)
        formats = {}
        for layers, start in ((stage.backbone, stage.source), (stage.head, stage.features)):
            for layer, tensor in zip(layers, trace_layers(layers, start)[1:], strict=True):
                formats[layer.name] = tensor.format
        got = [
            tracer.run(program[stage.name], stage, source)
            for tracer, program in zip(tracers, programs, strict=True)
        ]
        for name in traced_layers(stage):
            assert formats[name].width <= 53, "a double does not hold this layer exactly"
            right = expected[name]
            # Dividing by a power of two is exact: a value off the grid stays off it, and differs.
            theirs = [answer[name].reshape(right.shape) / formats[name].lsb for answer in got]
            wrong = np.any([values != right for values in theirs], axis=0)
            for position in np.argwhere(wrong)[:NAMED]:
                place = tuple(position.tolist())
                values = ", ".join(
                    f"{tracer.types} types {answer[place]:.17g}"
                    for tracer, answer in zip(tracers, theirs, strict=True)
                )
                where = f"{stage.name} {name}: sample {place[0]}, index {list(place[1:])}"
                lines.append(f"{where}: {values}, integer reference {right[place]}")
    return lines
