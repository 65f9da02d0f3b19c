"""scripts/vivado.tcl behind stand-ins for Vivado's commands: what it asks for, in which order, and what stops it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hwgen.files import write_tree
from hwgen.firmware.scripts import has_delay_groups
from hwgen.vendor.status import DONE, FAILED, statuses
from tests.firmware.tcl import VIVADO, calls, run_tcl
from tests.networks import tabular
from tests.trees import make_tree

pytestmark = pytest.mark.tclsh
NAME = Path("scripts") / "vivado.tcl"
PART = "xczu3eg-sbva484-1-e"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree whose stages are IPs."""
    folder = tmp_path_factory.mktemp("tree") / "firmware"
    write_tree(folder, make_tree(tabular(stages=2), "logit_margin", part=PART).files)
    return folder


def export(work: Path, solution: str, *stages: str) -> None:
    """What the step export leaves."""
    for stage in stages:
        folder = work / "hls_build" / stage / solution / "impl" / "ip"
        folder.mkdir(parents=True)
        (folder / "component.xml").touch()


@pytest.mark.parametrize("solution", ["solution1", "hls"])
def test_every_file_is_read_once_and_every_ip_made(tree: Path, tmp_path: Path, solution: str) -> None:
    export(tmp_path, solution, "stage1", "stage2")
    result = run_tcl(VIVADO, tree / NAME, tmp_path)
    assert result.returncode == 0, result.stderr
    asked = calls(result)
    read = [Path(call[-1]) for call in asked if call[0] == "read_verilog"]
    assert all(path.is_file() for path in read)
    assert len(read) == len(set(read))
    assert set(read) == {path for path in (tree / "pipeline").rglob("*") if path.suffix in (".sv", ".v")}
    assert {"stage1_core.sv", "stage2_core.sv"} <= {path.name for path in read}
    made = [call[call.index("-module_name") + 1] for call in asked if call[0] == "create_ip"]
    assert made == ["stage1_ip", "stage2_ip"]
    catalogue = next(call for call in asked if call[:2] == ["set_property", "ip_repo_paths"])
    assert [Path(word).parts[-4:-2] for word in catalogue[2:4]] == [
        ("stage1", solution),
        ("stage2", solution),
    ]
    synthesis = next(call for call in asked if call[0] == "synth_design")
    assert synthesis[synthesis.index("-top") + 1] == "hwgen_pipeline"
    assert {"HWGEN_XILINX=1", "out_of_context", PART} <= set(synthesis)
    order = [call[0] for call in asked]
    assert order.count("synth_ip") == 2
    # Widths are checked of our own sources, not of what the tool wrote for an IP.
    assert len(order) - order[::-1].index("synth_ip") <= order.index("set_msg_config")
    expected = ["set_msg_config", "synth_design", "report_utilization", "opt_design", "place_design", "phys_opt_design",
                "route_design", "report_timing_summary", "report_power"]  # fmt: skip
    assert [order.index(name) for name in expected] == sorted(order.index(name) for name in expected)
    written = {Path(call[-1]).name for call in asked if "-file" in call}
    assert written == {
        "utilisation_synth.rpt",
        "utilisation_routed.rpt",
        "timing_routed.rpt",
        "clocks.rpt",
        "power_routed.rpt",
    }
    assert [(status.name, status.state) for status in statuses(tmp_path / "vivado_build")] == [
        ("pipeline.impl", DONE), ("pipeline.synth", DONE),
    ]  # fmt: skip


def test_clocks_are_one_group_and_no_path_is_cut(tree: Path, tmp_path: Path) -> None:
    export(tmp_path, "solution1", "stage1", "stage2")
    asked = calls(run_tcl(VIVADO, tree / NAME, tmp_path))
    order = [call[0] for call in asked]
    assert order.index("get_cells") < order.index("opt_design")
    # On the 7 series Vivado has made a BUFGCTRL of every BUFGCE by then.
    looked = [" ".join(call) for call in asked if call[0] == "get_cells"]
    assert (
        all(call.endswith("REF_NAME == BUFGCE || REF_NAME == BUFGCTRL") for call in looked)
        and len(looked) == 2
    )
    assert ["set_property", "CLOCK_DELAY_GROUP", "hwgen_clk", "get_nets"] in asked
    clock = (tmp_path / "vivado_build" / "clock.xdc").read_text()
    assert "create_clock -period 10 -name clk [get_ports clk]" in clock
    assert "set_input_delay -clock clk 3.000" in clock and "set_output_delay -clock clk 3.000" in clock
    # Gated clocks are the same clock to the timer: nothing is declared asynchronous, false or multicycle.
    for text in (clock, (tree / NAME).read_text()):
        for cut in ("set_false_path", "set_clock_groups", "set_multicycle_path", "-datapath_only"):
            assert cut not in text
    missing = run_tcl(VIVADO, tree / NAME, tmp_path, NO_BUFFERS="1")
    assert missing.returncode == 1 and "no clock buffer with an enable is left" in missing.stderr


@pytest.mark.parametrize(
    ("part", "gating", "groups", "looked"),
    [("xc7z020clg400-1", "clock", False, True), (PART, "start", False, False), ("xcku040-ffva1156-2-e", "clock", True, True)],
)  # fmt: skip
def test_groups_follow_the_family(tmp_path: Path, part: str, gating: str, groups: bool, looked: bool) -> None:
    files = make_tree(tabular(stages=2), "logit_margin", part=part, gating=gating).files
    write_tree(tmp_path / "firmware", files)
    export(tmp_path, "solution1", "stage1", "stage2")
    asked = calls(run_tcl(VIVADO, tmp_path / "firmware" / NAME, tmp_path))
    assert any("CLOCK_DELAY_GROUP" in call for call in asked) == groups
    assert any(call[0] == "get_cells" for call in asked) == looked


def test_which_parts_have_groups() -> None:
    assert [has_delay_groups(part) for part in ("xc7z020clg400-1", "XC7K325T", "xq7z045", "xcvu9p", "xczu3eg", "xcvc1902")] == [
        False, False, False, True, True, True,
    ]  # fmt: skip


def test_activity_goes_into_the_power(tree: Path, tmp_path: Path) -> None:
    export(tmp_path, "solution1", "stage1", "stage2")
    absent = run_tcl(VIVADO, tree / NAME, tmp_path, HWGEN_SAIF="run.saif")
    assert absent.returncode == 2 and "HWGEN_SAIF is run.saif, which is not there" in absent.stderr
    (tmp_path / "run.saif").touch()
    asked = calls(run_tcl(VIVADO, tree / NAME, tmp_path, HWGEN_SAIF="run.saif", HWGEN_SAIF_PATH="top/dut"))
    order = [call[0] for call in asked]
    assert order.index("route_design") < order.index("read_saif") < order.index("report_power")
    assert ["read_saif", "-strip_path", "top/dut", "run.saif"] in asked
    assert "read_saif" not in [call[0] for call in calls(run_tcl(VIVADO, tree / NAME, tmp_path))]


def test_implementation_alone_goes_on_from_the_checkpoint(tree: Path, tmp_path: Path) -> None:
    export(tmp_path, "solution1", "stage1", "stage2")
    asked = calls(run_tcl(VIVADO, tree / NAME, tmp_path, HWGEN_STEPS="impl"))
    order = [call[0] for call in asked]
    assert order[0] == "open_checkpoint" and "synth_design" not in order and "route_design" in order


def test_implementation_goes_on_from_its_own_synthesis_alone(tree: Path, tmp_path: Path) -> None:
    export(tmp_path, "solution1", "stage1", "stage2")
    assert run_tcl(VIVADO, tree / NAME, tmp_path, HWGEN_STEPS="synth").returncode == 0
    build = tmp_path / "vivado_build"
    status = build / "status" / "pipeline.synth"
    told = status.read_text()
    firmware = json.loads((tree / "manifest.json").read_text())["inputs_sha256"]
    for wrong in (told.replace(firmware, "0" * 64), told.replace("state done", "state failed")):
        assert wrong != told
        status.write_text(wrong)
        result = run_tcl(VIVADO, tree / NAME, tmp_path, HWGEN_STEPS="impl")
        assert result.returncode == 2 and "CALL" not in result.stdout
        assert f"synth of pipeline below {build} is of other firmware or did not end well" in result.stderr
        assert not (build / "status" / "pipeline.impl").exists() and not (build / "pipeline.lock").exists()
    assert run_tcl(VIVADO, tree / NAME, tmp_path, HWGEN_STEPS="synth impl").returncode == 0
    assert run_tcl(VIVADO, tree / NAME, tmp_path, HWGEN_STEPS="impl").returncode == 0


def test_project_and_package(tree: Path, tmp_path: Path) -> None:
    export(tmp_path, "solution1", "stage1", "stage2")
    result = run_tcl(VIVADO, tree / NAME, tmp_path, HWGEN_STEPS="project package")
    assert result.returncode == 0, result.stderr
    asked = calls(result)
    added = [call for call in asked if call[:2] == ["add_files", "-norecurse"]]
    assert len(added) == 2
    names = {path.name for path in (tree / "pipeline").rglob("*") if path.suffix in (".sv", ".v")}
    project, package = ([Path(word) for word in call[2:]] for call in added)
    assert {path.name for path in project} == {path.name for path in package} == names
    assert all(path.is_relative_to(tree) for path in project)
    # A packaged IP has no macros of its own: with the latch of a simulation for a clock gate it would be no hardware.
    macro = "`ifdef HWGEN_XILINX"
    asking = {path.name for path in project if macro in path.read_text()}
    assert asking == {"clock_gate.sv", "hwgen_pipeline.sv"}
    for path in package:
        assert (not path.is_relative_to(tree)) == (path.name in asking)
        if path.name in asking:
            original = next(other for other in project if other.name == path.name)
            assert path.read_text() == "`define HWGEN_XILINX 1\n" + original.read_text()
    # Whoever uses the IP finds those of the stages beside it.
    for stage in ("stage1", "stage2"):
        assert (tmp_path / "vivado_build" / "package" / stage / "component.xml").is_file()
    assert next(
        call[call.index("-value") + 1 : call.index("-objects")] for call in asked if "-value" in call
    ) == ["-mode", "out_of_context"]
    grouped = [call for call in asked if call[0] == "add_files" and call[-1].endswith("group.xdc")]
    assert len(grouped) == 2
    packaged = next(call for call in asked if call[0] == "ipx::package_project")
    assert {"hwgen", "pipeline", "-import_files"} <= set(packaged)
    buses = [call[call.index("-busif") + 1] for call in asked if call[0] == "ipx::associate_bus_interfaces"]
    assert buses == ["s_axis", "m_axis", "s_axil"]
    assert asked[-2:] == [["ipx::save_core", "ipx::current_core"], ["close_project"]]


@pytest.mark.parametrize(
    "told",
    ["firmware {key}\nstate failed\n", "firmware {key}\nstate running\n", "firmware {other}\nstate done\n"],
)
def test_an_ip_of_a_failed_export_or_of_other_firmware_is_not_taken(
    tree: Path, tmp_path: Path, told: str
) -> None:
    export(tmp_path, "solution1", "stage1", "stage2")
    key = json.loads((tree / "manifest.json").read_text())["inputs_sha256"]
    status = tmp_path / "hls_build" / "status" / "stage2.export"
    status.parent.mkdir()
    status.write_text(told.format(key=key, other="0" * 64))
    result = run_tcl(VIVADO, tree / NAME, tmp_path)
    assert result.returncode == 2 and "the IP of stage2" in result.stderr and "CALL" not in result.stdout
    status.write_text(f"firmware {key}\ntool vitis_hls\nstate done\n")
    assert run_tcl(VIVADO, tree / NAME, tmp_path).returncode == 0


def test_reports_of_an_earlier_run_are_taken_away(tree: Path, tmp_path: Path) -> None:
    export(tmp_path, "solution1", "stage1", "stage2")
    reports = tmp_path / "vivado_build" / "reports"
    reports.mkdir(parents=True)
    for name in ("utilisation_synth.rpt", "timing_routed.rpt", "power_routed.rpt"):
        (reports / name).write_text("of an earlier run")
    assert run_tcl(VIVADO, tree / NAME, tmp_path, FAIL="synth_design").returncode == 1
    assert sorted(path.name for path in reports.iterdir()) == ["power_routed.rpt", "timing_routed.rpt"]
    assert not (tmp_path / "vivado_build" / "status" / "pipeline.impl").exists()
    assert run_tcl(VIVADO, tree / NAME, tmp_path).returncode == 0  # the stand-ins write none
    assert list(reports.iterdir()) == []


def test_what_stops_it_is_named(tree: Path, tmp_path: Path) -> None:
    export(tmp_path, "solution1", "stage1")
    result = run_tcl(VIVADO, tree / NAME, tmp_path)
    assert result.returncode == 2
    assert "no IP of stage2" in result.stderr and "csynth and export" in result.stderr
    assert "CALL" not in result.stdout and not (tmp_path / "vivado_build").exists()
    export(tmp_path, "solution1", "stage2")
    result = run_tcl(VIVADO, tree / NAME, tmp_path, FAIL="synth_design")
    assert result.returncode == 1
    assert "synthesis failed: synth_design said no" in result.stderr
    assert "report_utilization" not in result.stdout
    [status] = statuses(tmp_path / "vivado_build")
    assert (status.name, status.state) == ("pipeline.synth", FAILED)
    wrong = run_tcl(VIVADO, tree / NAME, tmp_path, HWGEN_STEPS="rout")
    assert wrong.returncode == 2 and "known steps: synth impl project package" in wrong.stderr
    lock = tmp_path / "vivado_build" / "pipeline.lock"
    lock.write_text(f"{os.uname().nodename} {os.getpid()}\n")
    assert run_tcl(VIVADO, tree / NAME, tmp_path).returncode == 2
