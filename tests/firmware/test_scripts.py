"""The scripts of the tree, run for real: the Makefile with g++, the Tcl with a stand-in for the vendor's commands."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.firmware.conftest import Made
from tests.networks import images, tabular

VENDOR = """
proc say {args} { puts "CALL $args" }
foreach name {open_project set_top add_files open_solution set_part create_clock set_clock_uncertainty config_rtl
              config_array_partition csynth_design cosim_design export_design} {
    proc $name {args} "say $name {*}\\$args"
}
proc csim_design {args} {
    say csim_design
    if {[info exists ::env(FAIL_CSIM)]} { error "csim said no" }
}
source [lindex $argv 0]
"""


def run_tcl(folder: Path, work: Path, block: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs hls.tcl with procedures that print what the vendor tool would be asked."""
    (work / "vendor.tcl").write_text(VENDOR)
    return subprocess.run(
        ["tclsh", str(work / "vendor.tcl"), str(folder / "scripts" / "hls.tcl")],
        cwd=work,
        capture_output=True,
        text=True,
        env=os.environ | {"HWGEN_BLOCK": block, **environment},
        check=False,
    )


@pytest.mark.tclsh
@pytest.mark.parametrize("backend", ["Vitis", "Vivado"])
@pytest.mark.parametrize("block", ["stage1", "gate1", "kernel"])
def test_every_file_the_script_adds_exists(
    written: Callable[..., Made], tmp_path: Path, backend: str, block: str
) -> None:
    made = written(tabular(stages=2), backend=backend)
    result = run_tcl(made.folder, tmp_path, block, HWGEN_STEPS="csim csynth cosim export")
    assert result.returncode == 0, result.stderr
    calls = [
        line.removeprefix("CALL ").split() for line in result.stdout.splitlines() if line.startswith("CALL ")
    ]
    assert ["set_top", block] in calls
    added = [word for call in calls if call[0] == "add_files" for word in call if word.startswith("/")]
    assert added and all(Path(path).exists() for path in added)
    assert [call[0] for call in calls[-4:]] == [
        "csim_design",
        "csynth_design",
        "cosim_design",
        "export_design",
    ]


@pytest.mark.tclsh
def test_a_failing_step_ends_with_exit_code_1(written: Callable[..., Made], tmp_path: Path) -> None:
    made = written(images())
    result = run_tcl(made.folder, tmp_path, "kernel", FAIL_CSIM="1")
    assert result.returncode == 1
    assert "csim failed: csim said no" in result.stderr
    assert "csynth_design" not in result.stdout


@pytest.mark.tclsh
@pytest.mark.parametrize(
    ("block", "steps", "message"),
    [("stage9", "csim", "must be one of: stage1 stage2 gate1 kernel"), ("kernel", "cosym", "known steps")],
)
def test_wrong_use_is_named(
    written: Callable[..., Made], tmp_path: Path, block: str, steps: str, message: str
) -> None:
    made = written(images())
    result = run_tcl(made.folder, tmp_path, block, HWGEN_STEPS=steps)
    assert result.returncode == 2
    assert message in result.stderr


def make(folder: Path, work: Path) -> subprocess.CompletedProcess[str]:
    """The designer's `make`, from another folder."""
    return subprocess.run(
        ["make", "-j2", "-f", str(folder / "scripts" / "Makefile")],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")},
    )


@pytest.mark.gxx
@pytest.mark.parametrize("io", ["stream", "parallel"])
def test_test_benches_pass_and_catch_a_broken_block(
    written: Callable[..., Made], tmp_path: Path, io: str
) -> None:
    made = written(images(), io=io)
    first = make(made.folder, tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    assert all(f"{block}: " in first.stdout for block in ("stage1", "stage2", "gate1", "kernel"))
    kernel = made.folder / "kernel" / "kernel.cpp"
    kernel.write_text(kernel.read_text().replace("going = !leave;", "going = leave;"))
    second = make(made.folder, tmp_path)
    assert second.returncode != 0
    assert "kernel: " in second.stdout and "FAILED" in second.stdout
