"""Plans the whole firmware tree in memory: a pure function of its inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import hwgen
from hwgen.calibration import Calibration
from hwgen.criteria import read_embeddings
from hwgen.data import DataSet
from hwgen.errors import HwgenError
from hwgen.files import MANIFEST, file_hashes, sha256_of
from hwgen.firmware.blocks import Blocks, Files
from hwgen.firmware.hls_settings import check_hls
from hwgen.firmware.registers import registers
from hwgen.firmware.scripts import script_files
from hwgen.firmware.stage_hls4ml import StageProject, convert_stage, stage_outputs
from hwgen.firmware.templates import render
from hwgen.firmware.vectors import vector_files
from hwgen.material import code_sha256, material
from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import IntegerNetwork
from hwgen.reference.storage import network_files
from hwgen.vendor.versions import facts

PlanPipeline = Callable[[dict[str, str]], tuple[Files, dict[str, Any]]]
"""From the header of each stage's HLS top, by stage: files below pipeline/, and what the manifest says of them."""


def firmware_key(
    loaded: LoadedRecipe, network: IntegerNetwork, calibration: Calibration, data: DataSet
) -> str:
    """Hash of everything the tree depends on."""
    recipe = loaded.recipe
    parts: list[Any] = [
        hwgen.__version__,
        code_sha256("firmware", "rtl"),
        facts(),
        file_hashes(material("firmware_templates")),
        recipe.name,
        recipe.firmware.model_dump(mode="json"),
        recipe.hls,
        calibration.to_dict(),
        data.sha256,
    ]
    return sha256_of(parts, *network_files(network).values())


def _readme(blocks: Blocks, loaded: LoadedRecipe, calibration: Calibration, pipeline: bool) -> Files:
    firmware = loaded.recipe.firmware
    numbers = _gate_numbers(blocks)
    text = render(
        "vitis/README.md.j2",
        recipe=blocks.recipe,
        version=hwgen.__version__,
        inputs_sha256=blocks.inputs_sha256,
        stages=blocks.stages,
        classes=blocks.network.classes,
        io=blocks.io,
        source_shape=" x ".join(map(str, blocks.network.source.shape)),
        source_type=blocks.network.source.format.cpp(),
        gates=[{"number": number, "criterion": blocks.gates[number - 1].criterion} for number in numbers],  # type: ignore[union-attr]
        sample_bits=-(-blocks.network.source.format.width // 8) * 8,
        slots=max(len(numbers), 1),
        policies=[
            {"points": f"{policy.points:g}", "registers": registers(calibration, index)}
            for index, policy in enumerate(calibration.policies)
        ],
        backend=firmware.backend,
        part=firmware.part,
        clock_ns=f"{firmware.clock_ns:g}",
        pipeline=pipeline,
    )
    return {"README.md": text}


def _gate_numbers(blocks: Blocks) -> list[int]:
    return [number for number, gate in enumerate(blocks.gates, 1) if gate is not None]


def _manifest(
    files: Files,
    blocks: Blocks,
    loaded: LoadedRecipe,
    calibration: Calibration,
    projects: list[StageProject],
    pipeline: dict[str, Any] | None,
) -> bytes:
    network = blocks.network
    document = {
        "tool": f"hwgen {hwgen.__version__}",
        "recipe": {"name": loaded.recipe.name, "sha256": loaded.sha256},
        "inputs_sha256": blocks.inputs_sha256,
        "firmware": loaded.recipe.firmware.model_dump(mode="json"),
        "classes": network.classes,
        "stages": [
            {
                "name": stage.name,
                "input": {"shape": list(stage.source.shape), **stage.source.format.to_dict()},
                "features": {"shape": list(stage.features.shape), **stage.features.format.to_dict()},
                "logits": {"shape": list(stage.logits.shape), **stage.logits.format.to_dict()},
                "top": stage.name,
                "outputs": list(project.output_types.values()),
            }
            for stage, project in zip(network.stages, projects, strict=True)
        ],
        "gates": [None if gate is None else gate.manifest() for gate in blocks.gates],
        "policies": [
            {"points": policy.points, "registers": [list(pair) for pair in registers(calibration, index)]}
            for index, policy in enumerate(calibration.policies)
        ],
        "active": calibration.active,
        "pipeline": pipeline,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    return (json.dumps(document, indent=1) + "\n").encode()


def plan_firmware(
    loaded: LoadedRecipe,
    network: IntegerNetwork,
    calibration: Calibration,
    data: DataSet,
    pipeline: PlanPipeline | None = None,
) -> dict[str, bytes]:
    """The firmware tree: relative path -> content.

    Args:
        loaded: the recipe.
        network: the integer network.
        calibration: gates and policies.
        data: test samples for the golden vectors.
        pipeline: plans what lies below pipeline/, if anything does.
    Raises:
        RecipeError: `hls` holds something hls4ml would ignore or that would break exactness.
        ToolMissing, ToolFailed: from hls4ml.
        HwgenError: two parts of the tree claim the same path.
    """
    recipe = loaded.recipe
    gates = calibration.gates
    check_hls(
        recipe.hls, [layer.name for stage in network.stages for layer in (*stage.backbone, *stage.head)]
    )
    last, reading = len(network.stages) - 1, read_embeddings(gates)
    projects = [
        convert_stage(
            stage, stage_outputs(stage, index == last, index in reading), recipe.hls, recipe.firmware
        )
        for index, stage in enumerate(network.stages)
    ]
    headers = {
        stage.name: project.files[f"firmware/{stage.name}.h"].decode()
        for stage, project in zip(network.stages, projects, strict=True)
    }
    more, told = pipeline(headers) if pipeline is not None else ({}, None)
    blocks = Blocks(
        network,
        projects,
        gates,
        len(calibration.policies),
        recipe.firmware.io,
        recipe.firmware.gate,
        recipe.name,
        firmware_key(loaded, network, calibration, data),
    )
    parts: list[Files] = [
        {f"{stage.name}/{name}": content for name, content in project.files.items()}
        for stage, project in zip(network.stages, projects, strict=True)
    ]
    parts += [
        blocks.files(),
        vector_files(network, calibration, data.test.raw),
        _readme(blocks, loaded, calibration, bool(more)),
        script_files(
            [stage.name for stage in network.stages],
            _gate_numbers(blocks),
            recipe.firmware,
            recipe.name,
            blocks.inputs_sha256,
            told if more else None,
            sorted(name for name in more if name.startswith("vendor/") and name.endswith(".sv")),
        ),
        {f"pipeline/{name}": content for name, content in more.items()},
    ]
    files: Files = {}
    for part in parts:
        for name, content in part.items():
            if name in files:
                raise HwgenError(f"firmware/{name}", "is generated twice")
            files[name] = content
    return files | {MANIFEST: _manifest(files, blocks, loaded, calibration, projects, told)}


def edited_files(tree: dict[str, str], manifest: dict[str, Any]) -> list[str]:
    """Names of files that differ from the manifest: changed, missing or added.

    Args:
        tree: path -> SHA-256 of every file that lies there (the manifest itself left out).
        manifest: the content of manifest.json.
    """
    planned: dict[str, str] = manifest["files"]
    return sorted(name for name in planned.keys() | tree.keys() if planned.get(name) != tree.get(name))
