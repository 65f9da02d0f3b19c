"""The generated pipeline against the reference: every answer, under stalls, resets and policies that change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwgen.eda import verilator
from hwgen.errors import RecipeError, ToolMissing, UsageError
from hwgen.rtl.gates import RtlGate, rtl_gate
from hwgen.rtl.tree import plan_rtl
from hwgen.simulation.rtl import measures
from hwgen.simulation.rtl.campaign import RESETS, STALLS
from hwgen.simulation.rtl.design import read_tree
from hwgen.simulation.rtl.simulate import RtlSimulation, simulate_rtl
from tests.networks import tabular
from tests.trees import Tree, make_tree

FORMS = {
    "one stage": {"stages": 1, "criterion": "score"},
    "two, abstaining": {"stages": 2, "criterion": "logit_margin", "abstain": True, "reorder": True},
    "four, clock always on": {"stages": 4, "criterion": "score", "gating": "start"},
    "serial gates": {"stages": 2, "criterion": "learned", "abstain": True, "gate": "serial"},
    "embeddings": {
        "stages": 3,
        "criterion": ["laplace", "mc_dropout"],
        "settings": {"mc_dropout": {"passes": 2}},
    },
    "sums that travel": {"stages": 3, "criterion": "score", "ensemble": True, "reorder": True},
}


def tree_of(stages: int, **options: object) -> Tree:
    return make_tree(tabular(stages=stages), count=240, rtl="da4ml", **options)  # type: ignore[arg-type]


def planned_gates(tree: Tree) -> list[RtlGate]:
    form = tree.loaded.recipe.firmware.gate
    return [rtl_gate(gate, "gate1", "//", form) for gate in tree.calibration.gates if gate is not None]


def simulation(tree: Tree, folder: Path) -> RtlSimulation:
    tree.write(folder / "firmware")
    return RtlSimulation(
        tree.loaded,
        tree.network,
        tree.calibration,
        tree.data.test.raw,
        folder / "firmware",
        folder / "work",
        lambda what, done, total: None,
    )


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form)
@pytest.mark.verilator
@pytest.mark.da4ml
@pytest.mark.gxx
def test_all_answers(form: str, tmp_path: Path) -> None:
    """Stalls of 0, 10, 50, 90 %, back to back and spaced, without and with resets; switches; every policy."""
    tree = tree_of(**FORMS[form])  # type: ignore[arg-type]
    run = simulation(tree, tmp_path)
    sources = run.pipeline.design.files
    verilator.lint(sources, "hwgen_pipeline", {})
    bench = run.pipeline.design.build(tmp_path / "bench")
    full, alone = run.verify(bench)
    assert run.found.wrong() == {"answers": [], "rules": []}
    assert len(run.found.runs) == 2 + 4 * len(STALLS) + len(tree.calibration.policies)
    assert sum(found["resets"] for found in run.found.runs) == 2 * len(STALLS) * RESETS
    assert sum(found["cut_by_reset"] for found in run.found.runs) > RESETS
    reached = np.array([(run.expected[0][:, 1] > stage).sum() for stage in range(len(tree.network.stages))])
    for summary in (full.summary, alone.summary):
        assert summary["starts"] == reached.tolist(), "a stage ran for a sample that had left"
    if all(gate.interval == 1 for gate in planned_gates(tree)):
        rate = measures.throughput(full)["samples_per_cycle"]
        assert rate is not None and rate > 0.9


@pytest.mark.verilator
@pytest.mark.da4ml
@pytest.mark.gxx
def test_whole_simulation(tmp_path: Path) -> None:
    """What `simulate --level rtl` writes; samples that left cause no toggle in later stages."""
    tree = tree_of(2, criterion="logit_margin")
    tree.write(tmp_path / "firmware")
    results = simulate_rtl(
        tree.loaded, tree.network, tree.calibration, tree.data, tmp_path / "firmware", tmp_path / "simulation"
    )
    assert not any(results["mismatches"].values()) and results["broken_rules"] == []
    saif = (tmp_path / "simulation" / results["activity"]["saif"]).read_text()
    assert saif.startswith("(SAIFILE") and "hwgen_pipeline" in saif and results["trace"] is None
    early = results["activity"]["spaced"]["runs"]["early exits"]
    left, stayed = early["per_exit"]
    assert left["samples"] and stayed["samples"]
    assert left["blocks"]["stage2"]["total"] == 0 and left["blocks"]["gate2"]["total"] == 0
    assert stayed["blocks"]["stage2"]["total"] > 0
    static = results["activity"]["spaced"]["runs"]["static"]
    assert static["blocks"].keys() == {"stage1"} and static["per_sample"] > 0


@pytest.mark.verilator
@pytest.mark.da4ml
@pytest.mark.gxx
def test_waves_on_request(tmp_path: Path) -> None:
    run = simulation(tree_of(1, criterion="score"), tmp_path)
    try:
        name = run.waves(tmp_path)
    except ToolMissing as error:
        pytest.skip(str(error))
    content = (tmp_path / name).read_bytes()
    header_block, header_bytes = 0, 329
    assert content[0] == header_block and int.from_bytes(content[1:9], "big") == header_bytes
    assert run.found.passed and len(content) > 2000


def test_trees_are_functions_of_their_inputs() -> None:
    pytest.importorskip("da4ml")
    first, second = (tree_of(2, criterion="score").files for _ in range(2))
    assert first == second
    assert {"pipeline/rtl/hwgen_pipeline.sv", "pipeline/sources.f", "pipeline/registers.md"} <= first.keys()
    listed = first["pipeline/sources.f"].decode().split()
    assert {f"pipeline/{name}" for name in listed} <= first.keys()
    assert len(listed) == len(set(listed))


def test_a_criterion_without_rtl_is_refused_only_where_rtl_was_asked_for() -> None:
    tree = make_tree(tabular(stages=2), criterion="laplace", gate="serial")
    assert not any(name.startswith("pipeline/") for name in tree.files)
    firmware = tree.loaded.recipe.firmware.model_copy(update={"rtl": "da4ml"})
    asked = type(tree.loaded)(tree.loaded.recipe.model_copy(update={"firmware": firmware}), Path())
    with pytest.raises(RecipeError, match="firmware.rtl"):
        plan_rtl(asked, tree.network, tree.calibration, "0" * 64, {})


def test_no_pipeline_where_none_is_wanted(tmp_path: Path) -> None:
    tree = make_tree(tabular(stages=2), criterion="score", rtl="none")
    assert not any(name.startswith("pipeline/") for name in tree.files)
    tree.write(tmp_path)
    with pytest.raises(UsageError, match=r"firmware\.rtl is none"):
        read_tree(tmp_path)


def test_a_tag_that_is_too_narrow_is_refused() -> None:
    pytest.importorskip("da4ml")
    with pytest.raises(RecipeError, match=r"firmware.tag_bits.*is 2"):
        tree_of(2, criterion="score", tag_bits=2)


def test_a_tree_without_a_pipeline_is_named(tmp_path: Path) -> None:
    make_tree(tabular(stages=2), criterion="laplace", gate="serial").write(tmp_path)
    with pytest.raises(UsageError, match="laplace"):
        read_tree(tmp_path)
