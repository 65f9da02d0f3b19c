"""Stages as their own compiled C++ behind DPI: for cores that have no RTL here.

The C++ is compiled as the C simulation compiles it, into the same cache of objects, so after `hwgen simulate` only
a few lines per stage are left. Shell, buffers and gates around such a core are those that ship.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import jinja2

from hwgen.errors import CheckFailed, UsageError
from hwgen.files import MANIFEST
from hwgen.firmware.stage_hls4ml import EMBEDDING, stage_outputs
from hwgen.material import material
from hwgen.reference.network import IntegerNetwork, Stage
from hwgen.rtl.core import Core
from hwgen.simulation.rtl.bench import Design
from hwgen.simulation.toolchain import Toolchain, Unit

_TEMPLATE = "dpi_stage_core.sv.j2"
_TIMING = "dpi_core.sv"
_FACTS = tuple(field.name for field in fields(Core) if field.name not in ("stage", "last", "files"))
Told = Callable[[int, int], None]


def modelled(cores: Sequence[Core]) -> tuple[Core, ...]:
    """The cores that have no RTL of their own."""
    return tuple(core for core in cores if not core.files)


def modelled_of(network: IntegerNetwork, facts: dict[str, Any]) -> tuple[Core, ...]:
    """The same, from what a tree's manifest says of its pipeline.

    Raises:
        UsageError: the manifest is of another network, or was edited beyond reading.
    """
    last = network.stages[-1]
    try:
        entries = list(zip(network.stages, facts["stages"], strict=True))
        return tuple(
            Core(stage.name, stage is last, **{key: entry[key] for key in _FACTS})
            for stage, entry in entries
            if entry["core"] == "hls"
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(MANIFEST, f"does not fit the network ({error})", "run `hwgen generate`") from error


def model_sources(cores: Sequence[Core], folder: Path) -> list[Path]:
    """Writes the SystemVerilog of the models.

    Args:
        cores: those to be modelled.
        folder: where the generated modules go.
    Returns:
        what the simulator reads besides the pipeline's own sources.
    """
    sim = material("sim") / "rtl"
    # The text is SystemVerilog, not HTML.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)  # noqa: S701
    template = environment.from_string((sim / _TEMPLATE).read_text())
    folder.mkdir(parents=True, exist_ok=True)
    files = [sim / _TIMING]
    for core in cores:
        path = folder / f"{core.stage}_core.sv"
        path.write_text(
            template.render(
                stage=core.stage,
                core=core,
                sample_bits=core.in_beats * core.in_bits,
                feature_bits=max(core.feature_beats * core.feature_bits, 1),
            )
        )
        files.append(path)
    return files


def _units(stage: Stage, core: Core, toolchain: Toolchain) -> tuple[Unit, Unit]:
    """The stage's code, exactly as the C simulation compiles it, and what hands it the bits."""
    support = str(material("firmware_templates") / "hls" / "testbench")
    sim = material("sim")
    types = toolchain.types.include(stage.name)
    folders = (types, "include", "include/gxx", support, str(sim / "csim"), "kernel")
    reads = core.z_bits > stage.logits.size * stage.logits.format.width
    own = EMBEDDING in stage_outputs(stage, core.last, reads)
    defines = (
        f"HWGEN_STAGE={stage.name}",
        f"HWGEN_INPUTS={stage.source.size}",
        f"HWGEN_FEATURES={0 if core.last else stage.features.size}",
        f"HWGEN_EMBEDDING={stage.embedding.size if own and stage.embedding is not None else 0}",
        f"HWGEN_EMBEDDING_FROM_FEATURES={int(reads and not own)}",
    )
    glue = Unit(str(sim / "rtl" / "dpi_stage.cpp"), folders, defines)
    return Unit(f"kernel/{stage.name}_call.cpp", folders), glue


def model_objects(
    network: IntegerNetwork,
    cores: Sequence[Core],
    toolchain: Toolchain,
    progress: Told = lambda done, total: None,
) -> tuple[Path, ...]:
    """Compiles the C++ of the stages that are modelled.

    Args:
        network: the integer network.
        cores: those to be modelled.
        toolchain: compiler, tree and cache of objects.
        progress: told how many units are compiled, and how many there are.
    Returns:
        the objects to link.
    Raises:
        ToolFailed: the tree does not compile.
    """
    stages = {stage.name: stage for stage in network.stages}
    place = json.dumps(str(toolchain.tree.resolve()), ensure_ascii=False)
    units = {"tree": Unit(str(material("sim") / "rtl" / "dpi_tree.cpp"), (), (f"HWGEN_TREE_FOLDER={place}",))}
    for core in cores:
        units[core.stage], units[f"{core.stage} dpi"] = _units(stages[core.stage], core, toolchain)
    objects = toolchain.compile(units, lambda done: progress(done, len(units)))
    return tuple(objects.values())


def with_models(
    design: Design,
    tree: Path,
    network: IntegerNetwork,
    cores: Sequence[Core],
    work: Path,
    types: str,
    progress: Told = lambda done, total: None,
) -> Design:
    """Adds models to a pipeline whose RTL lacks some cores.

    Args:
        design: what lies in `pipeline/`; returned as it is if there is nothing to model.
        tree: the firmware folder.
        network: the integer network.
        cores: those to be modelled, see `modelled` and `modelled_of`.
        work: folder for generated modules; the objects go to `objects` in it, as those of the C simulation.
        types: number types of the C++, `fast` or `reference`.
        progress: told how many units are compiled, and how many there are.
    Raises:
        ToolMissing: no compiler, or one too old for the types.
        ToolFailed: the tree does not compile.
    """
    if not cores:
        return design
    toolchain = Toolchain(tree.resolve(), work.resolve() / "objects", types)
    objects = model_objects(network, cores, toolchain, progress)
    # Modules may be read in any order: the pipeline's own list stays whole.
    files = (*design.files, *model_sources(cores, work / "models"))
    return replace(design, files=files, linked=(*design.linked, *objects))


def calls(cores: Sequence[Core], folder: Path) -> dict[str, int]:
    """How often the code of each modelled stage ran in the run that was made in a folder.

    Raises:
        CheckFailed: a model left no count.
    """
    found = {}
    for core in cores:
        path = folder / f"{core.stage}.calls"
        try:
            found[core.stage] = int(path.read_text())
        except (OSError, ValueError) as error:
            raise CheckFailed(core.stage, f"its model left no count of calls: {error}") from error
    return found
