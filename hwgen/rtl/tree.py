"""The whole firmware tree: HLS projects and kernel, and the pipeline with the cores that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hwgen.calibration import Calibration
from hwgen.criteria import read_embeddings
from hwgen.data import DataSet
from hwgen.errors import RecipeError
from hwgen.firmware import firmware_key, plan_firmware
from hwgen.firmware.templates import banner
from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import IntegerNetwork
from hwgen.rtl.core import Core
from hwgen.rtl.gates import own_block
from hwgen.rtl.hls_core import hls_cores
from hwgen.rtl.pipeline import PipelinePlan, plan_pipeline
from hwgen.rtl.vendor import vendor_files

FOLDER = "pipeline"


def da4ml_cores(
    network: IntegerNetwork, reading: frozenset[int], recipe: str, inputs_sha256: str
) -> tuple[Core, ...]:
    """RTL of every stage by da4ml.

    Args:
        network: the integer network.
        reading: indices of the stages whose gate reads the embedding.
        recipe: its name.
        inputs_sha256: hash of everything the firmware is made from.
    Raises:
        RecipeError: a stage is too large.
        ToolMissing, ToolFailed: from da4ml.
    """
    from hwgen.rtl.stages import build_core

    line = banner("core.sv", recipe, inputs_sha256)
    cores = []
    for index, stage in enumerate(network.stages):
        last = index == len(network.stages) - 1
        # The shell's register stands still between samples: the core needs none of its own.
        built = build_core(stage, last=last, embedding=index in reading, banner=line, input_register=False)
        cores.append(
            Core(
                stage.name,
                last,
                in_beats=1,
                in_bits=built.in_bits,
                feature_beats=0 if last else 1,
                feature_bits=built.feature_bits,
                z_bits=built.z_bits,
                interval=1,
                feature_cycles=built.feature_cycles,
                logit_cycles=built.logit_cycles,
                source="rtl_simulation",
                files={**built.files, **built.library},
            )
        )
    return tuple(cores)


def plan_tree(
    loaded: LoadedRecipe, network: IntegerNetwork, calibration: Calibration, data: DataSet
) -> tuple[dict[str, bytes], PipelinePlan | str]:
    """The whole firmware tree: relative path -> content; and its pipeline, or why there is none.

    Args:
        loaded: the recipe.
        network: the integer network.
        calibration: gates and policies.
        data: test samples for the golden vectors.
    Raises:
        RecipeError, ToolMissing, ToolFailed, HwgenError: as `plan_firmware` and `plan_rtl`.
    """
    key = firmware_key(loaded, network, calibration, data)
    found: list[PipelinePlan | str] = []

    def pipeline(headers: dict[str, str]) -> tuple[dict[str, bytes], dict[str, Any]]:
        plan = plan_rtl(loaded, network, calibration, key, headers)
        found.append(plan)
        return ({}, {"reason": plan}) if isinstance(plan, str) else (plan.files, plan.facts())

    return plan_firmware(loaded, network, calibration, data, pipeline), found[0]


def plan_rtl(
    loaded: LoadedRecipe,
    network: IntegerNetwork,
    calibration: Calibration,
    inputs_sha256: str,
    headers: Mapping[str, str],
) -> PipelinePlan | str:
    """Plans `pipeline/`, or says why there is none.

    Args:
        loaded: the recipe.
        network: the integer network.
        calibration: gates and policies.
        inputs_sha256: hash of everything the firmware is made from.
        headers: of the HLS top of each stage, by stage.
    Returns:
        the plan; or the reason, where it is not wanted, or was not asked for by name and a criterion has no RTL.
    Raises:
        RecipeError: `firmware.rtl: da4ml` cannot be kept, or the sizes cannot.
        ToolMissing: a package is absent.
    """
    recipe = loaded.recipe
    if recipe.firmware.rtl == "none":
        return "firmware.rtl is none"
    for gate in calibration.gates:
        if gate is not None and own_block(gate, recipe.firmware.gate) is None:
            reason = f"criterion {gate.block!r} has no RTL in {recipe.firmware.gate} form"
            if recipe.firmware.rtl == "da4ml":
                raise RecipeError(
                    "firmware.rtl", f"is da4ml, but {reason}", "choose another criterion, or leave it out"
                )
            return reason
    reading = read_embeddings(calibration.gates)
    if recipe.firmware.rtl == "da4ml":
        cores = da4ml_cores(network, reading, recipe.name, inputs_sha256)
    else:
        cores = hls_cores(network, reading, recipe.firmware, recipe.hls)
    plan = plan_pipeline(network, calibration, recipe.firmware, cores, recipe.name, inputs_sha256)
    vendor = vendor_files(
        network,
        cores,
        {core.stage: headers[core.stage] for core in cores if not core.files},
        recipe.firmware,
        plan.sizes.sizes.meta,
        recipe.name,
        inputs_sha256,
    )
    return replace(plan, files={**plan.files, **vendor})
