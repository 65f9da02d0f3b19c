"""The scripts of the tree, run for real: the Makefile with g++, the Tcl with a stand-in for the vendor's commands."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen.vendor.status import DONE, FAILED, Status, parse_status, statuses
from hwgen.vendor.versions import RELEASES
from tests.firmware.conftest import Made
from tests.firmware.tcl import HLS, calls, run_tcl
from tests.networks import images, tabular


def hls(folder: Path, work: Path, block: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs hls.tcl on a block."""
    return run_tcl(HLS, folder / "scripts" / "hls.tcl", work, HWGEN_BLOCK=block, **environment)


@pytest.mark.tclsh
@pytest.mark.parametrize("backend", ["Vitis", "Vivado"])
@pytest.mark.parametrize("block", ["stage1", "gate1", "kernel"])
def test_every_file_the_script_adds_exists(
    written: Callable[..., Made], tmp_path: Path, backend: str, block: str
) -> None:
    made = written(tabular(stages=2), backend=backend)
    result = hls(made.folder, tmp_path, block, HWGEN_STEPS="csim csynth cosim export")
    assert result.returncode == 0, result.stderr
    asked = calls(result)
    assert ["set_top", block] in asked
    added = [word for call in asked if call[0] == "add_files" for word in call if word.startswith("/")]
    assert added and all(Path(path).exists() for path in added)
    sources = [call for call in asked if call[0] == "add_files" and "-tb" not in call]
    assert next(Path(call[-1]).stem for call in sources) == block
    included = {word[2:] for call in asked for word in call if word.startswith("-I")}
    assert included == {f"{made.folder}/{name}" for name in ("include", "kernel", "testbench")}
    assert [call[0] for call in asked[-4:]] == [
        "csim_design",
        "csynth_design",
        "cosim_design",
        "export_design",
    ]
    assert asked[-1] == ["export_design", "-format", "ip_catalog"]
    solution = next(call for call in asked if call[0] == "open_solution")
    assert ("-flow_target" in solution) == (backend == "Vitis")
    status = {path.name: path.read_text() for path in (tmp_path / "hls_build" / "status").iterdir()}
    assert status.keys() == {f"{block}.{step}" for step in ("csim", "csynth", "cosim", "export")}
    key = json.loads(made.tree.files["manifest.json"])["inputs_sha256"]
    for name, text in status.items():
        found = parse_status(text, name)
        assert found == Status(block, name.split(".")[1], key, DONE, found.tool) and "tclsh" in found.tool
    assert not (tmp_path / "hls_build" / f"{block}.lock").exists()


@pytest.mark.tclsh
def test_a_failing_step_ends_with_exit_code_1(written: Callable[..., Made], tmp_path: Path) -> None:
    made = written(images())
    result = hls(made.folder, tmp_path, "kernel", FAIL="csim_design", HWGEN_KEY="12ab", HWGEN_TOOL="a b 1.2")
    assert result.returncode == 1
    assert "csim failed: csim_design said no second line" in result.stderr
    assert "csynth_design" not in result.stdout
    [status] = statuses(tmp_path / "hls_build")
    assert (status.state, status.step, status.key, status.tool) == (FAILED, "csim", "12ab", "a b 1.2")
    assert status.message == "csim failed: csim_design said no second line"
    assert not (tmp_path / "hls_build" / "kernel.lock").exists()


@pytest.mark.tclsh
@pytest.mark.parametrize("backend", ["Vitis", "Vivado"])
def test_what_only_some_versions_take(written: Callable[..., Made], tmp_path: Path, backend: str) -> None:
    made = written(tabular(stages=2), backend=backend)
    release = next(release for release in RELEASES if release.backend == backend)
    asked = calls(hls(made.folder, tmp_path, "stage1", HWGEN_STEPS="csynth"))
    names = [call[0] for call in asked]
    opened = next(call for call in asked if call[0] == "open_solution")
    assert opened == ["open_solution", "-reset", *release.solution.split(), "solution1"]
    extra = [call for call in asked if call[0] == "config_array_partition"]
    assert extra == ([release.extra.split()] if release.extra else [])
    if extra:  # the limit may be unknown to a version: that is no failure
        assert names.index("open_solution") < names.index("config_array_partition") < names.index("set_part")
        again = hls(made.folder, tmp_path, "stage1", HWGEN_STEPS="csynth", FAIL="config_array_partition")
        assert again.returncode == 0, again.stderr


@pytest.mark.tclsh
def test_later_steps_go_on_from_the_project(written: Callable[..., Made], tmp_path: Path) -> None:
    made = written(tabular(stages=2))
    for steps, fresh in (("csynth", True), ("cosim", False), ("export", False), ("csim csynth", True)):
        asked = calls(hls(made.folder, tmp_path, "stage1", HWGEN_STEPS=steps))
        opened = [call for call in asked if call[0] in ("open_project", "open_solution")]
        assert [("-reset" in call) for call in opened] == [fresh, fresh], steps


@pytest.mark.tclsh
@pytest.mark.parametrize(
    ("block", "steps", "message"),
    [("stage9", "csim", "must be one of: stage1 stage2 gate1 kernel"), ("kernel", "cosym", "known steps")],
)
def test_wrong_use_is_named(
    written: Callable[..., Made], tmp_path: Path, block: str, steps: str, message: str
) -> None:
    made = written(images())
    result = hls(made.folder, tmp_path, block, HWGEN_STEPS=steps)
    assert result.returncode == 2
    assert message in result.stderr
    assert not (tmp_path / "hls_build").exists()


@pytest.mark.tclsh
def test_two_runs_of_a_block_are_refused(written: Callable[..., Made], tmp_path: Path) -> None:
    made = written(tabular(stages=2))
    lock = tmp_path / "hls_build" / "stage1.lock"
    lock.parent.mkdir()
    lock.write_text(f"{socket.gethostname()} {os.getpid()}\n")
    result = hls(made.folder, tmp_path, "stage1")
    assert result.returncode == 2 and "is used by another run" in result.stderr and str(lock) in result.stderr
    assert lock.exists() and "CALL" not in result.stdout
    lock.write_text("another_host 1\n")
    assert hls(made.folder, tmp_path, "stage1").returncode == 2
    lock.write_text(f"{socket.gethostname()} 4194305\n")  # beyond the largest process number there is
    assert hls(made.folder, tmp_path, "stage1").returncode == 0
    assert not lock.exists()
    assert hls(made.folder, tmp_path, "stage2").returncode == 0
    with subprocess.Popen(["sleep", "600"]) as process:
        lock.write_text(f"{socket.gethostname()} {process.pid}\n")
        assert hls(made.folder, tmp_path, "stage1").returncode == 2
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and nobody has noticed
        assert hls(made.folder, tmp_path, "stage1").returncode == 0


@pytest.mark.tclsh
def test_folders_that_cannot_be_used(written: Callable[..., Made], tmp_path: Path) -> None:
    made = written(tabular(stages=2))
    spaced = hls(made.folder, tmp_path, "stage1", HWGEN_HLS=str(tmp_path / "a folder"))
    assert spaced.returncode == 2 and "has a space in it" in spaced.stderr and "CALL" not in spaced.stdout
    (tmp_path / "hls_build").write_text("a file")
    result = hls(made.folder, tmp_path, "stage1")
    assert result.returncode == 2 and "hls_build cannot be made" in result.stderr


@pytest.mark.tclsh
def test_results_of_an_earlier_run_are_taken_away(written: Callable[..., Made], tmp_path: Path) -> None:
    made = written(tabular(stages=2))
    project = tmp_path / "hls_build" / "stage1"
    names = [
        f"solution1/{name}" for name in ("syn/report/a.xml", "sim/report/a.rpt", "impl/ip/component.xml")
    ]
    for steps, left in (("csim", names), ("cosim", names[::2]), ("export", names[:2]), ("csim csynth", [])):
        for name in names:
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_text("of an earlier run")
        assert hls(made.folder, tmp_path, "stage1", HWGEN_STEPS=steps).returncode == 0
        assert [name for name in names if (project / name).exists()] == left, steps


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
