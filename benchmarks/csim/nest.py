"""A stage as loops written by hand: what is to be had from this processor with int32 and g++."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from csim.case import ROOT, Case
from csim.harness import stage_rate
from csim.timing import SAME, TRIAL, seconds_of
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.material import material
from hwgen.reference.layers import (
    Activation,
    Conv2D,
    Dense,
    Flatten,
    Layer,
    MaxPool2D,
    Weighted,
    same_padding,
)
from hwgen.reference.network import Stage, Tensor
from hwgen.simulation.blocks import Firmware, _file_type

FLAGS = ("-std=c++17", "-O3", "-march=native")
FILES_ONLY = ("-DFILES_ONLY",)
SCALAR = ("-fno-tree-vectorize", "-fno-tree-slp-vectorize")
PIXELS = {"pixel": 1, "two pixels": 2, "four pixels": 4, "row": 1 << 16}
"""Loop orders that are tried: see layers.h."""


def _end(layer: Activation | None, source: FixedPoint) -> str:
    """What is done with each sum."""
    if layer is None:
        return "Keep"
    shift = source.fraction - layer.target.fraction
    assert 0 <= shift < 31, "the loops only drop bits"
    low = 0 if layer.function == "relu" else layer.target.min_raw
    return f"Requantise<{shift}, {low}, {layer.target.max_raw}>"


def _call(layer: Layer, source: Tensor, then: Activation | None) -> str:
    """The template of one layer with its shapes."""
    shape, target = source.shape, layer.output_shape(source.shape)
    end = _end(then, layer.output_format(source.format))
    if isinstance(layer, Dense):
        return f"Dense<{source.size}, {target[0]}, {end}>"
    if isinstance(layer, Conv2D):
        size, strides = layer.kernel.shape[:2], layer.strides
        pads = [same_padding(shape[axis], size[axis], strides[axis])[0] for axis in range(2)]
        corner = pads if layer.padding == "same" else [0, 0]
        numbers = (*shape, *target, *size, *strides, *corner)
        return f"Conv<{', '.join(map(str, numbers))}, {end}>"
    if isinstance(layer, MaxPool2D):
        numbers = (shape[1], shape[2], *target[:2], *layer.pool, *layer.strides)
        return f"MaxPool<{', '.join(map(str, numbers))}>"
    if isinstance(layer, Activation):
        return f"Pointwise<{source.size}, {_end(layer, source.format)}>"
    raise NotImplementedError(layer.kind)


class Nest:
    """The generated header of one stage, and the weights in the order it reads them."""

    def __init__(self, stage: Stage, features: int) -> None:
        self.weights: list[IntArray] = []
        self.arrays: list[str] = []
        self.calls: list[str] = []
        self.count = 0
        body, tensor = self._layers(list(stage.backbone), stage.source, "input")
        logits, _ = self._layers(list(stage.head), tensor, body)
        lines = [
            '#include "layers.h"',
            f"using input_t = {_file_type(stage.source.format)}_t;",
            f"using feature_t = {_file_type(tensor.format)}_t;",
            f"constexpr int INPUTS = {stage.source.size}, FEATURES = {features};",
            f"constexpr int CLASSES = {stage.logits.size}, WEIGHT_COUNT = {self.packed.size};",
            *self.arrays,
            "static void load(const int32_t *from) {",
            *self._loads(),
            "}",
            "static void stage(const int32_t *input, const int32_t *&features, const int32_t *&logits) {",
            *self.calls,
            f"    features = {body};",
            f"    logits = {logits};",
            "}",
        ]
        self.text = "\n".join(lines) + "\n"

    @property
    def packed(self) -> np.ndarray:
        """All weights as the program reads them."""
        return np.concatenate([values.ravel() for values in self.weights]).astype(np.int32)

    def _loads(self) -> list[str]:
        lines, start = [], 0
        for index, values in enumerate(self.weights):
            lines.append(f"    std::copy_n(from + {start}, {values.size}, weights{index});")
            start += values.size
        return lines

    def _keep(self, values: IntArray) -> str:
        name = f"weights{len(self.weights)}"
        assert np.abs(values).max() < 1 << 31, "the weights are int32"
        self.weights.append(values)
        self.arrays.append(f"alignas(64) static int32_t {name}[{values.size}];")
        return name

    def _layers(self, layers: list[Layer], tensor: Tensor, source: str) -> tuple[str, Tensor]:
        """Writes the calls; (name of the array that holds the result, what it is)."""
        while layers:
            layer = layers.pop(0)
            target = Tensor(layer.output_shape(tensor.shape), layer.output_format(tensor.format))
            if isinstance(layer, Flatten):
                tensor = target
                continue
            arguments = [source]
            then: Activation | None = None
            assert target.format.width < 32, "the sums are int32"
            if isinstance(layer, Weighted):
                # Aligning product and bias is left to the weights: no shift remains in the loops.
                up, bias_up = layer.shifts(tensor.format)
                arguments += [self._keep(layer.kernel << up), self._keep(layer.bias << bias_up)]
                following = layers[0] if layers else None
                if isinstance(following, Activation):
                    then = following
                    del layers[0]
            call = _call(layer, tensor, then)
            if then is not None:
                target = Tensor(target.shape, then.target)
            self.count += 1
            source = f"values{self.count}"
            self.arrays.append(f"alignas(64) static int32_t {source}[{target.size}];")
            self.calls.append(f"    {call}::run({', '.join([*arguments, source])});")
            tensor = target
        return source, tensor


def _compile(compiler: str, folder: Path, pixels: int, more: tuple[str, ...] = ()) -> tuple[Path, float]:
    program = folder / f"nest{pixels}{''.join(more)}"
    includes = [f"-I{folder}", f"-I{ROOT / 'benchmarks' / 'loop_nest'}", f"-I{material('sim') / 'csim'}"]
    defines = [f"-DPIXELS={pixels}", f'-DWEIGHTS="{folder / "weights.bin"}"']
    source = str(ROOT / "benchmarks" / "loop_nest" / "main.cpp")
    command = [compiler, *FLAGS, *more, *includes, *defines, source, "-o", str(program)]
    return program, seconds_of(lambda: subprocess.run(command, check=True))


def nest_rate(case: Case, firmware: Firmware, index: int, folder: Path, samples: int) -> dict[str, Any]:
    """Samples a second of the fastest loop order, run by `firmware` in place of the stage's own program.

    Args:
        samples: as many as the stage's own program was given, so that starting up and files cost the same.

    Returns:
        the measurement of the fastest; samples a second of all orders, of the fastest without vectors,
        and of a program that reads and writes the same files and calculates nothing.
    """
    stage = case.network.stages[index]
    nest = Nest(stage, 0 if case.is_last(index) else stage.features.size)
    folder = folder.resolve() / stage.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stage.h").write_text(nest.text)
    nest.packed.tofile(folder / "weights.bin")
    compiler, own = firmware.toolchain.compiler, firmware.programs[stage.name]
    try:
        found: dict[str, dict[str, Any]] = {}
        for order, pixels in PIXELS.items():
            firmware.programs[stage.name], seconds = _compile(compiler, folder, pixels)
            found[order] = stage_rate(case, firmware, index, SAME, samples)
            found[order]["compile_seconds"] = round(seconds, 2)
        best = max(found, key=lambda order: float(found[order]["samples_per_second"]))
        firmware.programs[stage.name], _ = _compile(compiler, folder, PIXELS[best], SCALAR)
        scalar = stage_rate(case, firmware, index, TRIAL)
        firmware.programs[stage.name], _ = _compile(compiler, folder, PIXELS[best], FILES_ONLY)
        files = stage_rate(case, firmware, index, SAME, samples)["samples_per_second"]
    finally:
        firmware.programs[stage.name] = own
    orders = {order: entry["samples_per_second"] for order, entry in found.items()}
    wrong = sum(entry["mismatches"] for entry in (scalar, *found.values()))
    more = {
        "order": best,
        "orders": orders,
        "without_vectors": scalar["samples_per_second"],
        "files_only": files,
        "mismatches": wrong,
    }
    return found[best] | more
