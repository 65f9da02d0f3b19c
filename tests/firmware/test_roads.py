"""The unified road and the Makefile, run with mock tools: what a designer types, without hwgen."""

from __future__ import annotations

import os
import shutil
import subprocess
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
    folder = (
        tmp_path_factory.mktemp("a tree") / "firmware"
    )  # a blank in the path must not matter to the shell
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
    lock = subprocess.Popen(["flock", tmp_path / "hls_build" / "gate1.flock", "sleep", "60"])
    try:
        for _ in range(100):
            result = run(mocks, tmp_path, "bash", script, "gate1", "csim")
            if result.returncode == 2:
                break
        assert result.returncode == 2 and "is used by another run" in result.stderr
    finally:
        lock.kill()
        lock.wait()


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
