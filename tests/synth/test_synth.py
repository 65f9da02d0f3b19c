"""Counts of a small pipeline: present, summing, kept, done again when asked, never of other firmware."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hwgen.eda import yosys
from hwgen.errors import ToolFailed, UsageError
from hwgen.report.checks import RULES
from hwgen.report.tool_results import ToolResults, read_tool_results
from hwgen.synth import jobs, load_results, resource_rows, synthesise
from hwgen.synth.results import COLUMNS, GROUPS, counts_of, sums_of
from hwgen.synth.sources import Sources
from tests.synth.conftest import Tree

pytestmark = [pytest.mark.yosys, pytest.mark.da4ml, pytest.mark.xdist_group("synth")]


def entries(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["block"]: entry for entry in document["blocks"]}


def test_every_block_is_counted_and_the_sums_are_right(known: Tree) -> None:
    document = json.loads(known.results.read_text())
    assert document["complete"] and document["source"] == "yosys" and document["family"] == "xcup"
    assert document["yosys"] == ".".join(map(str, yosys.find().version))
    found = entries(document)
    for name in (
        "stage1_core",
        "gate1",
        "stage1_shell",
        "stage1_buffer",
        "merge",
        "watchdog",
        "control",
        "entrance",
    ):
        assert found[name]["counts"]["lut"] > 0, name
    for group in GROUPS:
        for column in COLUMNS:
            inside = [entry["counts"][column] for entry in found.values() if entry["group"] == group]
            assert document["sums"][group][column] == sum(inside)
    assert document["sums"]["all"]["lut"] == sum(document["sums"][group]["lut"] for group in GROUPS)
    exits = document["sums"]["early_exits"]
    assert exits["number"] == 1
    assert exits["own"]["stage1"]["lut"] + exits["shared"]["lut"] == exits["mean"]["lut"]
    own = ("stage1_shell", "stage1_buffer", "stage1_router")
    assert exits["own"]["stage1"]["ff"] == sum(found[name]["counts"]["ff"] for name in own)


def test_the_feature_memory_is_apart_from_its_control(known: Tree) -> None:
    found = entries(json.loads(known.results.read_text()))
    memory, control = found["stage1_features"], found["stage1_buffer"]
    bits = control["parameters"]["BITS"]
    assert memory["group"] == "memory"
    assert memory["counts"]["lutram"] > 0 and memory["counts"]["ff"] == bits
    # What is left does not know how wide the features are, but for its three queues.
    assert control["counts"]["lutram"] > 0 and control["counts"]["lut"] > 0


def test_clock_gates_are_buffers_not_latches(known: Tree) -> None:
    """One for each stage, and one beside them for all that never sleeps; none behind another."""
    found = entries(json.loads(known.results.read_text()))
    for name in ("stage1_shell", "stage2_shell", "main_clock"):
        assert found[name]["counts"]["other"] == {"BUFGCE": 1}
    assert found["main_clock"]["counts"]["lut"] == found["main_clock"]["counts"]["ff"] == 0
    top = (known.pipeline / "rtl" / "hwgen_pipeline.sv").read_text()
    assert top.count(".clk_source(clk)") == 2 and "main_clock_i (.clk, .enable(1'b1), .gclk(main_clk))" in top


def test_a_block_is_counted_at_the_parameters_of_the_top(known: Tree) -> None:
    entry = entries(json.loads(known.results.read_text()))["merge"]
    files = Sources.of(known.pipeline).needed(entry["module"])
    assert {file.name for file in files} == {"fifo.sv", "result_merge.sv"}
    alone = yosys.synthesise(files, entry["module"], entry["parameters"], "xcup", front_end="slang")
    assert (alone.lut, alone.ff, alone.lutram) == tuple(
        entry["counts"][key] for key in ("lut", "ff", "lutram")
    )


def test_the_controller_is_small(known: Tree) -> None:
    """At most 400 LUT per early exit at 16 tag bits, 16 slots and 8 policies, with all that exits share; without parity.

    With it the exit's own blocks stay below 400: test_controller_cost.py. LUTs of logic; those of its FIFOs' memory are counted apart, as is the feature memory.
    """
    document = json.loads(known.results.read_text())
    exits = document["sums"]["early_exits"]
    assert exits["mean"]["lut"] <= 400
    assert exits["own"]["stage1"]["lut"] <= 250
    assert exits["mean"]["dsp"] == exits["mean"]["bram_18k"] == 0


def test_a_second_run_does_nothing(known: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    before = json.loads(known.results.read_text())
    read = jobs._output

    def read_hierarchy(run: Any) -> str:
        assert run.work.name == "hwgen_pipeline", f"{run.work.name} was synthesised"
        return read(run)

    monkeypatch.setattr(jobs, "_output", read_hierarchy)
    again = known.synthesise()
    assert again["synthesised"] == []
    assert again | {"synthesised": before["synthesised"]} == before


def netlist_file(tree: Tree, module: str) -> Path:
    files = (tree.out / "synthesis/modules").iterdir()
    return next(file for file in files if json.loads(file.read_text())["module"] == module)


def test_a_stopped_run_goes_on_and_named_blocks_are_enough(known: Tree) -> None:
    before = entries(json.loads(known.results.read_text()))
    netlist_file(known, "hwgen_result_merge").unlink()
    damaged = netlist_file(known, "hwgen_watchdog")
    damaged.write_text(damaged.read_text()[:40])
    document = known.synthesise("watchdog", "control")
    assert document["synthesised"] == ["watchdog"] and not document["complete"]
    found = entries(document)
    assert found["watchdog"]["counts"] == before["watchdog"]["counts"]
    assert found["merge"]["counts"] is None and found["merge"]["note"] == "not synthesised yet"
    assert document["sums"]["controller"] is None and document["sums"]["early_exits"]["mean"] is None
    rows = {row["block"]: row for row in resource_rows(document)}
    assert rows["watchdog"]["source"] == "yosys" and rows["watchdog"]["lut"] > 0
    assert rows["merge"]["lut"] is None and rows["merge"]["source"] is None
    # A limit of the recipe cannot be kept by leaving blocks out.
    assert RULES["max_lut"].value({"resources": list(rows.values())}) is None


def test_force_repeats_the_named_blocks_only(known: Tree) -> None:
    before = entries(json.loads(known.results.read_text()))
    forced = known.synthesise("stage2_router", force=True)
    assert forced["synthesised"] == ["stage2_router"] and forced["complete"]
    assert entries(forced)["stage2_router"]["counts"] == before["stage2_router"]["counts"]


def test_rows_of_the_report(known: Tree) -> None:
    document = load_results(known.out, known.pipeline)
    assert document is not None
    rows = resource_rows(document)
    assert {key for row in rows for key in row} == {
        "block",
        "lut",
        "lutram",
        "ff",
        "dsp",
        "bram_18k",
        "source",
    }
    sums = document["sums"]["all"]
    assert RULES["max_lut"].value({"resources": rows}) == sums["lut"] + sums["lutram"]
    assert RULES["max_ff"].value({"resources": rows}) == sums["ff"]


def test_the_report_leaves_out_results_of_other_firmware_and_says_so(known: Tree) -> None:
    assert read_tool_results(known.out / "elsewhere") == ToolResults()
    found = read_tool_results(known.out)
    assert found.rows == resource_rows(json.loads(known.results.read_text())) and found.warnings == []
    known.edit("rtl/gate1.sv", lambda text: "// edited\n" + text)
    assert read_tool_results(known.out) == ToolResults(
        warnings=[
            "resources: synthesis/yosys.json was made before pipeline/ was edited and is left out; "
            "hwgen synth --tool yosys does it again, what has not changed excepted"
        ],
    )


def test_results_of_other_firmware_are_refused_by_name(known: Tree) -> None:
    assert load_results(known.out / "elsewhere", known.pipeline) is None
    known.edit("rtl/gate1.sv", lambda text: "// other banner\n" + text)
    with pytest.raises(UsageError, match=r"synthesis/yosys.json: was made before pipeline/ was edited"):
        load_results(known.out, known.pipeline)
    manifest = known.firmware / "manifest.json"
    manifest.write_text(manifest.read_text().replace("abab", "cdcd"))
    with pytest.raises(
        UsageError, match="belongs to firmware abababababababab, but .* is of cdcdcdcdcdcdcdcd"
    ) as caught:
        load_results(known.out, known.pipeline)
    assert caught.value.exit_code == 2
    # The comment changed no netlist: nothing is repeated, and the results are of this firmware again.
    assert known.synthesise()["synthesised"] == []
    assert load_results(known.out, known.pipeline) is not None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"inputs_sha256": "x"'])
def test_damaged_results_are_refused(known: Tree, content: str) -> None:
    known.results.write_text(content)
    with pytest.raises(UsageError, match="yosys.json: is damaged"):
        load_results(known.out, known.pipeline)
    known.results.unlink()
    assert load_results(known.out, known.pipeline) is None


def test_a_block_that_fails_is_named_and_the_others_stay(
    known: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = known.results.read_text()
    monkeypatch.setattr("hwgen.synth.store.module_script", lambda *_, **__: ["no_such_pass"])
    with pytest.raises(
        ToolFailed, match="yosys, watchdog: failed with exit code 1: .*no_such_pass"
    ) as caught:
        known.synthesise("watchdog")
    assert caught.value.exit_code == 4 and "no_such_pass" in caught.value.log_tail
    assert known.results.read_text() == before


def test_rtl_that_does_not_elaborate_is_shown(fresh: Tree) -> None:
    fresh.edit(
        "rtl/watchdog.sv", lambda text: text.replace("endmodule", "assign flush = no_such_name;\nendmodule")
    )
    with pytest.raises(ToolFailed, match="yosys, hwgen_pipeline: .*watchdog.sv:.*no_such_name"):
        fresh.synthesise("watchdog")
    assert not fresh.results.exists()


def test_wrong_words(fresh: Tree) -> None:
    with pytest.raises(UsageError, match="--block: 'gate9' is no block of this pipeline; one of stage1_core"):
        fresh.synthesise("gate9")
    with pytest.raises(UsageError, match="--family: received 'ice40'"):
        synthesise(fresh.pipeline, fresh.out, "ice40")


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    known = {
        "block": "gate1",
        "group": "gate",
        "module": "gate1",
        "counts": counts_of({"LUT4": 3, "FDRE": 2}),
    }
    core = {"block": "stage1_core", "group": "stage", "module": "stage1_core", "counts": None}
    sums = sums_of([known, core])
    assert sums["gate"]["lut"] == 3 and sums["gate"]["ff"] == 2
    assert sums["stage"] is None and sums["all"] is None
    assert sums["early_exits"] == {"number": 0, "own": {}, "shared": sums["controller"], "mean": None}


def test_block_rams_are_counted_in_halves() -> None:
    assert counts_of({"RAMB18E2": 1, "RAMB36E2": 2})["bram_18k"] == 5


def test_nothing_is_left_running(fresh: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = [tmp_path / name for name in ("first", "second")]
    sleeper = tmp_path / "yosys"
    sleeper.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/$(basename $PWD).pid\nsleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setattr(yosys, "find", lambda: yosys.Yosys((str(sleeper),), (0, 70)))
    works = [jobs.Work(mark.name, [], "none", tmp_path) for mark in marks]

    def stop(_: float) -> None:
        if len(list(tmp_path.glob("*.pid"))) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(jobs.time, "sleep", stop)
    with pytest.raises(KeyboardInterrupt):
        list(jobs.run_all(works, 2))
    pids = [int(path.read_text()) for path in tmp_path.glob("*.pid")]
    assert len(pids) == 2 and not any(Path(f"/proc/{pid}").exists() for pid in pids)
