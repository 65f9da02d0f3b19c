"""What `hwgen synth` does over: after other tools, other roads and replaced IPs; and many steps side by side."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen.vendor import tools
from hwgen.vendor.status import DONE, OUTDATED, statuses
from hwgen.vendor.versions import HLS_STEPS, ROADS, UNIFIED
from tests.mock_commands.install import Mocks
from tests.vendor.conftest import Desk

pytestmark = [pytest.mark.tclsh, pytest.mark.xdist_group("vendor")]
BLOCKS = ("stage1", "stage2", "gate1", "kernel")
IPS = [("stage1", "csynth"), ("stage1", "export"), ("stage2", "csynth"), ("stage2", "export")]
PIPELINE = [("pipeline", "synth"), ("pipeline", "impl")]


@pytest.fixture
def it(desk: Callable[[str], Desk]) -> Desk:
    made = desk("Vitis")
    made.mocks.add(vitis__run="2023.2", vpp="2023.2", vivado="2023.2")
    return made


def states(it: Desk) -> dict[str, str]:
    """Step -> state, as `vendor.json` has it."""
    return {f"{run['block']}.{run['step']}": run["state"] for run in it.document()["runs"]}


@pytest.mark.parametrize("road", ROADS)
def test_all_blocks_side_by_side(it: Desk, road: str) -> None:
    answer = it.synth("vitis", "--road", road, "--jobs", 8)
    assert answer.code == 0, answer.err
    assert sorted(it.ran()) == sorted((block, step) for block in BLOCKS for step in HLS_STEPS)
    assert {status.state for status in statuses(it.work / "hls")} == {DONE}


@pytest.mark.cluster
def test_all_steps_of_a_block_side_by_side_through_dask(it: Desk) -> None:
    answer = it.synth("vitis", "--jobs", 3, "--cluster", "local", "--block", "gate1")
    assert answer.code == 0, answer.err
    assert sorted(it.ran()) == sorted(("gate1", step) for step in HLS_STEPS)


def test_ips_are_taken_from_any_road(it: Desk) -> None:
    """Only who asks for C synthesis asks for a tool and a road."""
    blocks = ("--block", "stage1", "--block", "stage2")
    assert it.synth("vitis", "--road", UNIFIED, *blocks).code == 0
    assert {status.step for status in statuses(it.work / "hls")} == set(HLS_STEPS)
    it.ran()
    for name in ("vitis-run", "v++"):  # nothing has to run, so nobody looks for them
        (it.mocks.folder / name).unlink()
    answer = it.synth("vivado")
    assert answer.code == 0, answer.err
    assert it.ran() == PIPELINE
    assert "synth: the IP of stage1 is done already, by vitis-run 2023.2 unified" in answer.err
    assert {status.step for status in statuses(it.work / "hls")} == set(HLS_STEPS)  # co-simulations too
    assert "takes IPs of" not in answer.err
    it.mocks.add(vivado="2023.1")
    tools._version_of.cache_clear()
    answer = it.synth("vivado")
    assert answer.code == 0 and it.ran() == PIPELINE
    assert "warning: vivado 2023.1 takes IPs of vitis-run 2023.2: use both of the same version" in answer.err
    (it.work / "hls" / "stage2" / "hls" / "impl" / "ip" / "component.xml").unlink()
    answer = it.synth("vivado")
    assert answer.code == 3 and "vitis-run or vitis_hls: not found" in answer.err
    it.mocks.add(vitis__run="2023.2", vpp="2023.2")
    assert it.synth("vivado").code == 0
    assert it.ran() == [("stage2", "csynth"), ("stage2", "export"), *PIPELINE]


@pytest.mark.parametrize("step", ["csynth", "export"])
def test_ips_that_cannot_be_taken_are_made(it: Desk, step: str) -> None:
    assert it.synth("vivado").code == 0
    assert sorted(it.ran()[:4]) == IPS
    status = it.work / "hls" / "status" / f"stage1.{step}"
    told = status.read_text()
    for wrong in (
        told.replace("state done", "state failed"),
        told.replace("key ", "key 0"),
        "".join(line for line in told.splitlines(True) if not line.startswith("key ")),  # by hand
    ):
        assert wrong != told
        status.write_text(wrong)
        assert it.synth("vivado").code == 0
        assert [entry for entry in it.ran() if entry[0] != "stage1"] == PIPELINE
        told = status.read_text()


def test_replaced_ips_take_the_pipeline_with_them(it: Desk) -> None:
    assert it.synth("vivado").code == 0
    it.ran()
    assert set(states(it).values()) == {DONE}
    assert it.synth("vitis", "--road", UNIFIED, "--step", "export", "--block", "stage1").code == 0
    assert it.ran() == [("stage1", "csynth"), ("stage1", "export")]
    outdated = {name for name, state in states(it).items() if state == OUTDATED}
    assert outdated == {"pipeline.synth", "pipeline.impl"}
    assert {row["source"] for row in it.document()["resources"]} == {"csynth"}
    assert it.document()["timing"] == [] and it.document()["power"] is None
    answer = it.synth("vivado")
    assert answer.code == 0 and it.ran() == PIPELINE
    assert set(states(it).values()) == {DONE}
    assert it.synth("vivado").code == 0 and it.ran() == []
    assert it.synth("vitis", "--step", "csynth", "--block", "stage2", "--force").code == 0
    outdated = {name for name, state in states(it).items() if state == OUTDATED}
    assert outdated == {"pipeline.synth", "pipeline.impl"}  # the IP is gone
    assert it.synth("vivado").code == 0
    assert it.ran()[-2:] == PIPELINE and set(states(it).values()) == {DONE}
    # Nor is a route of an earlier synthesis one of this.
    assert it.synth("vivado", "--step", "synth", "--force").code == 0
    assert it.ran() == PIPELINE[:1]
    assert it.synth("vivado").code == 0 and it.ran() == PIPELINE[1:]


def test_copies_of_runs_by_hand_have_no_times(it: Desk) -> None:
    """Whatever order a copy was made in, the same figures are imported."""
    assert it.synth("vivado").code == 0
    before = it.document()
    for status in it.work.glob("*/status/*"):
        lines = status.read_text().splitlines(True)
        status.write_text("".join(line for line in lines if not line.startswith("key ")))
    for number, status in enumerate(sorted(it.work.glob("*/status/*"), reverse=True), 1):
        os.utime(status, (number, number))
    assert it.hwgen("import-reports", it.work, "--out", it.out).code == 0
    assert it.document() == before


def test_a_program_that_is_named_is_the_one(
    desk: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    it = desk("Vitis")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Mocks(elsewhere).add(vitis_hls="2021.2")
    it.mocks.add(vitis__run="2023.2", vpp="2023.2", vivado="2023.2")
    monkeypatch.setenv("HWGEN_VITIS_HLS", str(elsewhere / "vitis_hls"))
    assert it.synth("vitis", "--step", "csim", "--block", "gate1").code == 0
    assert [run["tool"] for run in it.document()["runs"]] == ["vitis_hls 2021.2 tcl"]
    Mocks(elsewhere).add(vitis_hls="2019.2")
    tools._version_of.cache_clear()
    answer = it.synth("vitis", "--step", "csim", "--block", "gate1")
    assert answer.code == 3 and "vitis_hls: version 2019.2 found, 2020.2 or newer needed" in answer.err
    monkeypatch.setenv("HWGEN_VITIS_RUN", str(it.mocks.folder / "vitis-run"))
    assert it.synth("vitis", "--step", "csim", "--block", "gate1").code == 0
    assert [run["tool"] for run in it.document()["runs"]] == ["vitis-run 2023.2 tcl"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("vitis", "--saif", "{saif}"), "--saif: is for the step impl, which was not asked for"),
        (("vivado", "--step", "synth", "--saif", "{saif}"), "--saif: is for the step impl"),
        (("vitis", "--cluster", "cloud"), "--cluster: received 'cloud'; one of local, slurm, lsf, sge"),
    ],
)
def test_wrong_use_is_said_before_anything_is_made(
    it: Desk, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], message: str
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a network would be trained here")

    monkeypatch.setattr("hwgen.steps.verbs.run_verb", refuse)
    it.firmware.rename(it.out / "elsewhere")
    saif = it.out / "run.saif"
    saif.write_text("(SAIFILE)")
    answer = it.synth(*(option.format(saif=saif) for option in options))
    assert answer.code == 2 and message in answer.err, answer.err
    assert it.ran() == []


def test_the_path_that_is_printed_is_that_of_the_file(it: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert it.synth("vitis", "--step", "csynth", "--block", "gate1").code == 0
    it.results.unlink()
    for folder in (it.out.parent, it.out, it.work / "hls"):
        monkeypatch.chdir(folder)
        for options in ((), ("--out", it.out)):
            answer = it.hwgen("import-reports", it.work, *options)
            assert answer.code == 0, answer.err
            printed = Path(answer.out.split()[-1])
            assert printed.resolve() == it.results.resolve() and it.results.is_file()
            it.results.unlink()
