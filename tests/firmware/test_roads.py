"""The unified road and the Makefile, run with mock tools: what a designer types, without hwgen."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from hwgen.files import write_tree
from hwgen.vendor.imports import import_runs
from hwgen.vendor.plan import Tree
from hwgen.vendor.status import DONE, FAILED, statuses
from tests.mock_commands.install import Mocks
from tests.networks import tabular
from tests.trees import make_tree

pytestmark = [pytest.mark.tclsh, pytest.mark.xdist_group("vendor")]
PART = "xczu3eg-sbva484-1-e"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree") / "firmware"
    write_tree(folder, make_tree(tabular(stages=2), "logit_margin", part=PART).files)
    return folder


@pytest.fixture
def plain(tree: Path, tmp_path: Path) -> Path:
    """The same tree where make can use it: it knows no blanks in paths."""
    shutil.copytree(tree, tmp_path / "firmware")
    return tmp_path / "firmware"


@pytest.fixture
def mocks(tmp_path: Path) -> Mocks:
    (tmp_path / "tools").mkdir()
    return Mocks(tmp_path / "tools").add(
        vitis_hls="2022.2", vitis__run="2023.2", vpp="2023.2", vivado="2023.2"
    )


def run(mocks: Mocks, work: Path, *command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder, with the mocks in front of everything."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "HWGEN_"))}
    return subprocess.run(
        [str(part) for part in command],
        cwd=work,
        capture_output=True,
        text=True,
        env=kept | {"PATH": f"{mocks.folder}:{os.environ['PATH']}", **environment},
        check=False,
    )


def test_the_unified_road(tree: Path, tmp_path: Path, mocks: Mocks) -> None:
    script = tree / "scripts" / "unified.sh"
    result = run(mocks, tmp_path, "bash", script, "gate1", "csim", "csynth", "cosim", "export")
    assert result.returncode == 0, result.stderr
    assert [call["program"] for call in mocks.calls()] == ["vitis-run", "v++", "vitis-run", "vitis-run"]
    assert {call["environment"]["HWGEN_TREE"] for call in mocks.calls()} == {str(tree)}
    found = Tree.of(tree)
    build = tmp_path / "hls_build"
    assert [(status.step, status.state, status.firmware) for status in statuses(build)] == [
        (step, DONE, found.firmware) for step in ("cosim", "csim", "csynth", "export")
    ]
    document = import_runs(tmp_path, found.firmware, PART, found.keys())
    assert [row["source"] for row in document["latency"]] == ["cosim", "csynth"]
    assert (
        "@/gate1" not in (build / "gate1.cfg").read_text()
        and f"{tree}/gate1" in (build / "gate1.cfg").read_text()
    )


def test_what_stops_the_unified_road(tree: Path, tmp_path: Path, mocks: Mocks) -> None:
    script = tree / "scripts" / "unified.sh"
    for arguments, message in (
        (["stage9", "csim"], "the block is 'stage9'; it must be one of: stage1 stage2 gate1 kernel"),
        ([], "the block is ''"),
        (["gate1"], "no step given"),
        (["gate1", "cosym"], "the step is 'cosym'; known steps: csim csynth cosim export"),
    ):
        result = run(mocks, tmp_path, "bash", script, *arguments)
        assert result.returncode == 2 and message in result.stderr
    mocks.fail("gate1 csynth memory")
    result = run(mocks, tmp_path, "bash", script, "gate1", "csynth", "export")
    assert (
        result.returncode == 134 and "csynth failed with exit code 134" in result.stderr
    )  # the tool's own code
    [status] = statuses(tmp_path / "hls_build")
    assert (status.step, status.state, status.message) == (
        "csynth",
        FAILED,
        "csynth ended with exit code 134",
    )
    assert not (tmp_path / "hls_build" / "gate1.lock").exists()


@pytest.mark.parametrize("road", ["tcl", "unified"])
def test_both_roads_take_the_same_lock(tree: Path, tmp_path: Path, mocks: Mocks, road: str) -> None:
    lock = tmp_path / "hls_build" / "gate1.lock"
    lock.parent.mkdir()

    def code() -> tuple[int, str]:
        if road == "tcl":
            command: tuple[object, ...] = ("vitis_hls", "-f", tree / "scripts" / "hls.tcl")
        else:
            command = ("bash", tree / "scripts" / "unified.sh", "gate1", "csim")
        result = run(mocks, tmp_path, *command, HWGEN_BLOCK="gate1", HWGEN_STEPS="csim")
        return result.returncode, result.stderr

    me = f"{os.uname().nodename} {os.getpid()}"
    for owner in (me, "another_host 1", ""):
        lock.write_text(f"{owner}\n")
        found, said = code()
        assert found == 2 and f"is used by another run ({owner}); if it is none, remove {lock}" in said
        assert lock.read_text() == f"{owner}\n" and mocks.calls()[1:] == []
        mocks.forget()
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and nobody has noticed
        for owner in (f"{os.uname().nodename} {process.pid}", f"{os.uname().nodename} 4194305"):
            lock.write_text(f"{owner}\n")
            assert code() == (0, "") and not lock.exists()


@pytest.mark.parametrize("first", ["tcl", "unified"])
def test_a_run_on_one_road_keeps_out_the_other(tree: Path, tmp_path: Path, mocks: Mocks, first: str) -> None:
    """What a running script writes into its lock is understood by the other one."""
    roads = {
        "tcl": ["vitis_hls", "-f", str(tree / "scripts" / "hls.tcl")],
        "unified": ["bash", str(tree / "scripts" / "unified.sh"), "gate1", "csim"],
    }
    [second] = set(roads) - {first}
    mocks.fail("gate1 csim slow")
    lock, said = tmp_path / "hls_build" / "gate1.lock", tmp_path / "said.txt"
    block = {"HWGEN_BLOCK": "gate1", "HWGEN_STEPS": "csim"}
    with said.open("w") as stream:
        process = subprocess.Popen(
            roads[first],
            cwd=tmp_path,
            env=os.environ | block | {"PATH": f"{mocks.folder}:{os.environ['PATH']}"},
            start_new_session=True,
            stdout=stream,
            stderr=stream,
        )
    try:
        end = time.monotonic() + 30
        while "working" not in said.read_text():
            assert time.monotonic() < end and process.poll() is None
            time.sleep(0.05)
        mocks.fail()
        result = run(mocks, tmp_path, *roads[second], **block)
        assert result.returncode == 2 and f"used by another run ({lock.read_text().strip()})" in result.stderr
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert lock.exists()  # it had no time to take it away
    assert run(mocks, tmp_path, *roads[second], **block).returncode == 0 and not lock.exists()


@pytest.mark.parametrize("road", ["tcl", "unified"])
@pytest.mark.parametrize("step", ["cosim", "export"])
def test_a_later_step_goes_on_from_its_own_synthesis_alone(
    tree: Path, tmp_path: Path, mocks: Mocks, road: str, step: str
) -> None:
    def after(steps: str) -> subprocess.CompletedProcess[str]:
        if road == "tcl":
            script = tree / "scripts" / "hls.tcl"
            return run(mocks, tmp_path, "vitis_hls", "-f", script, HWGEN_BLOCK="gate1", HWGEN_STEPS=steps)
        return run(mocks, tmp_path, "bash", tree / "scripts" / "unified.sh", "gate1", *steps.split())

    assert after("csynth").returncode == 0
    build = tmp_path / "hls_build"
    status = build / "status" / "gate1.csynth"
    told = status.read_text()
    firmware = Tree.of(tree).firmware
    for wrong in (
        told.replace(firmware, "0" * 64),
        told.replace("state done", "state failed"),
        told.replace("state done", "state running"),
    ):
        assert wrong != told
        status.write_text(wrong)
        mocks.forget()
        result = after(step)
        assert result.returncode == 2, result.stderr
        assert f"csynth of gate1 below {build} is of other firmware or did not end well" in result.stderr
        assert not (build / "status" / f"gate1.{step}").exists() and not (build / "gate1.lock").exists()
    status.write_text(told)
    assert after(step).returncode == 0
    status.unlink()  # the project was not made by these scripts
    assert after(step).returncode == 0
    status.write_text(told.replace("state done", "state failed"))
    assert after(f"csynth {step}").returncode == 0


@pytest.mark.parametrize("road", ["tcl", "unified"])
def test_make_runs_blocks_side_by_side(plain: Path, tmp_path: Path, mocks: Mocks, road: str) -> None:
    make = ("make", "-f", str(plain / "scripts" / "Makefile"))
    result = run(mocks, tmp_path, *make, "-j3", "hls", f"ROAD={road}", "STEPS=csynth export")
    assert result.returncode == 0, result.stderr
    states = {(status.block, status.step): status.state for status in statuses(tmp_path / "hls_build")}
    assert states == {
        (block, step): DONE
        for block in ("stage1", "stage2", "gate1", "kernel")
        for step in ("csynth", "export")
    }
    mocks.fail("gate1 csynth error")
    result = run(mocks, tmp_path, *make, "hls-gate1", f"ROAD={road}", "STEPS=csynth")
    assert result.returncode == 2 and "Error 1" in result.stderr


def test_make_takes_the_pipeline_to_the_end(plain: Path, tmp_path: Path, mocks: Mocks) -> None:
    saif = tmp_path / "run.saif"
    saif.touch()
    make = ("make", "-f", str(plain / "scripts" / "Makefile"), "impl", f"SAIF={saif}")
    result = run(mocks, tmp_path, *make)
    assert result.returncode == 0, result.stderr
    assert [call["program"] for call in mocks.calls()] == ["vitis_hls", "vitis_hls", "vivado"]
    found = Tree.of(plain)
    document = import_runs(tmp_path, found.firmware, PART, found.keys())
    assert {row["source"] for row in document["resources"]} == {"csynth", "vivado_synth", "vivado_routed"}
    assert document["power"]["activity"] == "run.saif"
    mocks.forget()
    assert run(mocks, tmp_path, *make).returncode == 0
    assert [call["program"] for call in mocks.calls()] == ["vivado"]  # the IPs are done
