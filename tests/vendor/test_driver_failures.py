"""What goes wrong with the tools: a message, an exit code, and nothing read from a run that failed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen.vendor import tools
from hwgen.vendor.status import CANCELLED, DONE, FAILED, RUNNING, Status, read_status, statuses, write_status
from tests.vendor.conftest import Desk

pytestmark = [pytest.mark.tclsh, pytest.mark.xdist_group("vendor")]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def it(desk: Callable[[str], Desk]) -> Desk:
    made = desk("Vitis")
    made.mocks.add(vitis_hls="2022.2", vivado="2022.2")
    return made


CASES = {
    "licence": ("A valid license was not found for feature 'HLS'", "check XILINXD_LICENSE_FILE"),
    "error": ("unsupported pointer to pointer (stage1.cpp:17)", "the whole log is"),
    "part": ("Part 'xc9z999' is not installed", "check firmware.part"),
    "compile": ("../../stage1.cpp:12:5: error: 'nonsense' was not declared", "the whole log is"),
    "memory": ("out of memory", "run fewer jobs at a time"),
    "killed": ("ended by SIGKILL", "the system may have run out of memory"),
    "silent": (
        "exit code 0, but stage1/solution1/syn/report/stage1_csynth.xml is missing",
        "the whole log is",
    ),
    "calendar": ("bad lexical cast", "without the vendor's patch (AR 76960)"),
    "lies": ("something is wrong and nobody cares", "the whole log is"),
    "stuck": ("Synthesizability check failed", "the whole log is"),
}


@pytest.mark.parametrize("kind", CASES)
def test_a_synthesis_that_fails(it: Desk, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwgen.vendor.step._GRACE_SECONDS", 0.5)
    it.mocks.fail(f"stage1 csynth {kind}")
    answer = it.synth("vitis", "--step", "export", "--block", "stage1", "--block", "gate1")
    assert answer.code == 4
    last = answer.err.strip().splitlines()[-1]
    message, remedy = CASES[kind]
    assert last.startswith("hwgen: vitis_hls, stage1 csynth: ") and message in last and remedy in last
    assert "Common 17-39" not in last  # the first error, not the last one
    found = read_status(it.work / "hls", "stage1", "csynth")
    assert found is not None and found.state == FAILED and message in found.message
    assert read_status(it.work / "hls", "stage1", "export") is None
    assert not it.results.exists()
    it.mocks.fail()
    it.mocks.forget()
    assert it.synth("vitis", "--step", "export", "--block", "stage1", "--block", "gate1").code == 0
    ran = it.ran()
    assert ("stage1", "csynth") in ran and ("stage1", "export") in ran
    assert [row["block"] for row in it.document()["resources"]] == ["gate1", "stage1"]


def test_a_run_that_failed_is_not_read_and_others_are(it: Desk) -> None:
    assert it.synth("vitis", "--step", "csynth").code == 0
    before = it.results.read_bytes()
    it.mocks.fail("gate1 csynth error")
    assert it.synth("vitis", "--step", "csynth", "--block", "gate1", "--force").code == 4
    assert it.results.read_bytes() == before  # an error changes no result
    answer = it.hwgen("import-reports", it.work, "--out", it.out, "--json")
    assert answer.code == 0
    document = json.loads(answer.out)
    assert {row["block"] for row in document["resources"]} == {"stage1", "stage2", "kernel"}
    failed = [run for run in document["runs"] if run["state"] != DONE]
    assert [(run["block"], run["step"]) for run in failed] == [("gate1", "csynth")]


@pytest.mark.parametrize(("step", "kind"), [("csim", "mismatch")])
def test_a_difference_is_a_failed_check(it: Desk, step: str, kind: str) -> None:
    it.mocks.fail(f"gate1 {step} {kind}")
    answer = it.synth("vitis", "--step", step, "--block", "gate1", "--json")
    assert answer.code == 1
    assert "gate1: 768 values compared, 3 different: FAILED; hwgen simulate names sample" in answer.err
    assert json.loads(answer.out)["exit_code"] == 1


def test_a_failed_cosimulation_gives_no_latency(it: Desk) -> None:
    it.mocks.fail("gate1 cosim cosim")
    answer = it.synth("vitis", "--step", "cosim", "--block", "gate1")
    assert answer.code == 4 and "C/RTL co-simulation finished: FAIL" in answer.err
    document = json.loads(it.hwgen("import-reports", it.work, "--out", it.out, "--json").out)
    assert [row["source"] for row in document["latency"]] == ["csynth"] and document["cosim"] == []


def test_the_first_failure_ends_the_others(it: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    it.mocks.fail("stage1 csynth slow", "stage2 csynth slow", "gate1 csynth licence")
    started = time.monotonic()
    answer = it.synth("vitis", "--step", "csynth", "--jobs", 3)
    assert answer.code == 4 and "gate1 csynth" in answer.err.splitlines()[-1]
    assert time.monotonic() - started < 30
    states = {status.block: status.state for status in statuses(it.work / "hls")}
    assert states == {"stage1": CANCELLED, "stage2": CANCELLED, "gate1": FAILED}
    assert not (it.work / "stop").exists()


def as_at_a_terminal() -> None:
    """A shell's job in the background ignores SIGINT, and so would everything it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_run_leaves_no_tool_and_no_result(it: Desk, number: int) -> None:
    it.mocks.fail("stage1 csynth slow")
    command = [sys.executable, "-m", "hwgen.cli", "synth", str(it.recipe), "--tool", "vitis", "--step", "csynth",
               "--out", str(it.out)]  # fmt: skip
    process = subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True,
        preexec_fn=as_at_a_terminal,
    )  # fmt: skip
    log = it.work / "logs" / "stage1.csynth.log"
    end = time.monotonic() + 60
    while "working" not in (log.read_text() if log.exists() else ""):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.1)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted" in err
    found = read_status(it.work / "hls", "stage1", "csynth")
    assert found is not None and found.state == CANCELLED
    assert not it.results.exists()
    alive = subprocess.run(["pgrep", "-f", str(it.mocks.folder)], capture_output=True, check=False).stdout
    assert alive == b""


@pytest.mark.cluster
def test_ctrl_c_ends_workers_and_tools(it: Desk) -> None:
    """A terminal sends it to every process of the command, so to Dask's workers too."""
    it.mocks.fail("stage1 csynth slow")
    command = [sys.executable, "-m", "hwgen.cli", "synth", str(it.recipe), "--tool", "vitis", "--step", "csynth",
               "--block", "stage1", "--cluster", "local", "--out", str(it.out)]  # fmt: skip
    process = subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=as_at_a_terminal,
    )  # fmt: skip
    log = it.work / "logs" / "stage1.csynth.log"
    end = time.monotonic() + 60
    while "working" not in (log.read_text() if log.exists() else ""):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted" in err
    found = read_status(it.work / "hls", "stage1", "csynth")
    assert found is not None and found.state == CANCELLED
    alive = subprocess.run(["pgrep", "-f", str(it.mocks.folder)], capture_output=True, check=False).stdout
    assert alive == b""


def test_a_run_that_was_killed_is_not_read(it: Desk) -> None:
    assert it.synth("vitis", "--step", "csynth", "--block", "gate1").code == 0
    found = read_status(it.work / "hls", "gate1", "csynth")
    assert found is not None
    write_status(it.work / "hls", Status("gate1", "csynth", found.firmware, RUNNING, found.tool, found.key))
    answer = it.hwgen("import-reports", it.work, "--out", it.out)
    assert answer.code == 2
    assert (
        "no step is done: gate1 csynth is running; nothing is read from a run that did not end well"
        in answer.err
    )
    it.ran()
    assert it.synth("vitis", "--step", "csynth", "--block", "gate1").code == 0
    assert it.ran() == [("gate1", "csynth")]


def test_two_runs_in_one_folder(it: Desk) -> None:
    import fcntl

    with (it.out / ".lock").open("a+") as stream:
        stream.write("4711\n")
        stream.flush()
        fcntl.flock(stream, fcntl.LOCK_EX)
        answer = it.synth("vitis", "--step", "csynth")
    assert answer.code == 2 and "in use by another run (process 4711)" in answer.err
    assert it.ran() == []


def test_a_run_by_hand_is_not_disturbed(it: Desk) -> None:
    lock = it.work / "hls" / "gate1.lock"
    lock.parent.mkdir(parents=True)
    lock.write_text(f"{socket.gethostname()} {os.getpid()}\n")
    answer = it.synth("vitis", "--step", "csynth", "--block", "gate1")
    assert answer.code == 2 and lock.exists()
    last = answer.err.splitlines()[-1]
    assert "gate1 csynth: " in last and "is used by another run" in last and str(lock) in last
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and nobody has noticed
        lock.write_text(f"{socket.gethostname()} {process.pid}\n")
        assert it.synth("vitis", "--step", "csynth", "--block", "gate1").code == 0 and not lock.exists()
    lock.write_text(f"{socket.gethostname()} 4194305\n")  # nobody
    assert (
        it.synth("vitis", "--step", "csynth", "--block", "gate1", "--force").code == 0 and not lock.exists()
    )


def test_what_another_run_tells_stays(it: Desk) -> None:
    """After hwgen alone was killed, its tool works on in the folder."""
    assert it.synth("vitis", "--step", "csynth", "--block", "gate1").code == 0
    found = read_status(it.work / "hls", "gate1", "csynth")
    assert found is not None
    (it.work / "hls" / "gate1.lock").write_text(f"{socket.gethostname()} {os.getpid()}\n")
    assert it.synth("vitis", "--step", "csynth", "--block", "gate1", "--force").code == 2
    assert read_status(it.work / "hls", "gate1", "csynth") == found and found.state == DONE


def test_a_report_of_an_earlier_run_is_none_of_this_one(it: Desk) -> None:
    assert it.synth("vitis", "--step", "csynth", "--block", "gate1").code == 0
    it.mocks.fail("gate1 csynth silent")
    answer = it.synth("vitis", "--step", "csynth", "--block", "gate1", "--force")
    assert answer.code == 4 and "gate1_csynth.xml is missing" in answer.err.splitlines()[-1]


def test_a_space_in_the_path(it: Desk, tmp_path: Path) -> None:
    out = tmp_path / "an output"
    it.out.rename(out)
    answer = it.hwgen("synth", it.recipe, "--tool", "vitis", "--out", out)
    assert answer.code == 2 and "has a space in its path" in answer.err and it.ran() == []


def test_a_tool_that_is_killed_leaves_no_lock(it: Desk) -> None:
    it.mocks.fail("gate1 csynth killed")
    assert it.synth("vitis", "--step", "csynth", "--block", "gate1").code == 4
    assert not (it.work / "hls" / "gate1.lock").exists()


def test_tools_that_are_not_there(desk: Callable[[str], Desk]) -> None:
    it = desk("Vitis")
    answer = it.synth("vitis")
    assert answer.code == 3
    assert (
        "hwgen: vitis-run or vitis_hls: not found, 2020.2 or newer needed; source settings64.sh" in answer.err
    )
    answer = it.synth("vivado")
    assert answer.code == 3 and "vivado: not found, 2019.2 or newer needed" in answer.err
    it.mocks.add(vivado="2022.2")
    answer = it.synth("vivado")  # the IPs need C synthesis
    assert answer.code == 3 and "vitis-run or vitis_hls: not found" in answer.err
    it.mocks.add(vitis_hls="2022.2")
    answer = it.synth("vitis", "--road", "unified")
    assert answer.code == 3 and "vitis-run: not found, 2023.1 or newer needed" in answer.err


@pytest.mark.parametrize(
    ("backend", "program", "version", "message"),
    [
        ("Vitis", "vitis_hls", "2020.1", "vitis_hls: version 2020.1 found, 2020.2 or newer needed"),
        ("Vitis", "vitis__run", "2022.2", "vitis-run: version 2022.2 found, 2023.1 or newer needed"),
        ("Vivado", "vivado_hls", "2018.3", "vivado_hls: version 2018.3 found, 2019.2 or newer needed"),
        ("Vitis", "vitis_hls", "", "vitis_hls: "),
    ],
)
def test_tools_of_a_wrong_version(
    desk: Callable[[str], Desk], backend: str, program: str, version: str, message: str
) -> None:
    it = desk(backend)
    it.mocks.add(**{program: version})
    answer = it.synth(backend.lower(), "--step", "csynth")
    assert answer.code == 3 and message in answer.err and "source settings64.sh" in answer.err
    if not version:
        assert "does not say its version: Segmentation fault" in answer.err
    assert it.ran() == []


def test_a_patched_tool_is_known_by_its_version(desk: Callable[[str], Desk]) -> None:
    it = desk("Vitis")
    it.mocks.add(vitis_hls="2020.2_AR76780")
    assert it.synth("vitis", "--step", "csim", "--block", "gate1").code == 0
    assert [run["tool"] for run in it.document()["runs"]] == ["vitis_hls 2020.2 tcl"]


def test_tools_of_two_versions_are_told(desk: Callable[[str], Desk]) -> None:
    it = desk("Vitis")
    it.mocks.add(vitis_hls="2022.2", vivado="2021.1")
    answer = it.synth("vivado")
    assert answer.code == 0
    assert "warning: vivado 2021.1 takes IPs of vitis_hls 2022.2: use both of the same version" in answer.err
    it.mocks.add(vivado="2022.2.1")
    tools._version_of.cache_clear()
    assert "takes IPs of" not in it.synth("vivado").err


def test_an_answer_that_is_no_text_is_shown_as_text(desk: Callable[[str], Desk]) -> None:
    it = desk("Vitis")
    it.mocks.add(vitis_hls="2022.2")
    (it.mocks.folder / "vitis_hls").write_text("#!/bin/sh\nprintf '\\033[2J\\001v2022.22.3'\n")
    answer = it.synth("vitis", "--step", "csim")
    assert answer.code == 3 and "does not say its version: ?[2J?v2022.22.3;" in answer.err


def test_a_version_that_is_not_in_the_table_is_said(desk: Callable[[str], Desk]) -> None:
    it = desk("Vitis")
    it.mocks.add(vitis__run="2031.1", vpp="2031.1")
    answer = it.synth("vitis", "--step", "csynth", "--block", "gate1")
    assert answer.code == 0
    assert (
        "warning: vitis-run: version 2031.1 is not in the table of versions; it is driven as 2025.1"
        in answer.err
    )


def test_where_tools_are_looked_for(
    desk: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    it = desk("Vitis")
    elsewhere = tmp_path / "installation"
    (elsewhere / "bin").mkdir(parents=True)
    type(it.mocks)(elsewhere / "bin").add(vitis_hls="2021.2")
    monkeypatch.setenv("XILINX_HLS", str(elsewhere))
    assert it.synth("vitis", "--step", "csim", "--block", "gate1").code == 0
    monkeypatch.delenv("XILINX_HLS")
    monkeypatch.setenv("HWGEN_VITIS_HLS", str(elsewhere / "bin" / "vitis_hls"))
    assert it.synth("vitis", "--step", "csynth", "--block", "gate1").code == 0
    monkeypatch.setenv("HWGEN_VITIS_HLS", "/nowhere/vitis_hls")
    answer = it.synth("vitis")
    assert answer.code == 3 and "HWGEN_VITIS_HLS: names /nowhere/vitis_hls, which is no program" in answer.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("vitis", "--step", "cosym"),
            "--step: received 'cosym'; one of csim, csynth, cosim, export, synth, impl",
        ),
        (
            ("vitis", "--block", "stage9"),
            "--block: 'stage9' is no block of this firmware; one of stage1, stage2",
        ),
        (("vivado", "--block", "gate1"), "--block: gate1: no step synth, impl"),
        (("vitis", "--road", "tickle"), "--road: received 'tickle'; one of tcl, unified"),
        (("vitis", "--cluster", "cloud"), "--cluster: received 'cloud'; one of local, slurm, lsf, sge"),
        (("vivado", "--step", "csynth"), "--tool: vivado does no C synthesis of firmware.backend Vitis"),
        (("vivado", "--saif", "/nowhere.saif"), "--saif: /nowhere.saif is not there"),
        (("vitis", "--family", "xc7"), "--family: is not for --tool vitis"),
        (("yosys", "--step", "csim"), "--step: is not for --tool yosys"),
    ],
)
def test_wrong_use(it: Desk, options: tuple[str, ...], message: str) -> None:
    answer = it.synth(*options)
    assert answer.code == 2 and message in answer.err
    assert it.ran() == []


def test_trees_that_cannot_be_used(it: Desk) -> None:
    path = it.firmware / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "pipeline": {"reason": "no RTL"}}))
    answer = it.synth("vivado")
    assert answer.code == 2 and "firmware/pipeline: is not there; the manifest says why" in answer.err
    path.write_text(
        json.dumps({**manifest, "backend": "Vivado", "firmware": {"backend": "Vivado", "part": "x"}})
    )
    answer = it.synth("vitis")
    assert answer.code == 2 and "vitis does no C synthesis of firmware.backend Vivado" in answer.err
    path.write_text("{}")
    assert "manifest.json: is damaged" in it.synth("vitis").err
    path.unlink()
    assert "manifest.json: is not there" in it.synth("vitis").err


@pytest.mark.cluster
def test_a_cluster_that_is_not_set_up(it: Desk) -> None:
    answer = it.synth("vitis", "--step", "csim", "--cluster", "slurm")
    assert (
        answer.code == 2
        and "--cluster: slurm: " in answer.err
        and "fill in Dask's jobqueue.yaml" in answer.err
    )
    assert it.ran() == []


def test_without_dask_there_is_no_cluster(it: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    answer = it.synth("vitis", "--step", "csim", "--cluster", "local")
    assert answer.code == 3 and "distributed: cannot be imported" in answer.err
    assert "pip install 'hwgen[cluster]'" in answer.err and it.ran() == []
