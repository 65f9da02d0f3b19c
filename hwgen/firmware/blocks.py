"""The sources of gates, kernel and test benches, planned in memory."""

from __future__ import annotations

from typing import Any

from hwgen.criteria import Gate
from hwgen.firmware.stage_hls4ml import EMBEDDING, FEATURES, LOGITS, StageProject
from hwgen.firmware.templates import banner, fixed, render
from hwgen.reference.layers import Flatten
from hwgen.reference.network import IntegerNetwork, Stage, trace_layers

Files = dict[str, bytes]


def _channels(stage: Stage) -> int:
    """Elements of one beat of a stage's embedding: all of a vector, the channels of an image."""
    layers = stage.head[: stage.last_dense]
    tensors = trace_layers(layers, stage.features)
    while layers and isinstance(layers[-1], Flatten):
        layers, tensors = layers[:-1], tensors[:-1]
    return tensors[-1].shape[-1]


def _decide(gate: Gate | None) -> str:
    """The function of gate.h that calls this gate; empty if there is none."""
    if gate is None:
        return ""
    return f"decide{'_embedding' if gate.reads_embedding else ''}{'_carrying' if gate.carries else ''}"


def _embedding_array(stage: str, gate: Gate | None, own: bool) -> str:
    """The kernel's array that the gate of a stage reads besides the logits; empty if none."""
    if gate is None or not gate.reads_embedding:
        return ""
    return f"{stage}_{'embedding' if own else 'features'}"


INCLUDE = "include/hwgen"
_FIXED_HEADERS = ("argmax.h", "gate.h", "stage_call.h", "kernel_io.h", "tree.h")


class Blocks:
    """Everything of the firmware that is neither an hls4ml project nor data.

    Args:
        network: the integer network.
        projects: hls4ml project of each stage.
        gates: gate of each exit, None where there is none (the last exit without abstention).
        policies: number of policies the kernel holds.
        io: `stream` or `parallel`.
        form: of the gates, `parallel` or `serial`.
        recipe: name of the recipe.
        inputs_sha256: hash of all inputs, for the first line of each file.
    """

    def __init__(
        self,
        network: IntegerNetwork,
        projects: list[StageProject],
        gates: list[Gate | None],
        policies: int,
        io: str,
        form: str,
        recipe: str,
        inputs_sha256: str,
    ) -> None:
        self.network = network
        self.gates = gates
        self.policies = policies
        self.io = io
        self.form = form
        self.recipe = recipe
        self.inputs_sha256 = inputs_sha256
        self.stages = [
            self._stage_view(index, stage, project)
            for index, (stage, project) in enumerate(zip(network.stages, projects, strict=True))
        ]

    def _stage_view(self, index: int, stage: Stage, project: StageProject) -> dict[str, Any]:
        """What the templates need to know of one stage."""
        last = index == len(self.network.stages) - 1
        features = 0 if last else stage.features.size
        previous = self.network.stages[index - 1].name if index else ""
        shape = stage.features.shape
        gate = self.gates[index]
        vector = stage.embedding if EMBEDDING in project.output_types else None
        return {
            "name": stage.name,
            "source": f"{previous}_features" if index else "input",
            "source_file": f"{previous}_features.txt" if index else "input.txt",
            "source_shape": " x ".join(map(str, stage.source.shape)),
            "feature_shape": " x ".join(map(str, shape)),
            "inputs": stage.source.size,
            "features": features,
            "feature_beats": max(features // shape[-1], 2),
            "source_type": stage.source.format.cpp(),
            "feature_type": stage.features.format.cpp(),
            "logit_type": stage.logits.format.cpp(),
            "logit_bits": stage.logits.format.width,
            "beat_in": project.input_type,
            "beat_features": project.output_types.get(FEATURES, ""),
            "beat_logits": project.output_types[LOGITS],
            "gated": gate is not None,
            "carries": gate is not None and gate.carries,
            # What the stage outputs besides; 0 if its gate reads the features themselves or no embedding.
            "embedding": vector.size if vector is not None else 0,
            "embedding_type": vector.format.cpp() if vector is not None else "",
            "embedding_beats": 2 if vector is None else max(vector.size // _channels(stage), 2),
            "beat_embedding": project.output_types.get(EMBEDDING, ""),
            "decide": _decide(gate),
            "gate_reads": _embedding_array(stage.name, gate, vector is not None),
        }

    def _render(self, path: str, template: str, **values: Any) -> Files:
        line = banner(path, self.recipe, self.inputs_sha256)
        content = render(
            f"hls/generated/{template}",
            banner=line,
            classes=self.network.classes,
            io=self.io,
            stages=self.stages,
            policies=self.policies,
            gates=[k for k, gate in enumerate(self.gates, 1) if gate is not None],
            **values,
        )
        return {path: content}

    def include_files(self) -> Files:
        """Fixed headers: those of every tree, and those of the criteria in use."""
        names = set(_FIXED_HEADERS)
        for gate in self.gates:
            if gate is not None:
                names.update(gate.headers)
        files = {f"{INCLUDE}/{name}": fixed(f"hls/{name}") for name in sorted(names)}
        return files | {"include/gxx/ap_axi_sdata.h": fixed("hls/gxx/ap_axi_sdata.h")}

    def gate_files(self) -> Files:
        """One HLS project per gate."""
        files: Files = {}
        for number, gate in enumerate(self.gates, 1):
            if gate is None:
                continue
            vector = gate.shape.embedding if gate.reads_embedding else None
            folder = f"gate{number}"
            files |= self._render(
                f"{folder}/gate{number}.h",
                "gate.h.j2",
                number=number,
                gate=gate,
                serial=self.form == "serial",
                embedding_type=vector.format.cpp() if vector is not None else "",
            )
            for path, template in (
                (f"{folder}/gate{number}.cpp", "gate.cpp.j2"),
                (f"testbench/gate{number}_test.cpp", "gate_test.cpp.j2"),
            ):
                files |= self._render(
                    path,
                    template,
                    number=number,
                    gate=gate,
                    serial=self.form == "serial",
                    decide=_decide(gate),
                )
        return files

    def kernel_files(self) -> Files:
        """The sequential top, one wrapper per stage, and their test benches."""
        bits = -(-self.network.source.format.width // 8) * 8
        files = self._render("kernel/stages.h", "stages.h.j2")
        files |= self._render("kernel/kernel.h", "kernel.h.j2", sample_bits=bits)
        files |= self._render("kernel/kernel.cpp", "kernel.cpp.j2")
        for stage in self.stages:
            name = stage["name"]
            files |= self._render(f"kernel/{name}_call.cpp", "stage_call.cpp.j2", stage=stage)
            files |= self._render(f"testbench/{name}_test.cpp", "stage_test.cpp.j2", stage=stage)
        files |= self._render(
            "testbench/kernel_test.cpp", "kernel_test.cpp.j2", truncatable=self.network.source.size > 1
        )
        for name in ("vectors.h", "raw_bits.h"):
            files[f"testbench/{name}"] = fixed(f"hls/testbench/{name}")
        return files

    def files(self) -> Files:
        """All of it."""
        return self.include_files() | self.gate_files() | self.kernel_files()
